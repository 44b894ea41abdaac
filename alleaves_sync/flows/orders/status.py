"""What became of pushed orders: from the POS to the ledger, and on to the storefront. All may be repeated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alleaves_sync.aiq.order_models import OrderStatus
from alleaves_sync.aiq.order_source import OrdersFeed
from alleaves_sync.alleaves.order_models import PosOrder
from alleaves_sync.config import Location
from alleaves_sync.errors import AlleavesSyncError, LoginRefused, RequestRefused, ServiceError
from alleaves_sync.flows.orders.checks import CANCELLED_IN_AIQ
from alleaves_sync.flows.orders.context import Shop
from alleaves_sync.flows.pos import Clock
from alleaves_sync.state import OrderRecord, StateFile, StepRecord

FINAL = frozenset({"CLOSED", "CANCELLED"})
# Pushed orders that are still open are asked for in AIQ, whether they were cancelled there: so many a run, in
# turn. The storefront allows 500 requests in 5 minutes.
_MOST_ASKED = 50
# How far back the POS's list is read; what is older is asked for one by one.
_LIST_DAYS = timedelta(days=3)
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class StatusChange:
    """An order whose status is now another; None: it is open and nothing has happened to it."""

    record: OrderRecord
    before: str | None


def storefront_status(pos: PosOrder, pick_up_type: str) -> OrderStatus | None:
    """What the storefront calls it; None where it has no word for it."""
    if pos.cancel or pos.void:
        return "CANCELLED"
    if pos.complete:
        return "CLOSED"
    return "READY_FOR_PICKUP" if pos.packed and pick_up_type != "DELIVERY" else None


def refresh(shop: Shop, feed: OrdersFeed | None) -> list[StatusChange]:
    """Bring the open pushed orders of the ledger up to date. Raises LoginRefused, ServiceError."""
    waiting = open_orders(shop.state, shop.location.name)
    if not waiting:
        return []
    earliest = min(record.ordered_at or record.seen_at for record in waiting)
    shop.listed.read(max(earliest, shop.clock() - _LIST_DAYS))
    changes = [change for record in waiting for change in _from_pos(shop, record)]
    if feed is not None:
        _cancelled_there(shop, feed)
    return changes


def open_orders(state: StateFile, location: str) -> list[OrderRecord]:
    """Pushed orders that the POS has not finished with, as far as is known."""
    return [
        record
        for record in state.orders(location)
        if record.state == "pushed" and record.id_order is not None and record.storefront_status not in FINAL
    ]


def _from_pos(shop: Shop, record: OrderRecord) -> Iterable[StatusChange]:
    pos = _in_pos(shop, record.id_order or 0)
    if pos is None:
        if record.reason is None:
            _note(shop.state, replace(record, reason="gone-from-pos"), shop.clock(), "gone from the POS")
        return
    status = storefront_status(pos, record.pick_up_type)
    if (pos.status, status) == (record.pos_status, record.storefront_status):
        return
    # Called off on both sides: nobody has to look any more.
    reason = None if status == "CANCELLED" and record.reason == CANCELLED_IN_AIQ else record.reason
    now = replace(record, pos_status=pos.status, storefront_status=status, reason=reason)
    _note(shop.state, now, shop.clock(), f"{pos.status or '?'}: {status or 'open'}")
    yield StatusChange(now, record.storefront_status)


def _in_pos(shop: Shop, id_order: int) -> PosOrder | None:
    known = shop.listed.known(id_order)
    if known is not None:
        return known
    return shop.orders.find(id_order)


def _cancelled_there(shop: Shop, feed: OrdersFeed) -> None:
    """An order that was cancelled in AIQ after its push waits for a person; it is never silently dropped."""
    for record in _in_turn(open_orders(shop.state, shop.location.name), shop.clock()):
        order = feed.get(record.order_id)
        if order is not None and order.status == "CANCELLED" and record.reason != CANCELLED_IN_AIQ:
            _note(shop.state, replace(record, reason=CANCELLED_IN_AIQ), shop.clock(), CANCELLED_IN_AIQ)


def _in_turn(records: Sequence[OrderRecord], at: datetime) -> Sequence[OrderRecord]:
    if len(records) <= _MOST_ASKED:
        return records
    start = int(at.timestamp() // _MINUTE) * _MOST_ASKED % len(records)
    return [*records[start:], *records[:start]][:_MOST_ASKED]


def report(state: StateFile, location: Location, feed: OrdersFeed, clock: Clock) -> list[AlleavesSyncError]:
    """Tell the storefront the POS order and status of every pushed order that it has not been told yet.

    A failure changes no outcome: it comes back in the list, and the next run tells it again.
    """
    url = location.settings.aiq.order_status_url
    errors: list[AlleavesSyncError] = []
    for record in state.orders(location.name) if url is not None else ():
        told = _to_tell(record)
        if url is None or told is None or told == record.reported:
            continue
        try:
            feed.report(url, record.order_id, str(record.id_order), _status(record))
        except (RequestRefused, LoginRefused) as error:
            errors.append(error)
        except ServiceError as error:
            return [*errors, error]  # the next one would not fare better
        else:
            _note(state, replace(record, reported=told), clock(), f"reported {told}")
    return errors


def _to_tell(record: OrderRecord) -> str | None:
    """What the storefront is to know, as the ledger notes it once it was told."""
    if record.state != "pushed" or record.id_order is None:
        return None
    return " ".join(filter(None, (str(record.id_order), record.storefront_status)))


def _status(record: OrderRecord) -> OrderStatus | None:
    known: tuple[OrderStatus, ...] = ("READY_FOR_PICKUP", "CLOSED", "CANCELLED")
    return next((status for status in known if status == record.storefront_status), None)


def _note(state: StateFile, record: OrderRecord, at: datetime, detail: str) -> None:
    step = StepRecord(record.location, record.order_id, "status", "done", at, detail)
    state.save_order(replace(record, updated_at=at), step)
