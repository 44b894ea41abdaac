"""Reading all pages of a search, and the proof that they are all.

Rows can move while pages are read, servers clamp the page size, and some ignore `skip`. So: stride by what
came, never by what was asked; compare the number of different records with the `total_rows` that every page
announces; read again when it does not add up.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

from alleaves_sync.alleaves.models import Fetched, InvalidRecord
from alleaves_sync.alleaves.session import SERVICE
from alleaves_sync.alleaves.wire import Page, Record, RecordKind
from alleaves_sync.errors import ReadIncomplete, WrongAnswer
from alleaves_sync.transport import Begin, threads

TRIES = 3
AHEAD = 4

Entry = TypeVar("Entry")
Taken_contra = TypeVar("Taken_contra", contravariant=True)
OnPage = Callable[[str, int, int], None]
"""Told after each page: what is read (`inventory`), records so far, records announced (0: not known)."""


class Gathering(Protocol[Taken_contra]):
    """What takes in the records of a read: each under its key, the first one of a key."""

    def clear(self) -> None:
        """Forget everything: the read begins anew."""

    def add(self, entries: Iterable[tuple[Hashable, Taken_contra | InvalidRecord]]) -> None:
        """Take in a page."""

    def __len__(self) -> int:
        """How many different records there are, broken ones included."""
        ...


class _Found(Generic[Record]):
    """A gathering in memory."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Record | InvalidRecord] = {}

    def clear(self) -> None:
        self._found.clear()

    def add(self, entries: Iterable[tuple[Hashable, Record | InvalidRecord]]) -> None:
        for key, entry in entries:
            self._found.setdefault(key, entry)

    def __len__(self) -> int:
        return len(self._found)

    def fetched(self) -> Fetched[Record]:
        """The records that fit, and those that do not."""
        records = tuple(entry for entry in self._found.values() if not isinstance(entry, InvalidRecord))
        invalid = tuple(entry for entry in self._found.values() if isinstance(entry, InvalidRecord))
        return Fetched(records, invalid, len(self._found))


def read_all(
    kind: RecordKind[Record], fetch: Callable[[int], Page[Record]], on_page: OnPage | None = None
) -> Fetched[Record]:
    """Every record of `kind`, once; as `gather`."""
    found = _Found[Record]()
    into: Gathering[Record] = found
    gather(kind, fetch, into, on_page)
    return found.fetched()


def gather(
    kind: RecordKind[Record],
    fetch: Callable[[int], Page[Entry]],
    into: Gathering[Entry],
    on_page: OnPage | None = None,
) -> None:
    """Gather every record of `kind`. `fetch` takes the number of records to skip, in up to 4 threads at once.

    An empty first page is a complete read of nothing. Raises ReadIncomplete after three tries without proof,
    WrongAnswer where there can be no proof, and whatever `fetch` raises.
    """
    expected = 0
    for number in range(TRIES):
        into.clear()
        tally = _Tally(kind, into, on_page)
        # A server that cuts pages by their size in bytes brings pages of different lengths: only a try that
        # takes one page after the other knows where the next one begins.
        _walk(tally, fetch, ahead=number == 0)
        if tally.complete and (tally.brought or not expected):
            return
        expected = tally.announced or expected
    raise ReadIncomplete(SERVICE, kind.endpoint, len(into), expected, TRIES)


class _Tally(Generic[Record, Entry]):
    """What one try has brought so far."""

    def __init__(self, kind: RecordKind[Record], found: Gathering[Entry], on_page: OnPage | None) -> None:
        self._kind: RecordKind[Record] = kind
        self._found = found
        self._on_page = on_page
        self._totals = set[int]()
        self.brought = 0
        self.at_end = False
        self.hopeless = False

    @property
    def total(self) -> int | None:
        """What the pages announce; None when they announce nothing."""
        return max(self._totals, default=None)

    @property
    def announced(self) -> int:
        """The total, or what the pages brought where they announce nothing."""
        return self.brought if self.total is None else self.total

    @property
    def complete(self) -> bool:
        """The proof: as many different records as every page announces, or as came before an empty page."""
        return not self.hopeless and self.at_end and len(self._found) == self.announced

    def add(self, page: Page[Entry]) -> None:
        """Take a page in; see whether it was the last one, and whether this try can still succeed."""
        before = len(self._found)
        self._found.add(page.entries)
        self.brought += len(page.entries)
        self._totals |= page.totals
        nothing_new = len(self._found) == before
        if self._kind.total_required and self.total is None and page.entries:
            raise WrongAnswer(SERVICE, self._kind.endpoint, "total_rows", "is missing in every record")
        self.at_end = not page.entries or (self.total is not None and self.brought >= self.total)
        self.hopeless |= len(self._totals) > 1 or (nothing_new and not self.at_end)
        self.hopeless |= self.total is None and len(self._found) < self.brought
        if self._on_page is not None:
            self._on_page(self._kind.name, len(self._found), self.total or 0)


def _walk(tally: _Tally[Record, Entry], fetch: Callable[[int], Page[Entry]], *, ahead: bool) -> None:
    tally.add(fetch(0))
    if ahead and tally.total is not None and not tally.at_end:
        stride = tally.brought
        with threads(AHEAD, "alleaves-page") as begin:
            for page in _in_order(begin, fetch, range(stride, tally.total, stride)):
                tally.add(page)
                # A page of another length in the middle: those after it do not begin where it ends.
                tally.hopeless |= len(page.entries) != stride and not tally.at_end
                # Nor does anything come after an empty page, whatever number is announced.
                if tally.hopeless or tally.at_end:
                    break
    while not tally.at_end and not tally.hopeless:
        tally.add(fetch(tally.brought))


def _in_order(begin: Begin, fetch: Callable[[int], Page[Entry]], offsets: range) -> Iterator[Page[Entry]]:
    """The pages at `offsets`, in that order, at most `AHEAD` being fetched at once."""
    waiting = deque[Future[Page[Entry]]]()
    for offset in offsets:
        waiting.append(begin(fetch, offset))
        if len(waiting) == AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
