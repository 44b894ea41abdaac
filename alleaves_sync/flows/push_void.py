"""An order that cannot be filled: nothing of it stays in the POS (O5)."""

from alleaves_sync.alleaves.order_models import PosOrder
from alleaves_sync.errors import RequestRefused
from alleaves_sync.flows.ledger import Ledger
from alleaves_sync.flows.push_model import CannotBeFilled, NeedsPerson, PushResult, Shop, result_of
from alleaves_sync.state import OrderRecord

_NOT_FOUND = 404


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
        pos = _known(shop, id_order)
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


def _known(shop: Shop, id_order: int) -> PosOrder | None:
    try:
        return shop.orders.get(id_order)
    except RequestRefused as error:
        if error.status == _NOT_FOUND:
            return None
        raise
