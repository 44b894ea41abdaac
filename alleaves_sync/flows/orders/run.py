"""Confirmed online orders into the POS: one run for one location (O1-O8)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from alleaves_sync.aiq.order_models import Order
from alleaves_sync.aiq.order_source import OrdersFeed, parse_orders
from alleaves_sync.aiq.order_wire import OrderWire
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config import Location
from alleaves_sync.errors import AlleavesSyncError, OptionsConflict, OutOfTime, ServiceError
from alleaves_sync.flows.orders import status as order_status
from alleaves_sync.flows.orders.checks import LOOK_FIRST
from alleaves_sync.flows.orders.context import PushResult, Shop, result_of
from alleaves_sync.flows.orders.push import push_order
from alleaves_sync.flows.orders.push_shop import ENDED, FLOW, Sleep, open_feed, open_shop
from alleaves_sync.flows.orders.void import finish_void
from alleaves_sync.flows.pos import Clock
from alleaves_sync.state import OrderRecord, RunLock, StateFile
from alleaves_sync.transport import Budget

# A change that the storefront dated a little before the last reading is still seen.
OVERLAP = timedelta(minutes=15)
# So many orders in a row that fail because a service does: the others would fare no better.
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders to push: by id, as they were given, or all that AIQ has CONFIRMED.

    `retry`: a person has looked at those named by id and wants them tried again.
    """

    ids: tuple[str, ...] = ()
    orders: tuple[Order, ...] = ()
    confirmed: bool = False
    retry: bool = False


@dataclass(frozen=True, slots=True)
class PushRun:
    """What became of the orders of a location; `errors` are troubles met on the way, in the order met.

    `statuses` are pushed orders that the POS has meanwhile packed, completed or called off.
    """

    results: tuple[PushResult, ...]
    errors: tuple[AlleavesSyncError, ...] = ()
    statuses: tuple[order_status.StatusChange, ...] = ()
    failed_by_service: bool = False


@dataclass
class _Story:
    """What a run has seen so far."""

    results: list[PushResult] = field(default_factory=list)
    errors: list[AlleavesSyncError] = field(default_factory=list)
    statuses: list[order_status.StatusChange] = field(default_factory=list)
    all_noted: bool = True
    voided: dict[str, PushResult] = field(default_factory=dict)  # whose void this run has finished


def read_orders(document: bytes, location: Location, source: str) -> tuple[Order, ...]:
    """The orders of a file or of stdin, by the location's `wire:`. Raises InputInvalid."""
    return parse_orders(document, OrderWire(location.settings.wire), source)


def push_orders(
    location: Location, wanted: Wanted, clock: Clock, *, dry_run: bool = False, sleep: Sleep | None = None
) -> PushRun:
    """Push what is wanted, and read what became of the orders pushed before (`confirmed`).

    An order that fails never stops the others. Raises what concerns the location as a whole: LoginRefused,
    ServiceError before the first order, PosLocationUnknown, AreasUnmatched, StateUnusable, WriteFailed,
    OptionsConflict where AIQ is to be asked and is not configured.
    """
    if not location.settings.orders.sync:
        return PushRun(_all(location, wanted, "skipped", "orders-sync-off"))
    lock = RunLock(location.state, location.name, FLOW)
    if dry_run:
        if lock.is_held():
            return PushRun(_all(location, wanted, "locked"))
        with StateFile.open_for_reading(location.state) as state:
            return _run(location, wanted, state, clock, sleep, dry=True)
    with lock as taken:
        if not taken:
            return PushRun(_all(location, wanted, "locked"))
        with StateFile.open(location.state) as state:
            return _run(location, wanted, state, clock, sleep, dry=False)


def skip_orders(location: Location, wanted: Wanted, reason: str) -> PushRun:
    """The orders that are named, left alone for a reason that is none of theirs."""
    return PushRun(_all(location, wanted, "skipped", reason))


def _all(location: Location, wanted: Wanted, outcome: str, reason: str = "") -> tuple[PushResult, ...]:
    """The same for all; one entry for the location where the orders are not known."""
    ids = [*wanted.ids, *(order.id for order in wanted.orders)] or [""]
    return tuple(PushResult(one, location.name, outcome, reason) for one in ids)  # type: ignore[arg-type]


def _run(
    location: Location, wanted: Wanted, state: StateFile, clock: Clock, sleep: Sleep | None, *, dry: bool
) -> PushRun:
    budget = Budget(location.time_budget_seconds)
    story = _Story()
    began = clock()
    with ExitStack() as stack:
        feed = open_feed(location, budget, sleep)
        if feed is not None:
            stack.enter_context(feed)
        shop: Shop | None = None

        def opened(since: datetime | None = None) -> Shop:
            client = stack.enter_context(AlleavesClient(location.settings.alleaves, budget, sleep=sleep))
            wait = sleep or budget.wait
            return open_shop(client, location, state, clock, wait, dry=dry, since=since, budget=budget)

        voiding = [] if dry else _voiding(state, location, wanted)
        if voiding:
            shop = opened(min(record.ordered_at or record.seen_at for record in voiding))
            _finish_voids(shop, voiding, story)
        orders = _read(location, wanted, state, feed, story, began)
        if orders or (wanted.confirmed and order_status.open_orders(state, location.name)):
            shop = shop or opened(_since(orders))
            _push(shop, orders, wanted, story)
            if wanted.confirmed and not dry:
                _statuses(shop, feed, story)
        if feed is not None and not dry:
            story.errors += order_status.report(state, location, feed, clock)
    if wanted.confirmed and not dry and story.all_noted:
        state.set_watermark(location.name, began)
    by_service = bool(story.results) and all(result.unfinished for result in story.results)
    return PushRun(
        tuple(story.results), tuple(story.errors), tuple(story.statuses), by_service and bool(story.errors)
    )


