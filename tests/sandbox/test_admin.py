"""The sandbox's own API, its journal, and many clients at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from alleaves_sync.sandbox import Sandbox
from tests.sandbox.conftest import Client, Serve


class Admin:
    def __init__(self, client: Client) -> None:
        self.client = client

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.client.sandbox.url}/_sandbox{path}"
        answer = self.client.session.request(method, url, json=body, timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def admin(client: Client) -> Admin:
    return Admin(client)


def test_the_overview_tells_how_to_sign_in(client: Client, admin: Admin) -> None:
    told = admin("GET", "/")
    assert (told["username"], told["api_key"]) == (client.sandbox.username, client.sandbox.api_key)
    assert (told["items"], told["customers"], told["aiq_orders"]) == (80, 60, 9)


def test_calls_are_counted_by_operation_and_logged_with_their_bodies(client: Client, admin: Admin) -> None:
    order = client.order()
    client.add(order, client.row("beverage"), 1)
    assert admin("GET", "/calls")["POST /api/order/{id_order}/item"] == 1
    logged = admin("GET", "/log?path=/item")
    assert [(one["method"], one["path"]) for one in logged] == [("POST", f"/api/order/{order}/item")]
    assert logged[0]["body"]["qty"] == 1
    assert client.store.journal.asked("/auth", "POST")[0].body["username"] == client.sandbox.username
    admin("DELETE", "/calls")
    assert admin("GET", "/log") == []
    assert client.sandbox.exchanges == []


def test_the_store_is_changed_over_http(client: Client, admin: Admin) -> None:
    item = admin("GET", "/special")["beverage"]
    admin("PUT", f"/items/{item}/stock", {"available": 7})
    admin("PUT", f"/items/{item}/price", {"adult": 6, "medical": 5})
    admin("PUT", f"/items/{item}", {"brand": "Oxbow", "strain_type": "Sativa"})
    row = admin("GET", f"/rows?id_item={item}")[0]
    assert (row["available"], row["price_retail_adult_use"], row["brand"]) == (7, 6, "Oxbow")
    admin("PUT", f"/rows/{row['id_batch']}/{row['id_area']}", {"status": "closed"})
    assert client.row("beverage")["status"] == "closed"
    batch = admin("POST", f"/items/{item}/rows", {"available": 3})["id_batch"]
    admin("DELETE", f"/rows/{batch}/1000")
    admin("POST", f"/items/{item}/sell-out")
    assert admin("GET", f"/rows?id_item={item}")[0]["area"] is None
    admin("DELETE", f"/rows/{row['id_batch']}/null")
    new = admin("POST", "/items", {"record": {"item": "Newcomer"}})["id_item"]
    assert len(admin("GET", f"/rows?id_item={new}")) == 1
    admin("DELETE", f"/items/{new}")
    assert admin("GET", f"/rows?id_item={new}") == []
    assert len(admin("POST", "/tick", {"steps": 2})["happened"]) == 8


def test_the_pos_is_emptied_and_filled_again(client: Client, admin: Admin) -> None:
    admin("POST", "/empty")
    assert client.rows() == []
    admin("POST", "/fill")
    assert len(client.rows()) > 80


def test_orders_customers_and_products_are_read_and_changed(client: Client, admin: Admin) -> None:
    order = client.order()
    admin("PUT", f"/orders/{order}", {"packed": True})
    assert admin("GET", "/orders")[0]["packed"] is True
    assert len(admin("GET", "/customers")) == 60
    client.aiq("POST", "/products/sync", {"products": [{"posProductId": "1"}]})
    assert admin("GET", "/products") == {"1": {"posProductId": "1"}}
    admin("DELETE", "/products")
    assert admin("GET", "/products") == {}
    own = admin("GET", "/aiq-orders")[0] | {"id": "0123456789abcdef"}
    admin("POST", "/aiq-orders", own)
    assert client.aiq("GET", "/orders/0123456789abcdef").json() == own
    assert admin("POST", "/aiq-orders", {"kind": "shipping"})["pickUpType"] == "SHIPPING"


def test_faults_are_set_and_cleared_over_http(client: Client, admin: Admin) -> None:
    admin("POST", "/faults", {"fault": "error:1@/location"})
    admin("POST", "/faults", {"faults": ["unavailable@/area", "slow=0"]})
    assert client.pos("GET", "/location").status_code == 500
    told = admin("GET", "/faults")
    assert len(told["faults"]) == 3
    assert "drop" in told["known"]
    admin("DELETE", "/faults?name=unavailable")
    admin("DELETE", "/faults")
    assert admin("GET", "/faults")["faults"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/items/1/stock", {"available": 1}, 404),
        ("PUT", "/items/4000/stock", {}, 404),
        ("PUT", "/items/4000/stock", [], 400),
        ("PUT", "/rows/1/null", {"item": "x"}, 404),
        ("POST", "/faults", {"fault": "nonsense"}, 400),
        ("PUT", "/orders/1", {"packed": True}, 404),
        ("GET", "/nothing", None, 404),
    ],
)
def test_what_cannot_be_is_refused(client: Client, method: str, path: str, body: Any, status: int) -> None:
    answer = requests.request(method, f"{client.sandbox.url}/_sandbox{path}", json=body, timeout=5)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_nothing_can_be_ordered_from_an_empty_store(serve: Serve) -> None:
    client = serve(items=0)
    assert client.store.aiq_orders() == []
    answer = requests.post(f"{client.sandbox.url}/_sandbox/aiq-orders", timeout=5)
    assert (answer.status_code, answer.json()["message"]) == (404, "nothing to order")


def test_many_at_once_never_sell_the_same_unit_twice(client: Client) -> None:
    row = client.row("beverage")
    orders = [client.order() for _ in range(8)]

    def buy(order: int) -> int:
        url = f"{client.sandbox.alleaves_url}/order/{order}/item"
        head = {"Authorization": f"Bearer {client.token}"}
        body = {"id_batch": row["id_batch"], "id_area": row["id_area"], "qty": 3}
        return sum(
            requests.post(url, json=body, headers=head, timeout=5).status_code == 200 for _ in range(4)
        )

    with ThreadPoolExecutor(8) as pool:
        sold = sum(pool.map(buy, orders))
    assert sold == 16  # of 50 units, three each
    assert client.row("beverage")["available"] == 2
    lines = [line["id_item"] for order in client.store.pos_orders() for line in order["items"]]
    assert len(set(lines)) == len(lines) == 48


def test_a_live_store_moves_by_itself(serve: Serve) -> None:
    client = serve(live=0.01, orders=0, history=0)
    moved = threading.Event()
    for _ in range(400):
        if client.store.aiq_orders():
            moved.set()
            break
        moved.wait(0.01)
    assert moved.is_set()


def test_serving_in_this_thread_ends_when_another_one_stops_it() -> None:
    sandbox = Sandbox(items=0, orders=0, history=0)
    serving = threading.Thread(target=sandbox.serve_forever)
    serving.start()
    assert requests.get(sandbox.url + "/_sandbox/", timeout=5).status_code == 200
    sandbox.stop()
    serving.join(timeout=5)
    assert not serving.is_alive()


def test_a_sandbox_that_never_started_stops() -> None:
    Sandbox(items=0, orders=0, history=0).stop()
