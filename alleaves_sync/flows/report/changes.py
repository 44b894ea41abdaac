"""What changed on a menu since then, product by product: from what it was first to what it is now."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar

from pydantic import JsonValue, TypeAdapter, ValidationError

from alleaves_sync.state import NamedChange

Thing = TypeVar("Thing")
Values = tuple[JsonValue, JsonValue]

_FIELDS = TypeAdapter(dict[str, Values])
_TOLD_APART = frozenset({"price", "quantity"})


@dataclass(frozen=True, slots=True)
class Capped(Generic[Thing]):
    """The first few of many. `rest` is how many more there are."""

    shown: tuple[Thing, ...] = ()
    total: int = 0

    @property
    def rest(self) -> int:
        """How many are not shown."""
        return self.total - len(self.shown)


def capped(things: Iterable[Thing], most: int) -> Capped[Thing]:
    """The first `most` of them."""
    everything = tuple(things)
    return Capped(everything[:most], len(everything))


@dataclass(frozen=True, slots=True)
class ChangedProduct:
    """A product and its fields (AIQ names) with the first old and the last new value; `at`: the last change.

    `is_new`: it came onto the menu in this time.
    """

    pos_product_id: str
    name: str
    at: datetime
    is_new: bool
    fields: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed, newest first; a product may be in several lists. `other` counts products by field."""

    created: Capped[ChangedProduct] = Capped()
    taken_off: Capped[ChangedProduct] = Capped()
    came_back: Capped[ChangedProduct] = Capped()
    price: Capped[ChangedProduct] = Capped()
    quantity: Capped[ChangedProduct] = Capped()
    other: Mapping[str, int] = field(default_factory=dict)
    products: int = 0


def changes_of(records: Iterable[NamedChange], most: int) -> Changes:
    """The changes (oldest first) as they are told, up to `most` products in each list.

    Raises ValueError for fields that are not `{name: [old, new]}`: the file is damaged.
    """
    products = sorted(_folded(records), key=lambda one: (one.at, _by_number(one)), reverse=True)
    old = [one for one in products if not one.is_new]

    def chosen(wanted: Callable[[ChangedProduct], bool]) -> Capped[ChangedProduct]:
        return capped(filter(wanted, old), most)

    return Changes(
        created=capped((one for one in products if one.is_new), most),
        taken_off=chosen(lambda one: _stock(one, 0) > 0 >= _stock(one, 1)),
        came_back=chosen(lambda one: _stock(one, 0) <= 0 < _stock(one, 1)),
        price=chosen(lambda one: "price" in one.fields),
        quantity=chosen(lambda one: min(_stock(one, 0), _stock(one, 1)) > 0),
        other=_others(old),
        products=len(products),
    )


def _folded(records: Iterable[NamedChange]) -> Iterable[ChangedProduct]:
    found: dict[str, ChangedProduct] = {}
    for record in records:
        fields = _fields(record)
        before = found.get(record.pos_product_id)
        is_new = record.action == "create"
        if before is not None:
            is_new = is_new or before.is_new
            fields = {**before.fields, **{name: _joined(before, name, both) for name, both in fields.items()}}
        named = fields.get("name", (None, None))[1]
        name = record.name or (named if isinstance(named, str) else "")
        found[record.pos_product_id] = ChangedProduct(record.pos_product_id, name, record.at, is_new, fields)
    for one in found.values():
        left = {name: (old, new) for name, (old, new) in one.fields.items() if old != new}
        if left:  # what went there and back again within the time is no change
            yield ChangedProduct(one.pos_product_id, one.name, one.at, one.is_new, left)


def _fields(record: NamedChange) -> dict[str, Values]:
    try:
        return _FIELDS.validate_json(record.fields)
    except ValidationError as error:
        raise ValueError(f"fields of a change of item {record.pos_product_id}") from error


def _joined(before: ChangedProduct, name: str, both: Values) -> Values:
    first, _ = before.fields.get(name, both)
    return first, both[1]


def _stock(product: ChangedProduct, which: int) -> Decimal:
    """The old (0) or the new (1) quantity; below 0 where it did not change."""
    value = product.fields.get("quantity", (None, None))[which]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else Decimal(-1)


def _others(products: Iterable[ChangedProduct]) -> dict[str, int]:
    counted = Counter(name for one in products for name in one.fields if name not in _TOLD_APART)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _by_number(product: ChangedProduct) -> tuple[int, str]:
    # Sorted backwards: the smallest number comes first, as everywhere.
    key = product.pos_product_id
    return (-int(key), key) if key.isdecimal() else (0, key)
