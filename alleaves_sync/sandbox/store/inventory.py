"""The stock of the POS: locations, areas, rows and catalogue records, and changes to them.

Callers hold the store's lock.
"""

from collections.abc import Mapping
from typing import Any, Final

from alleaves_sync.sandbox.constants import LOCATION_ID, Record
from alleaves_sync.sandbox.store.catalogue import make_tables
from alleaves_sync.sandbox.store.places import NOWHERE, area_columns, make_areas, make_location
from alleaves_sync.sandbox.store.queries import Query
from alleaves_sync.sandbox.store.table import Entry, Table
from alleaves_sync.sandbox.store.template import ROW

#: Columns of the catalogue record; everything else is a column of rows (`item` and `id_item` are both).
RECORD_COLUMNS: Final = frozenset(
    {"product_description", "strain_type", "media_list", "use_tiered_pricing", "price_tier_list"}
)
BOTH: Final = frozenset({"item", "date_updated"})


class Inventory:
    """All locations of the company, each with its own rows and items."""

    def __init__(self, seed: int, items: int, locations: int) -> None:
        self.locations: list[Record] = []
        self.areas: dict[int, dict[str, Record]] = {}
        self.rows: dict[int, Table] = {}
        self.items: dict[int, Table] = {}
        #: Per location, the id_item of each special item by its key.
        self.special: dict[int, dict[str, int]] = {}
        self._emptied: dict[int, tuple[Table, Table]] = {}
        for index in range(locations):
            id_location = LOCATION_ID + index
            self.locations.append(make_location(index))
            self.areas[id_location] = make_areas(index)
            rows, records, special = make_tables(seed, index, items)
            self.rows[id_location], self.items[id_location] = rows, records
            self.special[id_location] = special

    def warm(self) -> None:
        """Write all bytes now, so that the first answer is as fast as the others."""
        for table in (*self.rows.values(), *self.items.values()):
            for entry in table:
                entry.blob()

    # Reading

    def select(self, kind: str, id_location: int | None, query: Query) -> list[Entry]:
        """The `rows` or `items` that a search finds; of every location without `id_location`."""
        tables = self.rows if kind == "rows" else self.items
        if id_location is not None:
            return tables[id_location].select(query) if id_location in tables else []
        if len(tables) == 1:
            return next(iter(tables.values())).select(query)
        return query.run([entry for table in tables.values() for entry in table])

    def location(self, id_location: int) -> Record | None:
        return next((known for known in self.locations if known["id_location"] == id_location), None)

    def area_list(self, id_location: int) -> list[Record]:
        return list(self.areas.get(id_location, {}).values())

    def rows_of(self, id_item: int) -> list[Entry]:
        return [row for table in self.rows.values() for row in table.find("id_item", id_item)]

    def row(self, id_batch: int, id_area: int | None) -> Entry | None:
        """The row of a batch in an area."""
        batch = (row for table in self.rows.values() for row in table.find("id_batch", id_batch))
        return next((row for row in batch if row["id_area"] == id_area), None)

    def item(self, id_item: int) -> Entry | None:
        return next((one for table in self.items.values() for one in table.find("id_item", id_item)), None)

    # Changing

    def change_row(self, row: Entry, columns: Mapping[str, Any]) -> None:
        """Set columns of one row. A changed amount keeps the `has_...` columns true."""
        filled = dict(columns)
        for amount, flag in (("available", "has_available_inventory"), ("on_hand", "has_inventory")):
            if isinstance(filled.get(amount), int | float):
                filled.setdefault(flag, filled[amount] > 0)
        self.rows[row["id_location"]].change(row, filled)

    def change_item(self, id_item: int, columns: Mapping[str, Any]) -> None:
        """Set columns of an item wherever they live: the catalogue record, or each of its rows."""
        record = self.item(id_item)
        if record is None:
            raise KeyError(id_item)
        own = {name: value for name, value in columns.items() if name in RECORD_COLUMNS | BOTH}
        shared = {name: value for name, value in columns.items() if name not in RECORD_COLUMNS}
        if own:
            table = next(known for known in self.items.values() if record in known.find("id_item", id_item))
            table.change(record, own)
        for row in self.rows_of(id_item) if shared else ():
            self.change_row(row, shared)

    def move(self, row: Entry, available: float, on_hand: float) -> None:
        """Add to what is available and on hand (below zero: take away)."""
        self.change_row(
            row,
            {
                "available": _plain(row["available"] + available),
                "on_hand": _plain(row["on_hand"] + on_hand),
            },
        )

    def set_stock(self, id_item: int, available: float) -> None:
        """Put `available` into the first row of the item that lies in an area, and 0 into its others.

        An item that is sold out comes back on the sales floor.
        """
        rows = self.rows_of(id_item)
        if not rows:
            raise KeyError(id_item)
        first = next((row for row in rows if row["id_area"] is not None), rows[0])
        if first["id_area"] is None:
            self.change_row(first, area_columns(self.areas[first["id_location"]]["floor"]))
        for row in rows:
            amount = available if row is first else 0
            sound = isinstance(row["available"], int | float) and isinstance(row["on_hand"], int | float)
            held = row["on_hand"] - row["available"] if sound else 0
            self.change_row(row, {"available": amount, "on_hand": amount + held})

    def sell_out(self, id_item: int) -> None:
        """As the POS shows a batch that is gone: no area, no stock, and one row wherever it lay."""
        shown = set[object]()
        for row in list(self.rows_of(id_item)):
            if row["id_batch"] in shown:
                self.rows[row["id_location"]].remove([row])
                continue
            shown.add(row["id_batch"])
            self.change_row(row, NOWHERE | {"available": 0, "on_hand": 0})

    def add_item(self, record: Mapping[str, Any], rows: list[Record], id_location: int) -> int:
        """Add an item with its rows; ids that are not given are the next free ones. Returns `id_item`."""
        id_item = record.get("id_item") or self._next("items", "id_item", id_location)
        name = record.get("item", f"Added item #{id_item}")
        table = self.items[id_location]
        table.add(Entry({"id_item": id_item, "item": name, "media_list": []} | dict(record)))
        for row in rows:
            self.add_row({"id_item": id_item, "item": name} | row, id_location)
        return int(id_item)

    def add_row(self, columns: Mapping[str, Any], id_location: int) -> int:
        """Add a row, on the sales floor unless the columns say otherwise. Returns `id_batch`."""
        id_batch = columns.get("id_batch") or self._next("rows", "id_batch", id_location)
        filled: Record = {
            "id_batch": id_batch,
            "id_item_group": columns.get("id_item"),
            "id_location": id_location,
            "batch": f"LOT-{id_batch:06d}",
            "on_hand": columns.get("available", 0),
            **area_columns(self.areas[id_location]["floor"]),
            **columns,
        }
        self.rows[id_location].add(Entry(filled, ROW))
        return int(id_batch)

    def remove_item(self, id_item: int) -> None:
        """Take an item and its rows away, as if it had never been."""
        for table in (*self.rows.values(), *self.items.values()):
            table.remove([entry for entry in table if entry["id_item"] == id_item])

    def remove_row(self, id_batch: int, id_area: int | None) -> None:
        row = self.row(id_batch, id_area)
        if row is None:
            raise KeyError(id_batch)
        self.rows[row["id_location"]].remove([row])

    def make_empty(self, id_location: int | None = None) -> None:
        """No rows and no items any more; `fill_again` undoes it."""
        for known in [id_location] if id_location is not None else list(self.rows):
            self._emptied.setdefault(known, (self.rows[known], self.items[known]))
            self.rows[known], self.items[known] = Table(), Table()

    def fill_again(self) -> None:
        for id_location, (rows, items) in self._emptied.items():
            self.rows[id_location], self.items[id_location] = rows, items
        self._emptied.clear()

    def _next(self, kind: str, column: str, id_location: int) -> int:
        table = self.rows[id_location] if kind == "rows" else self.items[id_location]
        return max((entry[column] for entry in table), default=id_location * 1000) + 1


def _plain(amount: float) -> float:
    """Without the dust of binary fractions, and an integer where it is one."""
    rounded = round(amount, 6)
    return int(rounded) if rounded == int(rounded) else rounded
