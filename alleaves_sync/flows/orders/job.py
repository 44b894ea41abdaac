"""The pushes of one command, watched from outside: a ping, the metrics, and a note of how each one went.

Only the standing job, `push-order --confirmed`, pings and is noted: what is pushed by name, a person sees. It
pings an address of its own: on that of sync-inventory every good push, minutes later, would call a menu well
that has not been in step for hours.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from alleaves_sync.config import Location, Settings
from alleaves_sync.errors import AlleavesSyncError, StateUnusable, WriteFailed
from alleaves_sync.flows.health.metrics import tell_metrics
from alleaves_sync.flows.health.monitoring import watched
from alleaves_sync.flows.orders.push_shop import FLOW
from alleaves_sync.flows.orders.run import PushRun, Wanted, push_orders
from alleaves_sync.flows.pos import Clock, utc_now
from alleaves_sync.flows.run import new_run_id, within_run
from alleaves_sync.state import RunRecord, StateFile

_GOOD = frozenset({"pushed", "already-pushed", "skipped", "locked"})

_log = logging.getLogger(__name__)


class Pushes:
    """Pushes location by location, and remembers whether all went well."""

    def __init__(self, *, job: bool, dry_run: bool, clock: Clock = utc_now) -> None:
        self._job, self._dry_run, self._clock = job, dry_run, clock
        self.good = True
        self.lines: list[str] = []

    def push(self, location: Location, wanted: Wanted) -> PushRun:
        """`push_orders` for one location. Raises what that raises."""
        started_at, began = self._clock(), time.monotonic()
        with within_run(location.name, new_run_id(started_at)):
            try:
                run = push_orders(location, wanted, self._clock, dry_run=self._dry_run)
            except AlleavesSyncError as error:
                self._add(location, "failed", error.code)
                if self._job and not isinstance(error, StateUnusable):  # a damaged file is left alone
                    self._note(_record(location, started_at, began, "failed", error.code), location)
                raise
            outcome, code = _outcome(run)
            self._add(location, outcome, code or _counts(run))
            if self._job and location.settings.orders.sync and outcome != "locked":
                self._note(_record(location, started_at, began, outcome, code), location)
            return run

    def _add(self, location: Location, outcome: str, words: str) -> None:
        self.good = self.good and outcome in {"ok", "locked"}
        self.lines.append(f"{location.name}: {outcome} ({words})")

    def _note(self, record: RunRecord, location: Location) -> None:
        try:
            with StateFile.open(location.state) as state:
                state.save_run(record)
        except (StateUnusable, WriteFailed) as error:
            _log.warning("the push could not be noted: %s", error.detail)


@contextmanager
def watched_pushes(settings: Settings, *, confirmed: bool, dry_run: bool) -> Iterator[Pushes]:
    """What pushes; pings around the block where it is the job of cron, and the metrics after it."""
    job = confirmed and not dry_run
    with watched(settings.monitoring.orders_ping_url if job else None) as watch:
        pushes = Pushes(job=job, dry_run=dry_run)
        yield pushes
        watch.good, watch.text = pushes.good, "\n".join(pushes.lines)
    if not dry_run:
        tell_metrics(settings)


def _outcome(run: PushRun) -> tuple[str, str]:
    """A word for the whole push, and a code where it failed."""
    if run.failed_by_service:
        return "failed", run.errors[-1].code
    outcomes = {result.outcome for result in run.results}
    if outcomes == {"locked"}:
        return "locked", ""
    return ("ok" if outcomes <= _GOOD else "partial"), ""


def _counts(run: PushRun) -> str:
    counts = Counter(result.outcome for result in run.results)
    return ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())) or "no orders"


def _record(location: Location, started_at: datetime, began: float, outcome: str, code: str) -> RunRecord:
    """One row for each location, written over by every push: the ledger has the history of the orders."""
    seconds = time.monotonic() - began
    return RunRecord(
        id=f"{FLOW}-{location.name}",
        location=location.name,
        flow=FLOW,
        started_at=started_at,
        outcome=outcome,
        ended_at=started_at + timedelta(seconds=seconds),
        seconds=round(seconds, 3),
        error=code or None,
    )
