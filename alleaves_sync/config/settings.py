"""The configuration as values: what `config.yaml` may hold, its defaults and its limits.

Times are minutes or seconds as the names say; paths are absolute once loaded (relative ones are relative to
the configuration file). Reading, merging and telling problems is `loading.py`. Values arrive as text; an
empty section is a section with its defaults, and empty text in an optional value means that it is not set.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

from alleaves_sync.aiq.models import Category
from alleaves_sync.config import urls

Menu = Literal["adult_use", "medical"]
OtdPricing = Literal["follow", "always", "never"]
WireField = Literal[
    "order_number",
    "menu_type",
    "delivery_window_start",
    "delivery_window_end",
    "pickup_window_start",
    "pickup_window_end",
    "delivery_address",
    "notes",
]


def _unset(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _section(value: object) -> object:
    return {} if value is None else value


def _text(value: object) -> object:
    return "" if value is None else value


def _header(value: SecretStr) -> SecretStr:
    key = value.get_secret_value().strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError("holds a sign that an API key cannot have (a space, an accent)")
    return SecretStr(key)


T = TypeVar("T")
_Optional = Annotated[T | None, BeforeValidator(_unset)]
_Mapping = Annotated[Mapping[str, T], BeforeValidator(_section)]
_Trimmed = Annotated[str, BeforeValidator(_text), AfterValidator(str.strip)]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Url = Annotated[str, AfterValidator(urls.checked)]
_BaseUrl = Annotated[str, AfterValidator(urls.checked_base)]
_OrderStatusUrl = Annotated[str, AfterValidator(urls.checked_order_status)]
_ApiKey = Annotated[SecretStr, AfterValidator(_header)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, value: object) -> object:
        return _section(value)


class MonitoringSettings(_Section):
    """Who is told about a run: ping addresses (healthchecks.io style), a Prometheus textfile."""

    ping_url: _Optional[_BaseUrl] = None
    orders_ping_url: _Optional[_BaseUrl] = None
    textfile: _Optional[Path] = None


class AlleavesSettings(_Section):
    """The POS account. `base_url` has no trailing slash."""

    base_url: _BaseUrl = "https://app.alleaves.com/api"
    location_id: int = Field(gt=0)
    username: _Name
    password: SecretStr = Field(min_length=1)
    pin: _Optional[SecretStr] = None


class AiqSettings(_Section):
    """The storefront. Without `publish_url` the menu stays in the state file and the feed."""

    base_url: _BaseUrl = "https://api.dispenseapp.com/2023-03"
    api_key: _Optional[_ApiKey] = None
    venue_id: _Trimmed = ""
    publish_url: _Optional[_Url] = None
    order_status_url: _Optional[_OrderStatusUrl] = None


class InventorySettings(_Section):
    """Q3 and the brake: `max_drop` is the share of the listed products that one run may take off the menu."""

    threshold_needs_checkbox: bool = False
    max_drop: Decimal = Field(default=Decimal("0.5"), ge=0, le=1)


class FieldSettings(_Section):
    """F1: which fields follow the POS. `quantity` always does."""

    name: bool = True
    description: bool = True
    brand: bool = True
    images: bool = True
    category: bool = True
    sub_type: bool = True
    strain: bool = True
    weight: bool = True
    price: bool = True
    labs: bool = True
    terpenes: bool = True
    sku: bool = True


class CategorySettings(_Section):
    """C2, C3: `map` takes a full POS path or a last segment to an AIQ category."""

    use_defaults: bool = True
    map: _Mapping[Category] = Field(default_factory=dict)


class TierSettings(_Section):
    """T2: whether the POS writes a tier's price for the whole tier or per unit."""

    price_is: Literal["total", "per_unit"] = "total"


class OrderSettings(_Section):
    """O1: whether confirmed orders are pushed."""

    sync: bool = True


class PatientSettings(_Section):
    """U2, U4: the region phones are read in, what to do with several profiles, the age of the index."""

    region: str = Field(default="US", pattern="^[A-Z]{2}$")
    when_several: Literal["wait", "newest", "oldest"] = "wait"
    index_hours: Decimal = Field(default=Decimal(24), ge=0)


class LocationSettings(_Section):
    """One configured store."""

    enabled: bool = True
    menu: Menu = "adult_use"
    otd_pricing: OtdPricing = "follow"
    areas: tuple[_Name, ...] = Field(min_length=1)
    alleaves: AlleavesSettings
    inventory: InventorySettings = InventorySettings()
    fields: FieldSettings = FieldSettings()
    categories: CategorySettings = CategorySettings()
    tiers: TierSettings = TierSettings()
    orders: OrderSettings = OrderSettings()
    patients: PatientSettings = PatientSettings()
    aiq: AiqSettings = AiqSettings()
    feed: _Optional[Path] = None
    wire: _Mapping[str] = Field(default_factory=dict)


class CommonSettings(_Section):
    """What the file holds beside its locations and their defaults, as written."""

    state: Annotated[str, Field(min_length=1)] = "./alleaves-sync.db"
    interval_minutes: Decimal = Field(default=Decimal(10), gt=0, le=24 * 60)
    time_budget_seconds: _Optional[Annotated[float, Field(gt=0, allow_inf_nan=False)]] = None
    monitoring: MonitoringSettings = MonitoringSettings()


class Location(_Section):
    """A location's name, its settings, and the paths and limits that follow from the whole configuration."""

    name: str
    settings: LocationSettings
    state: Path
    interval_minutes: Decimal
    time_budget_seconds: float


class Settings(_Section):
    """The whole configuration, loaded: every location with its own state path and time budget."""

    path: Path
    state: str = "./alleaves-sync.db"
    interval_minutes: Decimal = Decimal(10)
    monitoring: MonitoringSettings = MonitoringSettings()
    locations: tuple[Location, ...]
    warnings: tuple[str, ...] = ()
