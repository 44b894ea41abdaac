"""Orders of the POS. There is no idempotency key: what creates something is sent once, what sets may repeat.

After an error of `create` or `add_line`, `errors.is_unclear` tells whether it may have been done.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pydantic import JsonValue

from alleaves_sync.alleaves.order_models import DeliveryAddress, NewOrder, PosOrder
from alleaves_sync.alleaves.session import SERVICE, Session
from alleaves_sync.alleaves.wire import decode_list, decode_one
from alleaves_sync.errors import ReadIncomplete, RequestRefused

_LIST = "GET /order"
_NOT_FOUND = 404
_PAGE_SIZE = 100  # the most that the POS gives
# A hundred thousand orders: far more than a location takes in the days that are asked for.
_MOST_PAGES = 1000

# What the other clients of the POS send with every new order: it is submitted, and nothing of it is done.
_NEW: dict[str, JsonValue] = {
    "id_status": 1,
    "complete": False,
    "verified": False,
    "packed": False,
    "scheduled": False,
}


class OrdersApi:
    """The orders of `location_id`. Every method raises LoginRefused or a ServiceError.

    The server's own words are kept out of the errors of calls that are about a person.
    """

    def __init__(self, session: Session, location_id: int) -> None:
        self._session = session
        self._location_id = location_id

    def list(self, start: date, end: date | None = None) -> Iterator[PosOrder]:
        """The orders made from `start` to `end` (the location's dates, both included), without their lines.

        Newest first, each once, read page by page as they are taken. Raises ReadIncomplete where the pages
        do not end.
        """
        seen, longest = set[int](), 0
        for number in range(1, _MOST_PAGES + 1):
            page = self._page(number, start, end)
            fresh = {order.id_order: order for order in page if order.id_order not in seen}
            seen |= fresh.keys()
            yield from (order for order in fresh.values() if self._is_here(order))
            # A short page may be all that the server gives at once: only one shorter than another is the
            # last. A server that ignores `page` brings nothing new.
            if not fresh or len(page) < longest:
                return
            longest = len(page)
        raise ReadIncomplete(SERVICE, _LIST, len(seen), len(seen) + 1, 1)

    def get(self, id_order: int) -> PosOrder:
        """The order with its lines. Raises RequestRefused with status 404 where there is none."""
        return self._order("GET", f"/order/{id_order}", None, repeatable=True, show_message=False)

    def find(self, id_order: int) -> PosOrder | None:
        """The order with its lines; None where there is none."""
        try:
            return self.get(id_order)
        except RequestRefused as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def create(self, order: NewOrder) -> PosOrder:
        """Make an order, without lines. Twice makes two."""
        return self._order("POST", "/order", _new_order(order), repeatable=False, show_message=False)

    def add_line(self, id_order: int, id_batch: int, id_area: int, qty: Decimal) -> PosOrder:
        """Add `qty` (in the batch's own unit); the answer has ALL lines so far. Twice adds twice.

        Raises RequestRefused with status 400 where the area has less of the batch than that.
        """
        body: dict[str, JsonValue] = {"id_batch": id_batch, "id_area": id_area, "qty": _number(qty)}
        return self._order("POST", f"/order/{id_order}/item", body, repeatable=False, show_message=True)

    def override_price(self, id_order: int, id_line: int, price: Decimal, reason: str) -> PosOrder:
        """Give one line (`PosLine.id_line`) another price (O6)."""
        body: dict[str, JsonValue] = {"price_override": _number(price), "price_override_reason": reason}
        path = f"/order/{id_order}/item/{id_line}"
        return self._order("PUT", path, body, repeatable=True, show_message=True)

    def schedule(self, id_order: int, id_customer: int, pickup_date: date, pickup_time: str) -> PosOrder:
        """Say when the order is picked up: the location's date, and local "HH:MM" (O3)."""
        body: dict[str, JsonValue] = {
            "id_customer": id_customer,
            "id_location": self._location_id,
            "pickup_date": pickup_date.isoformat(),
            "pickup_time": pickup_time,
        }
        return self._update(id_order, body)

    def void(self, id_order: int, reason: str) -> PosOrder:
        """Call the order off; what it held goes back into stock (O5). `reason` must not name anybody."""
        return self._update(id_order, {"void": True, "void_reason": reason})

    def _update(self, id_order: int, changes: dict[str, JsonValue]) -> PosOrder:
        body = {"id_order": id_order, **changes}
        return self._order("PUT", f"/order/{id_order}", body, repeatable=True, show_message=False)

    def _order(
        self, method: str, path: str, body: object, *, repeatable: bool, show_message: bool
    ) -> PosOrder:
        answer = self._session.call(
            method, path, repeatable=repeatable, json_body=body, show_message=show_message
        )
        return decode_one(PosOrder, answer.body, f"{method} {path}")

    def _page(self, number: int, start: date, end: date | None) -> tuple[PosOrder, ...]:
        params: dict[str, str | int] = {
            "page": number,
            "pageSize": _PAGE_SIZE,
            "startDate": start.isoformat(),
        }
        if end is not None:
            params["endDate"] = end.isoformat()
        answer = self._session.call("GET", "/order", repeatable=True, params=params, show_message=False)
        return decode_list(PosOrder, answer.body, _LIST)

    def _is_here(self, order: PosOrder) -> bool:
        # The list cannot be asked for one location: an account with several brings the orders of all.
        return order.id_location in {None, self._location_id}


def _new_order(order: NewOrder) -> dict[str, JsonValue]:
    return {
        **_NEW,
        "id_customer": order.id_customer,
        "id_external": order.id_external,
        "id_location": order.id_location,
        "type": order.type,
        "use_type": order.use_type,
        "delivery_address": _address(order.delivery_address),
        "notes": order.notes,
    }


def _address(address: DeliveryAddress | None) -> dict[str, JsonValue] | None:
    if address is None:
        return None
    day = address.delivery_date
    when = {
        "delivery_date": None if day is None else day.isoformat(),
        "delivery_eta_start": address.delivery_eta_start,
        "delivery_eta_end": address.delivery_eta_end,
    }
    return {
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "state": address.state,
        "zip": address.zip,
        **{name: value for name, value in when.items() if value is not None},
    }


def _number(value: Decimal) -> float:
    """A JSON number: an integer where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)
