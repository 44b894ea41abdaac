"""The rows of an item and what counts of them: P2, P3, P3a, Q1-Q5."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from alleaves_sync.aiq.models import PriceType
from alleaves_sync.alleaves.models import InventoryRow
from alleaves_sync.rules.mapping.rules import Reason, Rules
from alleaves_sync.rules.mapping.stock import ItemRows, counts, stock_of
from alleaves_sync.rules.mapping.text import clean
from alleaves_sync.rules.mapping.units import grams_per

_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What keeps a row from counting, and by which rule."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class RowPart:
    """One batch in one area. `available` and `on_hand` are in `uom_short`.

    `decides`: single values, prices and thresholds are looked up in it (P3a); `is_main`: it is the one whose
    single values count.
    """

    id_batch: int
    id_area: int | None
    area: str | None
    selected: bool
    available: Decimal
    on_hand: Decimal
    uom_short: str
    status: str
    date_expire: date | None
    counts: bool
    decides: bool
    is_main: bool
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class RowThreshold:
    """The low quantity threshold of one deciding row; it `applies` unless its checkbox is needed and off."""

    id_batch: int
    id_area: int | None
    value: Decimal | None
    selected: bool
    applies: bool


@dataclass(frozen=True, slots=True)
class QuantityPart:
    """From the rows to the quantity.

    `sum` is of the counting rows in `unit`. `compared` is the same in the POS's own unit `compared_unit`; the
    threshold (the highest that applies) is compared with that. `hidden_because` empties the quantity.
    """

    unit: Literal["pieces", "grams"]
    sum: Decimal
    compared: Decimal
    compared_unit: str
    thresholds: tuple[RowThreshold, ...]
    threshold: Decimal | None
    threshold_hides: bool
    hidden_because: tuple[Reason, ...]
    quantity: Decimal


def row_parts(rows: Sequence[InventoryRow], sorted_rows: ItemRows, rules: Rules) -> tuple[RowPart, ...]:
    """Every row, those that count first, then by batch."""
    deciding = {_place(row) for row in sorted_rows.deciding}
    parts = [
        RowPart(
            id_batch=row.id_batch,
            id_area=row.id_area,
            area=clean(row.area),
            selected=rules.areas.holds(row),
            available=row.available,
            on_hand=row.on_hand,
            uom_short=clean(row.uom_short) or "",
            status=row.status,
            date_expire=row.date_expire,
            counts=counts(row, rules),
            decides=_place(row) in deciding,
            is_main=row is sorted_rows.main,
            refused=tuple(_refusals(row, rules)),
        )
        for row in rows
    ]
    return tuple(sorted(parts, key=lambda part: (not part.counts, part.id_batch, part.id_area or 0)))


def _place(row: InventoryRow) -> tuple[int, int | None]:
    return row.id_batch, row.id_area


def _refusals(row: InventoryRow, rules: Rules) -> Iterator[Refusal]:
    if not rules.areas.holds(row):
        yield Refusal("P2", "in no area" if row.id_area is None else "its area is not selected")
    if row.deleted:
        yield Refusal("P3", "deleted")
    if row.qc_hold:
        yield Refusal("P3", "on quality hold")
    if row.status.strip().casefold() != "open":
        yield Refusal("P3", f"its status is {clean(row.status) or 'empty'}, not open")
    if row.date_expire is not None and row.date_expire < rules.today:
        yield Refusal("P3", f"expired {row.date_expire}")


def quantity_part(rows: ItemRows, price_type: PriceType, rules: Rules) -> QuantityPart:
    """How the quantity came about (Q1-Q5)."""
    stock = stock_of(rows, price_type, rules)
    thresholds = tuple(
        RowThreshold(
            row.id_batch,
            row.id_area,
            row.location_threshold_low_quantity_value,
            row.location_threshold_low_quantity_selected,
            row.location_threshold_low_quantity_selected or not rules.threshold_needs_checkbox,
        )
        for row in rows.deciding
    )
    applying = [one.value for one in thresholds if one.applies and one.value is not None]
    own_unit = clean(rows.main.uom_short) or ""
    if price_type == "WEIGHT_TIER":
        total = sum((row.available * (grams_per(row.uom_short) or _ZERO) for row in rows.counting), _ZERO)
        factor = grams_per(own_unit)
        compared, compared_unit = total / (factor or _ONE), own_unit if factor else "g"
    else:
        total = compared = sum((row.available for row in rows.counting), _ZERO)
        compared_unit = own_unit
    return QuantityPart(
        unit="grams" if price_type == "WEIGHT_TIER" else "pieces",
        sum=total,
        compared=compared,
        compared_unit=compared_unit,
        thresholds=thresholds,
        threshold=max(applying, default=None),
        threshold_hides="below-threshold" in stock.reasons,
        hidden_because=stock.reasons,
        quantity=stock.quantity,
    )
