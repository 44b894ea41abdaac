"""The push of one order into the POS: a story that may be cut off at any point and told again (O2).

Before each step that changes something the ledger says that it is tried, and after it what came of it. What
is in doubt is looked up in the POS before anything is sent again.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alleaves_sync.aiq.order_models import Order, fingerprint
from alleaves_sync.alleaves.order_models import PosOrder
from alleaves_sync.errors import RequestRefused, ServiceError, is_unclear
from alleaves_sync.flows.orders.checks import CONTENTS_CHANGED, check, verdict
from alleaves_sync.flows.orders.context import (
    CannotBeFilled,
    InDoubt,
    NeedsPerson,
    Outcome,
    PushResult,
    Shop,
    result_of,
)
from alleaves_sync.flows.orders.customer import find_customer
from alleaves_sync.flows.orders.filling import Filling
from alleaves_sync.flows.orders.ledger import Ledger
from alleaves_sync.flows.orders.lines import summary
from alleaves_sync.flows.orders.new_order import new_order
from alleaves_sync.flows.orders.pos_orders import carries, is_marked
from alleaves_sync.flows.orders.void import call_off, take_back
from alleaves_sync.rules.allocation import Take
from alleaves_sync.state import OrderRecord

# An order that does not say when it was made is looked for so far back.
_LONG = timedelta(days=30)
# What a new attempt begins with; everything else goes on from where the last one was.
_DUPLICATE = "maybe-duplicate"
_FROM_THE_START = frozenset({"failed", "given-up"})


def push_order(shop: Shop, order: Order, *, named: bool = False, retry: bool = False) -> PushResult:
    """Push one order; under the location's lock for orders.

    `named`: a person, or what a person set up, means this order (O7a); `retry`: a person has looked at it.
    Raises LoginRefused, ServiceError (the next push goes on), WriteFailed, StateUnusable.
    """
    record = shop.state.order(shop.location.name, order.id)
    ending = verdict(order, record, named=named, retry=retry)
    if record is None:
        now = shop.clock()
        record = OrderRecord(shop.location.name, order.id, "seen", fingerprint(order), now, now)
        record = replace(
            record,
            number=order.number,
            pick_up_type=order.pick_up_type,
            ordered_at=order.created,
        )
    ledger = Ledger(shop.state, record, shop.clock, dry=shop.dry)
    if ending is not None and ending.in_pos:
        called_off = take_back(shop, ledger, order)
        if called_off is not None:
            return called_off
    if ending is None:
        return _Push(shop, ledger, order, named=named, retry=retry).run()
    if ending.note is not None:
        ledger.done("look", ending.note, state=ending.state, reason=ending.reason or None)
    as_before = ending.note is None
    return result_of(ledger.record, ending.outcome, ending.reason, dry=shop.dry, as_before=as_before)


class _Push:
    def __init__(self, shop: Shop, ledger: Ledger, order: Order, *, named: bool, retry: bool) -> None:
        self._shop = shop
        self._ledger = ledger
        self._order = order
        self._named = named
        self._retry = retry
        self._looked_at: str | None = None  # what the order waited for a person for, before this push
        self._was_adopted = False  # found in the POS, and the ledger had not known (lost)
        self._planned: tuple[dict[str, Any], ...] | None = None

    def run(self) -> PushResult:
        try:
            self._begin()
            venue_id = self._shop.location.settings.aiq.venue_id
            check(self._order, venue_id=venue_id, zone_is_known=self._shop.zone is not None)
            try:
                outcome = self._steps()
            except CannotBeFilled as cannot:
                call_off(self._shop, self._ledger, cannot)
                outcome = "failed"
        except NeedsPerson as needs:
            changes = {"reason": needs.reason, "candidates": needs.candidates}
            as_before = needs.reason == self._looked_at and not self._ledger.has_sent
            if as_before:
                self._ledger.as_before(state="needs-attention", **changes)
            else:
                self._ledger.refused("push", needs.detail or needs.reason, state="needs-attention", **changes)
            return self._result("needs-attention", needs.reason, as_before=as_before)
        except InDoubt as doubt:
            return self._result("failed", doubt.reason, unfinished=True)
        return self._result(outcome, self._ledger.record.reason or "")

    def _result(self, outcome: Outcome, reason: str, **more: Any) -> PushResult:
        if self._planned is not None:
            more["lines"] = self._planned
        return result_of(self._ledger.record, outcome, reason, dry=self._shop.dry, **more)

    # -- the steps -------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        record = self._ledger.record
        changes: dict[str, Any] = {"attempts": record.attempts + 1}
        if record.state in _FROM_THE_START:
            changes |= {"state": "seen", "id_order": None, "reason": None}
            if record.matched_by != "created":  # a profile that was made is never made again
                changes |= {"id_customer": None, "matched_by": None}
        elif record.state == "needs-attention":
            self._looked_at = record.reason
            if self._retry and record.reason in {"voided-in-pos", "gone-from-pos"}:
                changes["id_order"] = None
        if self._looked_at is None or self._retry:
            self._ledger.done("begin", record.reason or "", candidates=(), **changes)
        else:
            self._ledger.as_before(candidates=(), **changes)

    def _steps(self) -> Outcome:
        if self._ledger.record.state == "voiding":
            raise CannotBeFilled(self._ledger.record.reason or "no-stock")
        pos = self._in_pos()
        self._refuse_other_contents(pos)
        filling = Filling(self._shop, self._ledger, self._order)
        if pos is None:
            plan = filling.plan()
            find_customer(self._shop, self._ledger, self._order)
            pos = self._unmarked()
            if pos is None and self._shop.dry:
                for take in plan:
                    self._shop.shelf.take(take)
                self._planned = tuple(_planned(plan))
                return "pushed"
            pos = pos or self._create()
        elif not pos.is_open:
            return self._closed(pos, filling)
        if self._shop.dry:
            self._planned = tuple(summary(pos.lines))
            return "already-pushed" if self._was_adopted and filling.is_done(pos) else "pushed"
        pos = filling.complete(pos)
        self._ledger.done("pushed", state="pushed", reason=None, pos_status=pos.status)
        return "already-pushed" if self._was_adopted and not self._ledger.has_sent else "pushed"

    def _in_pos(self) -> PosOrder | None:
        """The order as the POS has it already, with its lines; None where it has none."""
        record, shop = self._ledger.record, self._shop
        if record.id_order is not None:
            return self._known(record.id_order)
        tried = self._ledger.doubted_since("create-order")
        found = shop.listed.find(self._order.id, self._since)
        if not found and tried is not None and not shop.dry:
            again = shop.listed.find_again(self._order.id, tried)
            if again is None:
                raise InDoubt
            found = again
        if len(found) > 1:
            ids = ", ".join(str(one.id_order) for one in found)
            raise NeedsPerson("several-pos-orders", detail=f"orders {ids}")
        pos = shop.orders.get(found[0].id_order) if found else None
        if pos is None or pos.void:
            self._refuse_voided()
            return None
        return self._adopt(pos, "create-order" if tried else "adopt")

    def _refuse_voided(self) -> None:
        """The order was voided, and the ledger does not know of it (lost): only naming it goes on (O7a)."""
        known = {one.detail for one in self._ledger.steps()}
        for id_order in self._shop.listed.voided(self._order.id):
            detail = f"order {id_order}"
            if detail in known:
                continue
            if not self._named:
                raise CannotBeFilled("voided-in-pos", detail)
            self._ledger.done("voided", detail)

    @property
    def _since(self) -> datetime:
        """From when on the POS may have the order."""
        return self._order.created or self._order.modified or self._shop.clock() - _LONG

    def _known(self, id_order: int) -> PosOrder:
        pos = self._shop.orders.find(id_order)
        if pos is None:
            raise NeedsPerson("gone-from-pos", detail=f"order {id_order}")
        if pos.void:
            raise NeedsPerson("voided-in-pos", detail=f"order {id_order}")
        return pos

    def _adopt(self, pos: PosOrder, step: str) -> PosOrder:
        """It is there: from now on the ledger knows it, whoever created it."""
        customer = {} if pos.id_customer is None else {"id_customer": pos.id_customer}
        if pos.id_customer != self._ledger.record.id_customer:
            customer["matched_by"] = None  # type: ignore[assignment]
        self._was_adopted = step == "adopt"
        self._ledger.done(step, f"order {pos.id_order}", state="created", id_order=pos.id_order, **customer)
        return pos

    def _refuse_other_contents(self, pos: PosOrder | None) -> None:
        """The same id with other contents: only while nothing of the old ones is in the POS."""
        now = fingerprint(self._order)
        if now == self._ledger.record.fingerprint:
            return
        if pos is not None:
            raise NeedsPerson(CONTENTS_CHANGED)
        self._ledger.done("look", "other contents, nothing of the old ones was pushed", fingerprint=now)

    def _closed(self, pos: PosOrder, filling: Filling) -> Outcome:
        """The staff has finished with it before this program had."""
        if not pos.cancel and not filling.is_filled(pos):
            raise NeedsPerson("closed-in-pos", detail=f"order {pos.id_order}")
        lines = json.dumps(summary(pos.lines))
        self._ledger.done("pushed", "closed", state="pushed", reason=None, lines=lines, pos_status=pos.status)
        return "already-pushed"

    # -- the order -------------------------------------------------------------------------------------------

    def _unmarked(self) -> PosOrder | None:
        """Where the POS's list does not tell which storefront's order an order is, one of the same customer
        may be this one (O2): it is, or it is not, or nobody can tell and a person must."""
        record, shop = self._ledger.record, self._shop
        if shop.listed.shows_ids or record.id_customer is None:
            return None
        doubt = self._looked_at == _DUPLICATE or self._ledger.in_doubt("create-order")
        others = {one.id_order for one in shop.state.orders(record.location) if one.id_order is not None}
        alike = shop.listed.of_customer(record.id_customer, self._since, finished_too=doubt, but=others)
        unknown = []
        for one in alike:
            whole = shop.orders.get(one.id_order)
            if carries(whole, self._order.id) and not whole.void:
                return self._adopt(whole, "adopt")
            if not is_marked(whole):
                unknown.append(one.id_order)
        if unknown and not (self._retry and self._looked_at == _DUPLICATE):
            raise NeedsPerson(_DUPLICATE, detail=f"orders {', '.join(map(str, unknown))}")
        return None

    def _create(self) -> PosOrder:
        ledger, location = self._ledger, self._shop.location
        if ledger.record.id_customer is None:
            raise AssertionError("an order without a customer is never created")
        new = new_order(self._order, ledger.record.id_customer, location.settings, self._shop.zone)
        ledger.trying("create-order", state="creating")
        try:
            pos = self._shop.orders.create(new)
        except ServiceError as error:
            if not is_unclear(error):
                ledger.refused("create-order", error.code, state="customer")
                if isinstance(error, RequestRefused):
                    self._shop.finder.forget(new.id_customer)
                    ledger.refused("customer", "not trusted any more", id_customer=None, matched_by=None)
                    raise CannotBeFilled("refused-by-pos", str(error.status)) from None
                raise
            ledger.unclear("create-order", error.code)
            found = self._shop.listed.find_again(self._order.id, self._shop.clock())
            if found is None or len(found) != 1:
                raise InDoubt from None
            pos = self._shop.orders.get(found[0].id_order)
        return self._adopt(pos, "create-order")


def _planned(plan: Sequence[Take]) -> list[dict[str, Any]]:
    return [
        {
            "posProductId": str(take.id_item),
            "id_batch": take.id_batch,
            "id_area": take.id_area,
            "qty": int(take.qty) if take.qty == take.qty.to_integral_value() else float(take.qty),
            "price": None,
        }
        for take in plan
    ]
