"""What takes input from outside: who makes it, the reader that takes it, the errors that it may raise.

Ending with one of this program's own errors is right; anything else is let through, and is a defect.
"""

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from alleaves_sync.aiq.order_source import FetchedOrders
from alleaves_sync.aiq.storefront import Listed
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.alleaves.models import Fetched
from alleaves_sync.alleaves.order_models import NewCustomer
from alleaves_sync.errors import (
    AlleavesSyncError,
    ConfigInvalid,
    CrontabUnusable,
    InputInvalid,
    LoginRefused,
    OutOfTime,
    Problem,
    ServiceError,
    WrongAnswer,
)
from alleaves_sync.sandbox.store.store import Store
from tests.fuzz import feeds
from tests.fuzz.feeds import ROOT, Pos
from tests.fuzz.spoiling import spoiled, spoiled_text


@dataclass(frozen=True)
class End:
    """How a reader ended: `taken`, `set-aside` (all but some records), or the code of the error.

    `reasons`: what did not fit, as `items.*.quantity is not a number`.
    """

    code: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """`make` gives bad input, `feed` takes it (with a folder to write in); it may raise `errors` only."""

    name: str
    make: Callable[[random.Random], bytes]
    feed: Callable[[bytes, Path], object]
    errors: tuple[type[AlleavesSyncError], ...]

    def end(self, content: bytes, folder: Path) -> End:
        """How it ended."""
        try:
            found = self.feed(content, folder)
        except self.errors as error:
            str(error)
            return End(error.code, tuple(_told(error)))
        reasons = tuple(_set_aside(found))
        return End("set-aside", reasons) if reasons else End("taken")


def _told(error: AlleavesSyncError) -> Iterator[str]:
    if isinstance(error, WrongAnswer):
        yield _reason(error.field, error.problem)
    elif isinstance(error, ConfigInvalid | InputInvalid):
        yield from _problems(error.problems)


def _set_aside(found: object) -> Iterator[str]:
    """The records that a reader left out of what it took, each with why."""
    if isinstance(found, Fetched):
        yield from (_reason(record.field, record.problem.partition(":")[0]) for record in found.invalid)
    elif isinstance(found, FetchedOrders):
        yield from (reason for order in found.invalid for reason in _problems(order.problems))
    elif isinstance(found, list):
        yield from (
            "product does not fit" for one in found if isinstance(one, Listed) and one.product is None
        )


def _problems(problems: Iterable[Problem]) -> Iterator[str]:
    return (_reason(problem.path, problem.message) for problem in problems)


def _reason(field: str, problem: str) -> str:
    return f"{re.sub(r'(?<![^.])[0-9]+(?![^.])', '*', field)} {problem}"


@cache
def store() -> Store:
    return Store(items=60, customers=8, orders=6, history=4)


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
            "images": [{"fileUrl": "https://x.invalid/a.jpg", "order": 1}],
            "tiers": [{"label": "1g", "price": 10, "weight": 1}],
            "labs": {"thc": 20.5},
        }
        for number in range(3)
    ]
    return {
        "rows": rows,
        "customer": here.pos_customers()[0],
        "refusal": {"message": "not enough in this area", "error": "Bad Request"},
        "order": here.aiq_orders()[0] | {"id": feeds.ORDER_ID},
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


def _pos(name: str, document: str, method: str, path: str, ask: Callable[[AlleavesClient], object]) -> Target:
    return Target(name, _json(document), Pos(method, path, ask), _SERVICE)


_PERSON = NewCustomer("Ada", "Invented")


def _add_line(client: AlleavesClient) -> object:
    return client.orders.add_line(7, id_batch=5, id_area=2, qty=Decimal(1))


_ALL = (
    Target(
        "config",
        _text(_EXAMPLE, _EXAMPLE.replace(b"adult_use", b"*a"), BOMB),
        feeds.config,
        (ConfigInvalid,),
    ),
    Target(
        "dotenv",
        _text(b"ALLEAVES_PASSWORD='a b'\nexport X=\"${HOME}\"\n# c\nY=1\n"),
        feeds.dotenv,
        (ConfigInvalid,),
    ),
    Target(
        "variables",
        _text(b"${A}", b"${A:-b}", b"a ${NO} $${x} ${A", b"${B:-${A}}"),
        feeds.variables,
        (ConfigInvalid,),
    ),
    Target("order file", _json("orders"), feeds.order_file, (InputInvalid,)),
    Target("webhook file", _json("webhook"), feeds.order_file, (InputInvalid,)),
    Target("login", _json("token"), feeds.login, _SERVICE),
    _pos("rows", "rows", "POST", "/inventory/search", lambda c: c.inventory()),
    _pos("items", "items", "POST", "/inventory/item/search", lambda c: c.items()),
    _pos("areas", "areas", "GET", "/inventory/area", lambda c: c.areas()),
    _pos("locations", "locations", "GET", "/location", lambda c: c.locations()),
    _pos("customers", "customers", "POST", "/customer/search", lambda c: list(c.customers.search(None))),
    _pos("customer made", "customer", "POST", "/customer", lambda c: c.customers.create(_PERSON)),
    _pos("POS orders", "pos-orders", "GET", "/order", lambda c: list(c.orders.list(_DAY))),
    _pos("POS order", "pos-order", "GET", "/order/7", lambda c: c.orders.get(7)),
    _pos("POS line added", "pos-order", "POST", "/order/7/item", _add_line),
    Target("POS refusal", _json("refusal"), Pos("POST", "/order/7/item", _add_line, status=400), _SERVICE),
    Target("storefront's products", _json("products"), feeds.product_list, _SERVICE),
    Target("storefront's verdicts", _json("verdicts"), feeds.verdicts, _SERVICE),
    Target("storefront's orders", _json("orders-page"), feeds.order_list, _SERVICE),
    Target("storefront's order", _json("order"), feeds.one_order, _SERVICE),
    Target(
        "lab texts",
        _text(b"12.5 %", b"THC (mg/g)", "β-Myrcene".encode(), b"<0.01 mg", b"3.5 g", b"1/8 oz"),
        feeds.lab_texts,
        (),
    ),
    Target(
        "crontab",
        _text(b"MAILTO=a\n0 4 * * * /bin/true\n", _MARKS, _MARKS.replace(b"<<<", b"x")),
        feeds.crontab,
        (CrontabUnusable,),
    ),
)
TARGETS = {one.name: one for one in _ALL}


def ends_well(target: Target, content: bytes, folder: Path) -> End:
    """How the target ended.

    AssertionError where it wrote a file, other than its own configuration, or went on asking until its time
    was over: every answer here comes at once.
    """
    before = {folder / "config.yaml", folder / ".env", *folder.iterdir()}
    ended = target.end(content, folder)
    assert before.issuperset(folder.iterdir()), "it wrote something"
    assert ended.code != OutOfTime.code, "it asked without end"
    return ended
