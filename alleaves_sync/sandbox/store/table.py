"""Records that are answered page by page, kept as ready-made bytes.

A page of 500 rows of 3.4 KB is 1.7 MB. Writing that as JSON for every request would make the sandbox
slower than the program that it is there to measure, so each record keeps its own bytes up to the value
of `total_rows`, its last column, and a page is one join.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from alleaves_sync.sandbox.constants import Record
from alleaves_sync.sandbox.store.queries import Query

NO_DEFAULTS: Final[Record] = {}


class Entry:
    """One record: the columns that differ from `defaults`, and the bytes of the whole.

    Only differing columns are kept: 20,000 items with 110 columns each would fill the memory otherwise.
    """

    __slots__ = ("_blob", "_defaults", "_own")

    def __init__(self, columns: Mapping[str, Any], defaults: Record = NO_DEFAULTS) -> None:
        self._defaults = defaults
        self._own = dict(columns)
        self._blob: bytes | None = None

    def __getitem__(self, column: str) -> Any:
        """The value of a column, null where the record has no such column."""
        return self._own.get(column, self._defaults.get(column))

    def change(self, columns: Mapping[str, Any]) -> None:
        self._own.update(columns)
        self._blob = None

    def as_dict(self) -> Record:
        """All columns but `total_rows`, as a copy (nested lists are shared)."""
        return {**self._defaults, **self._own}

    def blob(self) -> bytes:
        """The record's JSON, open at its end: `{...,"total_rows":`."""
        if self._blob is None:
            text = json.dumps(self.as_dict(), ensure_ascii=False, separators=(",", ":"))
            self._blob = text[:-1].encode() + b',"total_rows":'
        return self._blob


class Table:
    """The rows or the items of one location, in the order in which the POS answers them."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries = list(entries)
        self._selected: dict[Query, list[Entry]] = {}
        self._found: dict[str, dict[str, list[Entry]]] = {}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._forget()

    def remove(self, gone: Iterable[Entry]) -> None:
        ids = {id(entry) for entry in gone}
        self._entries = [entry for entry in self._entries if id(entry) not in ids]
        self._forget()

    def change(self, entry: Entry, columns: Mapping[str, Any]) -> None:
        entry.change(columns)
        self._selected.clear()
        for column in columns:
            self._found.pop(column, None)

    def find(self, column: str, value: Any) -> list[Entry]:
        """The entries with a value in a column, without reading all of them each time.

        Kept by `repr`: a test may have put a list where an id should be.
        """
        if column not in self._found:
            by_value: dict[str, list[Entry]] = {}
            for entry in self._entries:
                by_value.setdefault(repr(entry[column]), []).append(entry)
            self._found[column] = by_value
        return self._found[column].get(repr(value), [])

    def _forget(self) -> None:
        self._selected.clear()
        self._found.clear()

    def select(self, query: Query) -> list[Entry]:
        """The entries that a query finds; do not change the list."""
        if query.everything:
            return self._entries
        found = self._selected.get(query)
        if found is None:
            found = query.run(self._entries)
            self._selected[query] = found
        return found


def page(entries: Sequence[Entry], skip: int, take: int | None) -> bytes:
    """A JSON array of the entries from `skip` on, `total_rows` being the number of all `entries`."""
    chosen = entries[skip:] if take is None else entries[skip : skip + take]
    if not chosen:
        return b"[]"
    end = b"%d}" % len(entries)
    parts = [b"["]
    for entry in chosen:
        parts += (entry.blob(), end, b",")
    parts[-1] = b"]"
    return b"".join(parts)
