"""Signing in, pages, filters, and the storefront's lists."""

import base64
import gzip
import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from alleaves_sync.sandbox import PASSWORD, PLANTED_SECRETS, USERNAME, Sandbox
from tests.sandbox.conftest import Client, Serve


def claims(token: str) -> dict[str, Any]:
    middle = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return read


def test_the_token_is_a_jwt_that_says_when_it_ends(serve: Serve) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    client = serve(token_ttl=600, clock=lambda: now)
    assert claims(client.token)["exp"] == int(now.timestamp()) + 600
    assert client.pos("GET", "/location").status_code == 200


def test_a_token_that_has_ended_is_refused(serve: Serve) -> None:
    times = [datetime(2026, 11, 1, tzinfo=UTC)]
    client = serve(token_ttl=60, clock=lambda: times[-1])
    times.append(times[0] + timedelta(seconds=61))
    assert client.pos("GET", "/location").json()["message"] == "Token expired"
    client.sign_in()
    assert client.pos("GET", "/location").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"username": USERNAME, "password": "wrong"},
        {"username": "nobody", "password": PASSWORD},
        {"username": USERNAME, "password": PASSWORD, "pin": "0000"},
    ],
)
def test_wrong_credentials_are_refused(client: Client, body: Any) -> None:
    assert client.pos("POST", "/auth", body).status_code == 401


def test_basic_credentials_sign_in_too(client: Client) -> None:
    url = client.sandbox.alleaves_url + "/auth"
    assert requests.post(url, auth=(USERNAME, PASSWORD), timeout=5).status_code == 200
    assert requests.post(url, auth=(USERNAME, "wrong"), timeout=5).status_code == 401
    broken = requests.post(url, headers={"Authorization": "Basic %%%"}, timeout=5)
    assert broken.status_code == 401
    assert requests.post(url, timeout=5).json()["message"] == "Missing Authorization Header"


def test_without_a_good_token_or_key_nothing_is_answered(client: Client) -> None:
    base, aiq = client.sandbox.alleaves_url, client.sandbox.aiq_url
    assert requests.get(base + "/location", timeout=5).json()["message"] == "Missing Authorization Header"
    forged = client.token[:-4] + "AAAA"
    answer = requests.get(base + "/location", headers={"Authorization": f"Bearer {forged}"}, timeout=5)
    assert answer.json()["message"] == "Invalid token"
    assert requests.get(aiq + "/products", timeout=5).json()["name"] == "UnauthenticatedError"


def test_locations_carry_planted_secrets(client: Client) -> None:
    assert PLANTED_SECRETS.items() <= client.pos("GET", "/location").json()[0].items()


def test_pages_join_to_the_whole_and_each_row_says_how_many_there_are(client: Client) -> None:
    whole = client.rows()
    pages = [client.rows(skip=skip, take=25) for skip in range(0, len(whole) + 25, 25)]
    assert pages[-1] == []
    assert [row for page in pages for row in page] == whole
    assert {row["total_rows"] for row in whole} == {len(whole)}


def test_total_rows_is_right_after_changes(client: Client) -> None:
    count = len(client.rows())
    client.store.remove_item(4000)
    client.store.add_row(4001, available=3)
    rows = client.rows()
    assert {row["total_rows"] for row in rows} == {len(rows)}
    assert rows[-1]["available"] == 3
    assert len(rows) <= count
    record = client.pos("POST", "/inventory/item/search", {"take": 1}).json()[0]
    assert record["total_rows"] == 79


def test_a_server_may_give_smaller_pages_than_asked(serve: Serve) -> None:
    client = serve(max_take=10)
    assert len(client.rows(take=500)) == 10
    assert len(client.rows()) == 10
    assert len(client.rows(take=4)) == 4


