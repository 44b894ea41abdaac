"""What takes input from outside, each as a function of bytes that returns how it ended.

Ending with one of this program's own errors is right; anything else is let through, and is a defect.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import requests_mock
from pydantic import SecretStr

from alleaves_sync.aiq.models import Product
from alleaves_sync.aiq.order_source import OrdersFeed, parse_orders
from alleaves_sync.aiq.order_wire import OrderWire
from alleaves_sync.aiq.storefront import Sending, Storefront
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config import load
from alleaves_sync.config.settings import AlleavesSettings
from alleaves_sync.errors import (
    AlleavesSyncError,
    ConfigInvalid,
    CrontabUnusable,
    InputInvalid,
    LoginRefused,
    ServiceError,
)
from alleaves_sync.flows import cron
from alleaves_sync.mapping import labs, units
from alleaves_sync.sandbox.store import Store
from alleaves_sync.transport import Budget
from tests.fuzz.spoiling import spoiled, spoiled_text

ROOT = Path(__file__).parents[2]
URL = "https://pos.invalid"
ENVIRONMENT = {
    "ALLEAVES_USERNAME": "u",
    "ALLEAVES_PASSWORD": "p",
    "AIQ_API_KEY": "k",
    "A": "${A}",
    "B": "x\ny",
}


@dataclass(frozen=True)
class Target:
    """`make` gives bad input, `feed` takes it (with a folder to write in); it may raise `errors` only."""

    name: str
    make: Callable[[random.Random], bytes]
    feed: Callable[[bytes, Path], object]
    errors: tuple[type[AlleavesSyncError], ...]

    def end(self, content: bytes, folder: Path) -> str:
        """How it ended: `taken`, or the code of the error."""
        try:
            self.feed(content, folder)
        except self.errors as error:
            str(error)
            return error.code
        return "taken"


@cache
def store() -> Store:
    return Store(items=60, customers=8, orders=6, history=4)


def _config(content: bytes, folder: Path) -> None:
    path = folder / "config.yaml"
    path.write_bytes(content)
    path.chmod(0o600)
    load(path, ENVIRONMENT)


def _dotenv(content: bytes, folder: Path) -> None:
    (folder / ".env").write_bytes(content)
    try:
        _config((ROOT / "config.example.yaml").read_bytes(), folder)
    finally:
        (folder / ".env").unlink()


def _variables(content: bytes, folder: Path) -> None:
    text = content.decode("utf-8", "replace")
    account = {"location_id": 1, "username": text, "password": text}
    whole = {
        "locations": {"a": {"areas": [text], "alleaves": account, "aiq": {"venue_id": "v", "api_key": text}}}
    }
    _config(json.dumps(whole).encode(), folder)


def _orders(content: bytes, _folder: Path) -> None:
    parse_orders(content, OrderWire(), "a file")


class _Hurried(Budget):
    """Time for everything, and no waiting between tries."""

    def __init__(self) -> None:
        super().__init__(20)

    def wait(self, seconds: float) -> None:
        """Not at all."""


def _client() -> AlleavesClient:
    settings = AlleavesSettings(base_url=URL, location_id=1000, username="u", password=SecretStr("p"))
    return AlleavesClient(settings, _Hurried())


def _pos(
    method: str, path: str, ask: Callable[[AlleavesClient], object], content: bytes, _folder: Path
) -> None:
    with requests_mock.Mocker() as mock, _client() as client:
        mock.post(f"{URL}/auth", text='{"token": "x"}')
        # A page that is asked for again is empty: a server that never ends is another trial.
        mock.request(method, f"{URL}{path}", [{"content": content}, {"content": b"[]"}])
        ask(client)


def _login(content: bytes, _folder: Path) -> None:
    with requests_mock.Mocker() as mock, _client() as client:
        mock.post(f"{URL}/auth", content=content)
        mock.get(f"{URL}/location", text="[]")
        client.locations()


def _list(content: bytes, _folder: Path) -> None:
    with requests_mock.Mocker() as mock, Storefront(URL, "0123456789abcdef", "k", _Hurried()) as storefront:
        mock.get(f"{URL}/products", [{"content": content}, {"text": '{"data": []}'}])
        storefront.products()


def _verdicts(content: bytes, _folder: Path) -> None:
    sync_url = f"{URL}/products/sync"
    with (
        requests_mock.Mocker() as mock,
        Storefront(URL, "0123456789abcdef", "k", _Hurried(), sync_url=sync_url) as there,
    ):
        mock.post(sync_url, content=content)
        there.sync([Sending(Product(key, name=key), ("name",)) for key in ("1", "2", "3")])


def _feed(content: bytes, _folder: Path) -> None:
    with requests_mock.Mocker() as mock, OrdersFeed(URL, "0123456789abcdef", "k", _Hurried()) as feed:
        mock.get(f"{URL}/orders", [{"content": content}, {"text": '{"data": []}'}])
        feed.confirmed()


def _lab_texts(content: bytes, _folder: Path) -> None:
    text = content.decode("utf-8", "replace")
    name, unit = labs.split_name(text)
    labs.nearest_terpene(name)
    labs.read_result(text, unit)
    units.grams_per(text)
    units.is_count(text)


@cache
def _timetable() -> cron.Timetable:
    settings = load(ROOT / "config.example.yaml", ENVIRONMENT)
    return cron.timetable(settings, settings.locations, (), ("/bin/true",))


def _crontab(content: bytes, _folder: Path) -> None:
    table = _timetable()
    once = cron._with_block(content, table)
    assert cron._with_block(once, table) == once
    left = b"".join(part for part in cron._parts(once) if not cron._is_block(part, table.config))
    assert left in (content, content + b"\n")


_POS_ORDER = {
    "id_order": 7,
    "id_customer": 3,
    "id_external": "AIQ-1",
    "status": "open",
    "notes": "AIQ 1",
    "complete": False,
    "verified": False,
    "void": False,
    "date_created": "2026-11-01T12:00:00Z",
    "items": [
        {
            "id_item_line": 1,
            "id_order_item": 1,
            "id_batch": 5,
            "id_area": 2,
            "id_item": 4001,
            "qty": 2,
            "price": 9.5,
            "price_override": None,
        }
    ],
}


@cache
def _documents(name: str) -> Any:
    """Good answers, as the sandbox gives them."""
    here = store()
    rows = [one | {"total_rows": 3} for one in here.rows()[:3]]
    products = [
        {
            "id": f"p{number}",
            "posProductId": str(number),
            "name": "n",
            "quantity": 2,
            "price": 5.5,
            "images": ["https://x.invalid/a.jpg"],
            "tiers": [{"label": "1g", "price": 10, "weight": 1}],
            "labs": {"thc": 20.5},
        }
        for number in range(3)
    ]
    return {
        "rows": rows,
        "customers": here.pos_customers()[:3],
        "pos-orders": [_POS_ORDER, _POS_ORDER | {"id_order": 8, "id_external": "AIQ-2"}],
        "pos-order": _POS_ORDER,
        "orders": here.aiq_orders()[:3],
        "orders-page": {"data": here.aiq_orders()[:3], "count": 3},
        "products": {"data": products, "count": 3},
        "verdicts": {"results": [{"posProductId": key, "status": "created", "ok": True} for key in "123"]},
        "areas": json.loads((ROOT / "tests/data/inventory_area.json").read_bytes()),
        "items": json.loads((ROOT / "tests/data/inventory_item_search.json").read_bytes()),
        "locations": [{"id_location": 1000, "name": "a", "reference": "b", "deleted": False}],
        "token": {"token": "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE4MDAwMDAwMDB9.c2ln", "id_user": 1},
        "webhook": {"type": "order.updated", "data": here.aiq_orders()[0]},
    }[name]


def _json(name: str) -> Callable[[random.Random], bytes]:
    return lambda chance: spoiled(_documents(name), chance)


def _text(*samples: bytes) -> Callable[[random.Random], bytes]:
    return lambda chance: spoiled_text(chance.choice(samples), chance)


BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % ((last + 1, last + 1) + (last,) * 8)
    for last in b"abcdefghij"
)
_EXAMPLE = (ROOT / "config.example.yaml").read_bytes()
_MARKS = (
    b"# >>> alleaves-sync: /etc/c\n*/10 * * * * alleaves-sync sync-inventory\n# <<< alleaves-sync: /etc/c\n"
)
_SERVICE = (ServiceError, LoginRefused)
_DAY = date(2026, 11, 1)

TARGETS = {
    one.name: one
    for one in (
        Target(
            "config", _text(_EXAMPLE, _EXAMPLE.replace(b"adult_use", b"*a"), BOMB), _config, (ConfigInvalid,)
        ),
        Target(
            "dotenv",
            _text(b"ALLEAVES_PASSWORD='a b'\nexport X=\"${HOME}\"\n# c\nY=1\n"),
            _dotenv,
            (ConfigInvalid,),
        ),
        Target(
            "variables",
            _text(b"${A}", b"${A:-b}", b"a ${NO} $${x} ${A", b"${B:-${A}}"),
            _variables,
            (ConfigInvalid,),
        ),
        Target("order file", _json("orders"), _orders, (InputInvalid,)),
        Target("webhook file", _json("webhook"), _orders, (InputInvalid,)),
        Target("login", _json("token"), _login, _SERVICE),
        Target(
            "rows",
            _json("rows"),
            partial(_pos, "POST", "/inventory/search", lambda c: c.inventory()),
            _SERVICE,
        ),
        Target(
            "items",
            _json("items"),
            partial(_pos, "POST", "/inventory/item/search", lambda c: c.items()),
            _SERVICE,
        ),
        Target(
            "areas", _json("areas"), partial(_pos, "GET", "/inventory/area", lambda c: c.areas()), _SERVICE
        ),
        Target(
            "locations",
            _json("locations"),
            partial(_pos, "GET", "/location", lambda c: c.locations()),
            _SERVICE,
        ),
        Target(
            "customers",
            _json("customers"),
            partial(_pos, "POST", "/customer/search", lambda c: list(c.customers.search(None))),
            _SERVICE,
        ),
        Target(
            "POS orders",
            _json("pos-orders"),
            partial(_pos, "GET", "/order", lambda c: list(c.orders.list(_DAY))),
            _SERVICE,
        ),
        Target(
            "POS order",
            _json("pos-order"),
            partial(_pos, "GET", "/order/7", lambda c: c.orders.get(7)),
            _SERVICE,
        ),
        Target("storefront's products", _json("products"), _list, _SERVICE),
        Target("storefront's verdicts", _json("verdicts"), _verdicts, _SERVICE),
        Target("storefront's orders", _json("orders-page"), _feed, _SERVICE),
        Target(
            "lab texts",
            _text(b"12.5 %", b"THC (mg/g)", "β-Myrcene".encode(), b"<0.01 mg", b"3.5 g", b"1/8 oz"),
            _lab_texts,
            (),
        ),
        Target(
            "crontab",
            _text(b"MAILTO=a\n0 4 * * * /bin/true\n", _MARKS, _MARKS.replace(b"<<<", b"x")),
            _crontab,
            (CrontabUnusable,),
        ),
    )
}


def ends_well(target: Target, content: bytes, folder: Path) -> str:
    """How the target ended. Files that it made, other than its own configuration, are an error."""
    before = {folder / "config.yaml", folder / ".env", *folder.iterdir()}
    ended = target.end(content, folder)
    assert before.issuperset(folder.iterdir()), "it wrote something"
    return ended
