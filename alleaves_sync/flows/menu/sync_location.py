"""sync-inventory, from top to bottom: the menu of one location brought in step with its POS."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from alleaves_sync.aiq.storefront import Storefront
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config import AiqSettings, Location
from alleaves_sync.errors import AlleavesSyncError, BrakeEngaged, ReadIncomplete, StateUnusable, WriteFailed
from alleaves_sync.flows.menu.feed import write_feed
from alleaves_sync.flows.menu.known_menu import KnownMenu, adopt, stored_menu
from alleaves_sync.flows.menu.planning import plan_run
from alleaves_sync.flows.menu.publishing import Publisher, Tally
from alleaves_sync.flows.menu.reading import PosStream, stream_pos
from alleaves_sync.flows.menu.result import InventoryResult, Outcome, fold
from alleaves_sync.flows.menu.spool import Spool
from alleaves_sync.flows.pos import Clock, switched_off, utc_now
from alleaves_sync.flows.progress import SILENT, Progress
from alleaves_sync.flows.pruning import forget_old_runs
from alleaves_sync.flows.run import new_run_id, within_run
from alleaves_sync.rules.plan import Plan, must_brake
from alleaves_sync.state import RunLock, RunRecord, StateFile
from alleaves_sync.transport import Budget

FLOW = "inventory"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """`dry_run` plans and writes nothing anywhere; `force` lets one run pass the brake."""

    dry_run: bool = False
    force: bool = False


NORMAL_RUN = RunOptions()


def sync_inventory(
    location: Location,
    options: RunOptions = NORMAL_RUN,
    progress: Progress = SILENT,
    clock: Clock = utc_now,
) -> InventoryResult:
    """One run for one location. Whatever goes wrong with it is in the result, never raised."""
    run = _Run(location, options, progress, clock)
    if not location.settings.enabled:
        return run.result("disabled")
    try:
        with within_run(location.name, run.id):
            return run.locked_steps()
    except AlleavesSyncError as error:
        return run.result("failed", error=error)


class _Run:
    """One run: its options, its clock, and what it has found out so far."""

    def __init__(self, location: Location, options: RunOptions, progress: Progress, clock: Clock) -> None:
        self._location, self._options, self._progress, self._clock = location, options, progress, clock
        self._started_at = clock()
        self._began = time.monotonic()
        self.id = new_run_id(self._started_at)
        self._budget = Budget(location.time_budget_seconds)
        self._picture: PosStream | None = None
        self._menu: KnownMenu | None = None
        self._plan: Plan | None = None
        self._tally = Tally()

    def locked_steps(self) -> InventoryResult:
        lock = RunLock(self._location.state, self._location.name, FLOW)
        if self._options.dry_run:
            if lock.is_held():
                return self.result("locked")
            with StateFile.open_for_reading(self._location.state) as state:
                return self._steps(state)
        with lock as taken:
            if not taken:
                return self.result("locked")
            with StateFile.open(self._location.state) as state:
                return self._noted_steps(state)

    def _noted_steps(self, state: StateFile) -> InventoryResult:
        # A failed run is noted too: `status` tells from it since when, and why.
        try:
            return self._steps(state)
        except StateUnusable:
            raise  # nothing is written into a file that is damaged
        except AlleavesSyncError as error:
            result = self.result("failed", error=error)
            try:
                state.save_run(self._record(result))
            except WriteFailed as second:
                _log.warning("the run could not be noted: %s", second.detail)
            return result

    def _steps(self, state: StateFile) -> InventoryResult:
        with Spool() as spool:
            return self._spooled_steps(state, spool)

    def _spooled_steps(self, state: StateFile, spool: Spool) -> InventoryResult:
        settings, name = self._location.settings, self._location.name
        on_page = partial(self._progress.pages, name)
        with AlleavesClient(settings.alleaves, self._budget, on_page=on_page) as client:
            picture = self._picture = stream_pos(client, self._location, self._clock, spool)
        with _storefront(settings.aiq, self._budget) as storefront:
            menu = self._menu = stored_menu(state, name, storefront, settings.feed)
            _expect_catalogue(picture, menu)
            plan = self._plan = self._make_plan(picture, menu)
            max_drop = settings.inventory.max_drop
            if must_brake(plan, rows=picture.rows, max_drop=max_drop) and not self._options.force:
                return self._refused(state, plan, picture)
            if self._options.dry_run:
                return self.result("ok")
            if menu.rebuilt:
                adopt(state, name, menu, self._started_at, storefront.address if storefront else "")
            self._publish(state, storefront, plan)
        if settings.feed is not None:
            write_feed(settings.feed, partial(state.products, name))
        forget_old_runs(state, name, self._clock())
        return self.result("ok")

    def _make_plan(self, picture: PosStream, menu: KnownMenu) -> Plan:
        return plan_run(picture, menu, switched_off(self._location.settings.fields))

    def _publish(self, state: StateFile, storefront: Storefront | None, plan: Plan) -> None:
        publisher = Publisher(
            state,
            self._location.name,
            RunRecord(self.id, self._location.name, FLOW, self._started_at),
            lambda: self._record(self.result("ok")),
            partial(self._progress.products, self._location.name),
        )
        if storefront is None:
            publisher.keep_here(plan, self._tally)
        else:
            publisher.send(plan, storefront, self._tally)

    def _refused(self, state: StateFile, plan: Plan, picture: PosStream) -> InventoryResult:
        limit = self._location.settings.inventory.max_drop
        error = BrakeEngaged(
            self._location.name, plan.leaving, plan.listed_before, picture.rows, float(limit)
        )
        result = self.result("refused", error=error)
        if not self._options.dry_run:
            state.save_run(self._record(result))
        return result

    def result(self, outcome: Outcome, error: AlleavesSyncError | None = None) -> InventoryResult:
        """The result as the run stands; an `ok` run with something left out is `partial`."""
        found = fold(self._picture, self._menu, self._plan, self._tally, dry_run=self._options.dry_run)
        return replace(
            found,
            location=self._location.name,
            outcome="partial" if outcome == "ok" and found.left_out else outcome,
            run_id=None if self._options.dry_run else self.id,
            seconds=round(time.monotonic() - self._began, 3),
            error=error,
        )

    def _record(self, result: InventoryResult) -> RunRecord:
        return RunRecord(
            id=self.id,
            location=self._location.name,
            flow=FLOW,
            started_at=self._started_at,
            outcome=result.outcome,
            ended_at=self._clock(),
            seconds=result.seconds,
            rows=result.rows,
            items=result.items,
            listed=result.listed,
            hidden=result.hidden,
            withheld=result.withheld,
            created=result.created,
            updated=result.updated,
            zeroed=result.zeroed,
            unchanged=result.unchanged,
            rejected=result.rejected,
            warnings=len(result.warnings),
            error=None if result.error is None else result.error.code,
        )


def _expect_catalogue(picture: PosStream, menu: KnownMenu) -> None:
    """An empty list announces no total, so nothing proves it: it must not clear what the menu has from it.

    Raises ReadIncomplete where there are items and the menu has pictures, descriptions or tiers.
    """
    if picture.catalogue or not picture.rows:
        return
    held = (known.held for known in menu.products.values())
    if any(product and (product.images or product.description or product.tiers) for product in held):
        items = sum(1 for _ in picture.items())
        raise ReadIncomplete("Alleaves", "POST /inventory/item/search", got=0, expected=items, attempts=1)


@contextmanager
def _storefront(settings: AiqSettings, budget: Budget) -> Iterator[Storefront | None]:
    """The storefront where one is configured to be written to."""
    if settings.publish_url is None or settings.api_key is None:
        yield None
        return
    key = settings.api_key.get_secret_value()
    with Storefront(
        settings.base_url, settings.venue_id, key, budget, sync_url=settings.publish_url
    ) as storefront:
        yield storefront
