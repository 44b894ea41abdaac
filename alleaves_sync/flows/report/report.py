"""report: all that a page about the menu tells of one location, from the state file alone.

The audit is the exception: it needs the POS's rows, is asked for, and fails by itself.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alleaves_sync.config import Location
from alleaves_sync.errors import AlleavesSyncError, StateUnusable
from alleaves_sync.flows.explain.audit import Audit, audit_location
from alleaves_sync.flows.health.status import LocationStatus, status_of
from alleaves_sync.flows.menu.sync_all import AT_ONCE
from alleaves_sync.flows.menu.sync_location import FLOW
from alleaves_sync.flows.parallel import side_by_side
from alleaves_sync.flows.pos import Clock, utc_now
from alleaves_sync.flows.progress import SILENT, Progress
from alleaves_sync.flows.report.changes import Capped, Changes, capped, changes_of
from alleaves_sync.flows.report.periods import Period, periods
from alleaves_sync.state import ItemStatus, OffMenu, OrderRecord, StateFile

CHANGES_WITHIN = timedelta(hours=24)
RUNS_WITHIN = timedelta(days=7)
_CODE = re.compile(r"[a-z][a-z-]{0,39}")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of each kind one location shows: the page must stay small enough to be opened on a phone."""

    periods: int
    changes: int
    examples: int
    orders: int
    categories: int


# Up to so many locations, each takes so much room; the last is for any number of them.
_LIMITS = (
    (10, Limits(periods=30, changes=15, examples=8, orders=10, categories=40)),
    (50, Limits(periods=12, changes=6, examples=3, orders=5, categories=6)),
    (None, Limits(periods=10, changes=3, examples=2, orders=3, categories=3)),
)


def limits_for(locations: int) -> Limits:
    """What each of so many locations may show."""
    return next(limits for most, limits in _LIMITS if most is None or locations <= most)


@dataclass(frozen=True, slots=True)
class WhyOff:
    """Why items are off the menu: a reason (P7; empty: sent, the answer is not known yet) and how many.

    An item with two reasons counts under both. `examples` are (id, name).
    """

    status: ItemStatus
    reason: str
    count: int
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that waits; `reason` is a code word, never free text."""

    order_id: str
    state: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What the state file says of one location."""

    status: LocationStatus
    changes: Changes
    off_menu: tuple[WhyOff, ...]
    unmapped: Capped[tuple[str, int]]
    unmapped_items: int
    orders: Capped[WaitingOrder]
    over_time: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class LocationReport:
    """One location of the page. `facts` None: its state file cannot be read, `problem` says why.

    `audit` None: not asked for (a disabled location never is), or `audit_problem` says why there is none.
    """

    location: Location
    facts: Facts | None = None
    problem: AlleavesSyncError | None = None
    audit: Audit | None = None
    audit_problem: AlleavesSyncError | None = None

    @property
    def problems(self) -> tuple[AlleavesSyncError, ...]:
        """What went wrong with it."""
        return tuple(error for error in (self.problem, self.audit_problem) if error is not None)


@dataclass(frozen=True, slots=True)
class Report:
    """The whole page: when (in the reader's zone), its locations, and how much each shows."""

    at: datetime
    locations: tuple[LocationReport, ...]
    limits: Limits
    with_audit: bool = False


def make_report(
    locations: Sequence[Location],
    *,
    with_audit: bool = False,
    progress: Progress = SILENT,
    clock: Clock = utc_now,
) -> Report:
    """The report at the clock's time, in the clock's zone. What fails is in it, never raised."""
    now = clock()
    limits = limits_for(len(locations))

    def one(location: Location) -> LocationReport:
        try:
            facts, problem = facts_of(location, limits, now), None
        except StateUnusable as error:
            facts, problem = None, error
        if not with_audit or not location.settings.enabled:
            return LocationReport(location, facts, problem)
        try:
            return LocationReport(location, facts, problem, audit_location(location, None, progress, clock))
        except AlleavesSyncError as error:
            return LocationReport(location, facts, problem, audit_problem=error)

    # Reading a file gains nothing from threads; waiting for a POS does.
    found = side_by_side(one, locations, at_once=AT_ONCE) if with_audit else list(map(one, locations))
    return Report(now, tuple(found), limits, with_audit)


def facts_of(location: Location, limits: Limits, now: datetime) -> Facts:
    """What the state file says of one location at that time. Raises StateUnusable."""
    name = location.name
    with StateFile.open_for_reading(location.state) as state:
        try:
            changes = changes_of(state.changes_since(name, FLOW, now - CHANGES_WITHIN), limits.changes)
        except ValueError as error:
            raise StateUnusable(location.state, "corrupt", str(error)) from error
        off_menu = _by_reason(state.off_menu(name, limits.examples), limits.examples)
        unmapped = state.unmapped(name)
        orders = state.orders(name, waiting=True)
        runs = state.runs_since(name, FLOW, now - RUNS_WITHIN)
    return Facts(
        status=status_of(location, lambda: now),
        changes=changes,
        off_menu=tuple(off_menu),
        unmapped=capped(unmapped, limits.categories),
        unmapped_items=sum(count for _, count in unmapped),
        orders=capped(map(_waiting, orders), limits.orders),
        over_time=periods(runs, now, limits.periods),
    )


def _by_reason(groups: Iterable[OffMenu], examples: int) -> list[WhyOff]:
    counts: Counter[tuple[ItemStatus, str]] = Counter()
    named: dict[tuple[ItemStatus, str], tuple[tuple[str, str], ...]] = {}
    for group in groups:
        for reason in group.reasons or ("",):
            key = (group.status, reason)
            counts[key] += group.count
            named[key] = (*named.get(key, ()), *group.examples)[:examples]
    most = sorted(counts.items(), key=lambda pair: (pair[0][0], -pair[1], pair[0][1]))
    return [WhyOff(status, reason, count, named[status, reason]) for (status, reason), count in most]


def _waiting(order: OrderRecord) -> WaitingOrder:
    # The ledger keeps code words; whatever else a file may hold there does not go onto a page.
    reason = order.reason if order.reason and _CODE.fullmatch(order.reason) else ""
    return WaitingOrder(order.order_id, order.state, reason, order.ordered_at or order.seen_at)
