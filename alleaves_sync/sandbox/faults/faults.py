"""The faults that the sandbox can be told to have, and the grammar in which it is told.

    NAME[=VALUE][:COUNT][+SKIP][@TARGET]

VALUE   seconds, rows, products or bytes, as the fault's help says; each has a default.
COUNT   how often it strikes; without it, always (a few strike once, their help says so).
SKIP    how many requests that it could strike pass first.
TARGET  a part of `METHOD /path`, for example `/order` or `POST /api/order`; a `$` at its end ties it
        to the end of the path. Without it the fault has the scope that its help names.

Examples: `slow=0.5`, `error:2@/inventory/search`, `drop-after:1@POST /api/order$`, `unavailable:2+3`
(three requests pass, two are refused, then all is well).
"""

import difflib
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

#: How a fault is written; see above.
FAULT_GRAMMAR: Final = "NAME[=VALUE][:COUNT][+SKIP][@TARGET]"

#: Everything but signing in: a program that cannot sign in would never meet the fault.
SERVICES: Final = r" /(api|2023-03)/(?!auth$)"
POS: Final = r" /api/(?!auth$)"
AUTH: Final = r" /api/auth$"
STOREFRONT: Final = r" /2023-03/"
ROWS: Final = r" /api/inventory/search$"
INVENTORY: Final = r" /api/inventory/(item/)?search$"
WRITES: Final = r"POST /api/(customer|order|order/\d+/item)$|PUT /api/order/|POST /2023-03/|PUT /2023-03/"
ADD_LINE: Final = r"POST /api/order/\d+/item$"
CUSTOMERS: Final = r"POST /api/customer/search$"
NEW_ORDER: Final = r"POST /api/order$"
PRODUCTS: Final = r"POST /2023-03/products/sync$"


@dataclass(frozen=True)
class Kind:
    """One fault that there is: its help, its default scope (a pattern for `METHOD /path`) and numbers."""

    help: str
    scope: str = SERVICES
    value: float = 0
    count: int | None = None
    skip: int = 0


KINDS: Final[Mapping[str, Kind]] = {
    "slow": Kind("every answer comes VALUE seconds late (2)", value=2),
    "rate-limit": Kind("429 with Retry-After: VALUE seconds (1)", value=1),
    "rate-limit-date": Kind("429 with Retry-After as an HTTP date VALUE seconds ahead (1)", value=1),
    "unavailable": Kind("503"),
    "error": Kind("500; nothing is done"),
    "drop": Kind("the connection is closed without an answer; nothing is done"),
    "drop-body": Kind("the connection is closed in the middle of the answer's body"),
    "cut-json": Kind("200 with the first half of the answer, as if that were all of it"),
    "html": Kind("200 with an HTML page instead of JSON; nothing is done"),
    "wrong-password": Kind("the POS refuses every sign-in with 401", AUTH),
    "basic-only": Kind("sign-in takes HTTP Basic only: JSON gets 'Missing Authorization Header'", AUTH),
    "wrong-key": Kind("the storefront refuses the API key with 401", STOREFRONT),
    "expired-token": Kind(
        "the POS ends the token in use: 401 (once, after 2 requests)", POS, count=1, skip=2
    ),
    "short-page": Kind("VALUE rows (5) are missing from the middle of a page of rows or items", INVENTORY, 5),
    "moved-rows": Kind("rows and items move VALUE places (3) between one page and the next", INVENTORY, 3),
    "empty": Kind("rows and items are answered with an empty list", INVENTORY),
    "wrong-shape": Kind("rows and items are answered as an object instead of a list", INVENTORY),
    "broken-row": Kind("VALUE rows (1) of a page have a text in `available`", ROWS, 1),
    "drop-before": Kind("as drop, for writes only", WRITES),
    "drop-after": Kind("a write is done, then the connection is closed without an answer", WRITES),
    "error-before": Kind("as error, for writes only", WRITES),
    "error-after": Kind("a write is done, then answered with 500", WRITES),
    "timeout-before": Kind("a write is not done, and not answered for VALUE seconds (40)", WRITES, 40),
    "timeout-after": Kind("a write is done, but not answered for VALUE seconds (40)", WRITES, 40),
    "stock-taken": Kind(
        "before a line is added, others leave VALUE (0) of its batch (once)", ADD_LINE, count=1
    ),
    "query-ignored": Kind("the customer search ignores its query and returns everybody", CUSTOMERS),
    "slow-orders": Kind("a new order shows in GET /order only after VALUE (3) readings", NEW_ORDER, 3),
    "reject-products": Kind("the storefront rejects the first VALUE products (3) of a call", PRODUCTS, 3),
    "unanswered": Kind("the last VALUE products (3) of a call are taken and not answered", PRODUCTS, 3),
    "passed-over": Kind("the last VALUE products (3) of a call are neither taken nor answered", PRODUCTS, 3),
    "too-large": Kind("the storefront answers 413 to a body of over VALUE bytes (100000)", PRODUCTS, 100_000),
}

