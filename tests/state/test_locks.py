"""The lock of a run: the kernel's, so that it cannot outlive its process."""

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from alleaves_sync.errors import WriteFailed
from alleaves_sync.state import AccountLock, RunLock

from .support import HERE, as_nobody, folder, start


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def inventory(path: Path) -> RunLock:
    return RunLock(path, HERE, "inventory")


def test_a_lock_is_taken_once(path: Path) -> None:
    with inventory(path) as first, inventory(path) as second:
        assert first
        assert not second
        with inventory(path) as third:
            assert not third
    with inventory(path) as again:
        assert again


def test_a_taken_lock_is_told_at_once(path: Path) -> None:
    """Lesson: finding the lock taken was an error; here it is an answer, and a quick one."""
    with inventory(path):
        began = time.monotonic()
        assert not inventory(path).try_acquire()
        assert time.monotonic() - began < 1


def test_flows_and_locations_do_not_block_each_other(path: Path) -> None:
    with (
        inventory(path) as taken,
        RunLock(path, HERE, "orders") as orders,
        RunLock(path, "uptown", "inventory") as uptown,
    ):
        assert taken
        assert orders
        assert uptown
    assert sorted(folder(path.parent)) == [
        "state.db.downtown.inventory.lock",
        "state.db.downtown.orders.lock",
        "state.db.uptown.inventory.lock",
    ]


def test_the_lock_file_and_its_folder_are_private(tmp_path: Path) -> None:
    lock = inventory(tmp_path / "new" / "state.db")
    before = os.umask(0)
    try:
        with lock as taken:
            assert taken
    finally:
        os.umask(before)
    assert lock.path.stat().st_mode & 0o777 == 0o600
    assert lock.path.parent.stat().st_mode & 0o777 == 0o700


def test_the_lock_of_a_killed_process_is_free(path: Path) -> None:
    """Lesson: the lock left by a killed process stopped the job for weeks."""
    code = """
lock = RunLock(path, HERE, "inventory")
print(lock.try_acquire(), flush=True)
input()
"""
    process = start(code, path)
    assert process.stdout
    assert process.stdout.readline() == "True\n"
    assert inventory(path).is_held()
    assert not inventory(path).try_acquire()
    process.kill()
    process.communicate()
    assert inventory(path).path.exists()
    assert not inventory(path).is_held()
    with inventory(path) as taken:
        assert taken


def test_threads_exclude_each_other_too(path: Path) -> None:
    answers: list[bool] = []
    with inventory(path):
        thread = threading.Thread(target=lambda: answers.append(inventory(path).try_acquire()))
        thread.start()
        thread.join()
    assert answers == [False]


def test_an_error_in_the_run_gives_the_lock_back(path: Path) -> None:
    with pytest.raises(LookupError), inventory(path):
        raise LookupError
    assert not inventory(path).is_held()


def test_releasing_what_is_not_held_does_nothing(path: Path) -> None:
    inventory(path).release()
    with inventory(path) as taken, inventory(path) as second:
        assert (taken, second) == (True, False)
        assert inventory(path).is_held()
    assert not list(path.parent.glob("*.db"))


def test_somebody_who_only_looks_does_not_make_a_run_stand_back(path: Path) -> None:
    inventory(path).path.touch()
    descriptor = os.open(inventory(path).path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    timer = threading.Timer(0.03, os.close, [descriptor])
    timer.start()
    with inventory(path) as taken:
        assert taken
    timer.join()


def test_looking_creates_nothing(tmp_path: Path) -> None:
    assert not inventory(tmp_path / "state.db").is_held()
    assert not inventory(tmp_path / "nowhere" / "state.db").is_held()
    assert not list(tmp_path.iterdir())


def test_looking_changes_nothing(path: Path) -> None:
    with inventory(path):
        before = folder(path.parent)
        assert inventory(path).is_held()
    assert not inventory(path).is_held()
    assert folder(path.parent) == before


def test_a_lock_that_cannot_be_made_is_a_failed_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriteFailed) as caught:
        inventory(tmp_path / "file" / "state.db").try_acquire()
    assert caught.value.path.name == "state.db.downtown.inventory.lock"
    (tmp_path / "state.db.downtown.inventory.lock").mkdir()
    with pytest.raises(WriteFailed):
        inventory(tmp_path / "state.db").try_acquire()


def test_a_lock_without_permission_is_a_failed_write(path: Path) -> None:
    path.parent.chmod(0o500)
    with pytest.raises(WriteFailed) as caught, as_nobody():
        inventory(path).try_acquire()
    path.parent.chmod(0o700)
    assert caught.value.detail == "Permission denied"


# -- the lock of a POS account -------------------------------------------------------------------------------


def taken(path: Path, account: str = "0123456789abcdef") -> bool:
    """Whether the lock of an account is to be had now, for a location with its state at `path`."""
    with AccountLock(path, account).waited_for(lambda: 0.0, lambda _: None) as waited:
        return waited is not None


@pytest.fixture
def user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.usefixtures("user_folder")
def test_locations_of_an_account_meet_though_their_state_lies_in_different_folders(tmp_path: Path) -> None:
    one, other = tmp_path / "one" / "state.db", tmp_path / "other" / "state.db"
    with AccountLock(one, "0123456789abcdef").waited_for(lambda: 0.0, lambda _: None) as waited:
        assert waited == 0.0
        assert not taken(other)
        assert taken(other, "another-account")
    assert taken(other)


def test_locations_in_one_folder_meet_though_their_users_folders_differ(
    path: Path, user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with AccountLock(path, "0123456789abcdef").waited_for(lambda: 0.0, lambda _: None):
        monkeypatch.setenv("XDG_STATE_HOME", str(user_folder / "cron"))
        assert not taken(path)


def test_a_users_folder_that_cannot_be_written_is_done_without(path: Path, user_folder: Path) -> None:
    """As in a container, or in a unit of systemd whose home is read-only."""
    user_folder.write_text("a file where the folder should be")
    with AccountLock(path, "0123456789abcdef").waited_for(lambda: 0.0, lambda _: None) as waited:
        assert waited == 0.0
        assert not taken(path)


def test_a_lock_beside_the_state_that_cannot_be_tried_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file where the folder should be")
    with pytest.raises(WriteFailed):
        taken(tmp_path / "folder" / "state.db")


@pytest.mark.usefixtures("user_folder")
def test_the_wait_for_an_account_is_told_and_ends_with_its_holder(path: Path) -> None:
    lock = AccountLock(path, "0123456789abcdef")
    held = lock.waited_for(lambda: 0.0, lambda _: None)
    held.__enter__()
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            held.__exit__(None, None, None)

    with lock.waited_for(lambda: 1.0, sleep) as waited:
        assert waited == pytest.approx(sum(pauses))
    assert len(pauses) == 3
