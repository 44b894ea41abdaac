"""The state file as the flows see it: open it, ask it, write to it. One connection, used by one thread."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlite_utils import Database

from alleaves_sync.errors import StateUnusable
from alleaves_sync.state import care, links, menu, orders, reporting, runs
from alleaves_sync.state.opening import BUSY_SECONDS, open_for_reading, open_for_writing
from alleaves_sync.state.records import (
    ChangeRecord,
    Decided,
    ItemRecord,
    LinkKind,
    OrderRecord,
    RunRecord,
    StepRecord,
)
from alleaves_sync.state.transactions import reading, unwritable_told, writing

T = TypeVar("T")
Stamp = tuple[int, int, int] | None


class StateFile:
    """An open state file. Every write is one transaction: all of it is on the disk, or nothing is changed.

    Reading raises StateUnusable, writing WriteFailed (disk full, no permission, locked for too long), or
    StateUnusable (`corrupt`) for a damaged file. Rows are all read before the first one is handed out, but
    for those of `decided` and `products` in a file that is open for writing.
    sqlite3.ProgrammingError stays what it is: the file was closed, or belongs to another thread.
    """

    def __init__(self, path: Path, db: Database, *, read_only: bool, stamp: Stamp = None) -> None:
        self.path = path
        self._db = db
        self._read_only = read_only
        self._stamp = stamp

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Self:
        """Open the file for a run; create it (0600, its folder 0700) or bring it up to date where needed.

        `busy_seconds`: how long a write waits for another process. Raises StateUnusable: `newer`, `corrupt`,
        `read-only` or `unreachable`; such a file is left as it is.
        """
        return cls(path, open_for_writing(path, busy_seconds), read_only=False)

    @classmethod
    def open_for_reading(cls, path: Path) -> Self:
        """Open the file only to look: no byte is written, no file created. A missing file is an empty state.

        Raises StateUnusable as `open` does. Writing to it raises WriteFailed.
        """
        stamp = _stamp(path)
        return cls(path, open_for_reading(path), read_only=True, stamp=stamp)

    def close(self) -> None:
        """Close the connection. Closing twice does nothing."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- asking ----------------------------------------------------------------------------------------------

    def menu_is_known(self, location: str, on: str | None = None) -> bool:
        """Whether the menu of the location was ever built here, or rebuilt; `on`: on that storefront."""
        return self._ask(lambda: menu.is_known(self._db.conn, location, on))

    def items(self, location: str) -> Iterator[ItemRecord]:
        """Everything known of the location's items, in no particular order."""
        return self._ask(lambda: menu.select_items(self._db.conn, location))

    def item(self, location: str, pos_product_id: str) -> ItemRecord | None:
        """Everything known of one item."""
        return self._ask(lambda: menu.select_item(self._db.conn, location, pos_product_id))

    def decided(self, location: str) -> Iterator[Decided]:
        """What was decided about the location's items, in the order of their ids as numbers."""
        return self._stream(lambda: menu.select_decided(self._db.conn, location))

    def in_doubt(self, location: str) -> int:
        """How many products were sent and have no answer yet."""
        return self._ask(lambda: menu.count_in_doubt(self._db.conn, location))

    def products(self, location: str) -> Iterator[str]:
        """The menu: the JSON text of every known product, in the order of their ids as numbers."""
        return self._stream(lambda: menu.select_products(self._db.conn, location))

    def last_run(self, location: str, flow: str) -> RunRecord | None:
        """The run that was noted last, however it ended: by the order of noting, which no clock can turn."""
        return self._ask(lambda: runs.select_last(self._db, location, flow, good=False))

    def last_good_run(self, location: str, flow: str) -> RunRecord | None:
        """The last run that did its work: `ok`, or `partial` (all but a few items, which it names)."""
        return self._ask(lambda: runs.select_last(self._db, location, flow, good=True))

    def history(self, location: str, pos_product_id: str) -> Iterator[ChangeRecord]:
        """All changes of one product, oldest first."""
        return self._ask(lambda: runs.select_history(self._db.conn, location, pos_product_id))

    def changes_of_run(self, location: str, run_id: str) -> Iterator[ChangeRecord]:
        """All changes of one run, in the order in which they were written."""
        return self._ask(lambda: runs.select_of_run(self._db.conn, location, run_id))

    def run_ids(self, location: str) -> list[str]:
        """The ids of all runs, in the order in which they were noted."""
        return self._ask(lambda: runs.select_ids(self._db.conn, location))

    def order(self, location: str, order_id: str) -> OrderRecord | None:
        """What the ledger knows of one order of the storefront."""
        return self._ask(lambda: orders.select(self._db, location, order_id))

    def orders(self, location: str, *, waiting: bool = False) -> tuple[OrderRecord, ...]:
        """The ledger, in the order of being seen; `waiting`: only what the view `orders_waiting` shows."""
        return self._ask(lambda: orders.select_all(self._db, location, waiting=waiting))

    def steps(self, location: str, order_id: str) -> tuple[StepRecord, ...]:
        """Every step of one order, oldest first."""
        return self._ask(lambda: orders.select_steps(self._db.conn, location, order_id))

    def watermark(self, location: str) -> datetime | None:
        """How far the storefront's orders were read by the last push that went well."""
        return self._ask(lambda: orders.select_watermark(self._db.conn, location))

    def linked_customers(self, account: str, kind: LinkKind, digest: str) -> tuple[int, ...]:
        """The profiles under the keyed hash of a medical ID or phone (`patients.py`)."""
        return self._ask(lambda: links.find(self._db.conn, account, kind, digest))

    def links_scanned_at(self, account: str, key_check: str) -> datetime | None:
        """When everybody was scanned under this key."""
        return self._ask(lambda: links.scanned_at(self._db.conn, account, key_check))

    def profile_made(self, account: str, digest: str, since: datetime) -> int | None:
        """The profile that this program made for somebody `since` then."""
        return self._ask(lambda: links.made(self._db.conn, account, digest, since))

    def check(self) -> None:
        """Read the whole file (SQLite's `quick_check`). Raises StateUnusable: `corrupt`."""
        verdict = self._ask(lambda: str(self._db.execute("PRAGMA quick_check(1)").fetchone()[0]))
        if verdict != "ok":
            raise StateUnusable(self.path, "corrupt", verdict)

    def faults(self) -> list[str]:
        """What is wrong with the file and its values, by the longest check there is; empty: nothing."""
        return self._ask(lambda: care.faults(self._db.conn))

    def contents(self, location: str) -> care.Contents:
        """How much the file holds of one location."""
        return self._ask(lambda: care.contents(self._db.conn, location))

    def old_runs(self, location: str, before: datetime, now: datetime, most: int) -> list[str]:
        """Ids of up to `most` runs of each flow that began `before`; never its last one, or last good one.

        Nor one that was noted after a younger one: the clock was set back then, and its date is wrong.
        """
        return self._ask(lambda: care.old_runs(self._db.conn, location, before, now, most))

    def runs_since(self, location: str, flow: str, since: datetime) -> list[reporting.RunFigures]:
        """The runs of a flow that began since then in figures, oldest first."""
        return self._ask(lambda: reporting.runs_since(self._db.conn, location, flow, since))

    def changes_since(self, location: str, flow: str, since: datetime) -> Iterator[reporting.NamedChange]:
        """What the runs of a flow that began since then changed, oldest first."""
        return self._ask(lambda: reporting.changes_since(self._db.conn, location, flow, since))

    def off_menu(self, location: str, examples: int) -> list[reporting.OffMenu]:
        """Hidden and withheld items by their reasons, with up to so many examples of each."""
        return self._ask(lambda: reporting.off_menu(self._db.conn, location, examples))

    def unmapped(self, location: str) -> list[tuple[str, int]]:
        """POS categories without an AIQ category, and their items; most first."""
        return self._ask(lambda: reporting.unmapped(self._db.conn, location))

    # -- writing: each call is one transaction ---------------------------------------------------------------

    def note_sent(self, location: str, run: RunRecord, attempts: Iterable[tuple[str, str]]) -> None:
        """Before sending: note the run, and (pos_product_id, JSON of the whole product) as in doubt."""
        with writing(self._db, self.path) as connection:
            runs.save_run(self._db, run)
            menu.note_sent(connection, location, attempts, run.started_at)

    def record(
        self,
        location: str,
        run: RunRecord,
        items: Iterable[ItemRecord],
        changes: Iterable[ChangeRecord],
        forgotten: Iterable[str] = (),
        *,
        decisions: Iterable[ItemRecord] = (),
        on: str = "",
    ) -> None:
        """After an answer: what is known now, what changed, and the run so far. The menu counts as known.

        An item that is equal to its row (`updated_at` apart) is not written. `decisions` say nothing of the
        product that is known, or in doubt. `forgotten`: ids of items that the POS no longer has; a row that
        holds a product, known or in doubt, stays. `on`: the storefront that holds the menu, empty where this
        file is all of it.
        """
        with writing(self._db, self.path) as connection:
            runs.save_run(self._db, run)
            menu.save_items(connection, location, items)
            menu.save_decisions(connection, location, decisions)
            menu.forget_items(connection, location, forgotten)
            menu.note_known(connection, location, run.started_at, anew=False, on=on)
            runs.save_changes(connection, location, changes)

    def adopt(self, location: str, items: Iterable[ItemRecord], at: datetime, *, on: str = "") -> None:
        """Take over a menu that was rebuilt from elsewhere at `at`: it replaces all that was known."""
        with writing(self._db, self.path) as connection:
            menu.replace_items(connection, location, items)
            menu.note_known(connection, location, at, anew=True, on=on)

    def save_run(self, run: RunRecord) -> None:
        """Write the run as it stands now, and nothing else."""
        with writing(self._db, self.path):
            runs.save_run(self._db, run)

    def save_order(self, record: OrderRecord, *steps: StepRecord) -> None:
        """Write an order as it stands now, and add steps to it. `seen_at` stays what it first was."""
        with writing(self._db, self.path) as connection:
            orders.save(connection, record)
            orders.save_steps(connection, steps)

    def set_watermark(self, location: str, at: datetime) -> None:
        """Note that the storefront's orders were read, and dealt with, as of `at`."""
        with writing(self._db, self.path) as connection:
            orders.set_watermark(connection, location, at)

    def link_customers(self, account: str, found: Iterable[links.Link]) -> None:
        """Add links of patients."""
        with writing(self._db, self.path) as connection:
            links.add(connection, account, found)

    def note_profile_made(
        self, account: str, digest: str, id_customer: int, at: datetime, until: datetime
    ) -> None:
        """Note that a profile was made `at` that time; what was made before `until` is forgotten."""
        with writing(self._db, self.path) as connection:
            links.note_made(connection, account, digest, id_customer, at, until)

    def unlink_customer(self, account: str, id_customer: int) -> None:
        """Drop all links of one profile."""
        with writing(self._db, self.path) as connection:
            links.drop(connection, account, id_customer)

    def replace_links(self, account: str, found: Iterable[links.Link], at: datetime, key_check: str) -> None:
        """Make `found` all links of the account: everybody was scanned at `at`."""
        with writing(self._db, self.path) as connection:
            links.replace(connection, account, found, at, key_check)

    def forget_links(self) -> None:
        """Drop the links of all accounts: their key is lost."""
        with writing(self._db, self.path) as connection:
            links.forget_all(connection)

    def drop_runs(self, run_ids: Sequence[str]) -> int:
        """Drop runs and their changes; how many changes these were."""
        with writing(self._db, self.path) as connection:
            return care.drop_runs(connection, run_ids)

    def forget_menu(self, location: str) -> int:
        """Forget the menu of the location, so that the next run rebuilds it; how many items these were."""
        with writing(self._db, self.path) as connection:
            return care.forget_menu(connection, location)

    def compact(self) -> None:
        """Give unused space back to the disk; takes as much again meanwhile. Raises WriteFailed."""
        with unwritable_told(self.path):
            self._db.execute("VACUUM")

    @property
    def rows_written(self) -> int:
        """How many rows this connection has inserted, updated or deleted since it was opened."""
        return self._db.conn.total_changes

    # -- reading a file that others write --------------------------------------------------------------------

    def _ask(self, question: Callable[[], T]) -> T:
        """Answer; for a reader, once more where the file was changed under its hands.

        A reader of a file that nobody had open holds no lock: a run that begins meanwhile may move its pages.
        """
        with reading(self.path):
            if not self._read_only:
                return question()
            try:
                answer = question()
                if self._stamp == _stamp(self.path):
                    return answer
            except sqlite3.DatabaseError:
                if self._stamp == _stamp(self.path):
                    raise
            self._reopen()
            return question()

    def _stream(self, question: Callable[[], Iterator[T]]) -> Iterator[T]:
        """For a run the rows are handed out as they are read: its lock keeps other writers away."""
        return iter(self._ask(lambda: list(question()))) if self._read_only else self._streamed(question)

    def _streamed(self, question: Callable[[], Iterator[T]]) -> Iterator[T]:
        with reading(self.path):
            yield from question()

    def _reopen(self) -> None:
        self._stamp = _stamp(self.path)
        self._db.close()
        self._db = open_for_reading(self.path)


def _stamp(path: Path) -> Stamp:
    """Changes whenever the file is written or replaced; None while there is none."""
    try:
        now = path.stat()
    except OSError:
        return None
    return now.st_ino, now.st_size, now.st_mtime_ns
