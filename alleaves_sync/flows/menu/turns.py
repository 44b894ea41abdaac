"""Whose turn it is, where there are more locations than can be synced at once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from alleaves_sync.config import Location
from alleaves_sync.errors import StateUnusable
from alleaves_sync.flows.menu.sync_location import FLOW
from alleaves_sync.state import StateFile

_NEVER = datetime.min.replace(tzinfo=UTC)


def longest_waiting(locations: Sequence[Location]) -> list[Location]:
    """The locations, whoever was synced or tried longest ago first, and before them who never was.

    By the last try and not by the last good run: a location whose POS is down is not put before the others
    every time. A try that was not begun for want of time is none, so nobody is passed over twice.
    """
    tried = _last_tried(locations)
    return sorted(locations, key=lambda location: tried.get(location.name, _NEVER))


def _last_tried(locations: Sequence[Location]) -> dict[str, datetime]:
    names: dict[Path, list[str]] = {}
    for location in locations:
        names.setdefault(location.state, []).append(location.name)
    found: dict[str, datetime] = {}
    for path, here in names.items():
        try:
            with StateFile.open_for_reading(path) as state:
                runs = [state.last_run(name, FLOW) for name in here]
        except StateUnusable:
            continue  # the run itself tells what is wrong with the file
        found |= {run.location: run.started_at for run in runs if run is not None}
    return found
