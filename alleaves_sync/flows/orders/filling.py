"""The second half of a push: the lines, their prices, the time of pickup, and the proof (O3-O6, O8)."""

import json
from collections.abc import Sequence
from dataclasses import replace

from alleaves_sync.aiq.order_models import Order
from alleaves_sync.alleaves.order_models import PosOrder
from alleaves_sync.errors import RequestRefused, ServiceError, is_unclear
from alleaves_sync.flows.orders.context import SETTLING, CannotBeFilled, InDoubt, NeedsPerson, Shop
from alleaves_sync.flows.orders.ledger import Ledger
from alleaves_sync.flows.orders.lines import Fit, Meant, fit, overrides, summary
from alleaves_sync.flows.orders.pos_orders import carries
from alleaves_sync.rules.allocation import Need, Take, needs_of
from alleaves_sync.rules.pricing import agreed_prices, shares
from alleaves_sync.rules.windows import PickupSlot, pickup_slot

_PRICE_REASON = "Price agreed in the online order (AIQ)"
# How often the POS may refuse a line of one order before the order counts as one that cannot be filled.
_MOST_REFUSALS = 5
# How many unclear answers to lines of one order are followed up before the next push goes on.
_MOST_UNCLEAR = 3


class Filling:
    """Brings the POS order of a push to what `order` says. Every step may be taken again from any point.

    Raises NeedsPerson, CannotBeFilled, LoginRefused, ServiceError, and what the ledger raises.
    """

    def __init__(self, shop: Shop, ledger: Ledger, order: Order) -> None:
        self._shop = shop
        self._ledger = ledger
        self._order = order
        self._unclear = 0
        self._needs = needs_of(order)
        self._meant = _meant(order, self._needs, shop)

    def plan(self) -> tuple[Take, ...]:
        """Where all of the order would come from, with nothing of it in the POS.

        Raises CannotBeFilled; InDoubt where it is short only because of what another order was refused: each
        order is judged by what the POS says to itself.
        """
        try:
            return self._allocate(self._needs)
        except CannotBeFilled as cannot:
            items = [need.id_item for need in self._needs if need.id_item is not None]
            if cannot.reason == "no-stock" and self._shop.shelf.withholds(items):
                raise InDoubt("stock-refused") from None
            raise

    def complete(self, pos: PosOrder) -> PosOrder:
        """Lines, prices, pickup, proof: the order as the POS has it in the end."""
        pos = self._fill(pos)
        pos = self._price(pos)
        pos = self._schedule(pos)
        return self._verify(pos)

    def is_filled(self, pos: PosOrder) -> bool:
        """Whether all that was meant, and nothing else, is in the order."""
        found = self._fit(pos)
        return not found.missing and not found.extra

    def is_done(self, pos: PosOrder) -> bool:
        """Whether nothing would have to be sent to bring `pos` to what `order` says."""
        return not self._differences(pos)

    # -- lines -----------------------------------------------------------------------------------------------

    def _fill(self, pos: PosOrder) -> PosOrder:
        late = self._ledger.in_doubt("add-line")
        for refusals in range(_MOST_REFUSALS + 1):
            pos, refused = self._add_missing(pos, late=late)
            if refused is None:
                return pos
            pos, late = _still_open(self._read(pos.id_order)), False
            # Taken by somebody else since it was looked at: what is left may still do (O5).
            self._shop.shelf.refused(refused)
            if refusals == _MOST_REFUSALS:
                break
        raise CannotBeFilled("no-stock", f"refused {_MOST_REFUSALS + 1} times")

    def _add_missing(self, pos: PosOrder, *, late: bool) -> tuple[PosOrder, Take | None]:
        """Add what is missing; the second value is a take that the POS refused."""
        while True:
            found = self._fit(pos)
            if found.extra:
                raise NeedsPerson("verify-mismatch", detail=f"{len(found.extra)} lines that nobody ordered")
            if not found.missing:
                return pos, None
            if late:  # what an earlier attempt sent may still be on its way
                pos, late = self._settled(pos), False
                continue
            needs = [
                replace(need, amount=found.missing[need.key])
                for need in self._needs
                if need.key in found.missing
            ]
            for take in self._allocate(needs):
                after = self._add(pos, take)
                if after is None:
                    return pos, take
                is_there, pos = len(after.lines) > len(pos.lines), after
                if not is_there:
                    break  # the answer was unclear and the line did not come: count anew

    def _add(self, pos: PosOrder, take: Take) -> PosOrder | None:
        """The order with the line, or as it is after an unclear answer; None where the POS refused it."""
        what = f"batch {take.id_batch}, area {take.id_area}, qty {take.qty:f}"
        self._ledger.trying("add-line", what, state="lines")
        try:
            after = self._shop.orders.add_line(pos.id_order, take.id_batch, take.id_area, take.qty)
        except ServiceError as error:
            if isinstance(error, RequestRefused):
                self._ledger.refused("add-line", f"{what}: {error.status}")
                return None
            if not is_unclear(error):
                self._ledger.refused("add-line", f"{what}: {error.code}")
                raise
            return self._after_unclear(pos, what, error)
        self._shop.shelf.take(take)
        if len(after.lines) <= len(pos.lines):  # the answer should have all lines; the order itself must
            after = self._settled(pos)
            if len(after.lines) <= len(pos.lines):
                raise NeedsPerson("verify-mismatch", detail=f"{what}: accepted, and not in the order")
        self._ledger.done("add-line", what)
        return after

    def _after_unclear(self, pos: PosOrder, what: str, error: ServiceError) -> PosOrder:
        self._ledger.unclear("add-line", f"{what}: {error.code}")
        self._unclear += 1
        if self._unclear > _MOST_UNCLEAR:
            raise error
        self._shop.shelf.forget()
        after = self._settled(pos)
        if len(after.lines) > len(pos.lines):
            self._ledger.done("add-line", "read back: it is there")
        else:
            self._ledger.refused("add-line", "read back: it is not there")
        return after

    def _settled(self, pos: PosOrder) -> PosOrder:
        """The order read back, a few times while nothing has come."""
        for seconds in SETTLING:
            self._shop.sleep(seconds)
            now = self._read(pos.id_order)
            if len(now.lines) != len(pos.lines):
                return now
        return now

    def _allocate(self, needs: Sequence[Need]) -> tuple[Take, ...]:
        allocation = self._shop.shelf.allocate(needs)
        if allocation.short:
            # The worst one names the order: what the POS has never heard of needs another remedy than stock.
            reasons = {short.reason for short in allocation.short}
            reason = next(one for one in ("unknown-product", "no-amount", "no-stock") if one in reasons)
            items = sorted({self._order.lines[short.key].pos_product_id for short in allocation.short})
            raise CannotBeFilled(reason, f"product {', '.join(items)}")
        return allocation.takes

    def _fit(self, pos: PosOrder) -> Fit:
        return fit(self._meant, pos.lines, self._shop.shelf.grams)

    # -- prices and pickup -----------------------------------------------------------------------------------

    def _price(self, pos: PosOrder) -> PosOrder:
        changes = overrides(self._meant, self._fit(pos), shares)
        if not changes:
            return pos
        self._ledger.trying("override-prices", f"{len(changes)} lines")
        for line, price in changes:
            try:
                self._shop.orders.override_price(pos.id_order, line.id_line, price, _PRICE_REASON)
            except RequestRefused as error:
                self._ledger.refused("override-prices", f"line {line.id_line}: {error.status}")
                raise CannotBeFilled("price-refused", f"line {line.id_line}") from None
        self._ledger.done("override-prices")
        return pos

    def _schedule(self, pos: PosOrder) -> PosOrder:
        slot = self._slot()
        if slot is not None and not _is_scheduled(pos, slot):
            self._ledger.trying("schedule", f"{slot.date} {slot.time}")
            customer = self._ledger.record.id_customer or pos.id_customer or 0
            try:
                self._shop.orders.schedule(pos.id_order, customer, slot.date, slot.time)
            except RequestRefused as error:
                self._ledger.refused("schedule", str(error.status))
                raise CannotBeFilled("schedule-refused") from None
        self._ledger.done("schedule", state="scheduled")
        return pos

    def _slot(self) -> PickupSlot | None:
        window = self._order.pickup_window
        if window is None or self._shop.zone is None or self._order.pick_up_type == "DELIVERY":
            return None
        return pickup_slot(window, self._shop.zone)

    # -- the proof -------------------------------------------------------------------------------------------

    def _verify(self, pos: PosOrder) -> PosOrder:
        """Read the order back and compare (O8). Raises NeedsPerson for what differs and stays so."""
        pos = self._read(pos.id_order)
        for seconds in SETTLING:
            if not self._differences(pos):
                break
            self._shop.sleep(seconds)
            pos = self._read(pos.id_order)
        differences = self._differences(pos)
        if pos.void:
            _still_open(pos)
        if differences:
            raise NeedsPerson("verify-mismatch", detail=", ".join(differences))
        self._ledger.done("verify", state="verified", lines=json.dumps(summary(pos.lines)))
        return pos

    def _differences(self, pos: PosOrder) -> list[str]:
        found = self._fit(pos)
        slot = self._slot()
        checks = {
            "customer": pos.id_customer != self._ledger.record.id_customer,
            "lines missing": bool(found.missing),
            "lines that nobody ordered": bool(found.extra),
            "prices": bool(overrides(self._meant, found, shares)),
            "pickup time": slot is not None and not _is_scheduled(pos, slot),
            "order id": bool(pos.id_external or pos.notes) and not carries(pos, self._order.id),
            "not open": pos.void or pos.cancel,
        }
        return [name for name, differs in checks.items() if differs]

    def _read(self, id_order: int) -> PosOrder:
        return self._shop.orders.get(id_order)


def _still_open(pos: PosOrder) -> PosOrder:
    """The order, unless the staff has ended it meanwhile. Raises NeedsPerson."""
    if pos.is_open:
        return pos
    raise NeedsPerson("voided-in-pos" if pos.void else "closed-in-pos", detail=f"order {pos.id_order}")


def _meant(order: Order, needs: Sequence[Need], shop: Shop) -> tuple[Meant, ...]:
    meant = []
    for need, price in zip(needs, agreed_prices(order), strict=True):
        in_one = need.by_weight or shop.shelf.is_weighed(need.id_item)
        meant.append(
            Meant(
                need.key,
                need.id_item,
                need.amount,
                need.by_weight,
                unit_prices=None if price is None or in_one else price.units,
                total=None if price is None else price.total,
            )
        )
    return tuple(meant)


def _is_scheduled(pos: PosOrder, slot: PickupSlot) -> bool:
    date, time = (pos.pickup_date or "")[:10], (pos.pickup_time or "").rpartition("T")[2][:5]
    return date == slot.date.isoformat() and time == slot.time
