"""The program's own readers, each fed with bytes as if they came from outside.

What they raise goes through; what they return is what they took.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import requests_mock
from pydantic import SecretStr

from alleaves_sync.aiq.models import Product
from alleaves_sync.aiq.order_source import OrdersFeed, parse_orders
from alleaves_sync.aiq.order_wire import OrderWire
from alleaves_sync.aiq.storefront import Sending, Storefront
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config import load
from alleaves_sync.config.settings import AlleavesSettings
from alleaves_sync.flows.schedule import cron
from alleaves_sync.rules.mapping import labs, units
from alleaves_sync.transport import Budget

ROOT = Path(__file__).parents[2]
URL = "https://pos.invalid"
ORDER_ID = "0123456789abcdef"
ENVIRONMENT = {
    "ALLEAVES_USERNAME": "u",
    "ALLEAVES_PASSWORD": "p",
    "AIQ_API_KEY": "k",
    "A": "${A}",
    "B": "x\ny",
}


def config(content: bytes, folder: Path) -> object:
    path = folder / "config.yaml"
    path.write_bytes(content)
    path.chmod(0o600)
    return load(path, ENVIRONMENT)


def dotenv(content: bytes, folder: Path) -> object:
    (folder / ".env").write_bytes(content)
    try:
        return config((ROOT / "config.example.yaml").read_bytes(), folder)
    finally:
        (folder / ".env").unlink()


def variables(content: bytes, folder: Path) -> object:
    text = content.decode("utf-8", "replace")
    account = {"location_id": 1, "username": text, "password": text}
    whole = {
        "locations": {"a": {"areas": [text], "alleaves": account, "aiq": {"venue_id": "v", "api_key": text}}}
    }
    return config(json.dumps(whole).encode(), folder)


def order_file(content: bytes, _folder: Path) -> object:
    return parse_orders(content, OrderWire(), "a file")


class _Hurried(Budget):
    """Time for everything, and no waiting between tries."""

    def __init__(self) -> None:
        super().__init__(20)

    def wait(self, seconds: float) -> None:
        """Not at all."""


def _client() -> AlleavesClient:
    settings = AlleavesSettings(base_url=URL, location_id=1000, username="u", password=SecretStr("p"))
    return AlleavesClient(settings, _Hurried())


@dataclass(frozen=True)
class Pos:
    """Asks the POS, which gives one answer; one that is asked for again is empty.

    (A server that never ends is another trial.)
    """

    method: str
    path: str
    ask: Callable[[AlleavesClient], object]
    status: int = 200

    def __call__(self, content: bytes, _folder: Path) -> object:
        answers = [{"content": content, "status_code": self.status}, {"content": b"[]"}]
        with requests_mock.Mocker() as mock, _client() as client:
            mock.post(f"{URL}/auth", text='{"token": "x"}')
            mock.request(self.method, f"{URL}{self.path}", answers)
            return self.ask(client)


def login(content: bytes, _folder: Path) -> object:
    with requests_mock.Mocker() as mock, _client() as client:
        mock.post(f"{URL}/auth", content=content)
        mock.get(f"{URL}/location", text="[]")
        return client.locations()


def product_list(content: bytes, _folder: Path) -> object:
    with requests_mock.Mocker() as mock, Storefront(URL, "0123456789abcdef", "k", _Hurried()) as storefront:
        mock.get(f"{URL}/products", [{"content": content}, {"text": '{"data": []}'}])
        return storefront.products()


def verdicts(content: bytes, _folder: Path) -> object:
    sync_url = f"{URL}/products/sync"
    with (
        requests_mock.Mocker() as mock,
        Storefront(URL, "0123456789abcdef", "k", _Hurried(), sync_url=sync_url) as there,
    ):
        mock.post(sync_url, content=content)
        return there.sync([Sending(Product(key, name=key), ("name",)) for key in ("1", "2", "3")])


def order_list(content: bytes, _folder: Path) -> object:
    with requests_mock.Mocker() as mock, OrdersFeed(URL, "0123456789abcdef", "k", _Hurried()) as feed:
        mock.get(f"{URL}/orders", [{"content": content}, {"text": '{"data": []}'}])
        return feed.confirmed()


def one_order(content: bytes, _folder: Path) -> object:
    with requests_mock.Mocker() as mock, OrdersFeed(URL, "0123456789abcdef", "k", _Hurried()) as feed:
        mock.get(f"{URL}/orders/{ORDER_ID}", content=content)
        return feed.get(ORDER_ID)


def lab_texts(content: bytes, _folder: Path) -> object:
    text = content.decode("utf-8", "replace")
    name, unit = labs.split_name(text)
    labs.nearest_terpene(name)
    labs.read_result(text, unit)
    units.grams_per(text)
    return units.is_count(text)


@cache
def _timetable() -> cron.Timetable:
    settings = load(ROOT / "config.example.yaml", ENVIRONMENT)
    return cron.timetable(settings, settings.locations, (), ("/bin/true",))


def crontab(content: bytes, _folder: Path) -> object:
    table = _timetable()
    once = cron._with_block(content, table)
    assert cron._with_block(once, table) == once
    left = b"".join(part for part in cron._parts(once) if not cron._is_block(part, table.config))
    assert left in (content, content + b"\n")
    return once
