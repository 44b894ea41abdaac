"""Orders of the storefront: all pages, each once, and one bad order does not stop the others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from alleaves_sync.aiq.order_source import OrdersFeed
from alleaves_sync.aiq.order_wire import OrderWire
from alleaves_sync.errors import (
    AlleavesSyncError,
    LoginRefused,
    ReadIncomplete,
    RequestRefused,
    ServerFailed,
    Unreachable,
    WrongAnswer,
)
from alleaves_sync.sandbox import Sandbox
from alleaves_sync.transport import Budget
from tests.aiq.order_json import order_json
from tests.loopback import Asked, FakeTime, Loopback, Reply, drop, in_turn, reply

SECRET = "Ada Abelwood"


@contextmanager
def feed(
    answers: Callable[[Asked], Reply], wire: OrderWire | None = None
) -> Iterator[tuple[OrdersFeed, Loopback]]:
    time = FakeTime()
    with Loopback(answers) as server:
        budget = Budget(480, time.clock)
        with OrdersFeed(server.url, "venue1", "key1", budget, wire=wire, sleep=time.sleep) as orders:
            yield orders, server


def many(count: int) -> list[dict[str, Any]]:
    return [order_json(id=f"order{number}") for number in range(count)]


def pages(found: list[dict[str, Any]], size: int = 250, count: int | None = -1) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        skip = int(asked.query["skip"])
        data = found[skip : skip + size]
        total = len(found) if count == -1 else count
        return reply({"count": total, "pageCount": len(data), "data": data})

    return answer


# -- one order -----------------------------------------------------------------------------------------------


def test_an_order_is_asked_for_by_its_id() -> None:
    with feed(in_turn(reply(order_json(id="a/b?c")))) as (orders, server):
        order = orders.get("a/b?c")
    assert order is not None
    assert order.number == "10001"
    (asked,) = server.asked
    assert asked.path == "/orders/a%2Fb%3Fc"
    assert asked.query == {"venueId": "venue1"}
    assert asked.headers["x-dispense-api-key"] == "key1"


def test_an_order_that_the_venue_does_not_have_is_none() -> None:
    with feed(in_turn(reply({"message": "no"}, 404))) as (orders, _):
        assert orders.get("abc1") is None


def test_the_redirected_fields_hold_here_too() -> None:
    with feed(in_turn(reply(order_json(id="abc1", display=5))), OrderWire({"order_number": "display"})) as (
        orders,
        _,
    ):
        order = orders.get("abc1")
    assert order is not None
    assert order.number == "5"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply({"message": SECRET}, 401), LoginRefused),
        (reply({"message": SECRET}, 403), LoginRefused),
        (reply({"message": SECRET}, 400), RequestRefused),
        (reply({"message": SECRET}, 500), ServerFailed),
        (drop(), Unreachable),
        (Reply(body=b'{"id": }'), WrongAnswer),
        (reply(order_json(id="abc1", total=SECRET)), WrongAnswer),
        (reply(order_json(id="another")), WrongAnswer),
        (reply([]), WrongAnswer),
    ],
)
def test_what_goes_wrong_is_told_and_names_nobody(answer: Reply, error: type[AlleavesSyncError]) -> None:
    with feed(in_turn(answer)) as (orders, _), pytest.raises(error) as caught:
        orders.get("abc1")
    assert SECRET not in repr(caught.value)


def test_reading_is_tried_again() -> None:
    with feed(in_turn(drop(), reply({}, 500), reply(order_json(id="abc1")))) as (orders, _):
        assert orders.get("abc1") is not None


# -- all confirmed ones --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "size", "calls"), [(0, 250, 1), (3, 250, 1), (600, 250, 3), (600, 100, 6)])
def test_all_pages_are_read_by_what_came(count: int, size: int, calls: int) -> None:
    with feed(pages(many(count), size)) as (orders, server):
        found = orders.confirmed()
    assert [order.id for order in found] == [f"order{number}" for number in range(count)]
    assert len(server.asked) == calls


def test_only_confirmed_ones_are_asked_for_and_only_since_a_time() -> None:
    since = datetime(2026, 11, 1, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-4)))
    with feed(pages([])) as (orders, server):
        orders.confirmed(since)
        orders.confirmed()
    assert server.asked[0].query == {
        "venueId": "venue1",
        "status": "CONFIRMED",
        "sort": "created",
        "skip": "0",
        "limit": "250",
        "modifiedStart": "2026-11-01T05:30:00.123Z",
    }
    assert "modifiedStart" not in server.asked[1].query


@pytest.mark.parametrize("size", [250, 10])
def test_a_list_without_a_count_ends_where_nothing_new_comes(size: int) -> None:
    with feed(pages(many(25), size, None)) as (orders, _):
        assert len(orders.confirmed()) == 25


def test_a_server_that_does_not_know_skip_is_no_endless_list() -> None:
    with feed(lambda _asked: reply({"data": many(3)})) as (orders, server):
        assert len(orders.confirmed()) == 3
    assert len(server.asked) == 2


def test_an_order_that_moved_over_the_edge_of_a_page_is_not_lost() -> None:
    before, after = many(4), many(4)[1:]  # the first one is confirmed no more
    said = [
        {"count": 4, "data": before[:2]},
        {"count": 3, "data": after[2:]},
        {"count": 3, "data": after[:2]},
        {"count": 3, "data": after[2:]},
    ]
    with feed(in_turn(*map(reply, said))) as (orders, _):
        assert [order.id for order in orders.confirmed()] == ["order1", "order2", "order3"]


def test_a_list_that_never_adds_up_is_not_taken_for_all() -> None:
    with feed(pages(many(3), count=5)) as (orders, _), pytest.raises(ReadIncomplete) as caught:
        orders.confirmed()
    assert (caught.value.got, caught.value.expected, caught.value.attempts) == (3, 5, 3)


def test_one_order_that_does_not_fit_is_named_and_the_others_come() -> None:
    data = [order_json(id="good"), order_json(id="bad", total=SECRET), {"items": SECRET}, SECRET]
    with feed(in_turn(reply({"count": 4, "data": data}))) as (orders, _):
        found = orders.confirmed()
    assert [order.id for order in found.orders] == ["good"]
    assert [bad.id for bad in found.invalid] == ["bad", "", ""]
    assert found.invalid[0].problems[0].path == "total"
    assert SECRET not in repr(found)


@pytest.mark.parametrize("answer", [[], {"data": {}}, {"count": 0}, "x"])
def test_a_page_of_another_shape_is_not_an_empty_one(answer: object) -> None:
    with feed(in_turn(reply(answer))) as (orders, _), pytest.raises(WrongAnswer):
        orders.confirmed()


# -- reports -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"{}", b"", b"OK"])
def test_a_report_names_the_pos_order_and_its_status(body: bytes) -> None:
    with feed(in_turn(Reply(body=body))) as (orders, server):
        orders.report(f"{server.url}/v1/orders/{{id}}/pos", "a/1", "9001", "READY_FOR_PICKUP")
        orders.report(f"{server.url}/v1/orders/{{id}}/pos", "a/1", "9001")
    assert [(asked.method, asked.path) for asked in server.asked] == [("PUT", "/v1/orders/a%2F1/pos")] * 2
    assert server.asked[0].json() == {"posOrderId": "9001", "status": "READY_FOR_PICKUP"}
    assert server.asked[1].json() == {"posOrderId": "9001"}
    assert server.asked[0].query == {"venueId": "venue1"}


def test_a_report_is_repeated_until_it_arrives() -> None:
    with feed(in_turn(drop(), reply({}, 500), reply({}))) as (orders, server):
        orders.report(f"{server.url}/orders/{{id}}/pos", "a", "9001")
    assert len(server.asked) == 3


def test_the_sandbox_gives_its_orders_and_takes_reports() -> None:
    sandbox, time = Sandbox(items=200, orders=300, history=5), FakeTime()
    budget = Budget(480, time.clock)
    with sandbox, OrdersFeed(sandbox.aiq_url, sandbox.venue_id, sandbox.api_key, budget) as orders:
        found = orders.confirmed()
        assert len(found) == 299  # one of them is PENDING
        assert not found.invalid
        one = found.orders[0]
        assert orders.get(one.id) == one
        assert orders.get("0000") is None
        orders.report(sandbox.aiq_url + "/orders/{id}/pos", one.id, "9001", "READY_FOR_PICKUP")
        assert len(orders.confirmed()) == 298
        assert len(orders.confirmed(datetime.now(UTC) + timedelta(hours=1))) == 0
