"""Kernel locks: of one location and flow, and of one POS account."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from alleaves_sync.errors import WriteFailed
from alleaves_sync.state.opening import PRIVATE_FILE, make_folder

# So long somebody waits between two tries for the lock of an account, in seconds.
_PAUSE_SECONDS = 0.1
# Somebody who only looks (`is_held`) holds the lock for microseconds: a run that meets them waits that long.
_GRACE_SECONDS = 0.1
_POLL_SECONDS = 0.02


class RunLock:
    """A kernel lock on a file beside the state file, which stays there: only the kernel's lock counts.

    It dies with the process, however that ends, and with this object. Inventory and orders of a location do
    not block each other. As a context manager it gives whether it was taken: `with RunLock(...) as taken:`.
    """

    def __init__(self, state_path: Path, location: str, flow: str) -> None:
        self.path = state_path.with_name(f"{state_path.name}.{location}.{flow}.lock")
        self._lock = FileLock(self.path, mode=PRIVATE_FILE, fallback_to_soft=False)

    def try_acquire(self) -> bool:
        """Take the lock unless another holds it. Raises WriteFailed where that cannot be tried."""
        try:
            make_folder(self.path)
            self._lock.acquire(timeout=_GRACE_SECONDS, poll_interval=_POLL_SECONDS)
        except Timeout:
            return False
        except OSError as error:
            raise WriteFailed(self.path, error.strerror or str(error)) from error
        return True

    def release(self) -> None:
        """Give the lock back; nothing happens where it is not held."""
        self._lock.release()

    def is_held(self) -> bool:
        """Whether somebody holds the lock now; creates and changes no file, for a dry run."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def __enter__(self) -> bool:
        return self.try_acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class AccountLock:
    """A kernel lock for whoever makes profiles in a POS account: they belong to it, not to a location.

    Two files of the same name, a hash of the account: one beside the state file, which every run may write,
    and one in the user's state folder, where it may be written. So locations meet that share a folder for
    their state, and so do those that do not, whichever way they are started. All take them in this order.
    """

    def __init__(self, state_path: Path, account: str) -> None:
        self._beside = state_path.with_name(f"account-{account}.lock")
        self._name = self._beside.name

    @contextmanager
    def waited_for(
        self, remaining: Callable[[], float], sleep: Callable[[float], None]
    ) -> Iterator[float | None]:
        """Hold the lock; gives the seconds that it was waited for, None where the time ran out before.

        Raises WriteFailed where it cannot be tried.
        """
        waited = 0.0
        with ExitStack() as held:
            for path, needed in ((self._beside, True), (_user_folder() / self._name, False)):
                lock = FileLock(path, mode=PRIVATE_FILE, fallback_to_soft=False)
                while not _taken(lock, path, needed=needed):
                    if remaining() <= 0:
                        yield None
                        return
                    sleep(_PAUSE_SECONDS)
                    waited += _PAUSE_SECONDS
                held.callback(lock.release)
            yield waited


def _taken(lock: FileLock, path: Path, *, needed: bool) -> bool:
    """Whether the lock is held now; also where it cannot be had and is not `needed`."""
    try:
        make_folder(path)
        lock.acquire(timeout=0)
    except Timeout:
        return False
    except OSError as error:
        if needed:
            raise WriteFailed(path, error.strerror or str(error)) from error
    return True


def _user_folder() -> Path:
    from platformdirs import user_state_path  # noqa: PLC0415 - seldom needed

    return user_state_path("alleaves-sync")
