"""Orders of the POS on the wire: what goes out, what comes back, what is never sent twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.alleaves.order_models import DeliveryAddress, NewOrder, PosLine, PosOrder
from alleaves_sync.errors import (
    OutOfTime,
    ReadIncomplete,
    RequestRefused,
    ServerFailed,
    ServiceError,
    Unreachable,
    WrongAnswer,
    is_unclear,
)
from tests.loopback import Asked, Loopback, Reply, drop, reply

from .pos import Pos, client

DAY = date(2026, 11, 1)
NEW = NewOrder(7000, "abc1", 1000, "pickup", "adult", notes="AIQ abc1")
SECRET = "Ada Abelwood +15185550100"
LINE = {"id_item": 5, "id_inventory_item": 4001, "id_batch": 9, "id_area": 7, "qty": 1, "price": 12.5}
ORDER = {
    "id_order": 1,
    "id_customer": 7000,
    "id_location": 1000,
    "id_external": "abc1",
    "status": "Submitted",
}

Answer = Callable[[Asked], Reply]


@contextmanager
def pos(answer: Answer | Reply) -> Iterator[tuple[AlleavesClient, list[Asked]]]:
    """A client, and what it asked of everything but the login."""
    answers = Pos()
    answers.before = (lambda _asked: answer) if isinstance(answer, Reply) else answer
    asked: list[Asked] = []
    with Loopback(answers) as server, client(server) as alleaves:
        yield alleaves, asked
        asked += [one for one in server.asked if one.path != "/auth"]


def sent(answer: Answer | Reply, call: Callable[[AlleavesClient], object]) -> list[Asked]:
    with pos(answer) as (alleaves, asked):
        call(alleaves)
    return asked


def body_of(call: Callable[[AlleavesClient], object]) -> tuple[str, str, Any]:
    (asked,) = sent(reply(ORDER), call)
    return asked.method, asked.path, asked.json()


# -- what goes out -------------------------------------------------------------------------------------------


def test_a_pickup_order_is_made_with_what_every_order_has() -> None:
    assert body_of(lambda pos: pos.orders.create(NEW)) == (
        "POST",
        "/order",
        {
            "id_customer": 7000,
            "id_external": "abc1",
            "id_location": 1000,
            "id_status": 1,
            "type": "pickup",
            "use_type": "adult",
            "delivery_address": None,
            "notes": "AIQ abc1",
            "complete": False,
            "verified": False,
            "packed": False,
            "scheduled": False,
        },
    )


def test_a_delivery_carries_its_address_and_window() -> None:
    address = DeliveryAddress("1 Main St", None, "Albany", "NY", "12203", DAY, "23:30", "00:30")
    order = NewOrder(7000, "abc1", 1000, "delivery", "medical", address)
    body = body_of(lambda pos: pos.orders.create(order))[2]
    assert (body["type"], body["use_type"]) == ("delivery", "medical")
    assert body["delivery_address"] == {
        "address1": "1 Main St",
        "address2": None,
        "city": "Albany",
        "state": "NY",
        "zip": "12203",
        "delivery_date": "2026-11-01",
        "delivery_eta_start": "23:30",
        "delivery_eta_end": "00:30",
    }


def test_a_delivery_without_a_window_says_nothing_of_one() -> None:
    address = DeliveryAddress("1 Main St", "Apt 2", "Albany", "NY", "12203")
    body = body_of(lambda pos: pos.orders.create(NewOrder(7000, "a", 1000, "delivery", "adult", address)))[2]
    assert body["delivery_address"].keys() == {"address1", "address2", "city", "state", "zip"}


def test_a_line_is_a_quantity_of_one_batch_in_one_area() -> None:
    sent_line = body_of(lambda pos: pos.orders.add_line(1, 9, 7, Decimal("3.50")))
    assert sent_line == ("POST", "/order/1/item", {"id_batch": 9, "id_area": 7, "qty": 3.5})
    assert body_of(lambda pos: pos.orders.add_line(1, 9, 7, Decimal("2.000")))[2]["qty"] == 2


def test_the_other_changes_are_as_the_contract_has_them() -> None:
    override = body_of(lambda pos: pos.orders.override_price(1, 5, Decimal("9.99"), "AIQ price"))
    assert override == (
        "PUT",
        "/order/1/item/5",
        {"price_override": 9.99, "price_override_reason": "AIQ price"},
    )
    schedule = body_of(lambda pos: pos.orders.schedule(1, 7000, DAY, "14:30"))
    assert schedule == (
        "PUT",
        "/order/1",
        {
            "id_order": 1,
            "id_customer": 7000,
            "id_location": 1000,
            "pickup_date": "2026-11-01",
            "pickup_time": "14:30",
        },
    )
    void = body_of(lambda pos: pos.orders.void(1, "no-stock"))
    assert void == ("PUT", "/order/1", {"id_order": 1, "void": True, "void_reason": "no-stock"})


# -- what comes back -----------------------------------------------------------------------------------------


def test_an_order_is_read_with_its_lines() -> None:
    with pos(reply(ORDER | {"items": [LINE], "complete": None, "total": 12.5, "new": {}})) as (alleaves, _):
        order = alleaves.orders.get(1)
    assert order == PosOrder(
        1,
        id_customer=7000,
        id_external="abc1",
        id_location=1000,
        status="Submitted",
        lines=(PosLine(5, 4001, 9, 7, Decimal(1), Decimal("12.5")),),
    )


@pytest.mark.parametrize(
    ("flags", "is_open"),
    [({}, True), ({"packed": True}, True)]
    + [({flag: True}, False) for flag in ("complete", "cancel", "void")],
)
def test_an_order_is_open_until_it_is_done_or_called_off(flags: dict[str, bool], is_open: bool) -> None:
    with pos(reply(ORDER | flags)) as (alleaves, _):
        assert alleaves.orders.get(1).is_open is is_open


def test_notes_and_addresses_are_not_in_a_repr() -> None:
    address = DeliveryAddress(SECRET, SECRET, SECRET, SECRET, SECRET)
    assert SECRET not in repr(PosOrder(1, notes=SECRET))
    assert SECRET not in repr(NewOrder(7000, "a", 1, "pickup", "adult", address, SECRET))


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({}, "id_order"),
        ({"id_order": SECRET}, "id_order"),
        (ORDER | {"items": [{"qty": 1}]}, "items.0.id_item"),
        (ORDER | {"items": [LINE | {"price": SECRET}]}, "items.0.price"),
        ([], "answer"),
    ],
)
def test_an_answer_that_does_not_fit_is_told_without_its_values(answer: object, field: str) -> None:
    with pos(reply(answer)) as (alleaves, _), pytest.raises(WrongAnswer) as caught:
        alleaves.orders.get(1)
    assert caught.value.field.startswith(field)
    assert caught.value.endpoint == "GET /order/1"
    assert SECRET not in repr(caught.value)


def test_an_order_that_is_not_there_is_refused_with_404() -> None:
    with pos(reply({"message": SECRET}, 404)) as (alleaves, _), pytest.raises(RequestRefused) as caught:
        alleaves.orders.get(1)
    assert (caught.value.status, caught.value.message) == (404, "")


# -- never twice ---------------------------------------------------------------------------------------------

CREATING: list[Callable[[AlleavesClient], object]] = [
    lambda pos: pos.orders.create(NEW),
    lambda pos: pos.orders.add_line(1, 9, 7, Decimal(1)),
]
SETTING: list[Callable[[AlleavesClient], object]] = [
    lambda pos: pos.orders.override_price(1, 5, Decimal(9), "AIQ price"),
    lambda pos: pos.orders.schedule(1, 7000, DAY, "14:30"),
    lambda pos: pos.orders.void(1, "no-stock"),
]


@pytest.mark.parametrize("call", CREATING)
@pytest.mark.parametrize("fault", [drop(), reply({}, 500), reply({}, 503), Reply(body=b"<html>")])
def test_o2_an_unclear_answer_to_what_creates_is_not_tried_again(
    call: Callable[[AlleavesClient], object], fault: Reply
) -> None:
    with pos(fault) as (alleaves, asked), pytest.raises(ServiceError) as caught:
        call(alleaves)
    assert is_unclear(caught.value)
    assert len(asked) == 1


@pytest.mark.parametrize("call", SETTING)
def test_what_sets_a_value_is_tried_again(call: Callable[[AlleavesClient], object]) -> None:
    left = [drop(), reply({}, 500)]
    assert len(sent(lambda _asked: left.pop() if left else reply(ORDER), call)) == 3


@pytest.mark.parametrize("call", CREATING)
def test_o2_what_was_surely_not_done_is_tried_again(call: Callable[[AlleavesClient], object]) -> None:
    left = [reply({}, 429)]
    assert len(sent(lambda _asked: left.pop() if left else reply(ORDER), call)) == 2


def test_o2_it_is_known_which_errors_leave_it_open() -> None:
    where = ("Alleaves", "POST /order")
    not_done = [
        RequestRefused(*where, 400),
        OutOfTime(*where, 480),
        ServerFailed(*where, 429),
        Unreachable(*where, "connection refused", sent=False),
    ]
    unclear = [
        ServerFailed(*where, 500),
        Unreachable(*where, "timed out", sent=True),
        WrongAnswer(*where, "answer", "is not JSON"),
    ]
    assert [is_unclear(error) for error in not_done] == [False] * 4
    assert [is_unclear(error) for error in unclear] == [True] * 3


def test_the_reason_of_a_refused_line_is_kept_and_of_a_person_it_is_not() -> None:
    with (
        pos(reply({"message": "only 1 available"}, 400)) as (alleaves, _),
        pytest.raises(RequestRefused) as line,
    ):
        alleaves.orders.add_line(1, 9, 7, Decimal(2))
    assert line.value.message == "only 1 available"
    for call in (CREATING[0], SETTING[1]):
        blocked = pos(reply({"message": f"{SECRET} is blocked"}, 400))
        with blocked as (alleaves, _), pytest.raises(RequestRefused) as caught:
            call(alleaves)
        assert caught.value.message == ""


# -- lists ---------------------------------------------------------------------------------------------------


def pages(count: int, size: int, *, ignores_page: bool = False) -> Answer:
    """`count` orders, newest first, at most `size` a page whatever is asked."""

    def answer(asked: Asked) -> Reply:
        number = 1 if ignores_page else int(asked.query["page"])
        return reply(
            [{"id_order": count - place} for place in range(count)][(number - 1) * size : number * size]
        )

    return answer


@pytest.mark.parametrize(
    ("count", "size", "calls"), [(0, 100, 1), (3, 100, 2), (250, 100, 3), (70, 30, 3), (60, 30, 3)]
)
def test_all_pages_are_read_whatever_their_size(count: int, size: int, calls: int) -> None:
    with pos(pages(count, size)) as (alleaves, asked):
        found = [order.id_order for order in alleaves.orders.list(DAY, date(2026, 11, 3))]
    assert found == list(range(count, 0, -1))
    assert len(asked) == calls
    assert dict(asked[0].query) == {
        "page": "1",
        "pageSize": "100",
        "startDate": "2026-11-01",
        "endDate": "2026-11-03",
    }


def test_a_list_without_an_end_asks_for_none() -> None:
    assert "endDate" not in sent(reply([]), lambda pos: list(pos.orders.list(DAY)))[0].query


def test_a_server_that_ignores_the_page_is_no_endless_list() -> None:
    with pos(pages(40, 100, ignores_page=True)) as (alleaves, asked):
        assert len(list(alleaves.orders.list(DAY))) == 40
    assert len(asked) == 2


def test_an_order_that_moved_to_the_next_page_comes_once() -> None:
    left = [[{"id_order": 3}, {"id_order": 2}], [{"id_order": 2}, {"id_order": 1}], []]
    with pos(lambda _asked: reply(left.pop(0))) as (alleaves, _):
        assert [order.id_order for order in alleaves.orders.list(DAY)] == [3, 2, 1]


def test_a_list_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alleaves_sync.alleaves.orders._MOST_PAGES", 3)
    endless = pos(lambda asked: reply([{"id_order": int(asked.query["page"])}]))
    with endless as (alleaves, _), pytest.raises(ReadIncomplete):
        list(alleaves.orders.list(DAY))


def test_orders_of_other_locations_are_left_out() -> None:
    rows = [{"id_order": 1, "id_location": 1000}, {"id_order": 2, "id_location": 1001}, {"id_order": 3}]
    with pos(lambda asked: reply(rows if asked.query["page"] == "1" else [])) as (alleaves, _):
        assert [order.id_order for order in alleaves.orders.list(DAY)] == [1, 3]
