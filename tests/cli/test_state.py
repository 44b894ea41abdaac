"""`state`: check, backup, prune, rebuild."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
import typer

from alleaves_sync.errors import WriteFailed
from alleaves_sync.flows.pruning import forget_old_runs
from alleaves_sync.sandbox import Sandbox
from alleaves_sync.state import ChangeRecord, RunLock, RunRecord, StateFile
from tests.cli.conftest import Program, write_config
from tests.conftest import OpenShop
from tests.shop import NAME
from tests.state.support import damage_the_items, folder

NOW = datetime.now(UTC)


@pytest.fixture
def state(program: Program, store: Sandbox) -> Path:
    """The state file after a first run. The store's configuration has no storefront to write to."""
    assert program("--quiet", "sync-inventory").code == 0
    assert store.location_id
    return program.folder / "state.db"


def old_run(path: Path, name: str, days: float, outcome: str = "ok", location: str = "downtown") -> None:
    """A run of long ago, with two changes."""
    at = NOW - timedelta(days=days)
    run = RunRecord(name, location, "inventory", at, outcome, at)
    changes = [ChangeRecord(name, key, "update", '{"price": [1, 2]}', at) for key in ("50", "51")]
    with StateFile.open(path) as state:
        state.record(location, run, [], changes)
    with closing(sqlite3.connect(path)) as connection, connection:  # as if it had been noted then
        connection.execute(
            "UPDATE runs SET rowid = (SELECT count(*) FROM runs) - ? WHERE id = ?", (int(days * 10_000), name)
        )


def ids(path: Path, table: str, column: str) -> Iterator[str]:
    with closing(sqlite3.connect(path)) as connection:
        yield from (row[0] for row in connection.execute(f"SELECT {column} FROM {table}"))  # noqa: S608


# -- check ---------------------------------------------------------------------------------------------------


def test_check_counts_what_is_there_and_leaves_no_trace(program: Program, state: Path) -> None:
    before = folder(program.folder)

    ran = program("state", "check", "--json")

    (entry,) = ran.document["locations"]
    assert ran.code == 0
    assert (entry["location"], entry["runs"], entry["orders"]) == ("downtown", 1, 0)
    assert entry["items"] >= entry["changes"] > 0
    assert entry["bytes"] == state.stat().st_size
    assert "sound" in program("state", "check").out
    assert folder(program.folder) == before


@pytest.mark.usefixtures("store")
def test_check_without_a_file_says_so(program: Program) -> None:
    ran = program("state", "check")

    assert ran.code == 0
    assert "none yet" in ran.out
    assert program("state", "check", "--json").document["locations"][0]["bytes"] is None


def test_a_damaged_file_is_78_and_told(program: Program, state: Path) -> None:
    damage_the_items(state)

    ran = program("state", "check", "--json")

    assert ran.code == 78
    assert ran.document["error"]["code"] == "state-unusable"


def test_a_value_that_is_not_json_is_found(program: Program, state: Path) -> None:
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("UPDATE items SET product = '{' WHERE rowid = 1")

    ran = program("state", "check")

    assert ran.code == 78
    assert "product is not JSON" in ran.err


# -- backup --------------------------------------------------------------------------------------------------


def test_a_backup_is_the_same_state_for_its_owner_alone(program: Program, state: Path) -> None:
    ran = program("state", "backup", "copy.db", "--json")

    copy = program.folder / "copy.db"
    assert ran.document == {"copies": [{"state": str(state), "copy": str(copy)}]}
    assert copy.stat().st_mode & 0o777 == 0o600
    with StateFile.open_for_reading(copy) as copied, StateFile.open_for_reading(state) as original:
        assert list(copied.products("downtown")) == list(original.products("downtown"))
        assert copied.faults() == []
    assert not [path for path in program.folder.iterdir() if path.name.startswith(".copy")]


def test_a_backup_never_overwrites_without_being_told_to(program: Program, state: Path) -> None:
    copy = program.folder / "copy.db"
    copy.write_text("precious")

    ran = program("state", "backup", "copy.db")

    assert (ran.code, copy.read_text()) == (2, "precious")
    assert "--force" in ran.err
    assert program("--quiet", "state", "backup", "copy.db", "--force").code == 0
    assert copy.read_bytes()[:6] == b"SQLite"
    assert state.exists()


def test_a_backup_never_overwrites_the_state_file_itself(program: Program, state: Path) -> None:
    before = state.read_bytes()

    ran = program("state", "backup", "state.db", "--force")

    assert (ran.code, state.read_bytes()) == (2, before)
    assert "--force" not in ran.err


def test_a_backup_of_a_file_in_use_is_sound(program: Program, state: Path) -> None:
    stop = Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            old_run(state, f"busy-{number}", 1)

    writer = Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            assert program("--quiet", "state", "backup", f"copy-{number}.db").code == 0
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        with StateFile.open_for_reading(program.folder / f"copy-{number}.db") as copy:
            runs, changes = copy.contents("downtown").runs, list(copy.changes_of_run("downtown", "busy-1"))
            assert (runs > 1) == bool(changes)


def test_a_backup_without_a_state_file_or_a_folder_is_told(program: Program, state: Path) -> None:
    assert program("state", "backup", "nowhere/copy.db").code == 3
    state.unlink()
    ran = program("state", "backup", "copy.db")
    assert ran.code == 78
    assert not (program.folder / "copy.db").exists()


