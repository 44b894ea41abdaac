"""Old runs and their changes dropped, a few at a time, so that the state file stays small for years."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from alleaves_sync.errors import StateUnusable, WriteFailed
from alleaves_sync.state import StateFile

KEEP_DAYS = 90
_BATCH = 100  # runs dropped in one transaction: others wait for it, and for no longer

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many runs and changes were dropped."""

    runs: int = 0
    changes: int = 0


def drop_runs(state: StateFile, location: str, keep: timedelta, now: datetime) -> Pruned:
    """Drop the runs that are older than that. Raises StateUnusable, WriteFailed; what is dropped stays so."""
    runs = changes = 0
    # Asked before anything is written: most runs find nothing to drop, and then write nothing.
    while ids := state.old_runs(location, now - keep, now, _BATCH):
        changes += state.drop_runs(ids)
        runs += len(ids)
    return Pruned(runs, changes)


def forget_old_runs(state: StateFile, location: str, now: datetime) -> None:
    """After a good run: drop what is older than KEEP_DAYS. A failure is only logged: the run went well."""
    try:
        drop_runs(state, location, timedelta(days=KEEP_DAYS), now)
    except (StateUnusable, WriteFailed) as error:
        _log.warning("old runs could not be dropped: %s", error.detail)
