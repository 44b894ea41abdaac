"""What can be said of an order before the POS is asked for anything (O1, O3, O7a, U1a)."""

from dataclasses import dataclass

from alleaves_sync.aiq.order_models import Address, Order, fingerprint
from alleaves_sync.flows.orders.context import NeedsPerson, Outcome
from alleaves_sync.state import OrderRecord

# Reasons that somebody has to have looked at before anything is sent again: only `--retry` goes on.
LOOK_FIRST = frozenset(
    {
        "maybe-duplicate",
        "several-pos-orders",
        "voided-in-pos",
        "gone-from-pos",
        "closed-in-pos",
        "verify-mismatch",
        "void-refused",
    }
)
CONTENTS_CHANGED = "contents-changed"
CANCELLED_IN_AIQ = "cancelled-in-aiq"
CALLED_OFF = "called-off"
_NOT_CONFIRMED = "not-confirmed"
_OVER = frozenset({"CANCELLED", "CLOSED"})
_PICKED_UP = frozenset({"IN_STORE", "CURB_SIDE", "DRIVE_THROUGH"})
_DELIVERY = "DELIVERY"
# A push was cut off in these: something of the order may be in the POS, and it is this program's alone.
_CUT_OFF = frozenset({"creating", "created", "lines", "scheduled", "verified"})
_SHIPPING = "SHIPPING"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The push ends here, with `outcome` and `reason`. `state` and `note`: what the ledger is to say now
    (`note` None: it says so already). `in_pos`: unless the POS has something of it that can be called off."""

    outcome: Outcome
    reason: str = ""
    state: str = ""
    note: str | None = None
    in_pos: bool = False


def verdict(order: Order, record: OrderRecord | None, *, named: bool, retry: bool) -> Verdict | None:
    """How the push ends without asking the POS; None where it goes on."""
    if record is None:
        return None if order.status == "CONFIRMED" else Verdict("skipped", _NOT_CONFIRMED)
    if record.state == "pushed":
        return _pushed(order, record)
    if record.state in {"failed", "given-up"}:
        return _ended(order, record, named=named)
    if record.state == "needs-attention" and record.reason in LOOK_FIRST and not retry:
        return Verdict("needs-attention", record.reason or "")
    return None if order.status == "CONFIRMED" else _no_longer_confirmed(order, record)


def _ended(order: Order, record: OrderRecord, *, named: bool) -> Verdict | None:
    """Failed or given up: only naming it goes on (O7a)."""
    if record.state == "failed" and order.status in _OVER:
        return Verdict("skipped", _NOT_CONFIRMED, "given-up", f"{record.reason}; the order is over")
    if named and order.status == "CONFIRMED":
        return None
    if record.state == "given-up":
        return Verdict("skipped", "given-up")
    return Verdict("failed", record.reason or "")


def _pushed(order: Order, record: OrderRecord) -> Verdict:
    closed = record.storefront_status in _OVER
    if order.status == "CANCELLED" and not closed:
        reason = CANCELLED_IN_AIQ
    elif fingerprint(order) != record.fingerprint:
        reason = CONTENTS_CHANGED
    else:
        known = record.reason in {CANCELLED_IN_AIQ, CONTENTS_CHANGED}
        return Verdict("already-pushed", state="pushed", note="as it was pushed" if known else None)
    return Verdict("needs-attention", reason, "pushed", None if record.reason == reason else reason)


def _no_longer_confirmed(order: Order, record: OrderRecord) -> Verdict:
    """An order that was begun: whatever may be of it in the POS, a person must see to it."""
    reason = CANCELLED_IN_AIQ if order.status == "CANCELLED" else _NOT_CONFIRMED
    if record.state in {"seen", "customer"} or (record.state == "needs-attention" and may_be_absent(record)):
        return Verdict("skipped", reason, "given-up", reason)
    note = None if record.reason == reason else reason
    cut_off = order.status == "CANCELLED" and record.state in _CUT_OFF
    return Verdict("needs-attention", reason, "needs-attention", note, in_pos=cut_off)


def may_be_absent(record: OrderRecord) -> bool:
    """Whether nothing of the order was ever sent to the POS but, at most, its customer."""
    return record.id_order is None and record.reason in {
        "several-profiles",
        "identity-contradicts",
        "no-identifier",
        "no-name",
        "customer-refused",
        "no-address",
        "other-venue",
        "no-time-zone",
        "shipping",
        "pick-up-type",
    }


def check(order: Order, *, venue_id: str | None, zone_is_known: bool) -> None:
    """Raises NeedsPerson for what no repetition mends. `venue_id` is the location's."""
    if venue_id and order.venue and order.venue != venue_id:  # O1a
        raise NeedsPerson("other-venue", detail=f"venue {order.venue}")
    if order.pick_up_type == _SHIPPING:
        raise NeedsPerson("shipping")
    if order.pick_up_type not in _PICKED_UP | {_DELIVERY}:
        raise NeedsPerson("pick-up-type", detail=order.pick_up_type)
    if order.pick_up_type == _DELIVERY and not _can_be_found(order.address):  # O3
        raise NeedsPerson("no-address")
    if (order.window or order.pickup_window) and not zone_is_known:
        raise NeedsPerson("no-time-zone")


def _can_be_found(address: Address | None) -> bool:
    return address is not None and bool(address.address1.strip() and address.city.strip())
