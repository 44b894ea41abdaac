"""What the POS asks for a line: its own price, before any override."""

from collections.abc import Callable
from typing import Final

from alleaves_sync.sandbox.store.table import Entry

GRAMS: Final = {"g": 1.0, "mg": 0.001, "oz": 28.349523125}


def line_price(row: Entry, item: Entry | None, use_type: str, qty: float) -> float:
    """The price of the whole line for a weight item, of one unit for a count item."""
    kind = "otd" if row["use_otd_price"] or row["use_location_otd_price"] else "retail"
    use = "medical_use" if use_type == "medical" else "adult_use"

    def price(of: Callable[[str], object]) -> float:
        found = of(f"price_{kind}_{use}") or of(f"price_{kind}") or 0
        return float(found) if isinstance(found, int | float) else 0.0

    weighed = row["uom_type"] == "weight"
    amount = qty * GRAMS.get(row["uom_short"], 1.0) if weighed else qty
    unit = price(row.__getitem__)
    for size, total in _tiers(item, weighed, price):
        if size <= amount:
            unit = total / size
    return round(unit * amount, 2) if weighed else round(unit, 4)


def _tiers(
    item: Entry | None, weighed: bool, price: Callable[[Callable[[str], object]], float]
) -> list[tuple[float, float]]:
    """Size (grams or units) and total of the tiers that fit, smallest first."""
    if item is None or not item["use_tiered_pricing"]:
        return []
    units = GRAMS if weighed else {"ea": 1.0}
    sized = [
        (one["qty"] * units[one["uom_short"]], price(one.get))
        for one in item["price_tier_list"] or []
        if one.get("uom_short") in units
    ]
    return sorted((size, total) for size, total in sized if total > 0)
