"""What people do to the stock in the POS between two runs, or during one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from alleaves_sync.sandbox.store.places import area_columns
from alleaves_sync.sandbox.store.table import Entry, Table
from tests.faults.world import World

Change = Callable[[World, int, int], None]

_AMOUNTS: Final = (0, 1, 2, 5, 12, 40, 2.5, -1)
_PRICES: Final = (0, 12, 18.5, 23.1481, 30)
_PLACES: Final = ("floor", "vault", "express", "quarantine")


def _item(world: World, number: int) -> int | None:
    ids = sorted({row["id_item"] for row in world.sandbox.store.rows()})
    return ids[number % len(ids)] if ids else None


def _columns(make: Callable[[World, int], dict[str, Any]]) -> Change:
    """A change of columns of one item, made from a number."""

    def change(world: World, item: int, value: int) -> None:
        if (found := _item(world, item)) is not None and _is_catalogued(world, found):
            world.sandbox.store.set_columns(found, **make(world, value))

    return change


def _is_catalogued(world: World, id_item: int) -> bool:
    return any(record["id_item"] == id_item for record in world.sandbox.store.items())


def _stock(world: World, item: int, value: int) -> None:
    if (found := _item(world, item)) is not None:
        world.sandbox.store.set_stock(found, _AMOUNTS[value % len(_AMOUNTS)])


def _sell_out(world: World, item: int, _value: int) -> None:
    if (found := _item(world, item)) is not None:
        batches = [row["id_batch"] for row in world.sandbox.store.rows(found)]
        if len({*batches}) == len(batches):  # else the POS would have two rows of one batch in no area
            world.sandbox.store.sell_out(found)
        else:
            world.sandbox.store.set_stock(found, 0)


def _sell_much(world: World, item: int, value: int) -> None:
    """Enough for the brake, or nearly."""
    for number in range(item, item + 10 + value):
        _sell_out(world, number, value)


def _price(world: World, item: int, value: int) -> None:
    found, price = _item(world, item), _PRICES[value % len(_PRICES)]
    if found is not None and _is_catalogued(world, found):
        world.sandbox.store.set_price(found, price)


def _move(world: World, item: int, value: int) -> None:
    """The first row of an item goes to another area, where the batch is not yet."""
    found = _item(world, item)
    rows = world.sandbox.store.rows(found) if found is not None else []
    place = world.sandbox.store.inventory.areas[world.sandbox.location_id][_PLACES[value % len(_PLACES)]]
    taken = {(row["id_batch"], row["id_area"]) for row in rows}
    if rows and (rows[0]["id_batch"], place["id_area"]) not in taken:
        inventory = world.sandbox.store.inventory
        row = inventory.row(rows[0]["id_batch"], rows[0]["id_area"])
        assert row is not None
        inventory.change_row(row, area_columns(place))


def _break(world: World, item: int, value: int) -> None:
    """A row that does not fit the contract, until stock is set."""
    found = _item(world, item)
    rows = world.sandbox.store.rows(found) if found is not None else []
    if rows:
        row = rows[value % len(rows)]
        world.sandbox.store.set_row(row["id_batch"], row["id_area"], available="plenty")


def _remove(world: World, item: int, _value: int) -> None:
    if (found := _item(world, item)) is not None:
        store = world.sandbox.store
        record = next((one for one in store.items() if one["id_item"] == found), {"id_item": found})
        world.gone.append((record, store.rows(found)))
        store.remove_item(found)


def _bring_back(world: World, item: int, _value: int) -> None:
    if world.gone:
        record, rows = world.gone.pop(item % len(world.gone))
        world.sandbox.store.add_item(record, rows)


def _add(world: World, item: int, value: int) -> None:
    price = _PRICES[value % len(_PRICES)]
    row = {"available": _AMOUNTS[item % len(_AMOUNTS)], "price_retail_adult_use": price, "is_adult_use": True}
    world.sandbox.store.add_item(
        {}, [row | {"price_retail_medical_use": price, "category": "Category > Flower"}]
    )


def _tiers(_world: World, value: int) -> dict[str, Any]:
    sizes = [{"qty": size, "uom_short": "ea", "price_retail_adult_use": size * 9} for size in (1, 2, 3)]
    return {"use_tiered_pricing": value % 2 == 0, "price_tier_list": sizes[: 1 + value % 3]}


def _expiry(world: World, value: int) -> dict[str, Any]:
    day = (world.now + timedelta(days=value % 5 - 2)).date()
    return {"date_expire": f"{day}T00:00:00.000"}


CHANGES: Final[dict[str, Change]] = {
    "stock": _stock,
    "sell out": _sell_out,
    "sell much": _sell_much,
    "price": _price,
    "move": _move,
    "break": _break,
    "remove": _remove,
    "bring back": _bring_back,
    "add": _add,
    "rename": _columns(lambda _, value: {"item": f"Renamed {value}"}),
    "describe": _columns(lambda _, value: {"product_description": f"<b>{value}</b>" if value else None}),
    "tiers": _columns(_tiers),
    "expiry": _columns(_expiry),
    "threshold": _columns(
        lambda _, value: {
            "location_threshold_low_quantity_value": value,
            "location_threshold_low_quantity_selected": value % 2 == 0,
        }
    ),
    "weight": _columns(lambda _, value: {"weight_useable": value, "weight_useable_uom": "Grams"}),
    "tests": _columns(
        lambda _, value: {"compounds": [{"compound": "Limonene", "result": f"{value / 10}%"}] * (value % 2)}
    ),
    "not sold": _columns(lambda _, value: {"is_product": value % 2 == 0}),
    "forget all": lambda world, _item, _value: world.sandbox.store.make_empty(),
    "remember all": lambda world, _item, _value: world.sandbox.store.fill_again(),
}


@dataclass(frozen=True)
class Picture:
    """The stock as it was at some moment, to go back to."""

    rows: Mapping[int, Sequence[Entry]]
    items: Mapping[int, Sequence[Entry]]

    @classmethod
    def of(cls, world: World) -> "Picture":
        inventory = world.sandbox.store.inventory
        return cls(_copied(inventory.rows), _copied(inventory.items))

    def put_back(self, world: World) -> None:
        """All as it was; what was removed since is no longer gone."""
        inventory = world.sandbox.store.inventory
        inventory.fill_again()
        inventory.rows = {place: Table(rows) for place, rows in _copied(self.rows).items()}
        inventory.items = {place: Table(items) for place, items in _copied(self.items).items()}
        world.gone.clear()


def _copied(tables: Mapping[int, Iterable[Entry]]) -> dict[int, list[Entry]]:
    return {place: [Entry(one._own, one._defaults) for one in table] for place, table in tables.items()}


def apply(world: World, change: str, item: int, value: int) -> None:
    """Do it; nothing where there is nothing to do it to."""
    CHANGES[change](world, item, value)
