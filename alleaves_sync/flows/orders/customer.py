"""The customer of the order that is being pushed: found, or made; each of it written down (U1-U5)."""

import logging
from collections.abc import Sequence

from alleaves_sync.aiq.order_models import Order
from alleaves_sync.errors import OutOfTime, RequestRefused, ServiceError, is_unclear
from alleaves_sync.flows.orders.context import InDoubt, NeedsPerson, Shop
from alleaves_sync.flows.orders.ledger import Ledger
from alleaves_sync.flows.orders.new_order import is_medical
from alleaves_sync.flows.patients.looks import Found, Look, Nobody, Several, Unclear
from alleaves_sync.rules.matching import By

_log = logging.getLogger(__name__)


def find_customer(shop: Shop, ledger: Ledger, order: Order) -> None:
    """Bring the customer into the ledger. What an earlier attempt found or made stays.

    Raises NeedsPerson, InDoubt, LoginRefused, ServiceError, and what the ledger raises.
    """
    record, user = ledger.record, order.user
    if record.id_customer is not None and record.state in {"customer", "creating"}:
        return
    if record.id_customer is not None and record.matched_by == "created":
        ledger.done("customer", state="customer")
        return
    kinds = shop.finder.kinds(user, medical=is_medical(order, shop.location.settings))
    if not kinds:
        raise NeedsPerson("no-identifier")
    doubt = shop.distrust_index or ledger.in_doubt("create-customer")
    look = shop.finder.find(user, kinds, distrust=doubt)
    if isinstance(look, Nobody):
        if not (user.first_name or "").strip() or not (user.last_name or "").strip():
            raise NeedsPerson("no-name")
        if shop.dry:
            _note(ledger, None, "created", look.contradicting)
            return
        if shop.finder.creation_in_doubt:  # of another order, maybe of the same person
            raise InDoubt
        look = _found_or_made(shop, ledger, order, kinds)
    if isinstance(look, Several | Unclear):
        reason = "several-profiles" if isinstance(look, Several) else "identity-contradicts"
        raise NeedsPerson(reason, look.candidates)
    if isinstance(look, Found):
        renewed = "; the medical ID is another one: a renewed card" if look.card_renewed else ""
        _note(ledger, look.id_customer, look.matched_by, look.contradicting, renewed)


def _found_or_made(shop: Shop, ledger: Ledger, order: Order, kinds: Sequence[By]) -> Look:
    """Under the lock of the account, so that two locations never make the same person at once."""
    with shop.making.waited_for(shop.remaining, shop.sleep) as waited:
        if waited is None:
            seconds, cause = shop.location.time_budget_seconds, "another push was making profiles"
            raise OutOfTime("Alleaves", "POST /customer", seconds, cause)
        if waited:
            told = f"waited {waited:.1f} s for another push of this account"
            _log.info("order %s: %s", order.id, told)
            ledger.done("wait", told)
        look = shop.finder.find_anew(order.user, kinds)
        return _make(shop, ledger, order, kinds) if isinstance(look, Nobody) else look


def _make(shop: Shop, ledger: Ledger, order: Order, kinds: Sequence[By]) -> Look:
    ledger.trying("create-customer", state="customer")
    try:
        look = shop.finder.create(order.user, kinds)
    except ServiceError as error:
        if is_unclear(error):
            ledger.unclear("create-customer", error.code)
            raise InDoubt from None
        ledger.refused("create-customer", error.code)
        if isinstance(error, RequestRefused):
            raise NeedsPerson("customer-refused", detail=str(error.status)) from None
        raise
    if isinstance(look, Found):
        ledger.done("create-customer", id_customer=look.id_customer, matched_by="created")
    else:
        ledger.done("create-customer")
    return look


def _note(
    ledger: Ledger, id_customer: int | None, by: str, contradicting: tuple[int, ...], renewed: str = ""
) -> None:
    ids = ", ".join(map(str, contradicting))
    others = f"; the phone also belongs to other people: {ids}" if ids else ""
    ledger.done(
        "customer", f"by {by}{others}{renewed}", state="customer", id_customer=id_customer, matched_by=by
    )
