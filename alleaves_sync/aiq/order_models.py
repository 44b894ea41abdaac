"""Orders of the storefront (`docs/contract/aiq.openapi.yaml`), as far as a push needs them.

What says who somebody is, or where they live, is kept out of every `repr`: tracebacks and logs print those.
"""

import hashlib
import json
from dataclasses import astuple, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from alleaves_sync.aiq.models import PriceType

OrderStatus = Literal[
    "PENDING", "CONFIRMED", "CHECKED_IN", "READY_FOR_PICKUP", "OUT_FOR_DELIVERY", "CLOSED", "CANCELLED"
]
PickUpType = Literal["IN_STORE", "CURB_SIDE", "DELIVERY", "DRIVE_THROUGH", "SHIPPING"]
MenuType = Literal["ADULT_USE", "MEDICAL"]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product of an order. `pos_product_id` is the `id_item` of the POS.

    `quantity` is pieces; for WEIGHT_TIER the times that `purchase_weight` (grams) was bought. Prices are of
    one piece, for WEIGHT_TIER of the whole `purchase_weight`; None where the order does not say.
    """

    pos_product_id: str
    quantity: Decimal
    purchase_weight: Decimal | None = None
    price: Decimal | None = None
    price_with_discounts: Decimal | None = None
    price_type: PriceType | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Who ordered, as far as the storefront knows. Texts are as they were typed."""

    id: str | None = None
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    birthday: date | None = field(default=None, repr=False)
    medical_id: str | None = field(default=None, repr=False)
    medical_state: str | None = field(default=None, repr=False)
    medical_expiration: date | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a delivery goes."""

    address1: str = field(default="", repr=False)
    address2: str | None = field(default=None, repr=False)
    city: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    postal_code: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when; aware times."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `number` is what the customer knows it by; `menu_type` None: the location's own (O7).

    `status` and `pick_up_type` are texts: a word that is new must not hide the order. `window` is of the
    delivery. All times are aware; amounts are None where the order does not say.
    """

    id: str
    status: str
    pick_up_type: str
    lines: tuple[OrderLine, ...]
    user: User = field(default_factory=User)
    number: str | None = None
    type: str | None = None
    menu_type: MenuType | None = None
    address: Address | None = field(default=None, repr=False)
    window: Window | None = None
    pickup_window: Window | None = None
    notes: str | None = field(default=None, repr=False)
    subtotal: Decimal | None = None
    discount_total: Decimal | None = None
    total: Decimal | None = None
    created: datetime | None = None
    modified: datetime | None = None
    venue: str | None = None


def fingerprint(order: Order) -> str:
    """A digest (hex) of what a push takes from the order: another one means other contents.

    Neither status nor times of change are in it. Address and notes are private, and a digest of an address
    can be found by trying them all: one byte of theirs shows nearly every change and tells nothing.
    """
    spelled = json.dumps(
        {
            "lines": [
                (
                    line.pos_product_id,
                    _plain(line.quantity),
                    _plain(line.purchase_weight),
                    _plain(line.price),
                    _plain(line.price_with_discounts),
                    line.price_type,
                )
                for line in order.lines
            ],
            "pick_up_type": order.pick_up_type,
            "menu_type": order.menu_type,
            "windows": [_instants(order.window), _instants(order.pickup_window)],
            "amounts": [_plain(order.subtotal), _plain(order.discount_total), _plain(order.total)],
            "user": order.user.id,
            "private": _one_byte(order.address, order.notes),
        }
    )
    return hashlib.sha256(spelled.encode()).hexdigest()


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"  # 10 and 10.0 are the same price


def _instants(window: Window | None) -> list[float] | None:
    return None if window is None else [window.start.timestamp(), window.end.timestamp()]


def _one_byte(address: Address | None, notes: str | None) -> str:
    where = None if address is None else astuple(address)
    return hashlib.sha256(json.dumps([where, notes]).encode()).hexdigest()[:2]
