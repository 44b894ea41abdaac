"""Where orders come from: a document (a file, stdin, a webhook's body), or the storefront itself."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import quote

from pydantic import JsonValue

from alleaves_sync.aiq.order_models import Order, OrderStatus
from alleaves_sync.aiq.order_reading import read_order
from alleaves_sync.aiq.order_wire import OrderWire
from alleaves_sync.aiq.storefront import SERVICE
from alleaves_sync.errors import InputInvalid, LoginRefused, Problem, ReadIncomplete, WrongAnswer
from alleaves_sync.transport import Answer, Budget, Transport

_LIST = "GET /orders"
_PAGE_SIZE = 250  # the most that the storefront gives
_TRIES = 3
_NOT_FOUND = 404
_REFUSED_LOGIN = frozenset({401, 403})


def parse_orders(document: bytes, wire: OrderWire, source: str) -> tuple[Order, ...]:
    """The orders of a document: one, a list, one per line, or any of them in an envelope's `data`.

    An order that stands there twice comes once. Raises InputInvalid for `source` with everything that does
    not fit, by its path and without its value.
    """
    try:
        found = list(_documents(document))
    except _Unreadable as error:
        raise InputInvalid(source, [error.problem]) from None
    orders: dict[Order, None] = {}  # a set that keeps the order
    problems: list[Problem] = []
    for where, raw in found:
        order, wrong = read_order(raw, wire, where)
        problems += wrong
        if order is not None:
            orders[order] = None
    if problems:
        raise InputInvalid(source, problems)
    return tuple(orders)


@dataclass
class _Unreadable(Exception):
    problem: Problem


def _documents(document: bytes) -> Iterator[tuple[str, JsonValue]]:
    """Every order, still raw, with the path to it."""
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Unreadable(Problem("input", "is not text in UTF-8")) from None
    if not text.strip():
        raise _Unreadable(Problem("input", "is empty", "Give an order, a list of orders, or one per line."))
    try:
        whole = _json(text)
    except ValueError as error:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) == 1 or not _is_json(lines[0][1]):
            raise _Unreadable(Problem("input", str(error))) from None
        for number, line in lines:
            try:
                yield from _unpacked(f"line {number}", _json(line))
            except ValueError as fault:
                raise _Unreadable(Problem(f"line {number}", str(fault))) from None
    else:
        yield from _unpacked("", whole)


def _unpacked(where: str, found: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(found, dict) and "data" in found and "items" not in found:
        where, found = _joined(where, "data"), found["data"]
    if isinstance(found, list):
        yield from ((_joined(where, str(place)), one) for place, one in enumerate(found))
    else:
        yield where, found


def _joined(where: str, step: str) -> str:
    return f"{where}.{step}" if where else step


def _is_json(text: str) -> bool:
    try:
        _json(text)
    except ValueError:
        return False
    return True


def _json(text: str) -> JsonValue:
    """Raises ValueError that says where the text stops being JSON, and nothing of what stands there."""
    try:
        found: JsonValue = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise ValueError("is not JSON that can be read: nested too deeply") from None
    return found


def _no_number(_name: str) -> JsonValue:
    raise ValueError("is not JSON: NaN and Infinity are no numbers")


@dataclass(frozen=True, slots=True)
class InvalidOrder:
    """An order of the storefront that does not fit the contract; `id` as far as it can be read."""

    id: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class FetchedOrders:
    """A complete read. Iterating gives the orders that fit; one that does not must not stop the others."""

    orders: tuple[Order, ...]
    invalid: tuple[InvalidOrder, ...] = ()

    def __iter__(self) -> Iterator[Order]:
        return iter(self.orders)

    def __len__(self) -> int:
        return len(self.orders)


@dataclass(frozen=True, slots=True)
class _Page:
    data: list[JsonValue]
    count: int | None


class OrdersFeed:
    """The orders of one venue. Every method raises LoginRefused or a ServiceError.

    An order is about a person: the server's own words are kept out of errors.
    """

    def __init__(
        self,
        base_url: str,
        venue_id: str,
        api_key: str,
        budget: Budget,
        *,
        wire: OrderWire | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._venue_id = venue_id
        self._headers = {"x-dispense-api-key": api_key}
        self._wire = wire or OrderWire()
        self._transport = Transport(SERVICE, base_url, budget, sleep=sleep)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.__exit__(kind, error, trace)

    def get(self, order_id: str) -> Order | None:
        """The order; None where the venue has none of that id. Raises WrongAnswer where it does not fit."""
        path = f"/orders/{quote(order_id, safe='')}"
        answer = self._send("GET", path, {"venueId": self._venue_id}, accept_statuses=frozenset({_NOT_FOUND}))
        if answer.status == _NOT_FOUND:
            return None
        order, problems = read_order(_body(answer, "GET /orders/{id}"), self._wire)
        if order is None:
            raise WrongAnswer(SERVICE, "GET /orders/{id}", problems[0].path, problems[0].message)
        if order.id != order_id:
            raise WrongAnswer(SERVICE, "GET /orders/{id}", "id", "is of another order")
        return order

    def confirmed(self, modified_start: datetime | None = None) -> FetchedOrders:
        """All CONFIRMED orders, each once; with `modified_start` (aware) those changed since then.

        All of them are read before the first is handed out: an order that meanwhile gets another status
        leaves the list, and the one behind it moves to a page that was read already. So as many different
        orders must come as every page announces, else all is read again. Raises ReadIncomplete after three
        tries.
        """
        got = expected = 0
        for _ in range(_TRIES):
            pages = list(self._pages(modified_start))
            found = {_key(raw): raw for page in pages for raw in page.data}
            totals = {page.count for page in pages if page.count is not None}
            got, expected = len(found), max(totals, default=len(found))
            if totals <= {got}:
                return self._read(found)
        raise ReadIncomplete(SERVICE, _LIST, got, expected, _TRIES)

    def report(
        self, url_template: str, order_id: str, pos_order_id: str, status: OrderStatus | None = None
    ) -> None:
        """Tell the storefront which POS order it is, and its status. The same again changes nothing.

        `url_template` is the whole address, with `{id}` for the order's id.
        """
        body = {"posOrderId": pos_order_id} | ({} if status is None else {"status": status})
        url = url_template.replace("{id}", quote(order_id, safe=""))
        self._send("PUT", url, {"venueId": self._venue_id}, json_body=body, json_answer=False)

    def _pages(self, modified_start: datetime | None) -> Iterator[_Page]:
        skip, seen = 0, set[str]()
        while True:
            page = self._page(skip, modified_start)
            yield page
            skip += len(page.data)  # by what came: the server may give less than it was asked for
            fresh = {_key(raw) for raw in page.data} - seen
            seen |= fresh
            # Nothing new: the end, or a server that does not know `skip`.
            if not fresh or (page.count is not None and skip >= page.count):
                return

    def _page(self, skip: int, modified_start: datetime | None) -> _Page:
        params: dict[str, str | int] = {
            "venueId": self._venue_id,
            "status": "CONFIRMED",
            "sort": "created",  # new ones come last, where they move no other
            "skip": skip,
            "limit": _PAGE_SIZE,
        }
        if modified_start is not None:
            params["modifiedStart"] = f"{modified_start.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        found = _body(self._send("GET", "/orders", params), _LIST)
        data = found.get("data") if isinstance(found, dict) else None
        if not isinstance(found, dict) or not isinstance(data, list):
            raise WrongAnswer(SERVICE, _LIST, "data", "is not a list")
        count = found.get("count")
        return _Page(data, count if type(count) is int else None)

    def _read(self, found: Mapping[str, JsonValue]) -> FetchedOrders:
        orders, invalid = [], []
        for raw in found.values():
            order, problems = read_order(raw, self._wire)
            if order is None:
                invalid.append(InvalidOrder(_shown_id(raw), tuple(problems)))
            else:
                orders.append(order)
        return FetchedOrders(tuple(orders), tuple(invalid))

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int],
        *,
        json_body: object = None,
        accept_statuses: frozenset[int] = frozenset(),
        json_answer: bool = True,
    ) -> Answer:
        answer = self._transport.send(
            method,
            path,
            repeatable=True,  # reading, and saying the same thing again
            params=params,
            json_body=json_body,
            headers=self._headers,
            accept_statuses=_REFUSED_LOGIN | accept_statuses,
            json_answer=json_answer,
            show_message=False,
        )
        if answer.status in _REFUSED_LOGIN:
            raise LoginRefused(SERVICE, "aiq.api_key", self._transport.base_url)
        return answer


def _body(answer: Answer, endpoint: str) -> JsonValue:
    try:
        return _json(answer.body.decode("utf-8-sig", errors="replace"))
    except ValueError:
        raise WrongAnswer(SERVICE, endpoint, "answer", "is not JSON") from None


def _key(raw: JsonValue) -> str:
    return _shown_id(raw) or json.dumps(raw, sort_keys=True)


def _shown_id(raw: JsonValue) -> str:
    value = raw.get("id") if isinstance(raw, dict) else None
    return value.strip() if isinstance(value, str) and value.isprintable() else ""
