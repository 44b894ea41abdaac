"""The storefront over HTTP: its product list, and the call that writes products.

That call is not published by the vendor (`docs/contract/aiq.openapi.yaml`, `/products/sync`): its whole
address comes from the configuration, and this file is the only one that knows its shape.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Self, TypeVar

from pydantic import JsonValue, TypeAdapter, ValidationError

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.models import Product
from alleaves_sync.errors import LoginRefused, ReadIncomplete, RequestRefused, WrongAnswer
from alleaves_sync.transport import Answer, Budget, Transport, plain_text

SERVICE = "AIQ"
BATCH_SIZE = 250  # the most that one sync call takes
_PAGE_SIZE = 250  # the most that one page of a list holds
_TRIES = 3
_REFUSED_LOGIN = frozenset({401, 403})
_TOO_LARGE = 413
_SYNC = "POST products"
_STATUSES = ("created", "updated", "rejected")


@dataclass(frozen=True, slots=True)
class Sending:
    """One product of a sync call, and the names of its fields that go out."""

    product: Product
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the storefront said of one product. `message` is its own, cleaned, empty where it took it."""

    pos_product_id: str
    accepted: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A product of the storefront's list; `product` is None where it does not fit the contract."""

    pos_product_id: str
    product: Product | None


@dataclass(frozen=True, slots=True)
class _Page:
    data: list[dict[str, JsonValue]]
    count: int | None = None


@dataclass(frozen=True, slots=True)
class _Result:
    status: str | None = None
    posProductId: str | None = None  # noqa: N815 - the name on the wire
    message: str | None = None


@dataclass(frozen=True, slots=True)
class _Results:
    results: list[_Result]


@cache
def _pages() -> TypeAdapter[_Page]:
    return TypeAdapter(_Page)


@cache
def _results() -> TypeAdapter[_Results]:
    return TypeAdapter(_Results)


Params = Mapping[str, str | int]
Shape = TypeVar("Shape")


class Storefront:
    """One venue. `sync_url` None: nothing can be written, only read.

    Every method raises ServiceError (unreachable, wrong answer, out of time) and LoginRefused.
    """

    def __init__(
        self, base_url: str, venue_id: str, api_key: str, budget: Budget, *, sync_url: str | None = None
    ) -> None:
        self._venue_id = venue_id
        self._sync_url = sync_url
        self._headers = {"x-dispense-api-key": api_key}
        self._transport = Transport(SERVICE, base_url, budget)

    @property
    def address(self) -> str:
        """Which menu this is: where its product list is read, and the venue; nothing secret."""
        return f"{self._transport.base_url} {self._venue_id}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.__exit__(kind, error, trace)

    def reach(self) -> None:
        """See that the venue answers to the key; the smallest question there is."""
        self._list_page(skip=0, limit=1)

    def products(self) -> list[Listed]:
        """Everything that the venue has from a POS (what has a `posProductId`), quantity 0 included.

        Read until it is proven complete: as many different products as announced, else again (3 times).
        """
        got = expected = 0
        for _ in range(_TRIES):
            pages = self._all_pages()
            found = {_identity(entry): entry for page in pages for entry in page.data}
            totals = {page.count for page in pages if page.count is not None}
            got, expected = len(found), max(totals, default=len(found))
            if totals <= {got} and sum(len(page.data) for page in pages) == got:
                return list(_of_a_pos(found.values()))
        raise ReadIncomplete(SERVICE, "GET /products", got, expected, _TRIES)

    def _all_pages(self) -> list[_Page]:
        pages, skip = [], 0
        while True:
            page = self._list_page(skip=skip, limit=_PAGE_SIZE)
            pages.append(page)
            skip += len(page.data)  # by what came: the server may give less than it was asked for
            if not page.data or (page.count is not None and skip >= page.count):
                return pages

    def _list_page(self, *, skip: int, limit: int) -> _Page:
        params: Params = {"venueId": self._venue_id, "skip": skip, "limit": limit}
        answer = self._send("GET", "/products", params=params)
        return _read(_pages(), answer, "GET /products")

    def sync(self, products: Sequence[Sending]) -> dict[str, Verdict]:
        """Write at most `BATCH_SIZE` products and return the verdicts by `posProductId`.

        A product that the answer does not name, or whose status is none, is missing from them: what became of
        it is unknown. Where no status at all can be read, WrongAnswer says so. A call that is too large is
        split; a product that is too large alone counts as rejected. Safe to repeat.
        """
        body = {"products": [wire.changed_fields(one.product, one.changed) for one in products]}
        answer = self._send("POST", self._sync_url or "", json_body=body, params={"venueId": self._venue_id})
        if answer.status == _TOO_LARGE:
            return self._sync_halves(products)
        results = _read(_results(), answer, _SYNC).results
        if results and not any(result.status in _STATUSES for result in results):
            raise WrongAnswer(SERVICE, _SYNC, "results.0.status", f"is not one of {', '.join(_STATUSES)}")
        in_order = len(results) == len(products)
        named = (
            (result.posProductId or (products[place].product.pos_product_id if in_order else ""), result)
            for place, result in enumerate(results)
        )
        return {
            key: Verdict(key, result.status != "rejected", plain_text(result.message or ""))
            for key, result in named
            if result.status in _STATUSES
        }

    def _sync_halves(self, products: Sequence[Sending]) -> dict[str, Verdict]:
        if len(products) == 1:
            key = products[0].product.pos_product_id
            return {key: Verdict(key, accepted=False, message="too large for the storefront")}
        middle = len(products) // 2
        return self.sync(products[:middle]) | self.sync(products[middle:])

    def _send(self, method: str, path: str, *, params: Params, json_body: object = None) -> Answer:
        answer = self._transport.send(
            method,
            path,
            repeatable=True,  # reading, and writing whole values by key: twice is as good as once
            params=params,
            json_body=json_body,
            headers=self._headers,
            accept_statuses=_REFUSED_LOGIN | {_TOO_LARGE},
        )
        if answer.status in _REFUSED_LOGIN:
            raise LoginRefused(SERVICE, "aiq.api_key", self._transport.base_url)
        return answer


def _read(adapter: TypeAdapter[Shape], answer: Answer, endpoint: str) -> Shape:
    if answer.status == _TOO_LARGE:  # of a call without a body that could be split
        raise RequestRefused(SERVICE, endpoint, answer.status)
    try:
        return adapter.validate_json(answer.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"])) or "answer"
        raise WrongAnswer(SERVICE, endpoint, field, first["msg"]) from None


def _identity(entry: Mapping[str, JsonValue]) -> tuple[str, str]:
    for name in ("posProductId", "id"):
        if entry.get(name):
            return name, str(entry[name])
    return "", json.dumps(entry, sort_keys=True)


def _of_a_pos(entries: Iterable[Mapping[str, JsonValue]]) -> Iterator[Listed]:
    # Products that were made by hand have no posProductId: they are not this program's.
    for entry in entries:
        key = entry.get("posProductId")
        if isinstance(key, str) and key:
            try:
                yield Listed(key, wire.parse(json.dumps(entry)))
            except ValueError:
                yield Listed(key, None)
