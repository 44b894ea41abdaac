"""`filter` and `sort` of the POS's searches, in the manner of Kendo UI's DataSource."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol, TypeVar

from alleaves_sync.sandbox.api.checks import Refused
from alleaves_sync.sandbox.constants import Record


class Columns(Protocol):
    def __getitem__(self, column: str, /) -> Any: ...


Found = TypeVar("Found", bound=Columns)
Test = Callable[[Columns], bool]


def _text(value: object) -> str:
    return "" if value is None else str(value).lower()


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A comparison that null and values of another kind never satisfy."""

    def safely(value: Any, wanted: Any) -> bool:
        try:
            return value is not None and compare(value, wanted)
        except TypeError:
            return False

    return safely


OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda value, wanted: value == wanted,
    "neq": lambda value, wanted: value != wanted,
    "isnull": lambda value, _: value is None,
    "isnotnull": lambda value, _: value is not None,
    "gt": _ordered(lambda value, wanted: value > wanted),
    "gte": _ordered(lambda value, wanted: value >= wanted),
    "lt": _ordered(lambda value, wanted: value < wanted),
    "lte": _ordered(lambda value, wanted: value <= wanted),
    "contains": lambda value, wanted: _text(wanted) in _text(value),
    "startswith": lambda value, wanted: _text(value).startswith(_text(wanted)),
}


def _test(node: Record) -> Test:
    if "filters" in node or "logic" in node:
        tests = [_test(inner) for inner in node.get("filters", [])]
        join = any if node.get("logic") == "or" else all
        return lambda row: not tests or join(test(row) for test in tests)
    operator = OPERATORS.get(str(node.get("operator")))
    field = node.get("field")
    if operator is None or not isinstance(field, str):
        raise Refused(f"filter: cannot read {json.dumps(node)}")
    return lambda row: operator(row[field], node.get("value"))


@dataclass(frozen=True)
class Query:
    """A filter and a sort as JSON text, so that equal queries are equal and can be remembered."""

    filter: str = "null"
    sort: str = "null"

    @classmethod
    def read(cls, body: Record) -> "Query":
        return cls(*(json.dumps(body.get(part) or None, sort_keys=True) for part in ("filter", "sort")))

    @cached_property
    def everything(self) -> bool:
        return self.filter == "null" and self.sort == "null"

    def run(self, entries: Sequence[Found]) -> list[Found]:
        wanted, order = json.loads(self.filter), json.loads(self.sort)
        found = list(entries)
        if wanted:
            test = _test(wanted)
            found = [entry for entry in entries if test(entry)]
        for by in reversed(order or []):
            field = str(by.get("field"))
            found.sort(key=lambda row: _sort_key(row[field]), reverse=by.get("dir") == "desc")
        return found


def _sort_key(value: object) -> tuple[int, float, str]:
    """Null first, then numbers, then text: columns of mixed kinds must not raise."""
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, int | float):
        return (1, float(value), "")
    return (2, 0.0, str(value))
