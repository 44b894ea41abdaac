"""What the mapping needs to know, and what it says of each item. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from alleaves_sync.aiq.models import Category, Product
from alleaves_sync.rules.mapping.areas import AreaSelection

Menu = Literal["adult_use", "medical"]
OtdPricing = Literal["follow", "always", "never"]
TierPrice = Literal["total", "per_unit"]
Status = Literal["listed", "hidden", "withheld"]
Reason = Literal[
    "out-of-stock",
    "below-threshold",
    "gone-from-pos",
    "not-a-product",
    "other-menu-type",
    "no-price",
    "invalid",
]
WarningCode = Literal[
    "rows-disagree",
    "negative-stock",
    "unit-unknown",
    "weight-unit-unknown",
    "tier-dropped",
    "no-usable-tier",
    "compound-unknown",
    "result-unreadable",
    "picture-dropped",
    "no-catalogue-record",
    "invalid",
]


@dataclass(frozen=True, slots=True)
class Rules:
    """The switches of one location. `today` is the location's own date (P3)."""

    areas: AreaSelection
    today: date
    menu: Menu = "adult_use"
    otd_pricing: OtdPricing = "follow"
    threshold_needs_checkbox: bool = False
    tier_price: TierPrice = "total"
    use_default_categories: bool = True
    category_map: Mapping[str, Category] = field(default_factory=dict)
    labs: bool = True
    terpenes: bool = True


@dataclass(frozen=True, slots=True)
class ItemWarning:
    """Something about an item that a person should look at. It does not change the outcome of a run."""

    code: WarningCode
    message: str


@dataclass(frozen=True, slots=True)
class MappedItem:
    """One POS item after all rules (P7): its one state, every reason, and the product or None if withheld.

    `sources` names, per AIQ field of the product, the POS column that its value came from.
    """

    id_item: int
    name: str
    pos_category: str
    status: Status
    reasons: tuple[Reason, ...] = ()
    product: Product | None = None
    sources: tuple[tuple[str, str], ...] = ()
    warnings: tuple[ItemWarning, ...] = ()
