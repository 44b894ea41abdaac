"""A point of sale in a few lines: log in, check the token, serve pages. What goes wrong is up to the test."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config.settings import AlleavesSettings
from alleaves_sync.transport import Budget
from tests.loopback import Asked, FakeTime, Loopback, Reply, reply

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
PASSWORD = "hunter2"
PIN = "4711"


def row(number: int, **changes: Any) -> dict[str, Any]:
    """An inventory row of batch `number`, with the required fields."""
    base = {"id_batch": number, "id_item": 4000 + number, "id_area": 7, "item": f"item {number}"}
    return base | {"available": 1.5, "on_hand": 2, "total_rows": 0} | changes


def rows(count: int) -> list[dict[str, Any]]:
    return [row(number, total_rows=count) for number in range(count)]


def jwt(claims: object) -> str:
    """A token whose middle part holds `claims`; nobody checks the signature."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiJ9.{payload}.c2lnbmF0dXJl"


class Pos:
    """The answers of a point of sale. Every login gives a new token and ends the ones before."""

    def __init__(
        self,
        *,
        records: Sequence[object] = (),
        lists: dict[str, Reply] | None = None,
        basic_only: bool = False,
        life: timedelta = timedelta(hours=24),
        now: Callable[[], datetime] = lambda: START,
    ) -> None:
        self.records = records
        self.lists = lists or {}
        self.basic_only = basic_only
        self.life = life
        self.now = now
        self.login: Callable[[Asked], Reply | None] = lambda _asked: None
        self.before: Callable[[Asked], Reply | None] = lambda _asked: None
        self.tokens: list[str] = []
        self.valid = ""

    def end_token(self) -> None:
        """As if the token had run out early."""
        self.valid = ""

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/auth":
            return self.login(asked) or self._log_in(asked)
        special = self.before(asked)
        if special is not None:
            return special
        if asked.headers.get("Authorization") != f"Bearer {self.valid}" or not self.valid:
            return reply({"message": "jwt expired"}, 401)
        if asked.path in self.lists:
            return self.lists[asked.path]
        wanted = asked.json()
        return reply(list(self.records[wanted["skip"] : wanted["skip"] + wanted["take"]]))

    def _log_in(self, asked: Asked) -> Reply:
        if self.basic_only and "Authorization" not in asked.headers:
            return reply({"message": "Missing Authorization Header"}, 401)
        ends = self.now() + self.life
        self.valid = jwt({"exp": int(ends.timestamp()), "n": len(self.tokens)})
        self.tokens.append(self.valid)
        return reply({"token": self.valid, "id_user": 1})


def settings(server: Loopback, **changes: Any) -> AlleavesSettings:
    given = {"base_url": server.url, "location_id": 1000, "username": "sync@store", "password": PASSWORD}
    return AlleavesSettings.model_validate(given | changes)


def client(server: Loopback, time: FakeTime | None = None, **more: Any) -> AlleavesClient:
    """A client of `server` that never sleeps and whose clock stands at START unless told otherwise."""
    time = time or FakeTime()
    options: dict[str, Any] = {"now": lambda: START, "sleep": time.sleep} | more
    account = options.pop("account", {})
    return AlleavesClient(settings(server, **account), Budget(480, time.clock), **options)