def test_locations_are_answered_apart_and_together(serve: Serve) -> None:
    client = serve(items=15, locations=2, orders=0, history=0)
    one, two = client.rows(id_location=1000), client.rows(id_location=1001)
    assert {row["id_location"] for row in two} == {1001}
    both = client.rows()
    assert len(both) == len(one) + len(two) == both[0]["total_rows"]
    assert client.rows(id_location=9) == []
    assert client.pos("GET", "/inventory/area", id_location=1001).json()[0]["id_area"] == 1010
    assert client.pos("GET", "/inventory/area", id_location=9).json() == []
    assert client.pos("GET", "/inventory/area").status_code == 400


@pytest.mark.parametrize(
    ("condition", "test"),
    [
        ({"field": "area", "operator": "isnull"}, lambda row: row["area"] is None),
        ({"field": "area", "operator": "isnotnull"}, lambda row: row["area"] is not None),
        ({"field": "id_area", "operator": "eq", "value": 1000}, lambda row: row["id_area"] == 1000),
        ({"field": "id_area", "operator": "neq", "value": 1000}, lambda row: row["id_area"] != 1000),
        ({"field": "available", "operator": "gt", "value": 20}, lambda row: row["available"] > 20),
        ({"field": "available", "operator": "gte", "value": 20}, lambda row: row["available"] >= 20),
        ({"field": "available", "operator": "lt", "value": 5}, lambda row: row["available"] < 5),
        ({"field": "available", "operator": "lte", "value": 5}, lambda row: row["available"] <= 5),
        ({"field": "item", "operator": "gt", "value": 5}, lambda _: False),
        ({"field": "uom", "operator": "contains", "value": "AC"}, lambda row: row["uom"] == "Each"),
        ({"field": "item", "operator": "startswith", "value": "otd"}, lambda row: row["item"][:3] == "OTD"),
        (
            {"logic": "or", "filters": [{"field": "available", "operator": "eq", "value": 0},
                                        {"logic": "and", "filters": []}]},
            lambda _: True,
        ),
    ],
)  # fmt: skip
def test_filters_choose_rows(client: Client, condition: Any, test: Any) -> None:
    whole = client.rows()
    found = client.rows(filter={"logic": "and", "filters": [condition]})
    assert [row["id_batch"] for row in found] == [row["id_batch"] for row in whole if test(row)]
    assert all(row["total_rows"] == len(found) for row in found)


def test_sorting_takes_mixed_columns(client: Client) -> None:
    rows = client.rows(sort=[{"field": "id_area", "dir": "desc"}, {"field": "item", "dir": "asc"}])
    areas = [row["id_area"] or 0 for row in rows]
    assert areas == sorted(areas, reverse=True)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"take": 0}, "take must be at least 1"),
        ({"skip": True}, "skip must be an integer"),
        ({"filter": []}, "filter must be an object"),
        ({"filter": {"field": "item", "operator": "like"}}, "filter: cannot read"),
        ([], "the body must be a JSON object"),
        (None, "the body must be JSON"),
    ],
)
def test_a_wrong_search_is_refused_with_the_reason(client: Client, body: Any, message: str) -> None:
    answer = client.pos("POST", "/inventory/search", body)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


def test_answers_are_compressed_only_where_that_is_on_and_asked_for(serve: Serve) -> None:
    plain, packed = serve(), serve(gzip=True)
    assert "Content-Encoding" not in plain.pos("POST", "/inventory/search", {}).headers
    answer = packed.pos("POST", "/inventory/search", {})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.json()) == answer.json()[0]["total_rows"]
    head = {"Authorization": f"Bearer {packed.token}", "Accept-Encoding": "identity"}
    url = packed.sandbox.alleaves_url + "/location"
    raw = requests.get(url, headers=head, timeout=5)
    assert "Content-Encoding" not in raw.headers
    assert gzip.compress(raw.content)


def test_one_connection_serves_many_requests(client: Client) -> None:
    line = http.client.HTTPConnection(client.sandbox.url.removeprefix("http://"), timeout=5)
    line.connect()
    first = line.sock
    for _ in range(3):
        line.request("GET", "/_sandbox/")
        assert line.getresponse().read()
        assert line.sock is first
    line.close()


