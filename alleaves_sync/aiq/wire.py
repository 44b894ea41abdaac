"""Products as the storefront's JSON, and back. The one place that knows the names on the wire."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import TypeVar, get_args

from pydantic import JsonValue, TypeAdapter, ValidationError

from alleaves_sync.aiq.models import (
    CANNABINOIDS,
    CATEGORIES,
    TERPENES,
    CannabisType,
    ContentUnit,
    LabValue,
    PriceType,
    Product,
    Tier,
    WeightUnit,
)

FIELD_NAMES: Mapping[str, str] = {
    "pos_product_id": "posProductId",
    "name": "name",
    "description": "description",
    "brand": "brand",
    "sku": "sku",
    "product_category": "productCategory",
    "sub_type": "subType",
    "cannabis_type": "cannabisType",
    "cannabis_strain": "cannabisStrain",
    "price": "price",
    "price_type": "priceType",
    "tiers": "tiers",
    "quantity": "quantity",
    "weight": "weight",
    "weight_unit": "weightUnit",
    "images": "images",
    "labs": "labs",
}
_COMPOUNDS = (*CANNABINOIDS, *TERPENES)
_UNIT_SUFFIX = "ContentUnit"
_EMPTY = ()  # there is only one; asking a Decimal whether it equals it takes long
_CONTENT_UNITS: tuple[ContentUnit, ...] = get_args(ContentUnit)
_CANNABIS_TYPES: tuple[CannabisType, ...] = get_args(CannabisType)
_PRICE_TYPES: tuple[PriceType, ...] = get_args(PriceType)
_WEIGHT_UNITS: tuple[WeightUnit, ...] = get_args(WeightUnit)
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Values as they are kept: one line of JSON, every letter as it is."""


@lru_cache(4096)  # the same prices and quantities come thousands of times
def number(value: Decimal) -> float:
    """A JSON number: an integer where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


def _tier(tier: Tier, price_type: PriceType | None) -> dict[str, JsonValue]:
    if price_type == "WEIGHT_TIER":
        return {"price": number(tier.price), "weight": number(tier.size), "weightUnit": "GRAMS"}  # T1
    return {"price": number(tier.price), "purchaseQuantity": number(tier.size)}


def _labs(values: Iterable[LabValue]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for value in values:
        found[value.compound] = number(value.value)
        found[value.compound + _UNIT_SUFFIX] = value.unit
    return found


def field_value(product: Product, name: str) -> JsonValue:
    """One field as it goes out; null (for pictures an empty list) where there is no value (F2)."""
    shape = _SHAPES.get(name)
    if shape is not None:
        return shape(product)
    value: Decimal | str | None = getattr(product, name)
    return number(value) if isinstance(value, Decimal) else value


_SHAPES: Mapping[str, Callable[[Product], JsonValue]] = {
    "brand": lambda product: None if product.brand is None else {"name": product.brand},
    "tiers": lambda product: [_tier(tier, product.price_type) for tier in product.tiers] or None,
    "images": lambda product: [
        {"fileUrl": address, "order": place} for place, address in enumerate(product.images, 1)
    ],
    "labs": lambda product: _labs(product.labs) or None,
}


def changed_fields(product: Product, names: Iterable[str]) -> dict[str, JsonValue]:
    """The body of one product in a sync call: its key and the fields `names`, nulls included (F2)."""
    return {
        "posProductId": product.pos_product_id,
        **{FIELD_NAMES[name]: field_value(product, name) for name in names},
    }


def all_fields(product: Product) -> dict[str, JsonValue]:
    """Every field that has a value, as menu, export and feed show it."""
    found: dict[str, JsonValue] = {}
    for name, wire in FIELD_NAMES.items():
        value = getattr(product, name)
        if value is None or value is _EMPTY:
            continue
        shape = _SHAPES.get(name)
        found[wire] = shape(product) if shape else number(value) if isinstance(value, Decimal) else value
    return found


def dump(product: Product) -> str:
    """A product as one line of JSON, the same text for equal products."""
    return encode(all_fields(product))


@dataclass(frozen=True, slots=True)
class _Brand:
    name: str | None = None


@dataclass(frozen=True, slots=True)
class _Image:
    fileUrl: str = ""  # noqa: N815 - the name on the wire
    order: int = 0


@dataclass(frozen=True, slots=True)
class _Tier:
    price: Decimal
    weight: Decimal | None = None
    weightUnit: str | None = None  # noqa: N815
    purchaseQuantity: Decimal | None = None  # noqa: N815


@dataclass(frozen=True, slots=True)
class _WireProduct:
    """A product as the storefront or the feed has it; words that this program does not know stay texts."""

    posProductId: str  # noqa: N815
    name: str | None = None
    description: str | None = None
    brand: _Brand | None = None
    sku: str | None = None
    productCategory: str | None = None  # noqa: N815
    subType: str | None = None  # noqa: N815
    cannabisType: str | None = None  # noqa: N815
    cannabisStrain: str | None = None  # noqa: N815
    price: Decimal | None = None
    priceType: str | None = None  # noqa: N815
    tiers: tuple[_Tier, ...] | None = None
    quantity: Decimal | None = None
    weight: Decimal | None = None
    weightUnit: str | None = None  # noqa: N815
    images: tuple[_Image, ...] | None = None
    labs: Mapping[str, Decimal | str | None] | None = None


@cache
def _reader() -> TypeAdapter[_WireProduct]:
    return TypeAdapter(_WireProduct)


Word = TypeVar("Word", bound=str)


def _one_of(value: object, words: Iterable[Word]) -> Word | None:
    return None if value is None else next((word for word in words if word == value), None)


def _read_labs(found: Mapping[str, Decimal | str | None]) -> Iterator[LabValue]:
    for compound in _COMPOUNDS:
        value = found.get(compound)
        if isinstance(value, Decimal):
            unit = _one_of(found.get(compound + _UNIT_SUFFIX), _CONTENT_UNITS)
            if unit is not None:
                yield LabValue(compound, value, unit)


def _size(tier: _Tier) -> Decimal | None:
    # This program writes weight tiers in grams only (T1): one in another unit is not as it should be.
    if tier.weight is None:
        return tier.purchaseQuantity
    return tier.weight if tier.weightUnit in {None, "GRAMS"} else None


def _product(wire: _WireProduct) -> Product:
    tiers = (Tier(tier.price, size) for tier in wire.tiers or () if (size := _size(tier)) is not None)
    pictures = sorted(wire.images or (), key=lambda image: image.order)
    return Product(
        pos_product_id=wire.posProductId,
        name=wire.name,
        description=wire.description,
        brand=wire.brand.name if wire.brand else None,
        sku=wire.sku,
        product_category=_one_of(wire.productCategory, CATEGORIES),
        sub_type=wire.subType,
        cannabis_type=_one_of(wire.cannabisType, _CANNABIS_TYPES),
        cannabis_strain=wire.cannabisStrain,
        price=wire.price,
        price_type=_one_of(wire.priceType, _PRICE_TYPES),
        tiers=tuple(tiers),
        quantity=wire.quantity or Decimal(0),
        weight=wire.weight,
        weight_unit=_one_of(wire.weightUnit, _WEIGHT_UNITS),
        images=tuple(image.fileUrl for image in pictures),
        labs=tuple(_read_labs(wire.labs or {})),
    )


def parse(document: str | bytes) -> Product:
    """A product from JSON: the state file's, the feed's or the storefront's own.

    Fields and words that this program does not know are left out. Raises ValueError where it is no product.
    """
    try:
        return _product(_reader().validate_json(document))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
