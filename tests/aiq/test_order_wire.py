"""`wire:` redirects every field that AIQ has not documented."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import get_args

import pytest

from alleaves_sync.aiq.order_models import Address, Order, Window
from alleaves_sync.aiq.order_source import parse_orders
from alleaves_sync.aiq.order_wire import DEFAULT_PATHS, OrderWire
from alleaves_sync.config.settings import WireField
from alleaves_sync.errors import InputInvalid
from tests.aiq.order_json import order_json

WINDOW = Window(datetime(2026, 5, 6, 7, tzinfo=UTC), datetime(2026, 5, 6, 8, tzinfo=UTC))
START, END = "2026-05-06T07:00:00Z", "2026-05-06T08:00:00Z"
MAPPED_ADDRESS = "fulfillment.to.{address1: street, city: town, state: region, postalCode: zip}"
ELSEWHERE = {
    "fulfillment": {
        "slot": [{"from": START, "to": END}],
        "to": {"street": "9 Elm St", "town": "Troy", "region": "NY", "zip": 12180},
    },
    "meta": {"display": 77, "menus": ["MEDICAL"], "comment": "by the door"},
}


def read(paths: dict[str, str], **changes: object) -> Order:
    document = json.dumps(order_json(**ELSEWHERE, **changes)).encode()
    (order,) = parse_orders(document, OrderWire(paths), "orders.json")
    return order


def test_the_configuration_knows_the_same_fields() -> None:
    assert set(get_args(WireField)) == set(DEFAULT_PATHS)


@pytest.mark.parametrize(
    ("paths", "field", "value"),
    [
        ({"order_number": "meta.display"}, "number", "77"),
        ({"menu_type": "meta.menus[0]"}, "menu_type", "MEDICAL"),
        (
            {
                "delivery_window_start": "fulfillment.slot[0].from",
                "delivery_window_end": "fulfillment.slot[0].to",
            },
            "window",
            WINDOW,
        ),
        (
            {
                "pickup_window_start": "fulfillment.slot[0].from",
                "pickup_window_end": "fulfillment.slot[-1].to",
            },
            "pickup_window",
            WINDOW,
        ),
        (
            {"delivery_address": MAPPED_ADDRESS},
            "address",
            Address("9 Elm St", None, "Troy", "NY", "12180"),
        ),
        ({"notes": "meta.comment"}, "notes", "by the door"),
        ({"notes": "meta.nothing"}, "notes", None),
    ],
)
def test_each_field_can_be_redirected(paths: dict[str, str], field: str, value: object) -> None:
    assert getattr(read(paths, menuType="ADULT_USE"), field) == value
    assert getattr(read({}, menuType="ADULT_USE"), field) != value


@pytest.mark.parametrize("name", ["delivery_window", "pickup_window"])
@pytest.mark.parametrize("end", ["start", "end"])
def test_one_end_of_a_window_can_be_redirected_alone(name: str, end: str) -> None:
    old = {"deliveryWindow": {"start": START, "end": END}, "pickUpWindow": {"start": START, "end": END}}
    moment = "2026-05-06T07:30:00Z"
    order = read({f"{name}_{end}": "moved"}, **old, moved=moment)
    window = order.window if name == "delivery_window" else order.pickup_window
    assert window is not None
    assert getattr(window, end) == datetime(2026, 5, 6, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("meta.menus", "is not a text"),
        ("abs(meta.comment)", "the JMESPath expression does not fit this order"),
    ],
)
def test_a_problem_names_the_expression_and_no_value(path: str, message: str) -> None:
    with pytest.raises(InputInvalid) as caught:
        read({"notes": path})
    (problem,) = caught.value.problems
    assert (problem.path, problem.message) == (path, message)
    assert "door" not in repr(caught.value)


def test_jmespath_is_only_loaded_where_something_is_redirected() -> None:
    code = """
import sys
from alleaves_sync.aiq.order_wire import OrderWire
OrderWire({}).find({"notes": "x"}, "notes")
print("jmespath" in sys.modules)
OrderWire({"notes": "n"})
print("jmespath" in sys.modules)
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["False", "True"]
