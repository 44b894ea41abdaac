"""Profiles of the POS: searched page by page, created once."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

from pydantic import JsonValue

from alleaves_sync.alleaves.order_models import Customer, NewCustomer
from alleaves_sync.alleaves.session import SERVICE, Session
from alleaves_sync.alleaves.wire import decode_list, decode_one
from alleaves_sync.errors import ReadIncomplete, WrongAnswer

PAGE_SIZE = 500  # the most that the POS gives
_SEARCH = "POST /customer/search"
# Five million profiles: more than any account has, and an end for a server that invents new ones.
_MOST_PAGES = 10_000
# The lists that a page may stand in, beside being one itself or an object keyed "0", "1", ...
_LISTS = ("customers", "data")


class CustomersApi:
    """The profiles that the account sees. Every method raises LoginRefused or a ServiceError.

    What is sent and what comes back is about people: the server's own words are kept out of errors.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def search(self, query: str | None, page_size: int = PAGE_SIZE) -> Iterator[tuple[Customer, ...]]:
        """The profiles that the server finds, page by page as they are taken, each profile once.

        A server may ignore `query` and bring everybody; None asks for everybody. A short page is not the end:
        it may be all that the server gives at once. The end is a page without anybody new. Raises
        ReadIncomplete where there is no end.
        """
        seen = set[int]()
        for number in range(1, _MOST_PAGES + 1):
            page = self._page(number, page_size, query)
            fresh = {customer.id_customer: customer for customer in page if customer.id_customer not in seen}
            if not fresh:
                return
            seen |= fresh.keys()
            yield tuple(fresh.values())
        raise ReadIncomplete(SERVICE, _SEARCH, len(seen), len(seen) + 1, 1)

    def create(self, customer: NewCustomer) -> Customer:
        """Make a profile. Twice makes two: after an unclear answer (`errors.is_unclear`) look first (U5)."""
        answer = self._session.call(
            "POST", "/customer", repeatable=False, json_body=_body(customer), show_message=False
        )
        return decode_one(Customer, answer.body, "POST /customer")

    def _page(self, number: int, page_size: int, query: str | None) -> tuple[Customer, ...]:
        body: dict[str, JsonValue] = {"page": number, "pageSize": page_size}
        if query is not None:
            body["query"] = query
        answer = self._session.call(
            "POST", "/customer/search", repeatable=True, json_body=body, show_message=False
        )
        return decode_list(Customer, _as_list(answer.body), _SEARCH)


def _body(customer: NewCustomer) -> dict[str, JsonValue]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(customer).items()
    }


def _as_list(body: bytes) -> bytes:
    """A page as a list in JSON, whichever of the contract's shapes it has. Another shape is WrongAnswer."""
    try:
        found = json.loads(body.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        raise WrongAnswer(SERVICE, _SEARCH, "answer", "is not JSON") from None
    if isinstance(found, dict):
        found = next((found[name] for name in _LISTS if isinstance(found.get(name), list)), _keyed(found))
    if not isinstance(found, list):
        raise WrongAnswer(SERVICE, _SEARCH, "answer", "is no list of customers in any known shape")
    # Half a character that somebody once pasted into a name must not hide the others on the page.
    return json.dumps(found, ensure_ascii=False).encode(errors="replace")


def _keyed(found: dict[str, JsonValue]) -> list[JsonValue] | None:
    """The values of an object keyed "0", "1", ...; None where it is something else.

    Beside them there may be a total and the like, but no record under a name that is not a number.
    """
    numbers = [key for key in found if key.isdecimal()]
    others = [value for key, value in found.items() if not key.isdecimal()]
    if (others and not numbers) or any(isinstance(value, dict | list) for value in others):
        return None
    return [found[key] for key in sorted(numbers, key=int)]