#: Name -> what it does, in one line.
FAULTS: Final[Mapping[str, str]] = {name: kind.help for name, kind in KINDS.items()}

_GRAMMAR: Final = re.compile(
    r"(?P<name>[a-z-]+)(=(?P<value>\d+(\.\d+)?))?(:(?P<count>\d+))?(\+(?P<skip>\d+))?(@(?P<target>.+))?"
)


@dataclass
class Fault:
    """One fault in force. `left` is None where it strikes for ever."""

    text: str
    name: str
    value: float
    left: int | None
    skip: int
    pattern: re.Pattern[str]

    def strikes(self, request: str) -> bool:
        """Whether it strikes this request (`METHOD /path`); counts down."""
        if self.left == 0 or not self.pattern.search(request):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.left is not None:
            self.left -= 1
        return True


def parse_fault(text: str) -> Fault:
    """Read one fault; ValueError says what is wrong and names the nearest that there is."""
    found = _GRAMMAR.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"cannot read the fault {text!r}: {FAULT_GRAMMAR}")
    name = found["name"]
    kind = KINDS.get(name)
    if kind is None:
        near = difflib.get_close_matches(name, KINDS, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(KINDS)}"
        raise ValueError(f"there is no fault {name!r}{hint}")
    return Fault(
        text=text.strip(),
        name=name,
        value=float(found["value"]) if found["value"] else kind.value,
        left=int(found["count"]) if found["count"] else kind.count,
        skip=int(found["skip"]) if found["skip"] else kind.skip,
        pattern=re.compile(_target_pattern(found["target"]) if found["target"] else kind.scope),
    )


def _target_pattern(target: str) -> str:
    return re.escape(target.removesuffix("$")) + ("$" if target.endswith("$") else "")


class Faults:
    """The faults in force. Safe to change while requests run."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._faults = [parse_fault(text) for text in texts]
        self._struck = 0

    def add(self, *texts: str) -> None:
        """Put faults into force; ValueError leaves all as it was."""
        new = [parse_fault(text) for text in texts]
        with self._lock:
            self._faults += new

    def clear(self, name: str | None = None) -> None:
        """Take one fault away by its name, or all."""
        with self._lock:
            self._faults = [fault for fault in self._faults if name is not None and fault.name != name]

    def listed(self) -> list[dict[str, object]]:
        """Those in force: `{"fault", "left", "skip"}`, `left` null for ever."""
        with self._lock:
            return [{"fault": fault.text, "left": fault.left, "skip": fault.skip} for fault in self._faults]

    def strike(self, request: str, *names: str) -> Fault | None:
        """The first fault of these names that strikes this request; it counts down."""
        with self._lock:
            for fault in self._faults:
                if fault.name in names and fault.strikes(request):
                    self._struck += 1
                    return fault
        return None

    @property
    def struck(self) -> int:
        """How often any fault has struck."""
        return self._struck
