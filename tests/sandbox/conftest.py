"""A running sandbox, and a client that speaks to it as the contracts say."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from alleaves_sync.sandbox import API_KEY, PASSWORD, PIN, USERNAME, VENUE_ID, Sandbox


class Client:
    """One session with the sandbox, signed in. Answers are `requests` responses."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.store = sandbox.store
        self.session = requests.Session()
        self.token = ""
        self.sign_in()

    def sign_in(self) -> None:
        body = {"username": USERNAME, "password": PASSWORD, "pin": PIN}
        self.token = self.pos("POST", "/auth", body).json()["token"]

    def pos(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        """One call of the POS."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = self.sandbox.alleaves_url + path
        return self.session.request(method, url, json=body, params=query, headers=headers, timeout=5)

    def aiq(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        """One call of the storefront, with key and venue."""
        url = self.sandbox.aiq_url + path
        params = {"venueId": VENUE_ID, **query}
        headers = {"x-dispense-api-key": API_KEY}
        return self.session.request(method, url, json=body, params=params, headers=headers, timeout=5)

    def rows(self, **body: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.pos("POST", "/inventory/search", body).json()
        return found

    def row(self, key: str, number: int = 0) -> dict[str, Any]:
        """A row of a special item as the POS answers it now."""
        id_item = self.store.special(key)
        found = self.rows(filter={"filters": [{"field": "id_item", "operator": "eq", "value": id_item}]})
        return found[number]

    def order(self, **columns: Any) -> int:
        """A new order without lines, of the first customer."""
        body = {
            "id_customer": 7000,
            "id_location": 1000,
            "id_status": 1,
            "type": "pickup",
            "use_type": "adult",
        }
        answer = self.pos("POST", "/order", body | columns)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["id_order"])

    def add(self, id_order: int, row: dict[str, Any], qty: float) -> requests.Response:
        body = {"id_batch": row["id_batch"], "id_area": row["id_area"], "qty": qty}
        return self.pos("POST", f"/order/{id_order}/item", body)

    def close(self) -> None:
        self.session.close()


Serve = Callable[..., Client]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts sandboxes with the given options; each answers with a client of it."""
    running: list[Client] = []

    def start(**options: Any) -> Client:
        client = Client(Sandbox(**({"items": 80, "history": 3} | options)).start())
        running.append(client)
        return client

    yield start
    for client in running:
        client.close()
        client.sandbox.stop()


@pytest.fixture
def client(serve: Serve) -> Client:
    return serve()