# -- which orders --------------------------------------------------------------------------------------------


def _read(
    location: Location,
    wanted: Wanted,
    state: StateFile,
    feed: OrdersFeed | None,
    story: _Story,
    now: datetime,
) -> list[Order]:
    """The orders to push, each once, the oldest first."""
    found = {order.id: order for order in wanted.orders}
    again = [order for order in wanted.orders if found[order.id] is not order]  # the same id, other contents
    if wanted.ids or wanted.confirmed:
        if feed is None:
            path = f"locations.{location.name}.aiq"
            raise OptionsConflict(
                "orders cannot be read from AIQ without a key", f"Set {path}.api_key and {path}.venue_id"
            )
        found |= {order.id: order for order in _by_id(feed, wanted.ids, location, state, story)}
    if wanted.confirmed and feed is not None:
        found |= {order.id: order for order in _confirmed(feed, location, state, story, found, now)}
    return [*again, *sorted(found.values(), key=_age)]


def _voiding(state: StateFile, location: Location, wanted: Wanted) -> list[OrderRecord]:
    """The orders of this run that an earlier one was cut off at voiding."""
    named = {*wanted.ids, *(order.id for order in wanted.orders)}
    return [
        record
        for record in state.orders(location.name)
        if record.state == "voiding" and (wanted.confirmed or record.order_id in named)
    ]


def _finish_voids(shop: Shop, records: Sequence[OrderRecord], story: _Story) -> None:
    """Before AIQ is asked for anything: whatever it says, the POS must not keep half an order (O5)."""
    for record in records:
        try:
            story.voided[record.order_id] = finish_void(shop, record)
        except ServiceError as error:
            story.errors.append(error)
            return  # the push of the order tries it again


def _by_id(
    feed: OrdersFeed, ids: Iterable[str], location: Location, state: StateFile, story: _Story
) -> Iterator[Order]:
    for order_id in dict.fromkeys(ids):
        order = feed.get(order_id)
        if order is not None:
            yield order
            continue
        record = state.order(location.name, order_id)
        if order_id in story.voided:
            story.results.append(story.voided[order_id])
        elif record is None:
            story.results.append(PushResult(order_id, location.name, "failed", "not-in-aiq"))
        else:
            story.results.append(result_of(record, "needs-attention", "gone-from-aiq"))


def _confirmed(
    feed: OrdersFeed,
    location: Location,
    state: StateFile,
    story: _Story,
    known: dict[str, Order],
    now: datetime,
) -> Iterator[Order]:
    """Those changed since the last reading, and those that an earlier push could not finish."""
    fetched = feed.confirmed(_read_until(state, location.name, now))
    yield from fetched
    for invalid in fetched.invalid:
        fields = ", ".join(problem.path for problem in invalid.problems)
        story.results.append(PushResult(invalid.id, location.name, "failed", f"invalid: {fields}"))
    seen = {*known, *(order.id for order in fetched)}
    left = [
        one.order_id for one in state.orders(location.name) if _goes_on(one) or one.order_id in story.voided
    ]
    yield from _by_id(feed, [one for one in left if one not in seen], location, state, story)


def _read_until(state: StateFile, location: str, now: datetime) -> datetime | None:
    """Until when the storefront's orders are known, by its own clock; None: read them all.

    The watermark is by the clock of this machine. Where that was ahead, orders made since would be passed
    over for good: so nothing is believed beyond the newest order that was seen.
    """
    watermark = state.watermark(location)
    made = [one.ordered_at for one in state.orders(location) if one.ordered_at is not None]
    if watermark is None or watermark > now or not made:
        return None
    return min(watermark, max(made)) - OVERLAP


def _goes_on(record: OrderRecord) -> bool:
    """Whether a push may bring the order further without anybody having looked at it."""
    waits = record.state == "needs-attention" and record.reason in LOOK_FIRST
    return record.state not in ENDED and not waits


def _age(order: Order) -> tuple[datetime, str]:
    return order.created or order.modified or datetime.max.replace(tzinfo=UTC), order.id


def _since(orders: Sequence[Order]) -> datetime | None:
    return min((order.created for order in orders if order.created is not None), default=None)


# -- one after the other -------------------------------------------------------------------------------------


def _push(shop: Shop, orders: Sequence[Order], wanted: Wanted, story: _Story) -> None:
    named = {*wanted.ids, *(order.id for order in wanted.orders)} - story.voided.keys()
    failures = 0
    for order in orders:
        if failures >= _MOST_FAILURES:
            story.results.append(_not_done(shop, order, story.errors[-1]))
            story.all_noted = False
            continue
        try:
            retry = wanted.retry and order.id in named
            result = push_order(shop, order, named=order.id in named, retry=retry)
        except ServiceError as error:
            result = _not_done(shop, order, error)
            story.errors.append(error)
            story.all_noted = story.all_noted and _is_noted(shop, order)
            failures = _MOST_FAILURES if isinstance(error, OutOfTime) else failures + 1
        else:
            failures = 0
        story.results.append(result)


def _not_done(shop: Shop, order: Order, error: AlleavesSyncError) -> PushResult:
    record = shop.state.order(shop.location.name, order.id)
    if record is None:
        place = shop.location.name
        return PushResult(order.id, place, "failed", error.code, order.number, unfinished=True, dry=shop.dry)
    return result_of(record, "failed", error.code, unfinished=True, dry=shop.dry)


def _is_noted(shop: Shop, order: Order) -> bool:
    return shop.state.order(shop.location.name, order.id) is not None


def _statuses(shop: Shop, feed: OrdersFeed | None, story: _Story) -> None:
    try:
        story.statuses += order_status.refresh(shop, feed)
    except ServiceError as error:
        story.errors.append(error)
