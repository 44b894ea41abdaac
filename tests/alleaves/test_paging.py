"""The proof of completeness, against shelves that behave and shelves that do not."""

import functools
import threading
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import pytest

from alleaves_sync.alleaves.models import Fetched, InvalidRecord, InventoryRow, Item
from alleaves_sync.alleaves.paging import read_all
from alleaves_sync.alleaves.wire import INVENTORY, ITEMS, Page
from alleaves_sync.errors import ReadIncomplete, WrongAnswer

Entry = InventoryRow | InvalidRecord
TAKE = 500


Announcing = tuple[InventoryRow, int]  # a row, and the total that stands in it


def one(number: int, total: int) -> Announcing:
    return InventoryRow(number, number, f"item {number}", Decimal(1), Decimal(1), id_area=7), total


@functools.cache
def stock(count: int, total: int | None = None) -> Sequence[Announcing]:
    return [one(number, count if total is None else total) for number in range(count)]


def page_of(records: Iterable[Announcing]) -> Page[InventoryRow]:
    some = tuple(records)
    entries = tuple(((row.id_batch, row.id_area), row) for row, _ in some)
    return Page(entries, frozenset(total for _, total in some))


class Shelf:
    """Serves slices of what `at` says is there when call number n comes; remembers what was asked."""

    def __init__(
        self, at: Callable[[int], Sequence[Announcing]], size: Callable[[int], int] = lambda _: TAKE
    ):
        self._at = at
        self._size = size
        self._lock = threading.Lock()
        self.asked: list[int] = []

    def __call__(self, skip: int) -> Page[InventoryRow]:
        with self._lock:
            number = len(self.asked)
            self.asked.append(skip)
        return page_of(self._at(number)[skip : skip + self._size(number)])


def read(shelf: Callable[[int], Page[InventoryRow]]) -> Fetched[InventoryRow]:
    return read_all(INVENTORY, shelf)


def ids(fetched: Fetched[InventoryRow]) -> list[int]:
    return [row.id_batch for row in fetched.records]


@pytest.mark.parametrize("count", [1, 499, 500, 501, 1000, 3701])
def test_every_row_comes_once_and_in_order(count: int) -> None:
    shelf = Shelf(lambda _: stock(count))
    fetched = read(shelf)
    assert ids(fetched) == list(range(count))
    assert fetched.total == count
    assert sorted(shelf.asked) == list(range(0, count, TAKE))


def test_an_empty_first_page_is_a_complete_read_of_nothing() -> None:
    """Lesson: the brake fired for ever on a shop that was rightly empty."""
    assert read(Shelf(lambda _: [])) == Fetched((), (), 0)


@pytest.mark.parametrize("cap", [1, 7, 100, 499])
def test_a_server_that_clamps_the_page_size_is_read_to_its_end(cap: int) -> None:
    """Lesson: the client strode by the size it had asked for: 500 of 20,000 rows, exit 0."""
    shelf = Shelf(lambda _: stock(1003), lambda _: cap)
    assert ids(read(shelf)) == list(range(1003))
    assert sorted(shelf.asked) == list(range(0, 1003, cap))


def test_a_server_that_cuts_pages_by_bytes_is_read_one_page_after_the_other() -> None:
    sizes = [300, 280, 310, 290]
    shelf = Shelf(lambda _: stock(2000), lambda number: sizes[number % 4])
    assert ids(read(shelf)) == list(range(2000))


def test_a_server_that_gives_more_than_was_asked_is_read_too() -> None:
    shelf = Shelf(lambda _: stock(1700), lambda _: 1700)
    assert ids(read(shelf)) == list(range(1700))
    assert shelf.asked == [0]


def moved(rows: Sequence[Announcing], places: int) -> list[Announcing]:
    return [*rows[places:], *rows[:places]]


def test_rows_that_move_between_pages_are_noticed_and_read_again() -> None:
    """Lesson: rows moved between pages while being read: one twice, one never."""
    shelf = Shelf(lambda number: moved(stock(1200), 3) if 0 < number < 3 else stock(1200))
    assert ids(read(shelf)) == list(range(1200))
    assert len(shelf.asked) > 3


