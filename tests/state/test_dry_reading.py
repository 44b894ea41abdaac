"""Reading for a dry run: the right answer, and not a trace on the disk."""

import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alleaves_sync.errors import StateUnusable, WriteFailed
from alleaves_sync.state import StateFile

from .support import HERE, answer_of, damage_the_items, folder, item, run, start, without_marks


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def record(path: Path, *numbers: int) -> None:
    with StateFile.open(path) as state:
        state.record(HERE, run(), map(item, numbers), [])


def ids(path: Path) -> list[str]:
    with StateFile.open_for_reading(path) as state:
        state.check()
        return sorted(found.pos_product_id for found in state.items(HERE))


def test_a_missing_file_is_an_empty_state(tmp_path: Path) -> None:
    with StateFile.open_for_reading(tmp_path / "nowhere" / "state.db") as state:
        assert not state.menu_is_known(HERE)
        assert not list(state.items(HERE))
        assert not list(state.products(HERE))
        assert not list(state.history(HERE, "1"))
        assert state.last_run(HERE, "inventory") is None
        assert state.last_good_run(HERE, "inventory") is None
        with pytest.raises(WriteFailed):
            state.save_run(run())
    assert not list(tmp_path.iterdir())


def test_a_file_at_rest_stays_as_it_is(path: Path) -> None:
    record(path, 1, 2)
    before = folder(path.parent)
    assert ids(path) == ["1", "2"]
    assert folder(path.parent) == before


def test_a_reader_cannot_write(path: Path) -> None:
    record(path, 1)
    before = folder(path.parent)
    with StateFile.open_for_reading(path) as state, pytest.raises(WriteFailed) as caught:
        state.record(HERE, run(), [item(2)], [])
    assert caught.value.path == path
    assert folder(path.parent) == before


@pytest.fixture
def other_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Holds the file open with a transaction that it has only just committed, until it is told to go on."""
    record(path, 1)
    code = """
state = StateFile.open(path)
state.record(HERE, run(), [item(1), item(2)], [])
print("written", flush=True)
input()
list(state.items(HERE))
state.save_run(run("run-2"))
list(state.items(HERE))
print("read", flush=True)
input()
"""
    process = start(code, path)
    assert process.stdout
    assert process.stdout.readline() == "written\n"
    yield process
    process.kill()
    process.communicate()


def test_a_file_that_a_run_has_open_is_read_with_what_the_run_wrote(
    path: Path, other_process: subprocess.Popen[str]
) -> None:
    before = folder(path.parent)
    assert ids(path) == ["1", "2"]
    assert before.keys() == {"state.db", "state.db-wal", "state.db-shm"}
    assert without_marks(folder(path.parent)) == without_marks(before)
    assert other_process.stdin
    assert other_process.stdout
    other_process.stdin.write("\n")
    other_process.stdin.flush()
    assert other_process.stdout.readline() == "read\n"
    before = folder(path.parent)
    assert ids(path) == ["1", "2"]
    assert folder(path.parent) == before


def test_what_a_killed_run_left_is_read_and_left(path: Path, other_process: subprocess.Popen[str]) -> None:
    other_process.kill()
    other_process.wait()
    before = folder(path.parent)
    assert before.keys() == {"state.db", "state.db-wal", "state.db-shm"}
    assert ids(path) == ["1", "2"]
    assert without_marks(folder(path.parent)) == without_marks(before)


def test_one_process_may_read_and_write_what_a_killed_run_left(
    path: Path, other_process: subprocess.Popen[str]
) -> None:
    other_process.kill()
    other_process.wait()
    with StateFile.open_for_reading(path) as reader, StateFile.open(path) as writer:
        writer.record(HERE, run("run-3"), [item(3)], [])
        assert len(list(reader.items(HERE))) == len(list(writer.items(HERE))) == 3


def test_a_copied_folder_without_the_shared_memory_is_read_whole(
    path: Path, tmp_path: Path, other_process: subprocess.Popen[str]
) -> None:
    other_process.kill()
    other_process.wait()
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("state.db", "state.db-wal"):
        shutil.copy(tmp_path / name, copy)
    before = folder(copy)
    assert ids(copy / path.name) == ["1", "2"]
    assert folder(copy) == before


def test_a_copied_folder_that_cannot_be_read_from_a_copy_is_unreachable(
    path: Path, other_process: subprocess.Popen[str]
) -> None:
    other_process.kill()
    other_process.wait()
    path.with_name("state.db-shm").unlink()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(StateUnusable) as caught:
            StateFile.open_for_reading(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert caught.value.reason == "unreachable"


def test_an_empty_side_file_means_nothing(path: Path) -> None:
    record(path, 1)
    path.with_name("state.db-wal").touch()
    before = folder(path.parent)
    assert ids(path) == ["1"]
    assert folder(path.parent) == before


def test_a_run_that_comes_and_goes_while_the_file_is_being_read_is_seen(path: Path) -> None:
    record(path, 1)
    with StateFile.open_for_reading(path) as state:
        assert len(list(state.items(HERE))) == 1
        record(path, *range(1, 301))
        assert len(list(state.items(HERE))) == 300


def test_the_first_run_that_comes_while_there_is_no_file_is_seen(path: Path) -> None:
    with StateFile.open_for_reading(path) as state:
        record(path, 1)
        assert len(list(state.items(HERE))) == 1


def test_a_file_that_is_replaced_by_rubbish_while_it_is_read_is_corrupt(path: Path) -> None:
    record(path, 1)
    with StateFile.open_for_reading(path) as state:
        path.write_text("rubbish\n" * 2000)
        with pytest.raises(StateUnusable) as caught:
            state.items(HERE)
    assert caught.value.reason == "corrupt"


def test_damage_that_nobody_did_just_now_is_told_at_once(path: Path) -> None:
    record(path, *range(300))
    damage_the_items(path)
    before = folder(path.parent)
    with StateFile.open_for_reading(path) as state, pytest.raises(StateUnusable) as caught:
        state.items(HERE)
    assert caught.value.reason == "corrupt"
    assert folder(path.parent) == before


def test_rows_can_still_be_taken_after_the_file_is_closed(path: Path) -> None:
    record(path, 1, 2)
    with StateFile.open_for_reading(path) as state:
        items, products = state.items(HERE), state.products(HERE)
    assert len(list(items)) == len(list(products)) == 2


def test_datasette_and_a_run_share_the_file(path: Path) -> None:
    """A plain reader in the middle of a query does not stop a run from writing."""
    record(path, 1)
    with closing(sqlite3.connect(path)) as datasette:
        rows = datasette.execute("SELECT pos_product_id FROM menu")
        record(path, 1, 2)
        assert rows.fetchall() == [("1",)]
        assert len(datasette.execute("SELECT * FROM menu").fetchall()) == 2


def test_a_process_that_only_reads_makes_no_folder(tmp_path: Path) -> None:
    missing = tmp_path / "a" / "b" / "state.db"
    assert answer_of("StateFile.open_for_reading(path).close()", missing) == ""
    assert not list(tmp_path.iterdir())
