"""Tiered ("deli style") pricing: T1-T5."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from alleaves_sync.aiq.models import Tier
from alleaves_sync.alleaves.models import InventoryRow, Item, PriceTier
from alleaves_sync.rules.mapping.price import price_of
from alleaves_sync.rules.mapping.rules import ItemWarning, TierPrice
from alleaves_sync.rules.mapping.text import clean
from alleaves_sync.rules.mapping.units import as_sent, grams_per, is_count

TieredPriceType = Literal["WEIGHT_TIER", "PRICE_TIER"]


@dataclass(frozen=True, slots=True)
class Tiering:
    """The usable tiers of an item, smallest first, and the column of the smallest one's price."""

    price_type: TieredPriceType
    tiers: tuple[Tier, ...]
    column: str


def _size(tier: PriceTier, price_type: TieredPriceType, own_unit: str) -> Decimal | None:
    # Grams of a weight tier, pieces of a count tier; None for the other kind of unit (T1, T5).
    unit = clean(tier.uom_short) or own_unit
    if price_type == "WEIGHT_TIER":
        factor = grams_per(unit)
        return None if factor is None else as_sent(tier.qty * factor)
    return tier.qty if is_count(unit) else None


def tiering_of(
    item: Item | None, main: InventoryRow, columns: Sequence[str], price_is: TierPrice
) -> tuple[Tiering | None, tuple[ItemWarning, ...]]:
    """The tiers of an item that has tiered pricing; None for one that has not, or has no usable tier (T4)."""
    if item is None or not item.use_tiered_pricing:
        return None, ()
    price_type: TieredPriceType = (
        "WEIGHT_TIER" if main.uom_type.strip().casefold() == "weight" else "PRICE_TIER"
    )
    warnings: list[ItemWarning] = []
    found: dict[Decimal, tuple[Tier, str]] = {}
    for tier in item.price_tier_list:
        size = _size(tier, price_type, main.uom_short)
        price = price_of(tier, columns)
        label = f"tier of {tier.qty} {clean(tier.uom_short) or main.uom_short}"
        if size is None:
            warnings.append(ItemWarning("tier-dropped", f"{label}: not a unit of a {price_type}"))
        elif size <= 0:
            warnings.append(ItemWarning("tier-dropped", f"{label}: no size"))
        elif price is None:
            warnings.append(ItemWarning("tier-dropped", f"{label}: no price in {' or '.join(columns)}"))
        elif size in found:
            warnings.append(ItemWarning("tier-dropped", f"{label}: the same size stands there before"))
        else:
            amount = as_sent(price.amount * tier.qty) if price_is == "per_unit" else price.amount
            found[size] = (Tier(amount, size), price.column)
    if not found:
        warnings.append(ItemWarning("no-usable-tier", "tiered pricing is on, but no tier can be used"))
        return None, tuple(warnings)
    in_order = [found[size] for size in sorted(found)]
    tiers = tuple(tier for tier, _ in in_order)
    return Tiering(price_type, tiers, in_order[0][1]), tuple(warnings)