def test_rows_that_never_rest_end_in_an_error_and_not_in_a_short_answer() -> None:
    """Lesson: a short POS answer set the whole shop's stock to zero."""
    shelf = Shelf(lambda number: moved(stock(1200), 3 * number))
    with pytest.raises(ReadIncomplete) as caught:
        read(shelf)
    assert (caught.value.service, caught.value.endpoint) == ("Alleaves", "POST /inventory/search")
    assert caught.value.got < caught.value.expected == 1200
    assert caught.value.attempts == 3


def test_a_page_that_lacks_rows_is_not_believed() -> None:
    with pytest.raises(ReadIncomplete) as caught:
        read(Shelf(lambda _: stock(1195, total=1200)))
    assert (caught.value.got, caught.value.expected) == (1195, 1200)


def test_a_short_page_in_the_middle_ends_the_try_at_once() -> None:
    shelf = Shelf(lambda _: stock(8000), lambda number: 400 if number == 1 else 500)
    assert ids(read(shelf)) == list(range(8000))
    assert len(shelf.asked) <= 16 + 6


def test_a_total_that_changes_on_the_way_is_read_again() -> None:
    shelf = Shelf(lambda number: stock(1200) if number == 0 else stock(1201))
    assert ids(read(shelf)) == list(range(1201))
    assert shelf.asked.count(0) == 2


@pytest.mark.parametrize("total", [5, 5000])
def test_a_total_that_is_not_true_is_not_believed(total: int) -> None:
    with pytest.raises(ReadIncomplete) as caught:
        read(Shelf(lambda _: stock(100, total=total)))
    assert (caught.value.got, caught.value.expected) == (100, total)


def test_a_total_far_above_what_is_there_is_not_asked_for_page_by_page() -> None:
    shelf = Shelf(lambda _: stock(3, total=3000))
    with pytest.raises(ReadIncomplete):
        read(shelf)
    assert len(shelf.asked) <= 1 + 2 * 4 + 2 * 2  # up to four at once ahead, then two tries page by page


def test_a_server_that_ignores_skip_ends_in_an_error() -> None:
    calls: list[int] = []

    def always_the_first(skip: int) -> Page[InventoryRow]:
        calls.append(skip)
        return page_of(stock(TAKE, total=20_000))

    with pytest.raises(ReadIncomplete) as caught:
        read(always_the_first)
    assert (caught.value.got, caught.value.expected) == (500, 20_000)
    assert len(calls) <= 3 * 6


def test_a_row_that_comes_twice_counts_once() -> None:
    def overlapping(skip: int) -> Page[InventoryRow]:
        rows = stock(1000)
        return page_of(rows[:500] if skip == 0 else rows[499:])

    assert ids(read(overlapping)) == list(range(1000))


def test_nothing_after_something_is_not_believed() -> None:
    shelf = Shelf(lambda number: stock(1000, total=1200) if number < 3 else [])
    with pytest.raises(ReadIncomplete) as caught:
        read(shelf)
    assert (caught.value.got, caught.value.expected) == (0, 1200)


def test_an_invalid_record_counts_for_the_proof_and_is_handed_on() -> None:
    """Lesson: one bad record stopped the run (P6a)."""
    bad = InvalidRecord(4001, "item", "available", "is missing")
    page = page_of(stock(2, total=3))
    fetched = read(lambda _: Page((*page.entries, ((9, None), bad)), page.totals))
    assert (ids(fetched), fetched.invalid, fetched.total) == ([0, 1], (bad,), 3)


def test_rows_none_of_which_names_a_total_prove_nothing() -> None:
    page = page_of(stock(2))
    with pytest.raises(WrongAnswer) as caught:
        read(lambda _: Page(page.entries, frozenset()))
    assert caught.value.field == "total_rows"


# -- items, which may name no total at all -------------------------------------------------------------------


def item_page(numbers: Iterable[int], total: int | None = None) -> Page[Item]:
    some = [Item(number) for number in numbers]
    return Page(tuple(((r.id_item,), r) for r in some), frozenset(() if total is None else (total,)))


