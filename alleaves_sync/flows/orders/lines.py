"""What the lines of a POS order are against what was meant (O4, O6, O8). Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from alleaves_sync.alleaves.order_models import PosLine

# Batches are weighed in grams, milligrams or ounces: what is lost by converting is far below a milligram.
_SAME_WEIGHT = Decimal("0.001")
_ZERO = Decimal(0)

Grams = Callable[[PosLine], Decimal]
ShareOut = Callable[[Decimal, Sequence[Decimal]], Sequence[Decimal]]


@dataclass(frozen=True, slots=True)
class Meant:
    """One line of the storefront's order as the POS is to have it. `key` is its place in the order.

    `amount` is pieces, or grams where it is sold `by_weight`. `total` is the agreed price of the line, and
    `unit_prices` that of each piece; None where the POS has one price for all of the line, or the order none.
    """

    key: int
    id_item: int | None
    amount: Decimal
    by_weight: bool = False
    unit_prices: tuple[Decimal, ...] | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """The POS's lines by the key that they serve, what is still missing by key, and lines nobody meant."""

    served: Mapping[int, tuple[PosLine, ...]]
    missing: Mapping[int, Decimal]
    extra: tuple[PosLine, ...]


def fit(meant: Sequence[Meant], lines: Iterable[PosLine], grams: Grams) -> Fit:
    """Hold the lines that are there against those meant.

    Large ones first and exact fits preferred: a line is never cut, and lines of a push never serve two keys.
    """
    left = {one.key: one.amount for one in meant}
    served: defaultdict[int, list[PosLine]] = defaultdict(list)
    extra: list[PosLine] = []
    for line in sorted(lines, key=lambda one: (-one.qty, one.id_line)):
        place = _place(line, meant, left, grams)
        if place is None:
            extra.append(line)
        else:
            key, amount = place
            left[key] -= amount
            served[key].append(line)
    missing = {one.key: left[one.key] for one in meant if left[one.key] > _tolerance(one)}
    return Fit({key: tuple(found) for key, found in served.items()}, missing, tuple(extra))


def _place(
    line: PosLine, meant: Sequence[Meant], left: Mapping[int, Decimal], grams: Grams
) -> tuple[int, Decimal] | None:
    """The key that the line serves, and how much of it; None where nothing like it is missing."""
    best: tuple[Decimal, int, Decimal] | None = None
    for one in meant:
        if one.id_item != line.id_inventory_item:
            continue
        amount = grams(line) if one.by_weight else line.qty
        over = left[one.key] - amount
        if over < -_tolerance(one):
            continue
        exact = abs(over) <= _tolerance(one)
        rank = (_ZERO if exact else Decimal(1), one.key, amount)
        if best is None or rank[:2] < best[:2]:
            best = rank
    return None if best is None else (best[1], best[2])


def _tolerance(one: Meant) -> Decimal:
    return _SAME_WEIGHT if one.by_weight else _ZERO


def overrides(meant: Sequence[Meant], found: Fit, share: ShareOut) -> list[tuple[PosLine, Decimal]]:
    """The lines whose price differs from the agreed one, with that price (O6).

    `share` spreads the total of a weighed line over quantities, to the cent.
    """
    changes: list[tuple[PosLine, Decimal]] = []
    for id_item in dict.fromkeys(one.id_item for one in meant if not one.by_weight):
        same = [one for one in meant if one.id_item == id_item and _is_piecewise(one)]
        lines = [line for one in same for line in found.served.get(one.key, ())]
        changes += _of_pieces(lines, [price for one in same for price in _unit_prices(one)])
    for one in meant:
        lines = sorted(found.served.get(one.key, ()), key=_by_id)
        if not _is_piecewise(one) and one.total is not None and lines:
            shares = share(one.total, [line.qty for line in lines])
            pairs = zip(lines, shares, strict=True)
            changes += [(line, price) for line, price in pairs if paid(line) != price]
    return sorted(changes, key=lambda change: change[0].id_line)


def _is_piecewise(one: Meant) -> bool:
    return not one.by_weight and (one.unit_prices is not None or one.total is None)


def _unit_prices(one: Meant) -> Sequence[Decimal | None]:
    return one.unit_prices if one.unit_prices is not None else [None] * int(one.amount)  # nothing agreed


def _of_pieces(lines: Sequence[PosLine], agreed: Sequence[Decimal | None]) -> list[tuple[PosLine, Decimal]]:
    """Which pieces of one product need another price. A piece that has one of the agreed prices keeps it."""
    left = list(agreed)
    others: list[PosLine] = []
    # Overridden ones first: they were given their price on purpose, by an attempt before this one.
    for line in sorted(lines, key=lambda one: (one.price_override is None, one.id_line)):
        price = paid(line)
        if price is not None and price in left:
            left.remove(price)
        else:
            others.append(line)
    pairs = zip(sorted(others, key=_by_id), left, strict=False)
    return [(line, price) for line, price in pairs if price is not None]


def paid(line: PosLine) -> Decimal | None:
    """What the customer pays for the line; None where the POS does not say."""
    return line.price if line.price_override is None else line.price_override


def _by_id(line: PosLine) -> int:
    return line.id_line


def summary(lines: Iterable[PosLine]) -> list[dict[str, Any]]:
    """The lines as they are shown and noted: those alike are one, with the sum of their quantities."""
    sums: defaultdict[tuple[object, ...], Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.id_inventory_item, line.id_batch, line.id_area, paid(line)] += line.qty
    return [
        {
            "posProductId": str(id_item),
            "id_batch": id_batch,
            "id_area": id_area,
            "qty": _number(qty),
            "price": _number(price) if isinstance(price, Decimal) else None,
        }
        for (id_item, id_batch, id_area, price), qty in sums.items()
    ]


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
