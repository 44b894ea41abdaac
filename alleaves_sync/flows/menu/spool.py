"""Where the records of one read wait until all of them are there, and come out item by item.

Their contents stand in a temporary file without a name, gone with the process; in memory there is only where
each one begins. So a run takes about the same memory for a large store as for a small one.
"""

import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from alleaves_sync.errors import WriteFailed

_DIGEST = 16


class Spooled(NamedTuple):
    """A record: a digest of its content, what sort it is, the last day (`YYYY-MM-DD`) on which it counts, and
    where it stands."""

    digest: bytes
    sort: int
    expires: str | None
    place: int


class Spool:
    """Records of several sorts, added in any order. For one thread; used by `with`.

    Raises WriteFailed where the folder for temporary files is full, or cannot be written to.
    """

    def __init__(self) -> None:
        with _told():
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by __exit__
        self._end = 0
        self._items, self._starts, self._sizes = array("q"), array("q"), array("q")
        self._sorts, self._days = array("b"), array("l")
        self._digests = bytearray()
        self._expiries: dict[str | None, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, sort: int, records: Iterable[tuple[int, str | None, bytes]]) -> None:
        """Add records of one sort: (id_item in 64 bits, the last day on which it counts, content)."""
        contents: list[bytes] = []
        start = self._end
        for id_item, expires, content in records:
            self._items.append(id_item)
            self._starts.append(start)
            self._sizes.append(len(content))
            self._sorts.append(sort)
            self._days.append(self._expiries.setdefault(expires, len(self._expiries)))
            self._digests += blake2b(content, digest_size=_DIGEST).digest()
            contents.append(content)
            start += len(content)
        with _told():
            _write_all(self._file.fileno(), b"".join(contents))
        self._end = start

    def clear(self, sort: int) -> None:
        """Drop all records of one sort. Their room in the file is given back at the end."""
        kept = [place for place, found in enumerate(self._sorts) if found != sort]
        self._digests = bytearray().join(map(self._digest, kept))
        for column in (self._items, self._starts, self._sizes, self._sorts, self._days):
            column[:] = array(column.typecode, [column[place] for place in kept])

    def items(self) -> Iterator[tuple[int, list[Spooled]]]:
        """Every item with its records, in order of `id_item`; the records by their digests."""
        ids, sorts, days, expiries = self._items, self._sorts, self._days, list(self._expiries)
        in_order = sorted(range(len(ids)), key=ids.__getitem__)
        for id_item, places in groupby(in_order, key=ids.__getitem__):
            found = [Spooled(self._digest(at), sorts[at], expiries[days[at]], at) for at in places]
            if len(found) > 1:
                found.sort()
            yield id_item, found

    def read(self, record: Spooled) -> bytes:
        """The content of a record."""
        return self._read(record.place)

    def contents(self, sort: int) -> Iterator[bytes]:
        """The contents of one sort, in the order in which they came."""
        return (self._read(place) for place, found in enumerate(self._sorts) if found == sort)

    def _digest(self, place: int) -> bytes:
        return bytes(self._digests[place * _DIGEST : (place + 1) * _DIGEST])

    def _read(self, place: int) -> bytes:
        return os.pread(self._file.fileno(), self._sizes[place], self._starts[place])


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteFailed(Path(tempfile.gettempdir()), error.strerror or str(error)) from error
