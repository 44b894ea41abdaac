"""Customers and orders of the POS (`docs/contract/alleaves.openapi.yaml`), read and written.

What says who somebody is, or where they live, is kept out of every `repr`: tracebacks and logs print those.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, GetPydanticSchema
from pydantic_core import CoreSchema, core_schema

from alleaves_sync.alleaves.models import Number

_STRICT = ConfigDict(strict=True)

OrderType = Literal["pickup", "delivery"]
UseType = Literal["adult", "medical"]


def _null_is(default: object) -> GetPydanticSchema:
    def schema(source: Any, handler: Any) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            lambda value: default if value is None else value, core_schema.nullable_schema(handler(source))
        )

    return GetPydanticSchema(schema)


_TEXT_SCHEMA = core_schema.no_info_after_validator_function(
    str, core_schema.union_schema([core_schema.str_schema(strict=True), core_schema.int_schema(strict=True)])
)
# A phone or an order number that is all digits may come as a number: the same text to us.
Text = Annotated[str, GetPydanticSchema(lambda _source, _handler: _TEXT_SCHEMA)]
# Of a row that says nothing about it, a flag is not set.
Flag = Annotated[bool, _null_is(default=False)]


@dataclass(frozen=True, slots=True)
class Customer:
    """A profile of the POS. Phones are in any format, dates as the POS spells them (ISO, maybe with a time).

    `patient_number` is the medical ID.
    """

    __pydantic_config__ = _STRICT

    id_customer: int
    name_first: Text | None = field(default=None, repr=False)
    name_last: Text | None = field(default=None, repr=False)
    phone: Text | None = field(default=None, repr=False)
    phone2: Text | None = field(default=None, repr=False)
    email: Text | None = field(default=None, repr=False)
    date_of_birth: Text | None = field(default=None, repr=False)
    patient_number: Text | None = field(default=None, repr=False)
    patient_number_expiration: Text | None = field(default=None, repr=False)
    patient_state: Text | None = field(default=None, repr=False)
    date_created: Text | None = None


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A profile to be made. The POS takes nobody without both names, and does not refuse duplicates."""

    name_first: str = field(repr=False)
    name_last: str = field(repr=False)
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    date_of_birth: date | None = field(default=None, repr=False)
    patient_number: str | None = field(default=None, repr=False)
    patient_number_expiration: date | None = field(default=None, repr=False)
    patient_state: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DeliveryAddress:
    """Where a delivery goes, and when: the location's date and local "HH:MM" (O3)."""

    address1: str = field(repr=False)
    address2: str | None = field(repr=False)
    city: str = field(repr=False)
    state: str = field(repr=False)
    zip: str = field(repr=False)
    delivery_date: date | None = None
    delivery_eta_start: str | None = None
    delivery_eta_end: str | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be made, still without lines. `id_external` is the AIQ order id, `notes` says it too (O2).

    What is the same for every order is added on the wire.
    """

    id_customer: int
    id_external: str
    id_location: int
    type: OrderType
    use_type: UseType
    delivery_address: DeliveryAddress | None = None
    notes: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PosLine:
    """One line of a POS order: one unit, or one weight, of a batch.

    `id_line` is called `id_item` on the wire, where it means the product in every other answer; the product
    of a line is `id_inventory_item`. `price` is the POS's own, `price_override` what it was replaced by.
    """

    __pydantic_config__ = _STRICT

    id_line: Annotated[int, Field(alias="id_item")]
    id_inventory_item: int | None = None
    id_batch: int | None = None
    id_area: int | None = None
    qty: Annotated[Number, _null_is(default=Decimal(1))] = Decimal(1)
    price: Number | None = None
    price_override: Number | None = None


@dataclass(frozen=True, slots=True)
class PosOrder:
    """An order as the POS has it. In lists `lines` is empty. Dates and times are local to the location.

    `id_external` and `notes` may be missing from lists, and from everything (O2). `status` is shown as it is:
    its words are not known.
    """

    __pydantic_config__ = _STRICT

    id_order: int
    id_customer: int | None = None
    id_external: Text | None = None
    id_location: int | None = None
    type: Text | None = None
    use_type: Text | None = None
    notes: Text | None = field(default=None, repr=False)  # what people write there is theirs
    status: Text | None = None
    complete: Flag = False
    cancel: Flag = False
    void: Flag = False
    packed: Flag = False
    pickup_date: Text | None = None
    pickup_time: Text | None = None
    date_created: Text | None = None
    lines: Annotated[tuple[PosLine, ...], Field(alias="items"), _null_is(default=())] = ()

    @property
    def is_open(self) -> bool:
        """Neither done nor called off."""
        return not (self.complete or self.cancel or self.void)
