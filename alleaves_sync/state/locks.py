"""The lock of one location and flow: two runs of the same kind never meet."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from alleaves_sync.errors import WriteFailed
from alleaves_sync.state.opening import PRIVATE_FILE, make_folder

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