def test_several_state_files_need_a_copy_each(program: Program, store: Sandbox) -> None:
    write_config(program.folder, store, names=("a", "b"))
    config = program.folder / "config.yaml"
    config.write_text(config.read_text().replace("./state.db", "./{location}.db"))
    program("--quiet", "sync-inventory")

    assert program("state", "backup", "copy.db").code == 2
    assert program("state", "backup", "copy.db", "-l", "a").code == 0
    assert program("state", "backup", "copy-{location}.db").code == 0
    assert (program.folder / "copy-b.db").exists()


# -- prune ---------------------------------------------------------------------------------------------------


def test_prune_drops_old_runs_with_their_changes(program: Program, state: Path) -> None:
    for days in (100, 91, 40):
        old_run(state, f"r{days}", days)

    ran = program("state", "prune", "--json")

    assert ran.document["locations"] == [{"location": "downtown", "runs": 2, "changes": 4}]
    assert "r40" in ids(state, "runs", "id")
    assert not {"r100", "r91"} & {*ids(state, "runs", "id"), *ids(state, "changes", "run_id")}
    assert program("state", "prune", "--keep-days", "30", "--json").document["locations"][0]["runs"] == 1


def test_prune_gives_the_space_back(program: Program, state: Path) -> None:
    for number in range(300):
        old_run(state, f"r{number}", 100)
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = state.stat().st_size

    assert "dropped 300 runs, 600 changes" in program("state", "prune").err

    assert state.stat().st_size < before


def test_prune_keeps_the_last_run_and_the_last_good_one_however_old(program: Program, store: Sandbox) -> None:
    state = program.folder / "state.db"
    assert store.location_id
    old_run(state, "good", 200)
    old_run(state, "bad", 199, "failed")
    old_run(state, "last", 198, "failed")

    program("state", "prune")

    assert {*ids(state, "runs", "id")} == {"good", "last"}


def test_prune_leaves_the_runs_of_other_locations(program: Program, state: Path) -> None:
    old_run(state, "elsewhere-1", 100, location="up")
    old_run(state, "elsewhere-2", 99, location="up")

    program("state", "prune")

    assert "elsewhere-1" in ids(state, "runs", "id")


@pytest.mark.usefixtures("store")
def test_prune_and_rebuild_make_no_file(program: Program) -> None:
    assert program("state", "prune").code == 0
    assert program("state", "rebuild", "--yes").code == 0
    assert [path.name for path in program.folder.iterdir()] == ["config.yaml"]


def test_a_run_forgets_what_is_older_than_90_days_and_else_writes_nothing(state: Path) -> None:
    old_run(state, "r91", 91)
    with StateFile.open(state) as opened:
        forget_old_runs(opened, "downtown", NOW)
        assert opened.rows_written == 3
        forget_old_runs(opened, "downtown", NOW)
        assert opened.rows_written == 3
    assert "r91" not in ids(state, "runs", "id")


def test_sync_inventory_forgets_by_itself(program: Program, state: Path) -> None:
    old_run(state, "r91", 91)

    program("--quiet", "sync-inventory", "--dry-run")
    assert "r91" in ids(state, "runs", "id")
    program("--quiet", "sync-inventory")
    assert "r91" not in ids(state, "runs", "id")


def test_a_run_that_cannot_forget_only_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    state = tmp_path / "state.db"
    old_run(state, "r91", 91)
    old_run(state, "r90", 90)
    with StateFile.open_for_reading(state) as opened:
        forget_old_runs(opened, "downtown", NOW)

    assert "old runs could not be dropped" in caplog.text


# -- rebuild -------------------------------------------------------------------------------------------------


def test_after_a_rebuild_the_next_run_reads_the_menu_from_the_storefront(
    program: Program, open_shop: OpenShop
) -> None:
    shop = open_shop(items=30)
    shop.run()
    menu, calls = shop.products(), len(shop.sent())

    ran = program("state", "rebuild", "--yes", "--json")

    assert ran.document["locations"][0]["forgotten"] > 0
    with StateFile.open_for_reading(shop.state) as state:
        assert not state.menu_is_known(NAME)
        assert state.last_run(NAME, "inventory") is not None
    result = shop.run()
    assert (result.outcome, result.created, len(shop.sent())) == ("ok", 0, calls)
    assert shop.products() == menu


def test_a_rebuild_asks_first_and_no_is_no(
    program: Program, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert program("state", "rebuild").code == 2  # nobody there to ask

    asked: list[str] = []

    def refuse(question: str, **_options: object) -> bool:
        asked.append(question)
        raise typer.Abort

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(typer, "confirm", refuse)
    assert program("state", "rebuild").code == 130
    assert asked == ["Forget the menu of downtown?"]
    with StateFile.open_for_reading(state) as opened:
        assert opened.menu_is_known("downtown")


def test_a_rebuild_waits_for_nobody(program: Program, state: Path) -> None:
    with RunLock(state, "downtown", "inventory") as taken:
        assert taken
        ran = program("state", "rebuild", "--yes")

    assert ran.code == 3
    assert "a run of this location is going on" in ran.err


def test_a_file_that_cannot_be_compacted_is_told(state: Path) -> None:
    with StateFile.open_for_reading(state) as opened, pytest.raises(WriteFailed):
        opened.compact()
