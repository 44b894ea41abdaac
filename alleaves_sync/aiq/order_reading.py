"""One order from its JSON. What does not fit is told by its path, all at once, and never with its value."""

import sys
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar, get_args

from pydantic import JsonValue

from alleaves_sync.aiq.models import PriceType
from alleaves_sync.aiq.order_models import Address, MenuType, Order, OrderLine, PickUpType, User, Window
from alleaves_sync.aiq.order_wire import OrderWire
from alleaves_sync.errors import Problem
from alleaves_sync.transport import plain_text

_LONGEST_ID = 100
_LONGEST_TEXT = 1000
_LARGEST = sys.float_info.max  # whole numbers may be longer in JSON than any program can reckon with
Word = TypeVar("Word", bound=str)
Json = Mapping[str, JsonValue]


def read_order(raw: JsonValue, wire: OrderWire, where: str = "") -> tuple[Order | None, list[Problem]]:
    """The order, or None and all that is wrong with it. `where` is put before the paths (`data.0`)."""
    reader = _Reader(where)
    order = _order(raw, wire, reader) if isinstance(raw, dict) else None
    if order is None and not reader.problems:
        reader.tell("", "is not an object")
    return (None if reader.problems else order), reader.problems


class _Reader:
    """Collects problems while values are read; what cannot be read comes out as None."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.problems: list[Problem] = []

    def tell(self, path: str, message: str, remedy: str = "") -> None:
        where = ".".join(part for part in (self._where, path) if part)
        self.problems.append(Problem(where or "order", message, remedy))

    def required(self, holder: Json, name: str, path: str) -> JsonValue:
        value = holder.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            self.tell(path, "is missing")
            return None
        return value

    def text(self, value: JsonValue, path: str) -> str | None:
        """Text on one line; a whole number is taken as the text that it would be. Empty is None."""
        if value is None or isinstance(value, bool | float | list | dict):
            if value is not None:
                self.tell(path, "is not a text")
            return None
        return plain_text(str(value), _LONGEST_TEXT) or None

    def word(self, value: JsonValue, words: Collection[Word], path: str) -> Word | None:
        text = self.text(value, path)
        found = next((word for word in words if word == text), None)
        if text is not None and found is None:
            self.tell(path, f"is not one of {', '.join(words)}")
        return found

    def number(
        self, value: JsonValue, path: str, *, least: int | None = None, above: int | None = None
    ) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
            self.tell(path, "is not a number")
            return None
        # The shortest digits that mean a float are the digits that stood there.
        found = Decimal(value) if isinstance(value, int) else Decimal(repr(value))
        if least is not None and found < least:
            self.tell(path, f"is less than {least}")
        if above is not None and found <= above:
            self.tell(path, f"is not more than {above}")
        return found

    def object(self, value: JsonValue, path: str) -> Json | None:
        if value is None or isinstance(value, dict):
            return value
        self.tell(path, "is not an object")
        return None

    def day(self, value: JsonValue, path: str) -> date | None:
        """A date; a time behind it means nothing."""
        text = self.text(value, path)
        try:
            return None if text is None else date.fromisoformat(text[:10])
        except ValueError:
            self.tell(path, "is not a date (YYYY-MM-DD)")
            return None

    def moment(self, value: JsonValue, path: str) -> datetime | None:
        text = self.text(value, path)
        if text is None:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            self.tell(path, "is not a date and time (ISO 8601)")
            return None
        if found.tzinfo is None:  # a local time taken for UTC is a delivery at the wrong hour
            self.tell(path, "has no time zone", "Add Z, or the offset from UTC.")
            return None
        if found.year not in _YEARS:  # near the calendar's ends a time has no local time
            self.tell(path, f"is not between {_YEARS.start} and {_YEARS.stop - 1}")
            return None
        return found


# No shop sells more of one product in an order; every piece of a line is priced by itself.
_MOST_OF_ONE = 10_000
_YEARS = range(1970, 2200)


def _order(raw: Json, wire: OrderWire, reader: _Reader) -> Order:
    assumed = _Assumed(raw, wire, reader)
    pick_up_type = reader.word(
        reader.required(raw, "pickUpType", "pickUpType"), get_args(PickUpType), "pickUpType"
    )
    return Order(
        id=_identity(raw, reader),
        status=reader.text(reader.required(raw, "status", "status"), "status") or "",
        pick_up_type=pick_up_type or "",
        lines=_lines(raw, reader),
        user=_user(reader.object(raw.get("user"), "user") or {}, reader),
        number=assumed.text("order_number"),
        type=reader.text(raw.get("type"), "type"),
        menu_type=assumed.menu_type(),
        address=assumed.address(),
        window=assumed.window("delivery_window"),
        pickup_window=assumed.window("pickup_window"),
        notes=assumed.text("notes"),
        subtotal=reader.number(raw.get("subtotal"), "subtotal"),
        discount_total=reader.number(raw.get("discountTotal"), "discountTotal"),
        total=reader.number(raw.get("total"), "total"),
        created=reader.moment(raw.get("created"), "created"),
        modified=reader.moment(raw.get("modified"), "modified"),
        venue=reader.text(raw.get("venue"), "venue"),
    )


def _identity(raw: Json, reader: _Reader) -> str:
    """The id goes into addresses, notes and the ledger: one word that can be read and typed."""
    value = reader.required(raw, "id", "id")
    if value is None:
        return ""
    if not isinstance(value, str):
        reader.tell("id", "is not a text")
        return ""
    text = value.strip()
    if not text.isprintable() or " " in text or len(text) > _LONGEST_ID:
        reader.tell("id", f"is not one word of at most {_LONGEST_ID} characters")
    return text


def _lines(raw: Json, reader: _Reader) -> tuple[OrderLine, ...]:
    items = reader.required(raw, "items", "items")
    if items is None:
        return ()
    if not isinstance(items, list) or not items:
        reader.tell("items", "is empty" if items == [] else "is not a list")
        return ()
    return tuple(_line(item, reader, f"items.{place}") for place, item in enumerate(items))


def _line(raw: JsonValue, reader: _Reader, path: str) -> OrderLine:
    if not isinstance(raw, dict):
        reader.tell(path, "is not an object")
        return OrderLine("", Decimal(0))

    def amount(name: str, *, least: int | None = None, above: int | None = None) -> Decimal | None:
        return reader.number(raw.get(name), f"{path}.{name}", least=least, above=above)

    place = f"{path}.product"
    product = reader.object(reader.required(raw, "product", place), place)
    key, price_type = None, None
    if product is not None:
        key = reader.text(
            reader.required(product, "posProductId", f"{place}.posProductId"), f"{place}.posProductId"
        )
        price_type = reader.word(product.get("priceType"), get_args(PriceType), f"{place}.priceType")
    reader.required(raw, "quantity", f"{path}.quantity")
    line = OrderLine(
        pos_product_id=key or "",
        quantity=amount("quantity", above=0) or Decimal(0),
        purchase_weight=amount("purchaseWeight", above=0),
        price=amount("price", least=0),
        price_with_discounts=amount("priceWithDiscounts", least=0),
        price_type=price_type,
    )
    _check_amount(line, reader, path)
    return line


def _check_amount(line: OrderLine, reader: _Reader, path: str) -> None:
    if line.quantity > _MOST_OF_ONE:
        reader.tell(f"{path}.quantity", f"is more than {_MOST_OF_ONE}")
    if line.quantity != line.quantity.to_integral_value():
        reader.tell(f"{path}.quantity", "is not a whole number")
    if line.price_type == "WEIGHT_TIER" and line.purchase_weight is None:
        reader.tell(f"{path}.purchaseWeight", "is missing", "A WEIGHT_TIER line needs its grams.")


def _user(raw: Json, reader: _Reader) -> User:
    def text(name: str) -> str | None:
        return reader.text(raw.get(name), f"user.{name}")

    return User(
        id=text("id"),
        first_name=text("firstName"),
        last_name=text("lastName"),
        phone=text("phone"),
        email=text("email"),
        birthday=reader.day(raw.get("birthday"), "user.birthday"),
        medical_id=text("medicalId"),
        medical_state=text("medicalState"),
        medical_expiration=_expiration(raw, reader),
    )


def _expiration(raw: Json, reader: _Reader) -> date | None:
    """The date, if all of it is known and there is such a day: it only goes into a new profile."""
    parts = []
    for name in ("medicalExpirationYear", "medicalExpirationMonth", "medicalExpirationDay"):
        value = raw.get(name)
        if value is not None and type(value) is not int:
            reader.tell(f"user.{name}", "is not a whole number")
        parts.append(value if type(value) is int else 0)
    try:
        return date(*parts)
    except (ValueError, OverflowError):
        return None


class _Assumed:
    """The fields that `wire:` can redirect (`order_wire.py`)."""

    def __init__(self, raw: Json, wire: OrderWire, reader: _Reader) -> None:
        self._raw = raw
        self._wire = wire
        self._reader = reader

    def _value(self, name: str) -> JsonValue:
        try:
            return self._wire.find(self._raw, name)
        except ValueError as error:
            self._reader.tell(self._wire.path(name), str(error))
            return None

    def text(self, name: str) -> str | None:
        return self._reader.text(self._value(name), self._wire.path(name))

    def menu_type(self) -> MenuType | None:
        return self._reader.word(self._value("menu_type"), get_args(MenuType), self._wire.path("menu_type"))

    def window(self, name: str) -> Window | None:
        """Both ends or none, the later one last."""
        ends = (f"{name}_start", f"{name}_end")
        values = [self._value(end) for end in ends]
        paths = [self._wire.path(end) for end in ends]
        start, end = (self._reader.moment(*pair) for pair in zip(values, paths, strict=True))
        for value, other, path in zip(values, reversed(values), paths, strict=True):
            if value in (None, "") and other not in (None, ""):
                self._reader.tell(path, "is missing")
        if start is None or end is None:
            return None
        if end < start:
            self._reader.tell(paths[1], "is before the start")
        return Window(start, end)

    def address(self) -> Address | None:
        path = self._wire.path("delivery_address")
        raw = self._reader.object(self._value("delivery_address"), path)
        if raw is None:
            return None

        def text(name: str) -> str | None:
            return self._reader.text(raw.get(name), f"{path}.{name}")

        return Address(
            address1=text("address1") or "",
            address2=text("address2"),
            city=text("city") or "",
            state=text("state") or "",
            postal_code=text("postalCode") or "",
        )
