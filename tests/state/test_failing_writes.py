"""Writes that fail, processes that die: what was there before is there after."""

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alleaves_sync.errors import StateUnusable, WriteFailed
from alleaves_sync.state import ItemRecord, StateFile

from .support import (
    HERE,
    NOW,
    answer_of,
    change,
    damage_the_items,
    item,
    product,
    run,
    start,
    wait_for,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "state.db"
    with StateFile.open(path) as state:
        state.record(HERE, run(), [item(1), item(2)], [change(1, "{}")])
    return path


def everything(path: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return [
            connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # names from here
            for table in ("items", "runs", "changes", "locations")
        ]


def broken_items() -> Iterator[ItemRecord]:
    yield item(3)
    raise LookupError("the mapping fell over")


def test_a_write_that_is_broken_off_by_its_caller_changes_nothing(path: Path) -> None:
    before = everything(path)
    with StateFile.open(path) as state:
        with pytest.raises(LookupError):
            state.record(HERE, run("run-2"), broken_items(), [])
        with pytest.raises(LookupError):
            state.adopt(HERE, broken_items(), NOW)
        state.check()
    assert everything(path) == before


def test_a_record_that_does_not_fit_changes_nothing(path: Path) -> None:
    before = everything(path)
    wrong = ItemRecord("3", "Three", "sold")  # type: ignore[arg-type]
    with StateFile.open(path) as state, pytest.raises(WriteFailed) as caught:
        state.record(HERE, run("run-2"), [item(4), wrong], [])
    assert "CHECK" in caught.value.detail
    assert everything(path) == before


def test_a_lock_that_is_held_too_long_is_told_and_changes_nothing(path: Path) -> None:
    """Lesson: 'database is locked' when two commands met."""
    before = everything(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with StateFile.open(path, busy_seconds=0.05) as state, pytest.raises(WriteFailed) as caught:
            state.save_run(run("run-2"))
    assert caught.value.path == path
    assert "locked" in caught.value.detail
    assert everything(path) == before


def test_a_lock_that_is_soon_given_back_is_waited_for(path: Path) -> None:
    code = """
with StateFile.open(path) as state:
    state._db.conn.execute("BEGIN IMMEDIATE")
    print("taken", flush=True)
    time.sleep(0.2)
"""
    process = start(code, path)
    assert process.stdout
    assert process.stdout.readline() == "taken\n"
    with StateFile.open(path) as state:
        state.save_run(run("run-2"))
        assert state.last_run(HERE, "inventory") == run("run-2")
    process.communicate()


def test_two_processes_that_write_at_once_both_get_it_all_in(path: Path) -> None:
    """Lesson: 'database is locked' when two commands met."""
    code = """
with StateFile.open(path) as state:
    for number in range(40):
        name = f"{sys.argv[2]}-{number}"
        list(state.items(HERE))
        state.record(HERE, run(name), [item(number, name=name)], [change(number, "{}", run_id=name)])
"""
    processes = [start(code, path, name) for name in ("a", "b", "c")]
    assert [process.communicate(timeout=60)[1] for process in processes] == [""] * 3
    items, runs, changes, _ = everything(path)
    assert (len(items), len(runs), len(changes)) == (40, 121, 121)


def test_a_full_database_leaves_what_was_there(path: Path) -> None:
    before = everything(path)
    with StateFile.open(path) as state:
        pages = state._db.execute("PRAGMA page_count").fetchone()[0]
        state._db.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(WriteFailed) as caught:
            state.record(HERE, run("run-2"), (item(number) for number in range(500)), [])
        assert "full" in caught.value.detail
        state.check()
        state.save_run(run("run-3"))
    items, runs, changes, locations = everything(path)
    assert [items, runs[:-1], changes, locations] == before


def test_a_full_disk_leaves_what_was_there(path: Path) -> None:
    before = everything(path)
    code = """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
with StateFile.open(path) as state:
    for write in (
        lambda: state.record(HERE, run("run-2"), (item(number, d="x" * 900) for number in range(2000)), []),
        lambda: state.adopt(HERE, (item(number, d="x" * 900) for number in range(2000)), NOW),
        lambda: state.note_sent(HERE, run("run-2"), ((str(n), product(n, d="x" * 900)) for n in range(2000))),
    ):
        try:
            write()
        except WriteFailed as error:
            print(error.path == path)
    state.check()
"""
    assert answer_of(code, path) == "True\nTrue\nTrue"
    assert everything(path) == before
    with StateFile.open(path) as state:
        state.record(HERE, run("run-2"), [item(3)], [])


def test_a_file_that_became_read_only_after_it_was_opened_is_told(path: Path) -> None:
    with StateFile.open(path) as state:
        state._db.execute("PRAGMA query_only = ON")
        with pytest.raises(WriteFailed) as caught:
            state.save_run(run("run-2"))
    assert "readonly" in caught.value.detail


def test_damage_that_a_write_meets_is_told_as_damage(path: Path) -> None:
    damage_the_items(path)
    before = path.read_bytes()
    with StateFile.open(path) as state, pytest.raises(StateUnusable) as caught:
        state.record(HERE, run("run-2"), (item(number) for number in range(200)), [])
    assert caught.value.reason == "corrupt"
    assert path.read_bytes() == before


WRITE_ON_AND_ON = """
from itertools import count
with StateFile.open(path) as state:
    for number in count():
        name = f"run-{number}"
        numbers = range(number % 7, number % 7 + 100)
        state.note_sent(HERE, run(name, number, "running"), ((str(n), product(n, run=name)) for n in numbers))
        state.record(
            HERE,
            run(name, number),
            (item(n, run=name) for n in numbers),
            (change(n, "{}", run_id=name) for n in numbers),
        )
        path.with_name("begun").touch()
"""


def test_a_process_killed_at_any_moment_leaves_whole_transactions(tmp_path: Path) -> None:
    """A kill -9 in the middle of writes: each run has all its changes or, cut off, none."""
    moments = random.Random(4)
    for attempt in range(8):
        path = tmp_path / f"{attempt}.db"
        process = start(WRITE_ON_AND_ON, path)
        wait_for(tmp_path / "begun")
        time.sleep(moments.uniform(0, 0.1))
        process.kill()
        process.communicate()
        (tmp_path / "begun").unlink()
        with StateFile.open_for_reading(path) as state:
            state.check()
        with StateFile.open(path) as state:
            state.check()
            last = state.last_run(HERE, "inventory")
            assert last
            in_doubt = [found for found in state.items(HERE) if found.attempted]
            assert len(in_doubt) == (100 if last.outcome == "running" else 0)
            halves = state._db.execute(
                "SELECT count(*) FROM changes GROUP BY run_id HAVING count(*) % 100 <> 0"
            ).fetchall()
            assert halves == []


def test_a_process_killed_in_a_transaction_leaves_no_lock(path: Path) -> None:
    """Lesson: the lock left by a killed process stopped the job for weeks."""
    before = everything(path)
    code = """
state = StateFile.open(path)
state._db.conn.execute("BEGIN IMMEDIATE")
state._db.conn.execute("DELETE FROM items")
print("in the middle", flush=True)
input()
"""
    process = start(code, path)
    assert process.stdout
    assert process.stdout.readline() == "in the middle\n"
    process.kill()
    process.communicate()
    assert everything(path) == before
    with StateFile.open(path, busy_seconds=0) as state:
        state.save_run(run("run-2"))


def test_ctrl_c_in_a_transaction_takes_it_back(path: Path) -> None:
    def interrupted() -> Iterator[tuple[str, str]]:
        yield "1", product(1, price=6)
        raise KeyboardInterrupt

    before = everything(path)
    with StateFile.open(path) as state, pytest.raises(KeyboardInterrupt):
        state.note_sent(HERE, run("run-2"), interrupted())
    assert everything(path) == before


def test_an_error_of_the_state_file_names_no_content(path: Path) -> None:
    wrong = ItemRecord("3", "Jane Doe", "sold")  # type: ignore[arg-type]
    with StateFile.open(path) as state, pytest.raises(WriteFailed) as caught:
        state.record(HERE, run("run-2"), [wrong], [])
    assert "Jane" not in str(caught.value)
