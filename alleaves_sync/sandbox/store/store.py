"""Everything that the sandbox knows, and the methods by which a test changes it."""

import copy
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from alleaves_sync.sandbox.constants import LOCATION_ID, Record
from alleaves_sync.sandbox.faults.faults import Faults
from alleaves_sync.sandbox.store.customers import Customers
from alleaves_sync.sandbox.store.demand import Demand
from alleaves_sync.sandbox.store.inventory import Inventory
from alleaves_sync.sandbox.store.journal import Journal
from alleaves_sync.sandbox.store.life import Life
from alleaves_sync.sandbox.store.pos_orders import PosOrders
from alleaves_sync.sandbox.store.storefront import Storefront
from alleaves_sync.sandbox.store.table import Entry
from alleaves_sync.sandbox.store.tokens import Clock, Tokens


def utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Both services' data behind one lock. Every public method takes the lock itself.

    The same seed and sizes give the same store, byte for byte; orders are dated by `clock`.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        items: int = 400,
        locations: int = 1,
        customers: int = 60,
        orders: int = 6,
        history: int = 120,
        faults: Sequence[str] = (),
        token_ttl: float = 86_400,
        max_take: int | None = None,
        recording: bool = False,
        clock: Clock = utc_now,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.seed = seed
        self.max_take = max_take
        self.faults = Faults(faults)
        self.journal = Journal(recording)
        self.tokens = Tokens(token_ttl, clock)
        self.inventory = Inventory(seed, items, locations)
        self.storefront = Storefront(clock, locations)
        self.customers = Customers(seed, customers, clock)
        self.orders = PosOrders(self.inventory, self.customers, clock)
        self._moved = 0
        self._demand = Demand(seed, self.inventory, self.customers, clock)
        self._life = Life(seed, self.inventory)
        if self._demand.possible:
            for order in (*self._demand.first(orders), *self._demand.history(history)):
                self.storefront.add_order(order)

    def shift(self, entries: list[Entry], places: int) -> list[Entry]:
        """The entries as they stand after rows have moved, further with every call."""
        self._moved += places
        by = self._moved % len(entries) if entries else 0
        return entries[by:] + entries[:by]

    # The point of sale's stock

    def special(self, key: str, id_location: int = LOCATION_ID) -> int:
        """`id_item` of a special item, see `specials.SPECIALS`; KeyError in stores of under 60 items."""
        return self.inventory.special[id_location][key]

    def rows(self, id_item: int | None = None, id_location: int | None = None) -> list[Record]:
        """Copies of rows, all columns but `total_rows`."""
        with self.lock:
            return [
                row.as_dict()
                for known, table in self.inventory.rows.items()
                if id_location in (None, known)
                for row in table
                if id_item is None or row["id_item"] == id_item
            ]

    def items(self, id_location: int | None = None) -> list[Record]:
        """Copies of the catalogue records."""
        with self.lock:
            return [
                item.as_dict()
                for known, table in self.inventory.items.items()
                if id_location in (None, known)
                for item in table
            ]

    def set_stock(self, id_item: int, available: float) -> None:
        """All of the item's stock is now `available`, in one row of an area. KeyError without a row."""
        with self.lock:
            self.inventory.set_stock(id_item, available)

    def sell_out(self, id_item: int) -> None:
        """No stock any more; its rows lose their area, as in the real POS."""
        with self.lock:
            self.inventory.sell_out(id_item)

    def set_price(self, id_item: int, adult: float, medical: float | None = None) -> None:
        """The retail and OTD prices of both uses; medical is the adult price where it is not given."""
        medical = adult if medical is None else medical
        self.set_columns(
            id_item,
            price_retail_adult_use=adult,
            price_retail_medical_use=medical,
            price_otd_adult_use=round(adult * 1.13, 2),
            price_otd_medical_use=round(medical * 1.13, 2),
        )

    def set_columns(self, id_item: int, **columns: Any) -> None:
        """Set any columns of an item: on its catalogue record, or on each of its rows. Any value goes."""
        with self.lock:
            self.inventory.change_item(id_item, columns)

    def set_row(self, id_batch: int, id_area: int | None, **columns: Any) -> None:
        """Set any columns of one row."""
        with self.lock:
            row = self.inventory.row(id_batch, id_area)
            if row is None:
                raise KeyError((id_batch, id_area))
            self.inventory.change_row(row, columns)

    def add_item(
        self,
        record: Mapping[str, Any] | None = None,
        rows: Sequence[Record] = ({"available": 10},),
        id_location: int = LOCATION_ID,
    ) -> int:
        """Add an item with rows (neutral values, free ids and the sales floor unless given)."""
        with self.lock:
            return self.inventory.add_item(record or {}, list(rows), id_location)

    def add_row(self, id_item: int, id_location: int = LOCATION_ID, **columns: Any) -> int:
        """Add a row to an item, like its first one but for these columns. Returns `id_batch`."""
        with self.lock:
            like = self.inventory.rows_of(id_item)
            first = like[0].as_dict() if like else {"id_item": id_item}
            kept = {name: value for name, value in first.items() if name not in ("id_batch", "batch")}
            return self.inventory.add_row(kept | columns, id_location)

    def remove_item(self, id_item: int) -> None:
        with self.lock:
            self.inventory.remove_item(id_item)

    def remove_row(self, id_batch: int, id_area: int | None) -> None:
        with self.lock:
            self.inventory.remove_row(id_batch, id_area)

    def make_empty(self, id_location: int | None = None) -> None:
        """The POS forgets all rows and items; `fill_again` brings them back."""
        with self.lock:
            self.inventory.make_empty(id_location)

    def fill_again(self) -> None:
        with self.lock:
            self.inventory.fill_again()

    def set_location(self, id_location: int = LOCATION_ID, **columns: Any) -> None:
        """Change a location's record, for example its `timezone`."""
        with self.lock:
            location = self.inventory.location(id_location)
            if location is None:
                raise KeyError(id_location)
            location.update(columns)

    def take_stock(self, id_batch: int, id_area: int, leave: float = 0) -> None:
        """Somebody else takes what is available of a batch in an area; unknown ones are left alone."""
        with self.lock:
            row = self.inventory.row(id_batch, id_area)
            if row is not None and row["available"] > leave:
                self.inventory.change_row(row, {"available": leave})

    def tick(self, steps: int = 1) -> list[str]:
        """Let the store live for some steps: sales, deliveries, new prices, now and then a new order.

        Returns a line for each thing that happened. The same seed and calls do the same.
        """
        with self.lock:
            told = [line for _ in range(steps) for line in self._life.step()]
            due = self._life.orders_due() if self._demand.possible else 0
            new = [self.next_aiq_order() for _ in range(due)]
            return told + [f"order {order['id']} is confirmed" for order in new]

    # The point of sale's orders and customers

    def pos_orders(self) -> list[Record]:
        """Copies of the POS's orders with their lines, oldest first."""
        with self.lock:
            return [copy.deepcopy(order) for order in self.orders.orders.values()]

    def set_pos_order(self, id_order: int, **flags: Any) -> None:
        """What the staff does: `packed`, `complete`, `cancel`, `void` (or any field of the order)."""
        with self.lock:
            self.orders.set_flags(id_order, flags)

    def pos_customers(self) -> list[Record]:
        """Copies of all profiles."""
        with self.lock:
            return [dict(profile) for profile in self.customers.profiles.values()]

    def add_customer(self, name_first: str, name_last: str, **columns: Any) -> int:
        """Add a profile with any columns. Returns `id_customer`."""
        with self.lock:
            profile = self.customers.create({"name_first": name_first, "name_last": name_last, **columns})
            profile.update(columns)
            return int(profile["id_customer"])

    # The storefront

    def products(self) -> dict[str, Record]:
        """The storefront's products by posProductId, as copies (nested values are shared)."""
        with self.lock:
            return {key: dict(product) for key, product in self.storefront.products.items()}

    def forget_products(self) -> None:
        with self.lock:
            self.storefront.products.clear()

    def aiq_orders(self) -> list[Record]:
        with self.lock:
            return [dict(order) for order in self.storefront.orders.values()]

    def add_aiq_order(self, order: Record) -> None:
        """Add or replace an order as the storefront would answer it."""
        with self.lock:
            self.storefront.add_order(dict(order))

    def next_aiq_order(self, kind: str | None = None) -> Record:
        """A customer orders: one of `demand.HANDFUL`, or a plain order that can be filled.

        LookupError where the store has nothing to order.
        """
        with self.lock:
            if not self._demand.possible:
                raise LookupError("nothing to order")
            order = self._demand.next(kind=kind)
            self.storefront.add_order(order)
            return dict(order)
