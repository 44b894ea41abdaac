"""Each fault does what its help says, and not more."""

import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from alleaves_sync.sandbox import FAULTS, parse_fault
from alleaves_sync.sandbox.faults.faults import Faults
from tests.sandbox.conftest import Client, Serve

SEARCH = ("POST", "/inventory/search", {"take": 40})
ANY_REQUEST_ERROR = requests.RequestException


def test_the_grammar_is_read_whole() -> None:
    fault = parse_fault("timeout-after=0.5:2+3@POST /api/order$")
    assert (fault.name, fault.value, fault.left, fault.skip) == ("timeout-after", 0.5, 2, 3)
    assert fault.pattern.search("POST /api/order")
    assert not fault.pattern.search("POST /api/order/1/item")
    assert (parse_fault("error").left, parse_fault("expired-token").left) == (None, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("unavailabel", "did you mean unavailable"),
        ("zzz", "there are slow, rate-limit"),
        ("slow:x", "cannot read"),
        ("", "cannot read"),
    ],
)
def test_a_fault_that_is_not_one_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_fault(text)


def test_faults_count_skip_and_are_cleared() -> None:
    faults = Faults(["error:2+1@/order", "drop"])
    struck = [faults.strike("GET /api/order", "error") is not None for _ in range(5)]
    assert struck == [False, True, True, False, False]
    assert faults.listed()[0] == {"fault": "error:2+1@/order", "left": 0, "skip": 0}
    with pytest.raises(ValueError, match="no fault"):
        faults.add("slow", "nonsense")
    faults.clear("error")
    assert [one["fault"] for one in faults.listed()] == ["drop"]
    faults.clear()
    assert faults.listed() == []
    assert faults.struck == 2


def test_every_fault_has_a_line_of_help() -> None:
    assert len(FAULTS) >= 26
    assert all(0 < len(text) < 90 for text in FAULTS.values())


@pytest.mark.parametrize(
    ("fault", "status"), [("unavailable:1", 503), ("error:1", 500), ("rate-limit=3:1", 429)]
)
def test_refusals_strike_as_often_as_told_and_not_at_the_sign_in(
    client: Client, fault: str, status: int
) -> None:
    client.store.faults.add(fault)
    client.sign_in()
    answer = client.pos(*SEARCH)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("3" if status == 429 else None)
    assert client.pos(*SEARCH).status_code == 200


def test_retry_after_can_be_a_date(client: Client) -> None:
    client.store.faults.add("rate-limit-date=30")
    until = parsedate_to_datetime(client.pos(*SEARCH).headers["Retry-After"])
    assert 25 < (until - datetime.now(UTC)).total_seconds() < 31


def test_slow_answers_are_late_and_right(client: Client) -> None:
    client.store.faults.add("slow=0.15:1")
    started = time.monotonic()
    assert client.pos(*SEARCH).status_code == 200
    assert time.monotonic() - started > 0.14


def test_a_dropped_connection_has_no_answer(client: Client) -> None:
    client.store.faults.add("drop:1")
    with pytest.raises(requests.ConnectionError):
        client.pos(*SEARCH)
    assert client.pos(*SEARCH).status_code == 200


def test_a_body_is_cut_in_the_middle(client: Client) -> None:
    client.store.faults.add("drop-body:1")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        client.pos(*SEARCH)
    assert client.pos(*SEARCH).status_code == 200


def test_json_is_cut_and_says_that_it_is_whole(client: Client) -> None:
    client.store.faults.add("cut-json:1")
    answer = client.pos(*SEARCH)
    assert (answer.status_code, int(answer.headers["Content-Length"])) == (200, len(answer.content))
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()
    assert client.pos(*SEARCH).json()


def test_html_comes_with_status_200(client: Client) -> None:
    client.store.faults.add("html:1")
    answer = client.pos(*SEARCH)
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (200, "text/html")


def test_the_sign_in_is_refused(client: Client) -> None:
    client.store.faults.add("wrong-password:1")
    body = {"username": client.sandbox.username, "password": client.sandbox.password}
    assert client.pos("POST", "/auth", body).status_code == 401
    assert client.pos("POST", "/auth", body).status_code == 200
    client.store.faults.add("basic-only")
    assert client.pos("POST", "/auth", body).json()["message"] == "Missing Authorization Header"
    url = client.sandbox.alleaves_url + "/auth"
    login = (client.sandbox.username, client.sandbox.password)
    assert requests.post(url, auth=login, timeout=5).status_code == 200


def test_the_key_is_refused(client: Client) -> None:
    client.store.faults.add("wrong-key:1")
    assert client.aiq("GET", "/products").status_code == 401
    assert client.aiq("GET", "/products").status_code == 200


