"""The storefront over HTTP: docs/contract/aiq.openapi.yaml, operation by operation."""

from datetime import datetime
from typing import Final

from flask import Blueprint, Response, current_app, g, request

from alleaves_sync.sandbox.api.checks import Field, Refused, checked, moment, whole_number
from alleaves_sync.sandbox.api.wire import json_answer, json_body
from alleaves_sync.sandbox.constants import AIQ_PREFIX, API_KEY, VENUE_ID, Record
from alleaves_sync.sandbox.store.store import Store
from alleaves_sync.sandbox.store.storefront import ORDER_STATUSES

api = Blueprint("aiq", __name__, url_prefix=AIQ_PREFIX)

MAX_LIMIT: Final = 250
DEFAULT_LIMIT: Final = 100
SYNC: Final = {"products": Field("list", required=True)}
REPORT: Final = {
    "posOrderId": Field("text", required=True),
    "status": Field("text", choices=ORDER_STATUSES),
}


def store() -> Store:
    found: Store = current_app.extensions["sandbox_store"]
    return found


@api.before_request
def key_is_known() -> None:
    wrong = store().faults.strike(g.target, "wrong-key")
    if wrong or request.headers.get("x-dispense-api-key") != API_KEY:
        raise Refused("Unauthorized", 401)


def _venue(required: bool = True) -> str:
    venue = request.args.get("venueId")
    if venue is None and required:
        raise Refused("venueId is required")
    if venue is not None and venue not in store().storefront.menus:
        raise Refused("no such venue", 404)
    return venue or VENUE_ID


def _envelope(found: list[Record]) -> Response:
    """One page by `skip` and `limit`; `pageCount` is the number of rows on it."""
    skip = whole_number(request.args.get("skip"), "skip", 0, 0)
    limit = whole_number(request.args.get("limit"), "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
    data = found[skip : skip + limit]
    return json_answer(
        {"count": len(found), "pageCount": len(data), "skip": skip, "limit": limit, "data": data}
    )


def _when(name: str) -> datetime | None:
    text = request.args.get(name)
    if text is None:
        return None
    try:
        return moment(text.replace(" ", "+"))  # a + that was not escaped arrives as a space
    except ValueError:
        raise Refused(f"{name} must be a date-time") from None


@api.get("/orders")
def list_orders() -> Response:
    venue = _venue()
    status = request.args.get("status")
    if status is not None and status not in ORDER_STATUSES:
        raise Refused(f"status must be one of {', '.join(ORDER_STATUSES)}")
    start, end = _when("modifiedStart"), _when("modifiedEnd")
    with store().lock:
        found = store().storefront.find_orders(status, start, end, request.args.get("sort"))
        return _envelope(found if venue == VENUE_ID else [])


@api.get("/orders/<order_id>")
def get_order(order_id: str) -> Response:
    _venue(required=False)
    with store().lock:
        order = store().storefront.orders.get(order_id)
        if order is None:
            raise Refused(f"no order {order_id}", 404)
        return json_answer(order)


@api.put("/orders/<order_id>/pos")
def report_pos_order(order_id: str) -> Response:
    _venue(required=False)
    body = checked(json_body(), REPORT)
    with store().lock:
        return json_answer(store().storefront.report(order_id, body["posOrderId"], body.get("status")))


@api.get("/products")
def list_products() -> Response:
    venue = _venue()
    with store().lock:
        return _envelope(list(store().storefront.menus[venue].values()))


@api.post("/products/sync")
def sync_products() -> Response:
    venue = _venue()
    too_large = store().faults.strike(g.target, "too-large")
    if too_large and len(request.get_data()) > too_large.value:
        raise Refused("Payload too large", 413)
    products = checked(json_body(), SYNC)["products"]
    if len(products) > MAX_LIMIT:
        raise Refused(f"at most {MAX_LIMIT} products a call", 413)
    if passed_over := store().faults.strike(g.target, "passed-over"):
        products = products[: max(len(products) - int(passed_over.value), 0)]
    reject = store().faults.strike(g.target, "reject-products")
    with store().lock:
        results = store().storefront.sync(products, int(reject.value) if reject else 0, venue)
        return json_answer({"results": results})