def test_without_a_total_items_are_read_to_the_empty_page() -> None:
    asked: list[int] = []

    def fetch(skip: int) -> Page[Item]:
        asked.append(skip)
        return item_page(range(skip, min(skip + 400, 1000)))

    fetched = read_all(ITEMS, fetch)
    assert (len(fetched.records), fetched.total) == (1000, 1000)
    assert asked == [0, 400, 800, 1000]


def test_without_a_total_an_item_that_comes_twice_means_that_they_moved() -> None:
    calls: list[int] = []

    def fetch(skip: int) -> Page[Item]:
        calls.append(skip)
        shift = 1 if len(calls) == 2 else 0
        return item_page(range(skip - shift, min(skip + 400, 1000) - shift))

    assert [item.id_item for item in read_all(ITEMS, fetch).records] == list(range(1000))
    assert calls == [0, 400, 0, 400, 800, 1000]


def test_without_a_total_a_server_that_ignores_skip_ends_in_an_error() -> None:
    calls: list[int] = []

    def fetch(skip: int) -> Page[Item]:
        calls.append(skip)
        return item_page(range(500))

    with pytest.raises(ReadIncomplete) as caught:
        read_all(ITEMS, fetch)
    assert (caught.value.got, caught.value.expected) == (500, 1000)
    assert calls == [0, 500] * 3


def test_items_with_a_total_are_proved_by_it() -> None:
    fetched = read_all(ITEMS, lambda skip: item_page(range(skip, min(skip + 500, 1234)), total=1234))
    assert fetched.total == len(fetched.records) == 1234


# -- ahead ---------------------------------------------------------------------------------------------------


def test_at_most_four_pages_are_fetched_at_once_and_the_first_alone() -> None:
    lock, running, most = threading.Lock(), [0], [0]
    alone: list[int] = []
    four = threading.Barrier(4, timeout=5)

    def fetch(skip: int) -> Page[InventoryRow]:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
            if skip == 0:
                alone.append(running[0])
        if 500 <= skip <= 2000:
            four.wait()
        page = page_of(stock(5000)[skip : skip + 500])
        with lock:
            running[0] -= 1
        return page

    assert ids(read(fetch)) == list(range(5000))
    assert (most, alone) == ([4], [1])


def test_progress_is_told_page_by_page_in_the_thread_of_the_caller() -> None:
    told: list[tuple[str, int, int]] = []
    here = threading.current_thread()

    def on_page(name: str, done: int, total: int) -> None:
        assert threading.current_thread() is here
        told.append((name, done, total))

    read_all(INVENTORY, Shelf(lambda _: stock(1100)), on_page)
    read_all(ITEMS, lambda skip: item_page(range(skip, 1)), on_page)
    assert told == [
        ("inventory", 500, 1100),
        ("inventory", 1000, 1100),
        ("inventory", 1100, 1100),
        ("items", 1, 0),
        ("items", 1, 0),
    ]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_on_one_page_ends_the_read_and_leaves_no_thread_asking(error: type[BaseException]) -> None:
    asked: list[int] = []

    def fetch(skip: int) -> Page[InventoryRow]:
        asked.append(skip)
        if skip == 1000:
            raise error
        return page_of(stock(8000)[skip : skip + 500])

    before = threading.active_count()
    with pytest.raises(error):
        read(fetch)
    for thread in threading.enumerate():
        if thread.name.startswith("alleaves-page"):
            thread.join(5)
    assert threading.active_count() == before
    assert len(asked) <= 6


def test_an_interrupt_does_not_wait_for_pages_under_way() -> None:
    late, let_go = threading.Event(), list[bool]()

    def fetch(skip: int) -> Page[InventoryRow]:
        if skip > 500:
            let_go.append(late.wait(20))
        return page_of(stock(8000)[skip : skip + 500])

    def on_page(_name: str, done: int, _total: int) -> None:
        if done > 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_all(INVENTORY, fetch, on_page)
    late.set()
    for thread in threading.enumerate():
        if thread.name.startswith("alleaves-page"):
            thread.join(5)
    assert let_go
    assert all(let_go)
