"""The sandbox's own API, under `/_sandbox/`: what was asked, and changes to what is answered.

It needs no sign-in. Bodies and answers are JSON; what is missing is refused with 404.

    GET    /_sandbox/                          where things are, who may sign in, sizes, faults, calls
    GET    /_sandbox/calls                     {endpoint: count}
    DELETE /_sandbox/calls                     forget calls, log and exchanges
    GET    /_sandbox/log?path=PART             [{method, path, query, body}], oldest first
    GET    /_sandbox/special                   {key: id_item}: the items of `specials.SPECIALS`
    GET    /_sandbox/rows?id_item=N            rows with all columns (without id_item: all)
    PUT    /_sandbox/items/N                   {column: value}: on the catalogue record or each row
    PUT    /_sandbox/items/N/stock             {available}
    PUT    /_sandbox/items/N/price             {adult, medical?}
    POST   /_sandbox/items/N/sell-out
    POST   /_sandbox/items/N/rows              {column: value}: one more row, like the first; {id_batch}
    POST   /_sandbox/items                     {record?, rows?, id_location?}; answers {id_item}
    DELETE /_sandbox/items/N
    PUT    /_sandbox/rows/BATCH/AREA           {column: value}
    DELETE /_sandbox/rows/BATCH/AREA           AREA is `null` for a row that lies nowhere
    POST   /_sandbox/empty                     {id_location?}: no rows, no items
    POST   /_sandbox/fill                      all as before `empty`
    POST   /_sandbox/tick                      {steps?}; answers what happened
    GET    /_sandbox/orders                    the POS's orders with their lines
    PUT    /_sandbox/orders/N                  {packed|complete|cancel|void: true, ...}
    GET    /_sandbox/customers                 the POS's customers
    GET    /_sandbox/products                  {posProductId: product} of the storefront
    DELETE /_sandbox/products                  the storefront forgets its products
    GET    /_sandbox/aiq-orders                the storefront's orders
    POST   /_sandbox/aiq-orders                an order, or {kind?}: a new one of `demand.HANDFUL`
    GET    /_sandbox/faults                    those in force, and those that there are
    POST   /_sandbox/faults                    {fault: NAME...} or {faults: [...]}
    DELETE /_sandbox/faults?name=NAME          one, or all
"""

from typing import Any

from flask import Blueprint, Response, current_app, request

from alleaves_sync.sandbox.api.checks import Refused
from alleaves_sync.sandbox.api.wire import json_answer, json_body, refusal
from alleaves_sync.sandbox.constants import (
    ADMIN_PREFIX,
    API_KEY,
    LOCATION_ID,
    PASSWORD,
    PIN,
    USERNAME,
    VENUE_ID,
    Record,
)
from alleaves_sync.sandbox.faults.faults import FAULTS
from alleaves_sync.sandbox.store.store import Store

api = Blueprint("admin", __name__, url_prefix=ADMIN_PREFIX)


def store() -> Store:
    found: Store = current_app.extensions["sandbox_store"]
    return found


def _body() -> Record:
    """The body as an object; no body is an empty one."""
    body = json_body() if request.get_data() else {}
    if not isinstance(body, dict):
        raise Refused("the body must be a JSON object")
    return body


def _done(**told: Any) -> Response:
    return json_answer({"ok": True} | told)


@api.errorhandler(KeyError)
def missing(error: KeyError) -> Response:
    return refusal(Refused(f"there is no {error.args[0]!r}", 404), storefront=False)


@api.errorhandler(LookupError)
def impossible(error: LookupError) -> Response:
    return refusal(Refused(str(error), 404), storefront=False)


@api.get("/")
def overview() -> Response:
    kept = store()
    return json_answer(
        {
            "username": USERNAME,
            "password": PASSWORD,
            "pin": PIN,
            "location_id": LOCATION_ID,
            "api_key": API_KEY,
            "venue_id": VENUE_ID,
            "seed": kept.seed,
            "rows": sum(len(table) for table in kept.inventory.rows.values()),
            "items": sum(len(table) for table in kept.inventory.items.values()),
            "customers": len(kept.customers.profiles),
            "orders": len(kept.orders.orders),
            "products": len(kept.storefront.products),
            "aiq_orders": len(kept.storefront.orders),
            "faults": kept.faults.listed(),
            "calls": kept.journal.calls,
        }
    )


