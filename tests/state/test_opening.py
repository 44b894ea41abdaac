"""Opening: what is made, what is refused, and that what is refused stays as it was."""

import errno
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from alleaves_sync.errors import StateUnusable, WriteFailed
from alleaves_sync.state import StateFile
from alleaves_sync.state.migrations import STEPS, schema
from alleaves_sync.state.transactions import for_writing, reading

from .support import (
    HERE,
    NOW,
    answer_of,
    as_nobody,
    change,
    damage_the_items,
    folder,
    item,
    run,
    start,
    without_marks,
)

Opening = Callable[[Path], StateFile]
BOTH = pytest.mark.parametrize("opening", [StateFile.open, StateFile.open_for_reading])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that other accounts can reach, which pytest's are not."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def reason_of(opening: Opening, path: Path) -> str:
    with pytest.raises(StateUnusable) as caught:
        opening(path).close()
    assert caught.value.path == path
    return caught.value.reason


def filled(path: Path) -> Path:
    with StateFile.open(path) as state:
        state.record(HERE, run(), [item(1), item(2)], [change(1, '{"price": [4, 5]}')])
    return path


# -- what is made --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("open_umask")
def test_file_folder_and_side_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.db"
    with StateFile.open(path) as state:
        state.save_run(run())
        modes = {name: seen.mode for name, seen in folder(path.parent).items()}
    assert modes == {"state.db": 0o600, "state.db-shm": 0o600, "state.db-wal": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_closed_file_stands_alone(path: Path) -> None:
    filled(path)
    assert list(folder(path.parent)) == ["state.db"]


def test_an_empty_file_becomes_a_state_file(path: Path) -> None:
    path.touch()
    with StateFile.open(path) as state:
        state.check()
        assert not state.menu_is_known(HERE)


def test_a_link_to_a_state_file_elsewhere_is_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real = filled(tmp_path / "elsewhere" / "state.db")
    link = tmp_path / "state.db"
    link.symlink_to(real)
    for opening in (StateFile.open, StateFile.open_for_reading):
        with opening(link) as state:
            assert len(list(state.items(HERE))) == 2


def test_names_that_mean_something_in_an_address_are_just_names(tmp_path: Path) -> None:
    path = tmp_path / "a b%20?mode=memory#x" / "störe.db"
    filled(path)
    with StateFile.open_for_reading(path) as state:
        assert len(list(state.items(HERE))) == 2


def test_commands_that_meet_on_the_first_day_all_find_a_whole_file(path: Path) -> None:
    """Lesson: 'database is locked' when two commands met; here while the file is being made."""
    code = "with StateFile.open(path) as state: state.save_run(run(sys.argv[2]))"
    processes = [start(code, path, f"run-{number}") for number in range(6)]
    assert [process.communicate(timeout=60)[1] for process in processes] == [""] * 6
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (6,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_what_was_sent_survives_a_power_cut(path: Path) -> None:
    with StateFile.open(path) as state:
        assert state._db.execute("PRAGMA synchronous").fetchone() == (2,)


# -- migrations ----------------------------------------------------------------------------------------------


def schema_of(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


def file_of_version(path: Path, steps: int) -> Path:
    """A file to which only the first `steps` steps were applied, with a row in it where there is a table."""
    path.touch()
    with closing(sqlite3.connect(path)) as connection:
        db = Database(connection)
        if steps:
            schema.apply(db, stop_before=STEPS[steps:])
            with db.atomic():
                db.execute(
                    "INSERT INTO locations (name, menu_known_since) VALUES (?, ?)",
                    [HERE, "2026-07-04T12:00:00.000000Z"],
                )
    return path


def test_every_step_is_known_by_name() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        assert tuple(step.name for step in schema.pending(Database(connection))) == STEPS


@pytest.mark.parametrize("steps", range(len(STEPS)))
def test_a_file_of_every_earlier_version_is_brought_up_to_date(
    path: Path, tmp_path: Path, steps: int
) -> None:
    with StateFile.open(file_of_version(path, steps)) as state:
        assert state.menu_is_known(HERE) is (steps > 0)
    filled(tmp_path / "fresh.db")
    assert schema_of(path) == schema_of(tmp_path / "fresh.db")


@pytest.mark.parametrize("steps", range(len(STEPS)))
def test_reading_an_earlier_version_leaves_it_at_that(path: Path, steps: int) -> None:
    before = folder(file_of_version(path, steps).parent)
    with StateFile.open_for_reading(path) as state:
        assert state.menu_is_known(HERE) is (steps > 0)
        assert not list(state.items(HERE))
        assert state._db["unmapped_categories"].exists()
    assert folder(path.parent) == before


@BOTH
def test_an_upgrade_that_fails_leaves_the_version_it_found(opening: Opening, path: Path) -> None:
    with closing(sqlite3.connect(file_of_version(path, 1))) as connection:
        connection.execute("CREATE VIEW withheld AS SELECT 1")
    before = schema_of(path)
    assert reason_of(opening, path) == "corrupt"
    assert schema_of(path) == before


# -- what is refused, and stays as it was --------------------------------------------------------------------


def set_newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)",
            ("alleaves_sync", "from_the_future", str(NOW)),
        )
        connection.commit()


@BOTH
def test_a_file_of_a_newer_version_is_not_touched(opening: Opening, path: Path) -> None:
    set_newer(filled(path))
    before = folder(path.parent)
    assert reason_of(opening, path) == "newer"
    assert folder(path.parent) == before


@BOTH
def test_a_newer_file_keeps_what_a_killed_process_left_beside_it(opening: Opening, path: Path) -> None:
    code = """
state = StateFile.open(path)
with state._db.atomic():
    state._db["_sqlite_migrations"].insert({"migration_set": "alleaves_sync", "name": "from_the_future"})
os.kill(os.getpid(), signal.SIGKILL)
"""
    answer_of(code, path)
    before = folder(path.parent)
    assert before["state.db-wal"].content
    assert reason_of(opening, path) == "newer"
    assert without_marks(folder(path.parent)) == without_marks(before)


def scribble(path: Path) -> None:
    path.write_text("prices: 12, 13\n" * 500)


def truncate(path: Path) -> None:
    os.truncate(path, 4096 * 3)


def garble(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000)


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")


@BOTH
@pytest.mark.parametrize("damage", [scribble, truncate, garble, of_another_program])
def test_a_file_that_is_not_understood_is_not_touched(
    opening: Opening, damage: Callable[[Path], None], path: Path
) -> None:
    damage(filled(path))
    before = folder(path.parent)
    assert reason_of(opening, path) == "corrupt"
    assert folder(path.parent) == before


def test_damage_deep_in_the_file_is_found_by_check(path: Path) -> None:
    with StateFile.open(path) as state:
        state.record(HERE, run(), (item(number, description="x" * 900) for number in range(200)), [])
    damage_the_items(path)
    with StateFile.open_for_reading(path) as state, pytest.raises(StateUnusable) as caught:
        state.check()
    assert caught.value.reason == "corrupt"
    assert caught.value.detail


@BOTH
def test_a_folder_in_its_place_is_unreachable(opening: Opening, path: Path) -> None:
    path.mkdir()
    assert reason_of(opening, path) == "unreachable"


@BOTH
def test_a_pipe_in_its_place_is_unreachable(opening: Opening, path: Path) -> None:
    os.mkfifo(path)
    assert reason_of(opening, path) == "unreachable"


@BOTH
def test_a_file_where_its_folder_should_be_is_unreachable(opening: Opening, tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("not a folder")
    assert reason_of(opening, tmp_path / "folder" / "state.db") == "unreachable"
    assert (tmp_path / "folder").read_text() == "not a folder"


@BOTH
def test_a_link_that_leads_round_in_a_circle_is_unreachable(opening: Opening, path: Path) -> None:
    path.symlink_to(path)
    assert reason_of(opening, path) == "unreachable"


def test_a_link_that_leads_nowhere_makes_no_file_there(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere.db"))
    assert reason_of(StateFile.open, path) == "unreachable"
    assert [entry.name for entry in path.parent.iterdir()] == ["state.db"]


def answer_to(opening: Opening, path: Path) -> str:
    try:
        opening(path).close()
    except StateUnusable as error:
        return error.reason
    return "opened"


@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "way", "expected"),
    [
        (0o444, 0o777, "open", "read-only"),
        (0o666, 0o555, "open", "read-only"),
        (0o000, 0o777, "open", "read-only"),
        (0o000, 0o777, "open_for_reading", "read-only"),
        (0o666, 0o000, "open", "read-only"),
        (0o666, 0o000, "open_for_reading", "read-only"),
        (0o444, 0o555, "open_for_reading", "opened"),
    ],
)
def test_without_permission_nothing_is_touched(
    public_folder: Path, file_mode: int, folder_mode: int, way: str, expected: str
) -> None:
    path = filled(public_folder / "state.db")
    before = folder(public_folder)
    path.chmod(file_mode)
    public_folder.chmod(folder_mode)
    with as_nobody():
        answer = answer_to(getattr(StateFile, way), path)
    assert answer == expected
    public_folder.chmod(0o755)
    path.chmod(0o600)
    assert folder(public_folder) == before


@pytest.mark.parametrize("name", ["state.db", "new/state.db"])
def test_in_a_folder_that_may_not_be_written_nothing_is_made(public_folder: Path, name: str) -> None:
    public_folder.chmod(0o555)
    with as_nobody():
        assert answer_to(StateFile.open, public_folder / name) == "read-only"
    public_folder.chmod(0o755)
    assert not list(public_folder.iterdir())


FULL_DISK = """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))
try:
    StateFile.open(path)
except (StateUnusable, WriteFailed) as error:
    print(error.code, error.detail)
"""


@pytest.mark.parametrize(
    ("room", "told"), [(0, "state-unusable disk I/O error"), (8192, "write-failed the disk is full")]
)
def test_no_room_on_the_first_day_leaves_a_file_that_can_be_used_later(
    path: Path, room: int, told: str
) -> None:
    """Without any, SQLite does not say why; without any for its shared memory (SHMSIZE), it does."""
    assert answer_of(FULL_DISK.replace("ROOM", str(room)), path) == told
    filled(path)


def sqlite_says(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    "error",
    [
        sqlite_says(sqlite3.SQLITE_FULL),
        sqlite_says(sqlite3.SQLITE_IOERR_SHMSIZE),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
    ],
)
def test_a_full_disk_is_never_told_as_a_damaged_file(path: Path, error: Exception) -> None:
    """Whoever is told that it is damaged moves it away, and with it all that is known of the orders."""
    with pytest.raises(WriteFailed) as writing, for_writing(path):
        raise error
    assert writing.value == WriteFailed(path, "the disk is full")
    with pytest.raises(StateUnusable) as looking, reading(path):
        raise error
    assert looking.value == StateUnusable(path, "full")
