"""An order that cannot be filled, or is not wanted any more: nothing of it stays in the POS (O5)."""

from alleaves_sync.aiq.order_models import Order
from alleaves_sync.alleaves.order_models import PosOrder
from alleaves_sync.errors import RequestRefused
from alleaves_sync.flows.orders.checks import CALLED_OFF
from alleaves_sync.flows.orders.context import CannotBeFilled, NeedsPerson, PushResult, Shop, result_of
from alleaves_sync.flows.orders.ledger import Ledger
from alleaves_sync.flows.orders.pos_orders import carries
from alleaves_sync.state import OrderRecord


def call_off(shop: Shop, ledger: Ledger, cannot: CannotBeFilled) -> None:
    """Void what is in the POS of the order; then it is `failed`.

    Raises NeedsPerson where it stays there, LoginRefused, ServiceError (the next push goes on).
    """
    id_order = ledger.record.id_order
    if id_order is None or shop.dry:
        ledger.refused("push", cannot.detail or cannot.reason, state="failed", reason=cannot.reason)
        return
    ledger.trying("void", cannot.detail or cannot.reason, state="voiding", reason=cannot.reason)
    pos: PosOrder | None
    try:
        pos = shop.orders.void(id_order, f"online order cannot be filled: {cannot.reason}")
        if not pos.void:
            pos = shop.orders.get(id_order)
    except RequestRefused as error:
        ledger.refused("void", str(error.status))
        pos = shop.orders.find(id_order)
    shop.shelf.forget()
    if pos is not None and not (pos.void or pos.cancel):
        reason = "closed-in-pos" if pos.complete else "void-refused"
        raise NeedsPerson(reason, detail=f"order {id_order}: {cannot.reason}")
    ledger.done("void", f"order {id_order}", state="failed", reason=cannot.reason, id_order=None, lines="[]")


def finish_void(shop: Shop, record: OrderRecord) -> PushResult:
    """Go on with a void that was cut off; what AIQ says of the order does not matter to it.

    Raises LoginRefused, ServiceError (the next push goes on), and what the ledger raises.
    """
    ledger = Ledger(shop.state, record, shop.clock)
    try:
        call_off(shop, ledger, CannotBeFilled(record.reason or "no-stock"))
    except NeedsPerson as needs:
        ledger.refused("push", needs.detail, state="needs-attention", reason=needs.reason)
        return result_of(ledger.record, "needs-attention", needs.reason)
    return result_of(ledger.record, "failed", ledger.record.reason or "")


def take_back(shop: Shop, ledger: Ledger, order: Order) -> PushResult | None:
    """Void an order that was cancelled in AIQ after its push was cut off, before the counter sees half of it.

    Only what carries the order's id, is open and not packed: nobody has worked on it or handed anything out.
    None: the POS has something else, or it is not certain what it has; a person must look.
    Raises LoginRefused, ServiceError (the next push goes on), and what the ledger raises.
    """
    if shop.dry:
        return result_of(ledger.record, "skipped", CALLED_OFF, dry=True)
    found = _all_of_it(shop, ledger, order)
    if found is None or len(found) > 1:
        return None
    for pos in found:
        if not carries(pos, order.id) or pos.complete or pos.packed:
            return None
        if pos.is_open:
            ledger.done("look", f"order {pos.id_order}: cancelled in AIQ", id_order=pos.id_order)
            try:
                call_off(shop, ledger, CannotBeFilled(CALLED_OFF))
            except NeedsPerson as needs:
                ledger.refused("push", needs.detail, state="needs-attention", reason=needs.reason)
                return result_of(ledger.record, "needs-attention", needs.reason)
    ledger.done("given-up", CALLED_OFF, state="given-up", reason=CALLED_OFF)
    return result_of(ledger.record, "skipped", CALLED_OFF)


def _all_of_it(shop: Shop, ledger: Ledger, order: Order) -> tuple[PosOrder, ...] | None:
    """What the POS has of the order; None where that is not certain yet."""
    record = ledger.record
    if record.id_order is not None:
        pos = shop.orders.find(record.id_order)
        return () if pos is None else (pos,)
    tried = ledger.doubted_since("create-order")
    found: tuple[PosOrder, ...] | None = shop.listed.find(
        order.id, order.created or record.ordered_at or record.seen_at
    )
    if not found and tried is not None:
        found = shop.listed.find_again(order.id, tried)
    return None if found is None else tuple(shop.orders.get(one.id_order) for one in found)