@api.get("/calls")
def calls() -> Response:
    return json_answer(store().journal.calls)


@api.delete("/calls")
def forget_calls() -> Response:
    store().journal.forget()
    return _done()


@api.get("/log")
def log() -> Response:
    asked = store().journal.asked(request.args.get("path", ""))
    return json_answer(
        [{"method": one.method, "path": one.path, "query": one.query, "body": one.body} for one in asked]
    )


@api.get("/special")
def special() -> Response:
    return json_answer(store().inventory.special[LOCATION_ID])


@api.get("/rows")
def rows() -> Response:
    return json_answer(store().rows(request.args.get("id_item", type=int)))


@api.put("/items/<int:id_item>")
def set_columns(id_item: int) -> Response:
    store().set_columns(id_item, **_body())
    return _done()


@api.put("/items/<int:id_item>/stock")
def set_stock(id_item: int) -> Response:
    store().set_stock(id_item, _body()["available"])
    return _done()


@api.put("/items/<int:id_item>/price")
def set_price(id_item: int) -> Response:
    body = _body()
    store().set_price(id_item, body["adult"], body.get("medical"))
    return _done()


@api.post("/items/<int:id_item>/sell-out")
def sell_out(id_item: int) -> Response:
    store().sell_out(id_item)
    return _done()


@api.post("/items/<int:id_item>/rows")
def add_row(id_item: int) -> Response:
    return _done(id_batch=store().add_row(id_item, **_body()))


@api.post("/items")
def add_item() -> Response:
    body = _body()
    new_rows = body.get("rows", [{"available": 10}])
    return _done(id_item=store().add_item(body.get("record"), new_rows, body.get("id_location", LOCATION_ID)))


@api.delete("/items/<int:id_item>")
def remove_item(id_item: int) -> Response:
    store().remove_item(id_item)
    return _done()


def _area(text: str) -> int | None:
    return None if text == "null" else int(text)


@api.put("/rows/<int:id_batch>/<area>")
def set_row(id_batch: int, area: str) -> Response:
    store().set_row(id_batch, _area(area), **_body())
    return _done()


@api.delete("/rows/<int:id_batch>/<area>")
def remove_row(id_batch: int, area: str) -> Response:
    store().remove_row(id_batch, _area(area))
    return _done()


@api.post("/empty")
def make_empty() -> Response:
    store().make_empty(_body().get("id_location"))
    return _done()


@api.post("/fill")
def fill_again() -> Response:
    store().fill_again()
    return _done()


@api.post("/tick")
def tick() -> Response:
    return _done(happened=store().tick(_body().get("steps", 1)))


@api.get("/orders")
def pos_orders() -> Response:
    return json_answer(store().pos_orders())


@api.put("/orders/<int:id_order>")
def set_pos_order(id_order: int) -> Response:
    store().set_pos_order(id_order, **_body())
    return _done()


@api.get("/customers")
def pos_customers() -> Response:
    return json_answer(store().pos_customers())


@api.get("/products")
def products() -> Response:
    return json_answer(store().products())


@api.delete("/products")
def forget_products() -> Response:
    store().forget_products()
    return _done()


@api.get("/aiq-orders")
def aiq_orders() -> Response:
    return json_answer(store().aiq_orders())


@api.post("/aiq-orders")
def add_aiq_order() -> Response:
    body = _body()
    if "id" in body:
        store().add_aiq_order(body)
        return json_answer(body)
    return json_answer(store().next_aiq_order(body.get("kind")))


@api.get("/faults")
def faults() -> Response:
    return json_answer({"faults": store().faults.listed(), "known": FAULTS})


@api.post("/faults")
def add_faults() -> Response:
    body = _body()
    try:
        store().faults.add(*(body["faults"] if "faults" in body else [body["fault"]]))
    except ValueError as error:
        raise Refused(str(error)) from None
    return json_answer({"faults": store().faults.listed()})


@api.delete("/faults")
def clear_faults() -> Response:
    store().faults.clear(request.args.get("name"))
    return _done()