def test_customers_come_as_an_object_with_numbers_for_keys(client: Client) -> None:
    first = client.pos("POST", "/customer/search", {"page": 1, "pageSize": 25}).json()
    third = client.pos("POST", "/customer/search", {"page": 3, "pageSize": 25}).json()
    assert list(first) == [str(number) for number in range(25)]
    assert list(third) == [str(number) for number in range(10)]
    assert client.pos("POST", "/customer/search", {"page": 4, "pageSize": 25}).json() == {}
    assert client.pos("POST", "/customer/search", {"page": 1, "pageSize": 501}).status_code == 400
    assert client.pos("POST", "/customer/search", {"page": 1}).status_code == 400


def test_the_customer_search_is_literal(client: Client) -> None:
    known = client.store.pos_customers()[0]
    found = client.pos(
        "POST", "/customer/search", {"page": 1, "pageSize": 9, "query": known["patient_number"]}
    )
    assert [one["id_customer"] for one in found.json().values()] == [7000]
    other = known["patient_number"].strip().replace("-", "/") + "/"
    assert client.pos("POST", "/customer/search", {"page": 1, "pageSize": 9, "query": other}).json() == {}


def test_creating_a_customer_twice_makes_two(client: Client) -> None:
    body = {"name_first": "Una", "name_last": "Vexley", "phone": None, "date_of_birth": "1990-02-03"}
    ids = {client.pos("POST", "/customer", body).json()["id_customer"] for _ in range(2)}
    assert len(ids) == 2
    wrong = client.pos("POST", "/customer", body | {"date_of_birth": "03.02.1990", "email": 5})
    assert wrong.json()["message"] == "email must be a text; date_of_birth must be a date"
    by_hand = client.store.add_customer("Una", "Vexley", phone2="5185550101")
    assert client.store.pos_customers()[-1]["id_customer"] == by_hand


def test_storefront_orders_are_filtered_sorted_and_paged(client: Client) -> None:
    confirmed = client.aiq("GET", "/orders", status="CONFIRMED", sort="created").json()
    assert (confirmed["count"], confirmed["pageCount"]) == (5, 5)
    created = [order["created"] for order in confirmed["data"]]
    assert created == sorted(created)
    page = client.aiq("GET", "/orders", skip=2, limit=2).json()
    assert (page["count"], page["pageCount"], page["skip"], page["limit"]) == (9, 2, 2, 2)
    newest = client.aiq("GET", "/orders").json()["data"][0]
    since = client.aiq("GET", "/orders", modifiedStart=newest["modified"]).json()
    until = client.aiq("GET", "/orders", modifiedEnd=newest["modified"]).json()
    assert (since["count"], until["count"]) == (1, 9)


@pytest.mark.parametrize(
    "query",
    [
        {"status": "DONE"},
        {"modifiedStart": "yesterday"},
        {"modifiedStart": "2026-11-02T10:00:00"},
        {"limit": 251},
        {"limit": "ten"},
        {"skip": -1},
    ],
)
def test_a_wrong_query_of_the_storefront_is_refused(client: Client, query: Any) -> None:
    assert client.aiq("GET", "/orders", **query).status_code == 400


def test_the_venue_must_be_the_right_one(client: Client) -> None:
    assert client.aiq("GET", "/products", venueId="other").status_code == 404
    assert client.aiq("GET", "/products", venueId=None).status_code == 400
    assert client.aiq("GET", "/orders/abc0000000000001", venueId=None).status_code == 200


def test_a_sync_writes_only_what_is_there_and_null_clears(client: Client) -> None:
    product = {
        "posProductId": "1",
        "name": "A",
        "brand": {"name": "B"},
        "labs": {"thc": 1, "thcContentUnit": "%"},
    }
    first = client.aiq("POST", "/products/sync", {"products": [product]}).json()["results"]
    change = {"posProductId": "1", "brand": None, "labs": {"cbd": 2}, "quantity": 0}
    second = client.aiq("POST", "/products/sync", {"products": [change]}).json()["results"]
    assert [first[0]["status"], second[0]["status"]] == ["created", "updated"]
    assert client.aiq("GET", "/products").json()["data"] == [
        {"posProductId": "1", "name": "A", "labs": {"cbd": 2}, "quantity": 0}
    ]
    assert client.store.products()["1"]["quantity"] == 0
    client.store.forget_products()
    assert client.aiq("GET", "/products").json()["count"] == 0


