"""The POS's orders, and the stock that they hold."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import Client, Serve


def stock(client: Client, key: str, number: int = 0) -> tuple[float, float]:
    row = client.row(key, number)
    return row["available"], row["on_hand"]


def test_lines_hold_stock_one_line_per_unit(client: Client) -> None:
    row = client.row("beverage")
    order = client.order(id_external="abc", notes="AIQ abc")
    client.add(order, row, 2)
    answer = client.add(order, client.row("otd"), 1).json()
    assert [line["qty"] for line in answer["items"]] == [1, 1, 1]
    assert [line["id_inventory_item"] for line in answer["items"]] == [
        client.store.special("beverage"), client.store.special("beverage"), client.store.special("otd"),
    ]  # fmt: skip
    assert len({line["id_item"] for line in answer["items"]}) == 3
    assert (answer["id_external"], answer["notes"]) == ("abc", "AIQ abc")
    assert answer["total"] == 5 + 5 + 45.2
    assert stock(client, "beverage") == (48, 50)


def test_a_weighed_item_is_one_line_at_the_price_of_its_tier(client: Client) -> None:
    order = client.order()
    first = client.add(order, client.row("weight-tiers"), 3.5).json()["items"]
    more = client.add(order, client.row("weight-tiers"), 4.5).json()["items"]
    assert [(line["qty"], line["price"]) for line in more] == [(3.5, 28), (4.5, 36)]
    assert first[0]["id_item"] == more[0]["id_item"]
    assert stock(client, "weight-tiers") == (104.5, 112.5)


def test_medical_orders_and_count_tiers_have_their_own_prices(client: Client) -> None:
    order = client.order(use_type="medical")
    assert client.add(order, client.row("beverage"), 1).json()["items"][0]["price"] == 3
    assert client.add(order, client.row("count-tiers"), 2).json()["items"][1]["price"] == 8.5
    assert client.add(order, client.row("useless-tiers"), 1).json()["items"][3]["price"] == 12
    assert client.add(order, client.row("bad-tiers"), 0.5).json()["items"][4]["price"] == 3.5
    assert client.add(order, client.row("accessory"), 1).json()["items"][5]["price"] == 28
    assert client.add(order, client.row("no-price"), 1).json()["items"][6]["price"] == 0


def test_void_gives_back_what_the_order_held_and_once_only(client: Client) -> None:
    order = client.order()
    client.add(order, client.row("beverage"), 3)
    void = {"id_order": order, "void": True, "void_reason": "cannot be filled"}
    for _ in range(2):
        answer = client.pos("PUT", f"/order/{order}", void)
        assert (answer.status_code, answer.json()["void"], answer.json()["status"]) == (200, True, "Void")
    assert stock(client, "beverage") == (50, 50)
    refused = client.add(order, client.row("beverage"), 1)
    assert (refused.status_code, refused.json()["message"]) == (400, "the order is not open")


def test_a_completed_order_takes_its_stock_off_the_shelf(client: Client) -> None:
    order = client.order()
    line = client.add(order, client.row("beverage"), 3).json()["items"][0]["id_item"]
    client.store.set_pos_order(order, packed=True)
    assert client.pos("GET", f"/order/{order}").json()["status"] == "Packed"
    client.store.set_pos_order(order, complete=True)
    assert stock(client, "beverage") == (47, 47)
    assert client.pos("PUT", f"/order/{order}", {"id_order": order, "void": True}).status_code == 400
    change = {"price_override": 1, "price_override_reason": "late"}
    assert client.pos("PUT", f"/order/{order}/item/{line}", change).status_code == 400


def test_a_cancelled_order_gives_back_also_where_a_row_is_gone(client: Client) -> None:
    order = client.order()
    client.add(order, client.row("beverage"), 1)
    client.add(order, client.row("otd"), 1)
    client.store.remove_item(client.store.special("otd"))
    client.store.set_pos_order(order, cancel=True)
    assert stock(client, "beverage") == (50, 50)
    assert client.store.pos_orders()[0]["status"] == "Cancelled"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"qty": 51}, "only 50 of batch"),
        ({"qty": 1.5}, "qty must be a whole number"),
        ({"qty": 0}, "qty must be above 0"),
        ({"id_area": 1001}, "batch"),
        ({"id_batch": 1}, "batch 1 is not in area 1000"),
        ({"id_batch": "4001"}, "id_batch must be an integer"),
    ],
)
def test_a_refused_line_holds_nothing(client: Client, change: Any, message: str) -> None:
    order, row = client.order(), client.row("beverage")
    body = {"id_batch": row["id_batch"], "id_area": row["id_area"], "qty": 1} | change
    answer = client.pos("POST", f"/order/{order}/item", body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)
    assert stock(client, "beverage") == (50, 50)
    assert client.store.pos_orders()[0]["items"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id_customer": None}, "id_customer must not be null"),
        ({"id_customer": 1}, "id_customer: no such customer"),
        ({"id_location": 1}, "id_location: no such location"),
        ({"id_status": 2}, "id_status must be one of 1"),
        ({"type": "shipping"}, "type must be one of pickup, delivery, retail"),
        ({"delivery_address": {"delivery_eta_start": "later"}}, "delivery_eta_start must be a time"),
    ],
)
def test_an_order_that_cannot_be_is_refused(client: Client, change: Any, message: str) -> None:
    body = {"id_customer": 7000, "id_location": 1000, "id_status": 1, "type": "pickup", "use_type": "adult"}
    answer = client.pos("POST", "/order", body | change)
    assert (answer.status_code, answer.json()["message"]) == (400, message)
    assert client.store.pos_orders() == []


def test_the_same_call_twice_makes_two_orders(client: Client) -> None:
    assert client.order(id_external="abc") != client.order(id_external="abc")


def test_an_order_is_scheduled_and_its_customer_changed(client: Client) -> None:
    order = client.order()
    change = {"id_order": order, "pickup_date": "2026-11-24", "pickup_time": "14:30", "id_customer": 7004}
    answer = client.pos("PUT", f"/order/{order}", change).json()
    assert (answer["pickup_date"], answer["pickup_time"]) == ("2026-11-24", "14:30")
    assert answer["patient_number"] == client.store.pos_customers()[4]["patient_number"]
    for wrong in ({"id_order": 1}, {"pickup_date": "2026-11-24"}, {"id_order": order, "pickup_time": "noon"}):
        assert client.pos("PUT", f"/order/{order}", wrong).status_code == 400
    assert client.pos("PUT", "/order/1", {"id_order": 1}).status_code == 404


def test_a_line_gets_another_price(client: Client) -> None:
    order = client.order()
    line = client.add(order, client.row("beverage"), 2).json()["items"][1]["id_item"]
    change = {"price_override": 3.25, "price_override_reason": "agreed online"}
    answer = client.pos("PUT", f"/order/{order}/item/{line}", change).json()
    assert [one["price_override"] for one in answer["items"]] == [None, 3.25]
    assert answer["total"] == 8.25
    assert client.pos("PUT", f"/order/{order}/item/1", change).status_code == 404
    assert client.pos("PUT", f"/order/{order}/item/{line}", {"price_override": -1}).status_code == 400


def test_orders_are_listed_newest_first_without_lines(client: Client) -> None:
    made = [client.order() for _ in range(5)]
    listed = client.pos("GET", "/order", page=1, pageSize=3).json()
    assert [order["id_order"] for order in listed] == made[:1:-1]
    assert not any("items" in order for order in listed)
    assert len(client.pos("GET", "/order", page=2, pageSize=3).json()) == 2
    for wrong in ({"pageSize": 101}, {"page": 0}, {"startDate": "today"}):
        assert client.pos("GET", "/order", **wrong).status_code == 400


def test_dates_of_the_list_are_local_to_the_location(serve: Serve) -> None:
    times = [datetime(2026, 11, 2, 3, 30, tzinfo=UTC)]  # 22:30 of the day before in New York
    client = serve(clock=lambda: times[-1])
    client.order()
    times.append(times[0] + timedelta(hours=2))
    client.order()

    def listed(**query: str) -> int:
        return len(client.pos("GET", "/order", **query).json())

    assert listed(startDate="2026-11-02") == 1
    assert listed(endDate="2026-11-01") == 1
    assert listed(startDate="2026-11-01", endDate="2026-11-02") == 2
    client.store.set_location(timezone="UTC")
    assert listed(startDate="2026-11-02") == 2
