"""The orders of the POS, and the stock that they hold. Callers hold the store's lock.

An open order lowers `available` of the rows that its lines came from; `on_hand` stays until it is
complete. Void and cancelled orders give back what they held.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from alleaves_sync.sandbox.api.checks import Field, Refused, moment
from alleaves_sync.sandbox.constants import FIRST_LINE_ID, FIRST_ORDER_ID, Record
from alleaves_sync.sandbox.store.customers import Customers
from alleaves_sync.sandbox.store.inventory import Inventory
from alleaves_sync.sandbox.store.table import Entry
from alleaves_sync.sandbox.store.till import line_price
from alleaves_sync.sandbox.store.tokens import Clock, iso

NEW: Final = {
    "id_customer": Field("integer", required=True),
    "id_external": Field("text", nullable=True),
    "id_location": Field("integer", required=True),
    "id_status": Field("integer", required=True, choices=(1,)),
    "type": Field("text", required=True, choices=("pickup", "delivery", "retail")),
    "use_type": Field("text", required=True, choices=("adult", "medical")),
    "auto_apply_discount_exclusions": Field("list"),
    "delivery_address": Field("object", nullable=True),
    "notes": Field("text", nullable=True),
    "complete": Field("boolean"),
    "verified": Field("boolean"),
    "packed": Field("boolean"),
    "scheduled": Field("boolean"),
}
ADDRESS: Final = {
    "address1": Field("text"),
    "address2": Field("text", nullable=True),
    "city": Field("text"),
    "state": Field("text"),
    "zip": Field("text"),
    "delivery_date": Field("date"),
    "delivery_eta_start": Field("time"),
    "delivery_eta_end": Field("time"),
}
CHANGES: Final = {
    "id_order": Field("integer", required=True),
    "id_customer": Field("integer"),
    "id_location": Field("integer"),
    "pickup_date": Field("date"),
    "pickup_time": Field("time"),
    "void": Field("boolean"),
    "void_reason": Field("text"),
}
LINE: Final = {
    "id_batch": Field("integer", required=True),
    "id_area": Field("integer", required=True),
    "qty": Field("number", required=True, above=0),
}
OVERRIDE: Final = {
    "price_override": Field("number", required=True, least=0),
    "price_override_reason": Field("text", required=True),
}
FLAGS: Final = ("complete", "cancel", "void", "packed")


class PosOrders:
    """Orders by id, oldest first, as `GET /order/{id_order}` answers them."""

    def __init__(self, inventory: Inventory, customers: Customers, clock: Clock) -> None:
        self.orders: dict[int, Record] = {}
        self._inventory = inventory
        self._customers = customers
        self._clock = clock
        self._lines = 0
        self._unseen: dict[int, int] = {}

    def create(self, body: Record, unseen: int = 0) -> Record:
        """A new order without lines. It is left out of the next `unseen` lists."""
        customer = self._customer(body["id_customer"])
        if self._inventory.location(body["id_location"]) is None:
            raise Refused("id_location: no such location")
        id_order = max(self.orders, default=FIRST_ORDER_ID - 1) + 1
        kept = {name: body[name] for name in NEW if name in body and name != "id_status"}
        self.orders[id_order] = {
            "id_order": id_order,
            "id_external": None,
            "notes": None,
            "delivery_address": None,
            "status": "Submitted",
            "cancel": False,
            "void": False,
            "void_reason": None,
            "total": 0,
            "pickup_date": None,
            "pickup_time": None,
            "patient_number": customer["patient_number"],
            "date_created": iso(self._clock()),
            "status_list": [],
            "items": [],
            **dict.fromkeys(("complete", "verified", "packed", "scheduled"), False),
            **kept,
        }
        self._unseen[id_order] = unseen
        return self.orders[id_order]

    def get(self, id_order: int) -> Record:
        if id_order not in self.orders:
            raise Refused(f"no order {id_order}", 404)
        return self.orders[id_order]

    def listed(self, page: int, size: int, start: date | None, end: date | None) -> list[Record]:
        """Orders without their lines, newest first, by local dates (both included)."""
        seen = [order for order in reversed(self.orders.values()) if self._shows(order["id_order"])]
        found = [order for order in seen if self._between(order, start, end)]
        rows = found[(page - 1) * size : page * size]
        return [{name: value for name, value in row.items() if name != "items"} for row in rows]

    def update(self, id_order: int, body: Record) -> Record:
        """Change what the contract lets a client change; `void` gives the stock back."""
        order = self.get(id_order)
        if body["id_order"] != id_order:
            raise Refused("id_order must be the order of the path")
        if "id_customer" in body:
            order["patient_number"] = self._customer(body["id_customer"])["patient_number"]
        order |= {name: body[name] for name in CHANGES if name in body and name != "void"}
        if body.get("void"):
            self.set_flags(id_order, {"void": True})
        return order

    def set_flags(self, id_order: int, flags: Mapping[str, Any]) -> Record:
        """What the staff does at the till: `packed`, `complete`, `cancel`, `void`, and any other field."""
        order = self.get(id_order)
        if flags.get("void") and order["complete"]:
            raise Refused("the order is complete")
        closes = [name for name in ("complete", "cancel", "void") if flags.get(name)]
        if closes and self._open(order):
            for line in order["items"]:
                self._let_go(line, sold=closes[0] == "complete")
        for name in FLAGS:
            if flags.get(name):
                order["status"] = {"cancel": "Cancelled"}.get(name, name.capitalize())
        order |= flags
        return order

    def add_line(self, id_order: int, body: Record) -> Record:
        """Add `qty` of a batch from an area: a line per unit, one line where it is weighed."""
        order = self.get(id_order)
        row = self._inventory.row(body["id_batch"], body["id_area"])
        qty = body["qty"]
        if not self._open(order):
            raise Refused("the order is not open")
        if row is None or row["id_location"] != order["id_location"]:
            raise Refused(f"batch {body['id_batch']} is not in area {body['id_area']}")
        if row["available"] < qty:
            raise Refused(f"only {row['available']:g} of batch {body['id_batch']} available in this area")
        weighed = row["uom_type"] == "weight"
        if not weighed and qty != int(qty):
            raise Refused("qty must be a whole number")
        price = line_price(row, self._inventory.item(row["id_item"]), order["use_type"], qty)
        for _ in range(1 if weighed else int(qty)):
            order["items"].append(self._line(row, qty if weighed else 1, price))
        self._inventory.move(row, available=-qty, on_hand=0)
        return _totalled(order)

    def override(self, id_order: int, id_line: int, body: Record) -> Record:
        """Give a line another price."""
        order = self.get(id_order)
        line = next((one for one in order["items"] if one["id_item"] == id_line), None)
        if line is None:
            raise Refused(f"no line {id_line} in order {id_order}", 404)
        if not self._open(order):
            raise Refused("the order is not open")
        line |= {name: body[name] for name in OVERRIDE}
        return _totalled(order)

    def _line(self, row: Entry, qty: float, price: float) -> Record:
        self._lines += 1
        return {
            "id_item": FIRST_LINE_ID + self._lines - 1,
            "id_inventory_item": row["id_item"],
            "item": row["item"],
            "id_batch": row["id_batch"],
            "id_area": row["id_area"],
            "qty": qty,
            "price": price,
            "price_override": None,
            "price_override_reason": None,
        }

    def _let_go(self, line: Record, sold: bool) -> None:
        """Return a line's stock, or take it off the shelf for good. The batch may be gone by now."""
        row = self._inventory.row(line["id_batch"], line["id_area"])
        if row is not None:
            back = {"available": 0, "on_hand": -line["qty"]} if sold else {"available": line["qty"]}
            self._inventory.move(row, back["available"], back.get("on_hand", 0))

    def _customer(self, id_customer: int) -> Record:
        if id_customer not in self._customers.profiles:
            raise Refused("id_customer: no such customer")
        return self._customers.profiles[id_customer]

    def _open(self, order: Record) -> bool:
        return not (order["complete"] or order["cancel"] or order["void"])

    def _shows(self, id_order: int) -> bool:
        """Whether a list shows the order yet; each list that does not counts down."""
        if self._unseen.get(id_order, 0) <= 0:
            return True
        self._unseen[id_order] -= 1
        return False

    def _between(self, order: Record, start: date | None, end: date | None) -> bool:
        location = self._inventory.location(order["id_location"]) or {"timezone": "UTC"}
        created: datetime = moment(order["date_created"])
        day = created.astimezone(ZoneInfo(location["timezone"])).date()
        return (start is None or day >= start) and (end is None or day <= end)


def _totalled(order: Record) -> Record:
    def paid(line: Record) -> float:
        override = line["price_override"]
        return float(line["price"] if override is None else override)

    order["total"] = round(sum(paid(line) for line in order["items"]), 2)
    return order