def test_one_bad_product_does_not_refuse_the_others(client: Client) -> None:
    products = [
        {"posProductId": "1"},
        {"posProductId": "2", "price": "9", "tiers": [{"weight": 1}, 5], "productCategory": "FLOWERS"},
        {"name": "nameless"},
        "nonsense",
        {"posProductId": "3", "images": [{"fileUrl": "https://pictures.invalid/a", "order": 1}]},
    ]
    results = client.aiq("POST", "/products/sync", {"products": products}).json()["results"]
    assert [one["status"] for one in results] == ["created", "rejected", "rejected", "rejected", "created"]
    assert "tiers[0]: price is required" in results[1]["message"]
    assert list(client.store.products()) == ["1", "3"]
    assert client.store.storefront.written == {"created": 2, "updated": 0, "rejected": 3}


def test_the_pos_order_is_reported_to_the_storefront(client: Client) -> None:
    body = {"posOrderId": "90001", "status": "READY_FOR_PICKUP"}
    for _ in range(2):
        assert client.aiq("PUT", "/orders/abc0000000000001/pos", body).status_code == 200
    order = client.aiq("GET", "/orders/abc0000000000001").json()
    assert (order["posOrderId"], order["status"]) == ("90001", "READY_FOR_PICKUP")
    assert client.aiq("PUT", "/orders/none/pos", body).status_code == 404


def test_a_port_in_use_is_an_error(client: Client) -> None:
    port = int(client.sandbox.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Sandbox(items=0, port=port)


def test_a_stopped_sandbox_answers_nobody() -> None:
    with Sandbox(items=0, orders=0, history=0) as sandbox, requests.Session() as session:
        assert session.get(sandbox.url + "/_sandbox/", timeout=5).json()["items"] == 0
        url = sandbox.url
        sandbox.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(url + "/_sandbox/", timeout=5)


def test_the_journal_keeps_what_is_not_json_and_not_of_a_service(serve: Serve) -> None:
    client = serve(recording=True)
    head = {"Authorization": f"Bearer {client.token}"}
    url = client.sandbox.alleaves_url + "/inventory/search"
    assert requests.post(url, data=b"{", headers=head, timeout=5).status_code == 400
    assert requests.get(client.sandbox.url + "/nothing", timeout=5).status_code == 404
    assert client.store.journal.requests[-2].body is None
    assert len(client.sandbox.exchanges) == 2


def test_a_body_may_wait_for_the_go_ahead(client: Client) -> None:
    head = {"Authorization": f"Bearer {client.token}", "Expect": "100-continue"}
    line = http.client.HTTPConnection(client.sandbox.url.removeprefix("http://"), timeout=5)
    line.request("POST", "/api/inventory/search", body=b'{"take": 2}', headers=head)
    assert len(json.loads(line.getresponse().read())) == 2
    line.close()


def test_each_location_has_a_venue_of_its_own_with_its_own_products() -> None:
    with Sandbox(items=3, orders=2, history=0, locations=2) as sandbox, requests.Session() as session:
        session.headers["x-dispense-api-key"] = sandbox.api_key
        second = f"{sandbox.venue_id}-2"

        def listed(what: str, venue: str) -> list[Any]:
            answer = session.get(f"{sandbox.aiq_url}/{what}", params={"venueId": venue})
            return list(answer.json()["data"]) if answer.ok else [answer.status_code]

        body = {"products": [{"posProductId": "1", "name": "A", "quantity": 1}]}
        session.post(f"{sandbox.aiq_url}/products/sync", params={"venueId": second}, json=body)
        assert [len(listed("products", venue)) for venue in (sandbox.venue_id, second)] == [0, 1]
        assert [len(listed("orders", venue)) for venue in (sandbox.venue_id, second)] == [2, 0]
        assert listed("products", f"{sandbox.venue_id}-3") == [404]
