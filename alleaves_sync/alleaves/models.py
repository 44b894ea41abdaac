"""What Alleaves sends, as far as this program reads it (`docs/contract/alleaves.openapi.yaml`).

Frozen, slotted dataclasses: 20,000 rows of 110 fields are read on a small machine, so only what a rule
needs is kept. Unknown fields are allowed; a known field with another type is a fault of that record alone.
Numbers are `Decimal`, straight from the digits on the wire.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Generic, TypeVar

from pydantic import ConfigDict, GetPydanticSchema
from pydantic_core import core_schema

_STRICT = ConfigDict(strict=True)


@lru_cache(maxsize=8192, typed=True)  # the same few prices and quantities come thousands of times
def exact(value: float) -> Decimal:
    """A JSON number as Decimal: the shortest digits that mean a float are those that stood on the wire."""
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


def calendar_date(value: str) -> date | None:
    """A date of the POS; some accounts send it with a time behind it that means nothing; ValueError."""
    text = value.strip()
    return date.fromisoformat(text[:10]) if text else None


_NUMBER_SCHEMA = core_schema.no_info_after_validator_function(
    exact,
    core_schema.union_schema(
        [core_schema.int_schema(strict=True), core_schema.float_schema(strict=True, allow_inf_nan=False)]
    ),
)
_DATE_SCHEMA = core_schema.no_info_after_validator_function(
    calendar_date, core_schema.str_schema(strict=True)
)

# A JSON text is not a number, though Decimal would take it: the contract says number, so it is told.
Number = Annotated[Decimal, GetPydanticSchema(lambda _source, _handler: _NUMBER_SCHEMA)]
CalendarDate = Annotated[date, GetPydanticSchema(lambda _source, _handler: _DATE_SCHEMA)]


@dataclass(frozen=True, slots=True)
class Compound:
    """One line of a chemical profile. The unit stands in the value, in the name, or nowhere (L2)."""

    __pydantic_config__ = _STRICT

    compound: str = ""
    result: str | Number | None = None


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """One batch in one area. `available` and `on_hand` are in `uom_short`; prices in the store's currency."""

    __pydantic_config__ = _STRICT

    id_batch: int
    id_item: int
    item: str
    available: Number
    on_hand: Number
    id_area: int | None = None
    area: str | None = None
    area_path: str | None = None
    area_type: str | None = None
    brand: str | None = None
    category: str = ""
    sku: str | None = None
    strain: str | None = None
    status: str = "open"
    deleted: bool = False
    qc_hold: bool = False
    is_product: bool = True
    is_cannabis: bool = True
    is_adult_use: bool = False
    is_medical_use: bool = False
    uom_type: str = "count"
    uom_short: str = "ea"
    weight_useable: Number | None = None
    weight_useable_uom: str | None = None
    price_retail: Number | None = None
    price_retail_adult_use: Number | None = None
    price_retail_medical_use: Number | None = None
    price_otd: Number | None = None
    price_otd_adult_use: Number | None = None
    price_otd_medical_use: Number | None = None
    use_otd_price: bool = False
    use_location_otd_price: bool = False
    location_threshold_low_quantity_value: Number | None = None
    location_threshold_low_quantity_selected: bool = False
    compounds: tuple[Compound, ...] = ()
    thc: Number | None = None
    cbd: Number | None = None
    thc_mg: Number | None = None
    cbd_mg: Number | None = None
    date_expire: CalendarDate | None = None
    date_received: str | None = None


@dataclass(frozen=True, slots=True)
class PriceTier:
    """One step of tiered ("deli style") pricing; prices are totals for `qty` (T2)."""

    __pydantic_config__ = _STRICT

    qty: Number
    uom_short: str | None = None
    price_retail: Number | None = None
    price_retail_adult_use: Number | None = None
    price_retail_medical_use: Number | None = None
    price_otd: Number | None = None
    price_otd_adult_use: Number | None = None
    price_otd_medical_use: Number | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """One picture; `content` is its address, None where the POS has a place for one and no picture."""

    __pydantic_config__ = _STRICT

    content: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """The catalogue record of an item: the only source of pictures, description, strain type and tiers."""

    __pydantic_config__ = _STRICT

    id_item: int
    item: str = ""
    product_description: str | None = None
    strain_type: str | None = None
    media_list: tuple[Media, ...] = ()
    use_tiered_pricing: bool = False
    price_tier_list: tuple[PriceTier, ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A place inside a location. Names may end in a space."""

    __pydantic_config__ = _STRICT

    id_area: int
    name: str
    path: str | None = None
    area_type: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class PosLocation:
    """A store as the POS knows it. Its secrets are never read into this (the wire has many)."""

    __pydantic_config__ = _STRICT

    id_location: int
    location: str = ""
    timezone: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class InvalidRecord:
    """A record that does not fit the contract (P6a): whose it is, as far as it can be read, and the fault."""

    id_item: int | None
    name: str
    field: str
    problem: str


Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Fetched(Generic[Record]):
    """A complete read: the records that fit, those that do not, and how many the POS says there are."""

    records: tuple[Record, ...]
    invalid: tuple[InvalidRecord, ...] = ()
    total: int = 0
