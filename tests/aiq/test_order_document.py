"""Orders from a file, stdin or a webhook: every shape, every problem with its path, no value of anybody."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.aiq.order_models import Address, Order, OrderLine, User, Window
from alleaves_sync.aiq.order_source import parse_orders
from alleaves_sync.aiq.order_wire import OrderWire
from alleaves_sync.errors import InputInvalid, Problem
from tests.aiq.order_json import line_json, order_json

ONE, TWO = order_json(), order_json(id="abc0000000000002")
WIRE = OrderWire()


def parse(document: object) -> tuple[Order, ...]:
    given = document if isinstance(document, bytes) else json.dumps(document).encode()
    return parse_orders(given, WIRE, "orders.json")


def problems(document: object) -> list[tuple[str, str]]:
    with pytest.raises(InputInvalid) as caught:
        parse(document)
    assert caught.value.source == "orders.json"
    return [(problem.path, problem.message) for problem in caught.value.problems]


def test_an_order_is_read_whole() -> None:
    assert parse(ONE) == (
        Order(
            id="abc0000000000001",
            status="CONFIRMED",
            pick_up_type="DELIVERY",
            lines=(
                OrderLine("4001", Decimal(2), None, Decimal(30), Decimal("28.5"), "REGULAR"),
                OrderLine(
                    "4040", Decimal(2), Decimal("3.5"), Decimal("28.1"), Decimal("28.5"), "WEIGHT_TIER"
                ),
            ),
            user=User(
                "aa00bb11cc22dd33",
                "Ada",
                "Abelwood",
                "5185550100",
                None,
                date(1990, 1, 2),
                "NY-0012345",
                "NY",
                date(2030, 6, 30),
            ),
            number="10001",
            type="PRE_ORDER",
            menu_type="MEDICAL",
            address=Address("1 Nowhere Street", None, "Albany", "NY", "12203"),
            window=Window(datetime(2026, 3, 4, 19, tzinfo=UTC), datetime(2026, 3, 4, 20, tzinfo=UTC)),
            notes="ring twice",
            subtotal=Decimal("88.1"),
            discount_total=Decimal(0),
            total=Decimal("88.1"),
            created=datetime(2026, 3, 4, 12, 25, 36, 838000, tzinfo=UTC),
            modified=datetime(2026, 3, 4, 12, 30, 36, 838000, tzinfo=UTC),
            venue="0123456789abcdef",
        ),
    )


def test_what_the_contract_requires_is_enough() -> None:
    bare = {"id": "a", "status": "PENDING", "pickUpType": "IN_STORE"}
    line = {"product": {"posProductId": "4001"}, "quantity": 1}
    assert parse(bare | {"items": [line]}) == (
        Order("a", "PENDING", "IN_STORE", (OrderLine("4001", Decimal(1)),)),
    )


@pytest.mark.parametrize(
    "document",
    [
        [ONE, TWO],
        {"type": "order.confirmed", "data": [ONE, TWO]},
        {"count": 2, "pageCount": 2, "skip": 0, "limit": 100, "data": [ONE, TWO]},
        f"{json.dumps(ONE)}\n\n{json.dumps(TWO)}\n".encode(),
        f"{json.dumps({'type': 'x', 'data': ONE})}\r\n{json.dumps([TWO])}".encode(),
        b"\xef\xbb\xbf" + json.dumps([ONE, TWO], indent=1).encode(),
        [ONE, TWO, ONE],
    ],
)
def test_every_shape_of_a_document_brings_each_order_once(document: object) -> None:
    assert [order.id[-1] for order in parse(document)] == ["1", "2"]


@pytest.mark.parametrize("document", [ONE, {"type": "order.confirmed", "data": ONE}])
def test_one_order_alone_or_in_an_envelope(document: object) -> None:
    assert [order.id[-1] for order in parse(document)] == ["1"]


@pytest.mark.parametrize("document", [[], {"type": "x", "data": []}])
def test_no_orders_are_no_problem(document: object) -> None:
    assert parse(document) == ()


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        (b"", "input", "is empty"),
        (b" \n", "input", "is empty"),
        (b"\xff\xfe{", "input", "is not text in UTF-8"),
        (b'{"id": "Ada', "input", "is not JSON (line 1, column 8)"),
        (json.dumps(ONE, indent=1).encode()[:-5], "input", "is not JSON"),
        (json.dumps(ONE).encode() + b"\n{Ada", "line 2", "is not JSON (line 1, column 2)"),
        (b"[" * 100_000, "input", "is not JSON that can be read: nested too deeply"),
        (b'{"id": NaN}', "input", "is not JSON: NaN and Infinity are no numbers"),
        ("Ada", "order", "is not an object"),
        ([ONE, "Ada"], "1", "is not an object"),
        ({"type": "x", "data": None}, "data", "is not an object"),
        ({"type": "x", "data": [3]}, "data.0", "is not an object"),
    ],
)
def test_a_document_that_holds_no_orders_is_told(document: object, path: str, message: str) -> None:
    ((where, what),) = problems(document)
    assert where == path
    assert what.startswith(message)


def changed(path: str, value: object) -> dict[str, Any]:
    """The order with another value at a path."""
    order: dict[str, Any] = json.loads(json.dumps(ONE))
    *parents, last = path.split(".")
    holder: Any = order
    for step in parents:
        holder = holder[int(step) if step.isdecimal() else step]
    holder[int(last) if last.isdecimal() else last] = value
    return order


SECRET = "Ada 5185550100"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("id", None, "is missing"),
        ("id", " ", "is missing"),
        ("id", 17, "is not a text"),
        ("id", SECRET, "is not one word of at most 100 characters"),
        ("id", "a/b\x00", "is not one word of at most 100 characters"),
        ("id", "a" * 101, "is not one word of at most 100 characters"),
        ("status", None, "is missing"),
        ("pickUpType", "LOCKER", "is not one of IN_STORE, CURB_SIDE, DELIVERY, DRIVE_THROUGH, SHIPPING"),
        ("menuType", SECRET, "is not one of ADULT_USE, MEDICAL"),
        ("user", SECRET, "is not an object"),
        ("user.phone", [SECRET], "is not a text"),
        ("user.birthday", SECRET, "is not a date (YYYY-MM-DD)"),
        ("user.medicalExpirationYear", SECRET, "is not a whole number"),
        ("items", None, "is missing"),
        ("items", [], "is empty"),
        ("items", {"0": {}}, "is not a list"),
        ("items.0", SECRET, "is not an object"),
        ("items.0.quantity", None, "is missing"),
        ("items.0.quantity", 0, "is not more than 0"),
        ("items.0.quantity", -1, "is not more than 0"),
        ("items.0.quantity", 1.5, "is not a whole number"),
        ("items.0.quantity", 10_001, "is more than 10000"),
        ("created", "0001-01-01T00:00:00Z", "is not between 1970 and 2199"),
        ("items.0.quantity", "2", "is not a number"),
        ("items.0.quantity", True, "is not a number"),
        ("items.0.price", -1, "is less than 0"),
        ("items.0.product", None, "is missing"),
        ("items.0.product.posProductId", "", "is missing"),
        ("items.0.product.priceType", "DOZEN", "is not one of REGULAR, WEIGHT_TIER, PRICE_TIER"),
        ("items.1.purchaseWeight", None, "is missing"),
        ("items.1.purchaseWeight", 0, "is not more than 0"),
        ("deliveryAddress", SECRET, "is not an object"),
        ("deliveryAddress.city", [SECRET], "is not a text"),
        ("deliveryWindow.start", "2026-03-04T19:00:00", "has no time zone"),
        ("deliveryWindow.end", "at noon", "is not a date and time (ISO 8601)"),
        ("deliveryWindow.end", None, "is missing"),
        ("deliveryWindow.end", "2026-03-04T18:00:00Z", "is before the start"),
        ("created", "2026-03-04T12:25:36", "has no time zone"),
        ("total", SECRET, "is not a number"),
        ("total", 10**400, "is not a number"),
        ("discountTotal", -(10**4000), "is not a number"),
        ("notes", {"x": SECRET}, "is not a text"),
    ],
)
def test_what_does_not_fit_is_told_by_its_path_without_its_value(
    path: str, value: object, message: str
) -> None:
    with pytest.raises(InputInvalid) as caught:
        parse([TWO, changed(path, value)])
    assert f"1.{path}" in [problem.path for problem in caught.value.problems]
    assert message in [problem.message for problem in caught.value.problems]
    assert "Ada" not in repr(caught.value)
    assert "5185550100" not in repr(caught.value)


def test_all_problems_of_all_orders_are_told_at_once() -> None:
    bad = order_json(id=None, items=[line_json(quantity=0), line_json(product="")], total="x")
    assert problems([bad, ONE, TWO | {"status": None}]) == [
        ("0.id", "is missing"),
        ("0.items.0.quantity", "is not more than 0"),
        ("0.items.1.product.posProductId", "is missing"),
        ("0.total", "is not a number"),
        ("2.status", "is missing"),
    ]


def test_a_status_that_is_new_is_an_order_all_the_same() -> None:
    assert parse(order_json(status="ARCHIVED"))[0].status == "ARCHIVED"


@pytest.mark.parametrize(
    ("path", "value", "read"),
    [
        ("user.phone", 5185550100, lambda order: order.user.phone == "5185550100"),
        ("user.firstName", " A\x00d\ud800a\t", lambda order: order.user.first_name == "A d a"),
        ("user.lastName", "", lambda order: order.user.last_name is None),
        ("user.birthday", "1990-01-02T00:00:00.000Z", lambda order: order.user.birthday == date(1990, 1, 2)),
        ("user.medicalExpirationDay", 31, lambda order: order.user.medical_expiration is None),
        ("user.medicalExpirationMonth", None, lambda order: order.user.medical_expiration is None),
        ("orderNumber", 10001, lambda order: order.number == "10001"),
        ("deliveryWindow", None, lambda order: order.window is None),
        ("deliveryAddress", None, lambda order: order.address is None),
        ("user", None, lambda order: order.user == User()),
        ("items.0.product.posProductId", 4001, lambda order: order.lines[0].pos_product_id == "4001"),
        ("items.0.price", 23.1481, lambda order: order.lines[0].price == Decimal("23.1481")),
    ],
)
def test_what_fits_is_read(path: str, value: object, read: Callable[[Order], bool]) -> None:
    assert read(parse(changed(path, value))[0])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


FIELDS = [*ONE, *(f"user.{name}" for name in ONE["user"]), "items.0", "items.0.product", "deliveryWindow.end"]


def told(document: object) -> Sequence[Problem] | None:
    """The problems; None where there are none."""
    try:
        orders = parse(document)
    except InputInvalid as error:
        return error.problems
    assert all(order.id for order in orders)
    return None


@given(path=st.sampled_from(FIELDS), value=JSON)
def test_whatever_stands_in_a_field_it_is_an_order_or_a_told_problem(path: str, value: object) -> None:
    problems = told(changed(path, value))
    assert problems is None or all(problem.path.startswith(path) for problem in problems)


@given(document=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_given_is_read_or_told(document: bytes) -> None:
    assert told(document) != []


def test_a_window_that_is_no_object_is_told_for_both_ends() -> None:
    assert problems(order_json(deliveryWindow=SECRET)) == [
        ("deliveryWindow.start", "its place is not an object"),
        ("deliveryWindow.end", "its place is not an object"),
    ]
