"""What the contract says in words, beside its schemas, about the bodies that this program reads.

`..._WORDS` and their like add it to the schemas: a body made from both has to be taken. A body that keeps the
schema alone may be refused, or a record of it set aside, for the reasons in `REFUSALS` and no others.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, get_args

from alleaves_sync.config.settings import WireField
from tests.fuzz.contract import Schema, Words
from tests.fuzz.feeds import ORDER_ID

_BOUGHT = {"exclusiveMinimum": 0, "maximum": 1e6}
_PAID = {"minimum": 0, "maximum": 1e6}
_WINDOW = {
    "enum": [
        None,
        {"start": "2026-11-01T17:00:00Z", "end": "2026-11-01T18:00:00Z"},
        {"start": "2026-11-01T01:30:00-04:00", "end": "2026-11-01T01:30:00-05:00"},
        {"start": "2026-11-01T12:00:00.250+00:00", "end": "2026-11-01T12:00:00.250+00:00", "note": "x"},
    ]
}
ALLEAVES_WORDS: Words = {
    # "In a line `id_item` is the LINE id"
    "Order": {"properties": {"items": {"items": {"required": ["id_item"]}}}},
}
AIQ_WORDS: Words = {
    # Lists come in an envelope with the records in its `data`.
    "OrderPage": {"required": ["data"]},
    "ProductPage": {"required": ["data"]},
    "Order": {
        "properties": {
            "id": {"pattern": "^[0-9a-f]{16}$"},  # "16 hex characters"
            "items": {"minItems": 1},
            "deliveryWindow": _WINDOW,
            "pickUpWindow": _WINDOW,
        }
    },
    "OrderLine": {
        "properties": {
            "quantity": {"type": "integer", "minimum": 1, "maximum": 10_000},
            "purchaseWeight": _BOUGHT,
            "price": _PAID,
            "priceWithDiscounts": _PAID,
            "product": {
                "properties": {"posProductId": {"pattern": "^[0-9]{1,12}$"}}
            },  # "id_item of Alleaves"
        }
    },
    # "Per compound a number `x` and its unit `xContentUnit`"
    "Product": {
        "properties": {
            "labs": {
                "properties": {"thc": {"type": "number"}, "thcContentUnit": {"enum": ["%", "mg", "mg/g"]}},
                "additionalProperties": False,
            }
        }
    },
}
#: "one result per product, in the same order"
VERDICTS: Schema = {
    "required": ["results"],
    "properties": {"results": {"minItems": 3, "maxItems": 3, "items": {"required": ["status"]}}},
}
#: "JWT"
TOKEN: Schema = {"properties": {"token": {"pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"}}}
#: "an OBJECT keyed "0", "1", ..."
CUSTOMERS: Schema = {
    "oneOf": [
        {
            "type": "object",
            "propertyNames": {"pattern": "^(0|[1-9][0-9]{0,2})$"},
            "additionalProperties": {"$ref": "#/components/schemas/Customer"},
        },
        {"type": "array", "items": {"$ref": "#/components/schemas/Customer"}},
    ]
}


def _text(pattern: str) -> Schema:
    return {"type": "string", "pattern": pattern}


def _or_null(pattern: str) -> Schema:
    return {"anyOf": [_text(pattern), {"type": "null"}]}


def _number(**limits: float) -> Schema:
    return {"anyOf": [{"type": "number", **limits}, {"enum": ["0.5", "1"]}]}


_WORD, _ADDRESS = "^[A-Za-z][A-Za-z0-9]{0,9}$", r"^https://[a-z]{1,8}\.example(/[a-z]{1,5})?$"
CONFIG_WORDS: Words = {
    "AlleavesSettings": {
        "properties": {
            "base_url": {"pattern": _ADDRESS},
            "username": {"pattern": _WORD},
            "password": {"pattern": _WORD},
            "pin": _or_null("^[0-9]{4}$"),
        }
    },
    "AiqSettings": {
        "required": ["api_key", "venue_id"],
        "properties": {
            "base_url": {"pattern": _ADDRESS},
            "api_key": {"anyOf": [_text(_WORD)]},
            "publish_url": _or_null(_ADDRESS),
            "order_status_url": _or_null(r"^https://[a-z]{1,8}\.example/\{id\}$"),
        },
    },
    "CategorySettings": {"properties": {"map": {"propertyNames": {"pattern": "^[a-z]{1,6}$"}}}},
    "InventorySettings": {"properties": {"max_drop": _number(minimum=0, maximum=1)}},
    "PatientSettings": {
        "properties": {
            "region": {"enum": ["US", "CA", "DE", "GB"]},
            "index_hours": _number(minimum=0, maximum=1e6),
        }
    },
    "Location": {
        "properties": {
            "areas": {"items": {"pattern": _WORD}},
            "feed": _or_null(r"^[a-z]{1,8}\.json$"),
            "wire": {
                "propertyNames": {"enum": list(get_args(WireField))},
                "additionalProperties": {"pattern": r"^[a-z]{1,5}(\.[a-z]{1,5})?$"},
            },
        }
    },
    "MonitoringSettings": {
        "properties": {
            "ping_url": _or_null(_ADDRESS),
            "orders_ping_url": _or_null(_ADDRESS),
            "textfile": _or_null(r"^[a-z]{1,8}\.prom$"),
        }
    },
    "Configuration": {
        "properties": {
            "state": {"pattern": r"^[a-z]{1,8}\.db$"},
            "interval_minutes": _number(minimum=1, maximum=1440),
            "time_budget_seconds": {"anyOf": [{"type": "number", "minimum": 1}, {"type": "null"}]},
            "locations": {"propertyNames": {"pattern": "^[a-z][a-z0-9]{0,8}$"}},
        }
    },
}

# -- what no schema can say: how the records of a body belong together ---------------------------------------

Whole = Callable[[Any], Any]


def as_it_is(body: Any) -> Any:
    return body


def _once(records: Iterable[Any], key: Callable[[Any], object]) -> list[Any]:
    return list({key(record): record for record in records}.values())


def rows(body: Any) -> Any:
    """ "one row per (batch, area), with `total_rows` (of the whole query) repeated on every row"."""
    found = _once(body, lambda row: (row["id_batch"], row.get("id_area")))
    return [row | {"total_rows": len(found)} for row in found]


def items(body: Any) -> Any:
    found = _once(body, lambda item: item["id_item"])
    return [item | ({"total_rows": len(found)} if "total_rows" in item else {}) for item in found]


def _page(body: Any, key: Callable[[Any], object]) -> Any:
    if "data" not in body:
        return body
    found = _once(body["data"], key)
    return body | {"data": found} | ({"count": len(found)} if "count" in body else {})


def product_page(body: Any) -> Any:
    return _page(body, lambda one: one["posProductId"] or one.get("id") or json.dumps(one, sort_keys=True))


def weighed(order: Any) -> Any:
    """ "grams; only for WEIGHT_TIER": a line by weight has them."""
    for line in order["items"]:
        if line["product"].get("priceType") == "WEIGHT_TIER" and line.get("purchaseWeight") is None:
            line["purchaseWeight"] = 3.5
    return order


def order_page(body: Any) -> Any:
    for order in body.get("data", ()):
        weighed(order)
    return _page(body, lambda one: one["id"].strip())


def asked_order(body: Any) -> Any:
    return weighed(body) | {"id": ORDER_ID}


def order_file(body: Any) -> Any:
    return [weighed(one) for one in body] if isinstance(body, list) else weighed(body)


def webhook(body: Any) -> Any:
    return body | {"data": weighed(body["data"])}


def configuration(body: Any) -> Any:
    """Every location with a venue and a feed of its own."""
    for name, place in body["locations"].items():
        if place.get("aiq"):
            place["aiq"]["venue_id"] = name
        if place.get("feed"):
            place["feed"] = f"{name}.json"
    return body


# -- why a body that keeps its schema may be refused all the same --------------------------------------------

_ANY_BODY = (
    ("^token is missing or cannot be used$", "a token that no header can carry"),
    ("^answer is no list of customers", "customers under other keys than 0, 1, ..."),
    ("^results.[*].status is not one of", "verdicts of which none says anything"),
    ("items.[*].id_item is missing$", "an order line without its id"),
    ("^(data|results) (Field required|is not a list)", "an envelope without its records"),
    ("^product does not fit$", "lab values that are neither number nor text"),
    (r"(^|\.)id(_[a-z]+)? is not valid$", "a number beyond 64 bits"),
    ("^date_expire is not valid$", "the year 0"),
)
_ORDERS = (
    (r"(^|\.)id is (missing|not one word)", "an order id that is not one word"),
    (r"(^|\.)items is empty$", "an order without lines"),
    ("posProductId is missing$", "a line without a product"),
    ("quantity is (not a whole number|not more than 0|more than 10000)$", "a quantity that nobody buys"),
    ("purchaseWeight is (missing|not more than 0)$", "a line by weight without a weight"),
    ("(price|priceWithDiscounts) is less than 0$", "a price below 0"),
    ("(start|end) is (missing|before the start)$", "half a window, or one that ends before it starts"),
    ("is not between 1970 and 2199$", "a time near the ends of the calendar"),
    ("is not a date", "the year 0, or a leap second"),
)
_SETTINGS = (
    ("control character", "a control character"),
    ("is no name for a location$", "a location's name that is no file name"),
    ("is not an address|must (begin with https|not hold a)", "an address that is none"),
    ("must hold {id}", "an address without the order's place"),
    ("must be a country with phone numbers", "a country without phone numbers"),
    ("must be (a number|at least|at most|more than)", "a number as a text that is none"),
    ("(is not a known key|is not a JMESPath expression)", "a redirected field that is none"),
    ("needs aiq", "an address to write to, without venue or key"),
    ("an API key cannot have", "an API key that no header can carry"),
    (" (is empty|names nothing)$", "a text of spaces"),
    ("(may stand in braces|braces mean nothing here)$", "a path with braces"),
    ("holds a [$]{ that is neither", "half a variable"),
    ("is the file of .* too", "two uses of one file"),
    ("(differs from .* only in case|is the same as)", "two names that are the same"),
)
REFUSALS = tuple((re.compile(pattern), why) for pattern, why in _ANY_BODY + _ORDERS + _SETTINGS)


def why_refused(reason: str) -> str | None:
    """The name of a justified refusal; None: there is none for this reason."""
    return next((why for pattern, why in REFUSALS if pattern.search(reason)), None)
