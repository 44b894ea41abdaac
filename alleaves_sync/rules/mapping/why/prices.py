"""Which price counts, and why: M1-M6, T1-T5."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from alleaves_sync.aiq.models import PriceType, Product
from alleaves_sync.alleaves.models import InventoryRow, Item
from alleaves_sync.rules.mapping.item import KEPT
from alleaves_sync.rules.mapping.price import Priced, columns, highest, otd_is_on, price_of
from alleaves_sync.rules.mapping.rules import Rules
from alleaves_sync.rules.mapping.stock import ItemRows
from alleaves_sync.rules.mapping.text import clean
from alleaves_sync.rules.mapping.tiers import Tiering, tiering_of

_COLUMNS = (
    "price_retail_adult_use",
    "price_retail_medical_use",
    "price_retail",
    "price_otd_adult_use",
    "price_otd_medical_use",
    "price_otd",
)


@dataclass(frozen=True, slots=True)
class ColumnValue:
    """One price column of a row or tier; 0, null and negative are unset (M3)."""

    column: str
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class RowPrice:
    """What one deciding row says: the columns in the order in which they were tried, up to the one that is
    set."""

    id_batch: int
    id_area: int | None
    tried: tuple[ColumnValue, ...]
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class TierPart:
    """One tier of the POS. `size` is grams or pieces, `price` is for all of it; else why it is dropped."""

    qty: Decimal
    uom_short: str | None
    used: bool
    size: Decimal | None
    price: Decimal | None
    dropped_because: str | None


@dataclass(frozen=True, slots=True)
class PricePart:
    """From the columns to the price.

    `kept`: prices are not synced and the product keeps the price that it has (M6). `columns` are those that
    are tried, in order (M2, M3); `not_tried` are the others that hold something on the main row. `price` is
    what counts, `column` where it stood; without one the item is withheld (`no-price`).
    """

    kept: bool
    otd: bool
    otd_because: str
    columns: tuple[str, ...]
    rows: tuple[RowPrice, ...]
    not_tried: tuple[ColumnValue, ...]
    tiered: bool
    tiers: tuple[TierPart, ...]
    price: Decimal | None
    column: str | None
    price_type: PriceType


def price_part(rows: ItemRows, item: Item | None, rules: Rules, held: Product | None) -> PricePart:
    """How the price came about; `held` as in `map_item`."""
    otd = otd_is_on(rows.deciding, rules)
    names = columns(rows.main, rules, otd=otd)
    tiering, _ = tiering_of(item, rows.main, names, rules.tier_price)
    price, column, price_type = _that_counts(rows, names, tiering, held)
    return PricePart(
        kept=column == KEPT,
        otd=otd,
        otd_because=_otd_because(rows.deciding, rules),
        columns=names,
        rows=tuple(_row_price(row, names) for row in rows.deciding),
        not_tried=tuple(
            ColumnValue(name, value)
            for name in _COLUMNS
            if name not in names and (value := _value(rows.main, name)) is not None
        ),
        tiered=item is not None and item.use_tiered_pricing,
        tiers=tuple(_tiers(item, rows.main, names, rules)) if item and item.use_tiered_pricing else (),
        price=price,
        column=column,
        price_type=price_type,
    )


def _that_counts(
    rows: ItemRows, names: Sequence[str], tiering: Tiering | None, held: Product | None
) -> tuple[Decimal | None, str | None, PriceType]:
    if held is not None and held.price is not None:
        return held.price, KEPT, held.price_type or "REGULAR"
    if tiering is not None:
        return tiering.tiers[0].price, f"price_tier_list.{tiering.column}", tiering.price_type
    found, _ = highest(rows.deciding, names)
    return (None, None, "REGULAR") if found is None else (found.amount, found.column, "REGULAR")


def _otd_because(deciding: Sequence[InventoryRow], rules: Rules) -> str:
    if rules.otd_pricing != "follow":
        return f"otd_pricing is {rules.otd_pricing}"
    on = [name for name in ("use_otd_price", "use_location_otd_price") if any(_flag(deciding, name))]
    return f"{' and '.join(on)} on a deciding row" if on else "no deciding row has an OTD flag"


def _flag(deciding: Sequence[InventoryRow], name: str) -> Iterator[bool]:
    return (getattr(row, name) for row in deciding)


def _value(priced: Priced, name: str) -> Decimal | None:
    value: Decimal | None = getattr(priced, name)
    return value


def _row_price(row: InventoryRow, names: Sequence[str]) -> RowPrice:
    found = price_of(row, names)
    last = len(names) if found is None else names.index(found.column) + 1
    tried = tuple(ColumnValue(name, _value(row, name)) for name in names[:last])
    return RowPrice(row.id_batch, row.id_area, tried, None if found is None else found.amount)


def _tiers(item: Item, main: InventoryRow, names: Sequence[str], rules: Rules) -> Iterator[TierPart]:
    # Each tier alone through the rule itself; what is left is that a size is taken once (T3).
    sizes: set[Decimal] = set()
    for tier in item.price_tier_list:
        alone = replace(item, price_tier_list=(tier,))
        tiering, warnings = tiering_of(alone, main, names, rules.tier_price)
        unit = clean(tier.uom_short)
        if tiering is None:
            why = warnings[0].message.partition(": ")[2]
            yield TierPart(tier.qty, unit, used=False, size=None, price=None, dropped_because=why)
            continue
        (usable,) = tiering.tiers
        why = "the same size stands there before" if usable.size in sizes else ""
        sizes.add(usable.size)
        yield TierPart(tier.qty, unit, not why, usable.size, usable.price, why or None)
