"""Every operation of both contracts, in normal operation, held against the contract."""

from typing import Any

import pytest

from alleaves_sync.sandbox import USERNAME, VENUE_ID
from tests.contract_check import check_answer, check_exchange, check_recorded, check_request
from tests.sandbox.conftest import Serve


def test_every_operation_answers_as_its_contract_says(serve: Serve) -> None:
    client = serve(recording=True)
    client.pos("GET", "/location")
    client.pos("GET", "/inventory/area", id_location=1000)
    client.pos("POST", "/inventory/search", {"skip": 0, "take": 50, "id_location": 1000})
    client.pos("POST", "/inventory/search", {})
    client.pos("POST", "/inventory/item/search", {"skip": 10, "take": 500})
    client.pos("POST", "/customer/search", {"page": 1, "pageSize": 50, "query": "555"})
    client.pos("POST", "/customer", {"name_first": "Una", "name_last": "Vexley", "phone": "5185550177"})
    address = {"address1": "1 Nowhere Street", "city": "Albany", "state": "NY", "zip": "12203"}
    address |= {"delivery_date": "2026-11-24", "delivery_eta_start": "14:00", "delivery_eta_end": "15:00"}
    order = client.order(id_external="abc", notes="AIQ abc", type="delivery", delivery_address=address)
    lines = client.add(order, client.row("beverage"), 2).json()["items"]
    change = {"price_override": 4.5, "price_override_reason": "agreed online"}
    client.pos("PUT", f"/order/{order}/item/{lines[0]['id_item']}", change)
    client.pos(
        "PUT", f"/order/{order}", {"id_order": order, "pickup_date": "2026-11-24", "pickup_time": "14:30"}
    )
    client.pos("GET", f"/order/{order}")
    client.pos("GET", "/order", page=1, pageSize=100, startDate="2026-01-01")
    client.pos("GET", "/order/1")
    client.aiq("GET", "/orders", status="CONFIRMED", sort="-modified", limit=250)
    client.aiq("GET", "/orders/abc0000000000001")
    client.aiq("GET", "/orders/unknown")
    client.aiq("PUT", "/orders/abc0000000000001/pos", {"posOrderId": str(order), "status": "CONFIRMED"})
    products = [{"posProductId": "4000", "name": "A", "quantity": 3, "tiers": None}, {"posProductId": "1"}]
    client.aiq("POST", "/products/sync", {"products": products})
    client.aiq("GET", "/products", skip=0, limit=1)

    assert check_recorded(client.sandbox.exchanges) == 22
    assert {one.status for one in client.sandbox.exchanges} == {200, 404}


def test_refusals_answer_as_the_contract_says(serve: Serve) -> None:
    client = serve(recording=True)
    client.pos("POST", "/order", {"id_customer": None})
    client.pos("POST", "/inventory/search", {"take": "all"})
    client.aiq("POST", "/products/sync", {"products": [{}] * 251})
    client.aiq("POST", "/products/sync", [])
    client.token = "nonsense"
    client.pos("GET", "/location")

    refused = client.sandbox.exchanges[1:]
    assert [one.status for one in refused] == [400, 400, 413, 400, 401]
    for one in refused:
        check_answer(one.api, one.method, one.path, one.status, one.answer)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (lambda: check_request("alleaves", "GET", "/nowhere", {}, None), "not an operation"),
        (lambda: check_request("alleaves", "GET", "/inventory/area", {}, None), "id_location: missing"),
        (lambda: check_request("alleaves", "GET", "/order", {"page": "one"}, None), "page"),
        (lambda: check_request("alleaves", "GET", "/order", {"size": "1"}, None), "not in the contract"),
        (lambda: check_request("alleaves", "GET", "/location", {}, {}), "a body that"),
        (lambda: check_request("alleaves", "POST", "/inventory/search", {}, None), "body is missing"),
        (lambda: check_request("alleaves", "POST", "/inventory/search", {}, {"tak": 5}), "'tak'"),
        (lambda: check_request("alleaves", "POST", "/auth", {}, {"username": USERNAME}), "'password'"),
        (
            lambda: check_request(
                "aiq", "POST", "/products/sync", {"venueId": VENUE_ID},
                {"products": [{"posProductId": "1", "productCategory": "FLOWERS"}]},
            ),
            ".products[0].productCategory",
        ),
        (lambda: check_answer("alleaves", "POST", "/inventory/search", 200, {}), "not of type 'array'"),
        (lambda: check_answer("alleaves", "GET", "/location", 204, None), "a status that the contract lacks"),
        (lambda: check_answer("alleaves", "GET", "/location", 503, "oops"), "answer 503"),
        (
            lambda: check_exchange(
                "aiq", "GET", "/orders", {"venueId": VENUE_ID}, None, 200,
                {"data": [{"id": "1", "status": "DONE", "pickUpType": "IN_STORE", "items": []}]},
            ),
            ".data[0].status",
        ),
    ],
)  # fmt: skip
def test_the_check_names_what_does_not_fit(what: Any, told: str) -> None:
    with pytest.raises(AssertionError) as raised:
        what()
    assert told in str(raised.value)
