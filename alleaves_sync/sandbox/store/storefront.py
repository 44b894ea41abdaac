"""The AIQ side: the products that a sync wrote, and the orders that customers placed.

Callers hold the store's lock.
"""

from datetime import datetime
from typing import Any, Final

from alleaves_sync.sandbox.api.checks import Field, Refused, faults, moment
from alleaves_sync.sandbox.constants import VENUE_ID, Record
from alleaves_sync.sandbox.store.tokens import Clock, iso

CATEGORIES: Final = (
    "FLOWER", "PRE_ROLLS", "VAPORIZERS", "CONCENTRATES", "EDIBLES", "TINCTURES", "TOPICALS", "ACCESSORIES",
    "BEVERAGES", "MERCHANDISE", "CBD_PRODUCTS", "GIFT_CARDS", "CAPSULES", "SEEDS",
)  # fmt: skip
CANNABIS_TYPES: Final = ("INDICA", "SATIVA", "HYBRID", "HYBRID_SATIVA", "HYBRID_INDICA", "CBD", "NA", "MIXED")
PRICE_TYPES: Final = ("REGULAR", "WEIGHT_TIER", "PRICE_TIER")
UNITS: Final = ("GRAMS", "MILLIGRAMS", "OUNCES", "EACH", "UNKNOWN")
ORDER_STATUSES: Final = (
    "PENDING", "CONFIRMED", "CHECKED_IN", "READY_FOR_PICKUP", "OUT_FOR_DELIVERY", "CLOSED", "CANCELLED",
)  # fmt: skip

#: What a product may be. Which fields may be null is the contract's; null clears the field.
PRODUCT: Final = {
    "posProductId": Field("text", required=True),
    "name": Field("text"),
    "description": Field("text", nullable=True),
    "brand": Field("object", nullable=True),
    "sku": Field("text", nullable=True),
    "productCategory": Field("text", nullable=True, choices=CATEGORIES),
    "subType": Field("text", nullable=True),
    "cannabisType": Field("text", nullable=True, choices=CANNABIS_TYPES),
    "cannabisStrain": Field("text", nullable=True),
    "price": Field("number", least=0),
    "priceType": Field("text", choices=PRICE_TYPES),
    "tiers": Field("list", nullable=True),
    "quantity": Field("number", least=0),
    "weight": Field("number", nullable=True),
    "weightUnit": Field("text", nullable=True, choices=UNITS),
    "images": Field("list"),
    "labs": Field("object", nullable=True),
}
TIER: Final = {
    "price": Field("number", required=True, least=0),
    "weight": Field("number", above=0),
    "weightUnit": Field("text", choices=UNITS),
    "purchaseQuantity": Field("number", above=0),
}
IMAGE: Final = {"fileUrl": Field("text"), "order": Field("integer", least=1)}


def venue_of(index: int) -> str:
    """The venue of a location: `VENUE_ID`, for the second one with `-2` at its end, and so on."""
    return VENUE_ID if index == 0 else f"{VENUE_ID}-{index + 1}"


class Storefront:
    """A venue for each location: `menus` are their products by venue and posProductId, `products` those of
    the first one; `orders` by id are its own alone. Each in the order of arrival."""

    def __init__(self, clock: Clock, locations: int = 1) -> None:
        self.menus: dict[str, dict[str, Record]] = {venue_of(index): {} for index in range(locations)}
        self.products = self.menus[VENUE_ID]
        self.orders: dict[str, Record] = {}
        #: Results of syncs so far by status: created, updated, rejected.
        self.written = {"created": 0, "updated": 0, "rejected": 0}
        self._clock = clock

    def sync(self, products: list[Any], reject: int = 0, venue: str = VENUE_ID) -> list[Record]:
        """Write products one by one; the first `reject` ones are refused whatever they are."""
        menu = self.menus[venue]
        results = [self._write(menu, product, number < reject) for number, product in enumerate(products)]
        for result in results:
            self.written[result["status"]] += 1
        return results

    def _write(self, menu: dict[str, Record], product: Any, reject: bool) -> Record:
        problems = ["rejected by the venue"] if reject else product_faults(product)
        known = product.get("posProductId") if isinstance(product, dict) else None
        if problems:
            return {"posProductId": str(known), "status": "rejected", "message": "; ".join(problems)}
        status = "updated" if known in menu else "created"
        kept = menu.setdefault(product["posProductId"], {})
        for name, value in product.items():
            if value is None:
                kept.pop(name, None)
            else:
                kept[name] = value
        return {"posProductId": product["posProductId"], "status": status, "message": "ok"}

    def add_order(self, order: Record) -> None:
        """A customer has ordered. The order is kept as it is; one with the same id is replaced."""
        self.orders[order["id"]] = order

    def find_orders(
        self, status: str | None, start: datetime | None, end: datetime | None, sort: str | None
    ) -> list[Record]:
        """Orders by status and by `modified` (both ends included), newest first unless `sort` says."""
        chosen = [
            order
            for order in self.orders.values()
            if (status is None or order["status"] == status) and _between(order, start, end)
        ]
        by = sort or "-created"
        field = by.removeprefix("-")
        return sorted(chosen, key=lambda one: str(one.get(field) or ""), reverse=by.startswith("-"))

    def report(self, order_id: str, pos_order_id: str, status: str | None) -> Record:
        """Take the POS order id and status of an order; the same again changes nothing."""
        order = self.orders.get(order_id)
        if order is None:
            raise Refused(f"no order {order_id}", 404)
        told = {"posOrderId": pos_order_id} | ({"status": status} if status else {})
        if any(order.get(name) != value for name, value in told.items()):
            order |= told | {"modified": iso(self._clock())}
        return {"id": order_id, "posOrderId": pos_order_id, "status": order["status"]}


def product_faults(product: Any) -> list[str]:
    """All that is wrong with a product, by the contract."""
    if not isinstance(product, dict):
        return ["a product must be an object"]
    problems = faults(product, PRODUCT)
    for name, shape in (("tiers", TIER), ("images", IMAGE)):
        parts = product.get(name)
        for number, part in enumerate(parts if isinstance(parts, list) else []):
            wrong = faults(part, shape) if isinstance(part, dict) else ["must be an object"]
            problems += [f"{name}[{number}]: {problem}" for problem in wrong]
    return problems


def _between(order: Record, start: datetime | None, end: datetime | None) -> bool:
    modified = moment(order["modified"]) if start or end else None
    if modified is None:
        return True
    return (start is None or modified >= start) and (end is None or modified <= end)