def test_a_token_ends_in_the_middle_of_a_run_and_stays_ended(client: Client) -> None:
    client.store.faults.add("expired-token")
    assert [client.pos(*SEARCH).status_code for _ in range(4)] == [200, 200, 401, 401]
    client.sign_in()
    assert client.pos(*SEARCH).status_code == 200


def test_a_short_page_lacks_rows_of_its_middle(client: Client) -> None:
    whole = client.pos(*SEARCH).json()
    client.store.faults.add("short-page=5:1")
    short = client.pos(*SEARCH).json()
    assert len(short) == 35
    assert (short[0], short[-1]) == (whole[0], whole[-1])
    assert short[0]["total_rows"] == whole[0]["total_rows"]


def test_rows_move_between_pages(client: Client) -> None:
    whole = client.rows()
    client.store.faults.add("moved-rows")
    read = [row for skip in range(0, len(whole), 30) for row in client.rows(skip=skip, take=30)]
    keys = [(row["id_batch"], row["id_area"]) for row in read]
    assert len(keys) == len(whole)
    assert len(set(keys)) < len(keys)
    client.store.faults.clear()
    assert client.rows() == whole
    client.store.make_empty()
    client.store.faults.add("moved-rows")
    assert client.rows() == []


def test_the_inventory_is_answered_empty(client: Client) -> None:
    client.store.faults.add("empty")
    assert client.rows() == []
    assert client.pos("POST", "/inventory/item/search", {}).json() == []
    assert client.pos("GET", "/location").json() != []


def test_any_answer_can_be_emptied_by_its_path(client: Client) -> None:
    client.store.faults.add("empty@/customer/search", "empty@/2023-03/orders")
    assert client.pos("POST", "/customer/search", {"page": 1, "pageSize": 5}).json() == {}
    answer = client.aiq("GET", "/orders").json()
    assert (answer["count"], answer["data"]) == (0, [])


def test_an_object_comes_instead_of_a_list(client: Client) -> None:
    client.store.faults.add("wrong-shape", "wrong-shape@/2023-03/")
    assert list(client.pos(*SEARCH).json()) == ["message", "rows"]
    assert isinstance(client.aiq("GET", "/products").json(), list)


def test_a_row_has_a_text_where_a_number_should_be(client: Client) -> None:
    client.store.faults.add("broken-row=2", "broken-row@/location", "short-page@/2023-03/")
    assert [row["available"] for row in client.pos(*SEARCH).json()].count("plenty") == 2
    assert client.pos("GET", "/location").json()[0]["available"] == "plenty"
    assert "data" in client.aiq("GET", "/products").json()


def outcome(call: Any) -> int | str:
    """The status of a call, or what became of it."""
    try:
        return int(call().status_code)
    except requests.ReadTimeout:
        return "timeout"
    except requests.ConnectionError:
        return "dropped"


def write(client: Client, path: str, body: Any, patience: float = 5) -> requests.Response:
    """A write that gives up after some seconds."""
    head = {"Authorization": f"Bearer {client.token}"}
    return requests.post(client.sandbox.alleaves_url + path, json=body, headers=head, timeout=patience)


NEW_CUSTOMER = {"name_first": "Una", "name_last": "Vexley"}


@pytest.mark.parametrize(
    ("fault", "ends", "done"),
    [
        ("drop-before:1", "dropped", False),
        ("drop-after:1", "dropped", True),
        ("error-before:1", 500, False),
        ("error-after:1", 500, True),
        ("timeout-before=5:1", "timeout", False),
        ("timeout-after=5:1", "timeout", True),
        ("timeout-after=0.02:1", "dropped", True),
        ("drop:1", "dropped", False),
        ("html:1", 200, False),
    ],
)
def test_a_write_is_done_or_not_as_the_fault_says(client: Client, fault: str, ends: Any, done: bool) -> None:
    client.store.faults.add(fault)
    before = len(client.store.pos_customers())
    patience = 0.15 if ends == "timeout" else 5
    assert outcome(lambda: write(client, "/customer", NEW_CUSTOMER, patience)) == ends
    assert len(client.store.pos_customers()) - before == done
    assert outcome(lambda: write(client, "/customer", NEW_CUSTOMER)) == 200


