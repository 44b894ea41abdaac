"""Which rows count, and how much there is: P3, P3a, Q1-Q5."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from alleaves_sync.aiq.models import PriceType
from alleaves_sync.alleaves.models import InventoryRow
from alleaves_sync.rules.mapping.rules import ItemWarning, Reason, Rules
from alleaves_sync.rules.mapping.units import as_sent, grams_per

_ZERO = Decimal(0)
_ONE = Decimal(1)
_GRAM_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class ItemRows:
    """The rows of one item, sorted out: those that count, those with stock, and those that decide (P3a)."""

    counting: tuple[InventoryRow, ...]
    stocked: tuple[InventoryRow, ...]
    deciding: tuple[InventoryRow, ...]
    main: InventoryRow


def counts(row: InventoryRow, rules: Rules) -> bool:
    """Whether the row may be sold from: in a selected area and not held back (P2, P3)."""
    return (
        not row.deleted
        and not row.qc_hold
        and row.status.strip().casefold() == "open"
        and (row.date_expire is None or row.date_expire >= rules.today)
        and rules.areas.holds(row)
    )


def sort_out(rows: Sequence[InventoryRow], rules: Rules) -> ItemRows:
    """Sort out the rows of one item (at least one). The order in which the POS sent them means nothing."""
    in_order = tuple(rows) if len(rows) == 1 else tuple(sorted(rows, key=_place))
    counting = tuple(row for row in in_order if counts(row, rules))
    stocked = tuple(row for row in counting if row.available > 0)
    deciding = stocked or counting or in_order
    return ItemRows(counting, stocked, deciding, main=deciding[-1])


def _place(row: InventoryRow) -> tuple[int, bool, int]:
    # The highest batch comes last (P3a); of one batch in several areas the one in the lowest area.
    return row.id_batch, row.id_area is not None, -(row.id_area or 0)


@dataclass(frozen=True, slots=True)
class Stock:
    """The quantity for the menu; why it is 0, where it is; the warnings."""

    quantity: Decimal
    reasons: tuple[Reason, ...]
    warnings: tuple[ItemWarning, ...]


def _round_down(value: Decimal, decimals: int) -> Decimal:
    # Not quantize(): it refuses numbers longer than the context's precision.
    return value.scaleb(decimals).to_integral_value(rounding=ROUND_DOWN).scaleb(-decimals)


def _threshold(deciding: Sequence[InventoryRow], rules: Rules) -> tuple[Decimal | None, bool]:
    # Q2-Q4: the highest of the deciding rows, and whether they agree.
    values = {
        row.location_threshold_low_quantity_value
        if row.location_threshold_low_quantity_selected or not rules.threshold_needs_checkbox
        else None
        for row in deciding
    }
    return max((value for value in values if value is not None), default=None), len(values) == 1


def _weighed(rows: ItemRows) -> tuple[Decimal, Decimal, list[ItemWarning]]:
    """Sum of the counting rows in grams and in the POS's own unit, and rows whose unit means nothing."""
    grams, warnings = _ZERO, []
    for row in rows.counting:
        factor = grams_per(row.uom_short)
        if factor is None:
            message = (
                f"batch {row.id_batch}: {row.available} {row.uom_short!r} is no weight, left out of the sum"
            )
            warnings.append(ItemWarning("unit-unknown", message))
        else:
            grams += row.available * factor
    return grams, grams / (grams_per(rows.main.uom_short) or _ONE), warnings


def stock_of(rows: ItemRows, price_type: PriceType, rules: Rules) -> Stock:
    """The quantity of an item in pieces, or in grams where the menu sells it by weight (Q1-Q5)."""
    warnings: list[ItemWarning] = []
    if price_type == "WEIGHT_TIER":
        total, own, warnings = _weighed(rows)
        decimals = _GRAM_DECIMALS
    else:
        total = own = sum((row.available for row in rows.counting), _ZERO)
        decimals = 0
    if total < 0:
        warnings.append(ItemWarning("negative-stock", f"available is {total} in all, taken as 0"))
    threshold, agree = _threshold(rows.deciding, rules)
    if not agree:
        warnings.append(
            ItemWarning(
                "rows-disagree", f"batches have different low quantity thresholds, {threshold} counts"
            )
        )
    quantity = as_sent(_round_down(max(total, _ZERO), decimals))
    reasons: list[Reason] = []
    if quantity == 0:
        reasons.append("out-of-stock")
    if threshold is not None and 0 < own <= threshold:
        reasons.append("below-threshold")
    return Stock(_ZERO if reasons else quantity, tuple(reasons), tuple(warnings))
