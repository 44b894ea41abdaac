"""The storefront's side (`docs/contract/aiq.openapi.yaml`): products as this program writes them.

A `Product` holds exactly the fields that a POS sync writes. `None` (or an empty tuple) means that there is no
value: it is left out of menu, export and feed, and sent as null only to clear what was there before (F2).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

Category = Literal[
    "FLOWER",
    "PRE_ROLLS",
    "VAPORIZERS",
    "CONCENTRATES",
    "EDIBLES",
    "TINCTURES",
    "TOPICALS",
    "ACCESSORIES",
    "BEVERAGES",
    "MERCHANDISE",
    "CBD_PRODUCTS",
    "GIFT_CARDS",
    "CAPSULES",
    "SEEDS",
]
CannabisType = Literal["INDICA", "SATIVA", "HYBRID", "HYBRID_SATIVA", "HYBRID_INDICA", "CBD", "NA", "MIXED"]
PriceType = Literal["REGULAR", "WEIGHT_TIER", "PRICE_TIER"]
WeightUnit = Literal["GRAMS", "MILLIGRAMS", "OUNCES", "EACH", "UNKNOWN"]
ContentUnit = Literal["%", "mg", "mg/g"]
Cannabinoid = Literal["thc", "thcA", "cbd", "cbdA", "cbn", "cbg"]
Terpene = Literal[
    "threeCarene",
    "alphaPinene",
    "betaCaryophyllene",
    "betaEudesmol",
    "betaMyrcene",
    "betaPinene",
    "bisabolol",
    "caryophylleneOxide",
    "guaiol",
    "humulene",
    "limonene",
    "linalool",
    "ocimene",
    "terpinolene",
    "terpinene",
    "transNerolidol",
]

CATEGORIES: tuple[Category, ...] = get_args(Category)
CANNABINOIDS: tuple[Cannabinoid, ...] = get_args(Cannabinoid)
TERPENES: tuple[Terpene, ...] = get_args(Terpene)


@dataclass(frozen=True, slots=True)
class Tier:
    """One price step. `price` is the total. `size` is grams (WEIGHT_TIER) or pieces (PRICE_TIER)."""

    price: Decimal
    size: Decimal


@dataclass(frozen=True, slots=True)
class LabValue:
    """The content of one compound."""

    compound: Cannabinoid | Terpene
    value: Decimal
    unit: ContentUnit


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the menu.

    `quantity` is pieces, grams where `price_type` is WEIGHT_TIER; 0 takes the product off the menu.
    `images` are addresses in display order; `labs` in the order of the contract.
    """

    pos_product_id: str
    name: str | None = None
    description: str | None = None
    brand: str | None = None
    sku: str | None = None
    product_category: Category | None = None
    sub_type: str | None = None
    cannabis_type: CannabisType | None = None
    cannabis_strain: str | None = None
    price: Decimal | None = None
    price_type: PriceType | None = None
    tiers: tuple[Tier, ...] = ()
    quantity: Decimal = Decimal(0)
    weight: Decimal | None = None
    weight_unit: WeightUnit | None = None
    images: tuple[str, ...] = ()
    labs: tuple[LabValue, ...] = ()
