"""The POS over HTTP: docs/contract/alleaves.openapi.yaml, operation by operation."""

import base64
import binascii
from datetime import date
from typing import Final

from flask import Blueprint, Response, current_app, g, request

from alleaves_sync.sandbox.api.checks import Field, Refused, checked, whole_number
from alleaves_sync.sandbox.api.wire import json_answer, json_body
from alleaves_sync.sandbox.constants import (
    ALLEAVES_PREFIX,
    COMPANY_ID,
    PASSWORD,
    PIN,
    USER_ID,
    USERNAME,
    Record,
)
from alleaves_sync.sandbox.store import customers, pos_orders
from alleaves_sync.sandbox.store.queries import Query
from alleaves_sync.sandbox.store.store import Store
from alleaves_sync.sandbox.store.table import page

api = Blueprint("alleaves", __name__, url_prefix=ALLEAVES_PREFIX)

SEARCH: Final = {
    "skip": Field("integer", least=0),
    "take": Field("integer", least=1),
    "id_location": Field("integer"),
    "filter": Field("object", nullable=True),
    "sort": Field("list", nullable=True),
}
SIGN_IN: Final = {
    "username": Field("text", required=True),
    "password": Field("text", required=True),
    "pin": Field("text", nullable=True),
}


def store() -> Store:
    found: Store = current_app.extensions["sandbox_store"]
    return found


@api.before_request
def signed_in() -> None:
    """Every operation but signing in needs a bearer token that is good."""
    if request.endpoint in ("alleaves.authenticate", None):
        return
    header = request.headers.get("Authorization", "")
    if not header.startswith("Bearer "):
        raise Refused("Missing Authorization Header", 401)
    token = header.removeprefix("Bearer ")
    if store().faults.strike(g.target, "expired-token"):
        store().tokens.revoke(token)
    if fault := store().tokens.fault(token):
        raise Refused(fault, 401)


@api.post("/auth")
def authenticate() -> Response:
    basic_only = bool(store().faults.strike(g.target, "basic-only"))
    username, password, pin = _credentials(basic_only)
    refused = store().faults.strike(g.target, "wrong-password")
    if refused or (username, password) != (USERNAME, PASSWORD) or pin not in (None, "", PIN):
        raise Refused("Invalid username or password", 401)
    return json_answer(
        {
            "token": store().tokens.issue(),
            "id_user": USER_ID,
            "id_company": COMPANY_ID,
            "company": "Invented Holdings",
        }
    )


def _credentials(basic_only: bool) -> tuple[str, str, str | None]:
    header = request.headers.get("Authorization", "")
    if header.startswith("Basic "):
        try:
            text = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Refused("cannot read the Authorization header", 401) from None
        username, _, password = text.partition(":")
        return username, password, None
    if basic_only or not request.get_data():
        raise Refused("Missing Authorization Header", 401)
    body = checked(json_body(), SIGN_IN)
    return body["username"], body["password"], body.get("pin")


@api.get("/location")
def list_locations() -> Response:
    with store().lock:
        return json_answer(store().inventory.locations)


@api.get("/inventory/area")
def list_areas() -> Response:
    id_location = whole_number(request.args.get("id_location"), "id_location", 0, 0)
    if not id_location:
        raise Refused("id_location is required")
    with store().lock:
        return json_answer(store().inventory.area_list(id_location))


@api.post("/inventory/search")
def search_inventory() -> Response:
    return _search("rows")


@api.post("/inventory/item/search")
def search_items() -> Response:
    return _search("items")


def _search(kind: str) -> Response:
    body: Record = checked(json_body(), SEARCH)
    skip, take = body.get("skip", 0), body.get("take")
    limits = [limit for limit in (take, store().max_take) if limit is not None]
    with store().lock:
        entries = store().inventory.select(kind, body.get("id_location"), Query.read(body))
        if fault := store().faults.strike(g.target, "moved-rows"):
            entries = store().shift(entries, int(fault.value))
        found = page(entries, skip, min(limits) if limits else None)
    return Response(found, mimetype="application/json")


@api.post("/customer/search")
def search_customers() -> Response:
    body = checked(json_body(), customers.SEARCH)
    ignored = store().faults.strike(g.target, "query-ignored")
    query = "" if ignored else body.get("query", "")
    with store().lock:
        return json_answer(store().customers.search(query, body["page"], body["pageSize"]))


@api.post("/customer")
def create_customer() -> Response:
    body = checked(json_body(), customers.NEW)
    with store().lock:
        return json_answer(store().customers.create(body))


@api.get("/order")
def list_orders() -> Response:
    number = whole_number(request.args.get("page"), "page", 1, 1)
    size = whole_number(request.args.get("pageSize"), "pageSize", 100, 1, 100)
    start, end = _day("startDate"), _day("endDate")
    with store().lock:
        return json_answer(store().orders.listed(number, size, start, end))


def _day(name: str) -> date | None:
    text = request.args.get(name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(f"{name} must be a date") from None


@api.post("/order")
def create_order() -> Response:
    body = checked(json_body(), pos_orders.NEW)
    if body.get("delivery_address") is not None:
        checked(body["delivery_address"], pos_orders.ADDRESS)
    slow = store().faults.strike(g.target, "slow-orders")
    with store().lock:
        return json_answer(store().orders.create(body, unseen=int(slow.value) if slow else 0))


@api.get("/order/<int:id_order>")
def get_order(id_order: int) -> Response:
    with store().lock:
        return json_answer(store().orders.get(id_order))


@api.put("/order/<int:id_order>")
def update_order(id_order: int) -> Response:
    body = checked(json_body(), pos_orders.CHANGES)
    with store().lock:
        return json_answer(store().orders.update(id_order, body))


@api.post("/order/<int:id_order>/item")
def add_order_item(id_order: int) -> Response:
    body = checked(json_body(), pos_orders.LINE)
    with store().lock:
        if taken := store().faults.strike(g.target, "stock-taken"):
            store().take_stock(body["id_batch"], body["id_area"], leave=taken.value)
        return json_answer(store().orders.add_line(id_order, body))


@api.put("/order/<int:id_order>/item/<int:id_item>")
def update_order_item(id_order: int, id_item: int) -> Response:
    body = checked(json_body(), pos_orders.OVERRIDE)
    with store().lock:
        return json_answer(store().orders.override(id_order, id_item, body))
