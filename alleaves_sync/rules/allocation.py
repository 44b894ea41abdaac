"""Order lines onto batches (O4): first expiring first, and never more than there is. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Literal

from alleaves_sync.aiq.order_models import Order, OrderLine
from alleaves_sync.alleaves.models import InventoryRow
from alleaves_sync.rules.exact import exactly
from alleaves_sync.rules.mapping.rules import Rules
from alleaves_sync.rules.mapping.stock import counts
from alleaves_sync.rules.mapping.units import grams_per
from alleaves_sync.rules.windows import pos_moment

ShortageReason = Literal["unknown-product", "no-stock", "no-amount"]

_ZERO = Decimal(0)
_ONE = Decimal(1)
# The finest weight that is spoken of, in the batch's own unit. A double carries it exactly beside six digits,
# and what is smaller is not stock but what the POS's own arithmetic left over (0.30000000000000004 g).
_FINEST = Decimal("1e-9")
_NO_REST = _FINEST / 2
_LAST_DAY = date.max
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Need:
    """What an order line wants: `amount` pieces, or grams where `by_weight`.

    `key` is the caller's own (the place of the line in its order); `id_item` None is an id that no item of
    the POS can have.
    """

    key: int
    id_item: int | None
    amount: Decimal
    by_weight: bool = False


@dataclass(frozen=True, slots=True)
class Take:
    """What a need gets of one batch in one area.

    `qty` is in the batch's own unit, as it is sent; `amount` is the part of the need that it fills, in pieces
    or grams. The amounts of a filled need add up to it exactly.
    """

    key: int
    id_item: int
    id_batch: int
    id_area: int
    qty: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Shortage:
    """A need that cannot be filled, and by how much (pieces or grams)."""

    key: int
    id_item: int | None
    missing: Decimal
    reason: ShortageReason


@dataclass(frozen=True, slots=True)
class Allocation:
    """Takes in the order of the needs, within a need in the order of O4; what could not be filled.

    Takes of a need that is short are in it too: whoever wants all or none (O5) looks at `short` first.
    """

    takes: tuple[Take, ...] = ()
    short: tuple[Shortage, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every need is filled."""
        return not self.short


def needs_of(order: Order) -> tuple[Need, ...]:
    """What the lines of an order want; the key is the place of the line, from 0.

    A weight line whose weight the order does not say wants nothing, which `allocate` refuses (no-amount).
    """
    return tuple(_need(key, line) for key, line in enumerate(order.lines))


def _need(key: int, line: OrderLine) -> Need:
    by_weight = line.price_type == "WEIGHT_TIER"
    each = (line.purchase_weight or _ZERO) if by_weight else _ONE
    text = line.pos_product_id.strip()
    is_id = text.isascii() and text.isdigit()
    return Need(key, int(text) if is_id else None, line.quantity * each, by_weight)


@dataclass(slots=True)
class _Shelf:
    """One row while it is being taken from; `left` is in its own unit."""

    row: InventoryRow
    id_area: int
    left: Decimal


def allocate(needs: Sequence[Need], rows: Sequence[InventoryRow], rules: Rules) -> Allocation:
    """Fill `needs`, in their order, from the rows that count and have stock (O4).

    `rows` are of a complete read: unique by batch and area; their order means nothing. Pieces are whole ones.
    Several needs of one item share its rows.
    """
    with exactly():
        wanted = {need.id_item for need in needs}
        known = {row.id_item for row in rows if row.id_item in wanted}
        shelves = _shelves(rows, wanted, rules)
        takes: list[Take] = []
        short: list[Shortage] = []
        for need in needs:
            taken = tuple(_fill(need, shelves))
            takes += taken
            missing = need.amount - sum(take.amount for take in taken)
            if need.amount <= 0:
                short.append(Shortage(need.key, need.id_item, need.amount, "no-amount"))
            elif missing:
                reason: ShortageReason = "no-stock" if need.id_item in known else "unknown-product"
                short.append(Shortage(need.key, need.id_item, missing, reason))
        return Allocation(tuple(takes), tuple(short))


def left_after(rows: Sequence[InventoryRow], takes: Iterable[Take]) -> tuple[InventoryRow, ...]:
    """The rows once `takes` are gone from them: what the next order of a run may be given."""
    with exactly():
        gone: defaultdict[tuple[int, int | None], Decimal] = defaultdict(Decimal)
        for take in takes:
            gone[take.id_batch, take.id_area] += take.qty
        return tuple(
            replace(row, available=row.available - gone[place]) if place in gone else row
            for row in rows
            for place in [(row.id_batch, row.id_area)]
        )


def _shelves(
    rows: Iterable[InventoryRow], wanted: set[int | None], rules: Rules
) -> Mapping[int, Sequence[_Shelf]]:
    """The rows to take from, by item, in the order in which they are taken from (O4)."""
    shelves: defaultdict[int, list[_Shelf]] = defaultdict(list)
    for row in rows:
        # Without an area there is nothing that the POS could be told to take from.
        if row.id_item in wanted and row.id_area is not None and counts(row, rules):
            shelves[row.id_item].append(_Shelf(row, row.id_area, row.available))
    for of_item in shelves.values():
        of_item.sort(key=_turn)
    return shelves


def _turn(shelf: _Shelf) -> tuple[date, datetime, int, int]:
    row = shelf.row
    return (
        row.date_expire or _LAST_DAY,
        pos_moment(row.date_received) or _LAST_MOMENT,
        row.id_batch,
        shelf.id_area,
    )


def _fill(need: Need, shelves: Mapping[int, Sequence[_Shelf]]) -> Iterator[Take]:
    """The takes of one need; what they take is gone from the shelves."""
    if need.id_item is None:
        return
    rest = need.amount
    for shelf in shelves.get(need.id_item, ()):
        qty, amount = _weigh(rest, shelf) if need.by_weight else _count(rest, shelf)
        if qty > 0:
            shelf.left -= qty
            rest -= amount
            yield Take(need.key, need.id_item, shelf.row.id_batch, shelf.id_area, qty, amount)


def _count(rest: Decimal, shelf: _Shelf) -> tuple[Decimal, Decimal]:
    pieces = min(rest, shelf.left).to_integral_value(rounding=ROUND_DOWN)
    return pieces, pieces


def _weigh(rest: Decimal, shelf: _Shelf) -> tuple[Decimal, Decimal]:
    """How much of the shelf goes to a rest of grams: in the shelf's unit, and in grams."""
    factor = grams_per(shelf.row.uom_short)
    there = shelf.left.quantize(_FINEST, rounding=ROUND_DOWN)
    if factor is None or rest <= 0:
        return _ZERO, _ZERO
    if there * factor < rest - _NO_REST:
        return there, there * factor
    # An ounce has no end of decimals per gram, so the nearest quantity that can be sent is: never nothing.
    nearest = (rest / factor).quantize(_FINEST, rounding=ROUND_HALF_EVEN)
    return min(max(nearest, _FINEST), there), rest