@pytest.mark.parametrize("fault", ["drop-after", "error-after"])
def test_write_faults_leave_reading_alone_and_strike_both_services(client: Client, fault: str) -> None:
    order = client.order()
    client.store.faults.add(fault)
    assert client.pos(*SEARCH).status_code == 200
    assert client.pos("POST", "/customer/search", {"page": 1, "pageSize": 5}).status_code == 200
    assert client.aiq("GET", "/products").status_code == 200
    client.sign_in()
    ends = "dropped" if fault == "drop-after" else 500
    row = client.row("beverage")
    line = {"price_override": 1, "price_override_reason": "r"}
    assert outcome(lambda: client.add(order, row, 1)) == ends
    id_line = client.store.pos_orders()[0]["items"][0]["id_item"]
    assert outcome(lambda: client.pos("PUT", f"/order/{order}/item/{id_line}", line)) == ends
    assert outcome(lambda: client.pos("PUT", f"/order/{order}", {"id_order": order, "void": True})) == ends
    assert client.store.pos_orders()[0]["items"][0]["price_override"] == 1
    assert client.store.pos_orders()[0]["void"] is True
    sync = {"products": [{"posProductId": "1"}]}
    assert outcome(lambda: client.aiq("POST", "/products/sync", sync)) == ends
    report = {"posOrderId": "90001"}
    assert outcome(lambda: client.aiq("PUT", "/orders/abc0000000000001/pos", report)) == ends
    assert list(client.store.products()) == ["1"]
    assert client.store.aiq_orders()[0]["posOrderId"] == "90001"


def test_a_refused_write_is_not_struck_after_it(client: Client) -> None:
    client.store.faults.add("error-after:1")
    assert outcome(lambda: write(client, "/customer", {})) == 400
    assert outcome(lambda: write(client, "/customer", NEW_CUSTOMER)) == 500


def test_others_take_the_stock_between_look_and_add(client: Client) -> None:
    client.store.faults.add("stock-taken=1")
    order, row = client.order(), client.row("beverage")
    assert client.add(order, row, 2).status_code == 400
    assert client.row("beverage")["available"] == 1
    assert client.add(order, client.row("otd"), 1).status_code == 200


def test_the_customer_query_is_ignored(client: Client) -> None:
    client.store.faults.add("query-ignored")
    body = {"page": 1, "pageSize": 500, "query": "nobody at all"}
    assert len(client.pos("POST", "/customer/search", body).json()) == 60


def test_a_new_order_shows_after_some_readings(client: Client) -> None:
    client.store.faults.add("slow-orders=2:1")
    order = client.order()
    other = client.order()
    assert client.pos("GET", f"/order/{order}").status_code == 200
    listed = [[one["id_order"] for one in client.pos("GET", "/order").json()] for _ in range(3)]
    assert listed == [[other], [other], [other, order]]


def test_the_storefront_rejects_products(client: Client) -> None:
    client.store.faults.add("reject-products=2:1")
    products = {"products": [{"posProductId": str(number)} for number in range(3)]}
    results = client.aiq("POST", "/products/sync", products).json()["results"]
    assert [one["status"] for one in results] == ["rejected", "rejected", "created"]
    results = client.aiq("POST", "/products/sync", products).json()["results"]
    assert [one["status"] for one in results] == ["created", "created", "updated"]


@pytest.mark.parametrize(("fault", "taken"), [("unanswered=2:1", 3), ("passed-over=2:1", 1)])
def test_the_storefront_says_nothing_about_some_products(client: Client, fault: str, taken: int) -> None:
    client.store.faults.add(fault)
    products = {"products": [{"posProductId": str(number)} for number in range(3)]}
    results = client.aiq("POST", "/products/sync", products).json()["results"]
    assert [one["posProductId"] for one in results] == ["0"]
    assert len(client.store.products()) == taken


def test_the_storefront_refuses_large_bodies(client: Client) -> None:
    client.store.faults.add("too-large=300")
    small, large = ([{"posProductId": "1", "name": "n" * size}] for size in (10, 400))
    assert client.aiq("POST", "/products/sync", {"products": large}).status_code == 413
    assert client.aiq("POST", "/products/sync", {"products": small}).status_code == 200


def test_latency_is_added_to_every_answer(serve: Serve) -> None:
    client = serve(latency=0.05)
    started = time.monotonic()
    client.pos(*SEARCH)
    assert time.monotonic() - started > 0.05


def test_stopping_ends_all_waiting(serve: Serve) -> None:
    client = serve(faults=["slow=60"])
    waiting = threading.Thread(target=lambda: outcome(lambda: client.pos(*SEARCH)))
    waiting.start()
    while not client.store.journal.calls["POST /api/inventory/search"]:
        time.sleep(0.005)
    started = time.monotonic()
    client.sandbox.stop()
    waiting.join(timeout=5)
    assert time.monotonic() - started < 3
