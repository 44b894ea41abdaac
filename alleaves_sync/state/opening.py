"""Opening the state file: for writing, or for reading without a trace. What is not ours stays as it is."""

import fcntl
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlite_utils import Database

from alleaves_sync.errors import StateUnusable
from alleaves_sync.state.migrations import STEPS, schema
from alleaves_sync.state.transactions import for_writing, immediate, reading

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
# How long a write waits for another command's. Ours hold the lock for well under a second.
BUSY_SECONDS = 30.0


def open_for_writing(path: Path, busy_seconds: float = BUSY_SECONDS) -> Database:
    """Open the state file, create it (mode 0600) or bring it up to date.

    Raises StateUnusable; WriteFailed where the disk is full.
    """
    with for_writing(path), _alone_in(make_folder(path)):
        if not _exists(path):
            _create(path)
        real = path.resolve()
        _refuse_unwritable(path, real)
        with closing(_connect_for_reading(real)) as connection:
            _refuse_foreign(path, _database(connection))
        with _closed_on_error(_connect(real, "mode=rw", busy_seconds)) as connection:
            return _prepare(_database(connection))


def open_for_reading(path: Path) -> Database:
    """Open the state file so that no byte is written, and no file created beside it. Raises StateUnusable.

    No file: an empty state. A file of an earlier version: a copy in memory, brought up to date there.
    """
    with reading(path):
        if not _exists(path):
            return _in_memory()
        real = path.resolve()
        if not os.access(real, os.R_OK):
            raise StateUnusable(path, "read-only", "no permission to read it")
        with _closed_on_error(_connect_for_reading(real)) as connection:
            db = _database(connection)
            _refuse_foreign(path, db)
            if not schema.pending(db):
                return db
            upgraded = _in_memory(connection)
            connection.close()
            return upgraded


def make_folder(path: Path) -> Path:
    """The folder that is to hold `path`, made for its owner alone where it is missing. Raises OSError."""
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    return path.parent


def _exists(path: Path) -> bool:
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(kind):
        raise StateUnusable(path, "unreachable", "not a file")
    return True


def _create(path: Path) -> None:
    """An empty file that only its owner can read, before SQLite (which would ask the umask) sees it."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE))


def _refuse_unwritable(path: Path, real: Path) -> None:
    # SQLite would open a file that it may not write, and say so only in the middle of the first run.
    if not os.access(real, os.R_OK | os.W_OK):
        raise StateUnusable(path, "read-only", "no permission to write it")
    if not os.access(real.parent, os.W_OK | os.X_OK):
        raise StateUnusable(path, "read-only", "no permission to write in its folder")


def _refuse_foreign(path: Path, db: Database) -> None:
    applied = {step.name for step in schema.applied(db)}
    if unknown := applied.difference(STEPS):
        raise StateUnusable(path, "newer", ", ".join(sorted(unknown)))
    if not applied and db.table_names():
        raise StateUnusable(path, "corrupt", "a database of another program")


def _prepare(db: Database) -> Database:
    """Set what every connection needs, and apply the steps that the file does not have yet."""
    # Readers (Datasette, `status`) never wait for a run, nor a run for them.
    db.execute("PRAGMA journal_mode = WAL")
    # In WAL mode a power cut corrupts nothing with NORMAL either, but it may take back the last transactions.
    # Ours are promises about the world outside: "this was sent" must be on the disk before it is sent, or a
    # price that the POS has meanwhile taken back would stay in the storefront. FULL costs one fsync per
    # transaction, and a run has a handful.
    db.execute("PRAGMA synchronous = FULL")
    _migrate(db)
    return db


def _migrate(db: Database) -> None:
    """All missing steps in one transaction; asked again within it, where nobody else can be at it."""
    if schema.pending(db):
        with immediate(db):
            schema.apply(db)


def _in_memory(source: sqlite3.Connection | None = None) -> Database:
    """A state without a file, empty or copied from `source`, that refuses to be written."""
    with _closed_on_error(sqlite3.connect(":memory:")) as connection:
        if source is not None:
            source.backup(connection)
        db = _database(connection)
        _migrate(db)
        db.execute("PRAGMA query_only = ON")
        return db


def _connect_for_reading(real: Path) -> sqlite3.Connection:
    """A connection that changes neither the file nor its `-wal`, and creates nothing beside them.

    A plain `mode=ro` creates `-wal` and `-shm` beside a file in WAL mode. Without a `-wal` the file alone is
    all there is, and `immutable` says so. With one, a live or a killed process has made `-shm` as well: its
    shared memory, where a reader may leave a mark. (With `readonly_shm` it would not, but no other connection
    of this process could write then.) A `-wal` without `-shm` is part of a copied folder: read from a copy.
    """
    if not _has_content(real.with_name(real.name + "-wal")):
        return _connect(real, "mode=ro&immutable=1")
    if not real.with_name(real.name + "-shm").exists():
        return _connect_to_copy(real)
    return _connect(real, "mode=ro")


def _has_content(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return path.stat().st_size > 0
    return False


def _connect_to_copy(real: Path) -> sqlite3.Connection:
    with TemporaryDirectory() as folder:
        copy = Path(folder, "state.db")
        shutil.copy(real, copy)
        shutil.copy(real.with_name(real.name + "-wal"), copy.with_name("state.db-wal"))
        with (
            closing(_connect(copy, "mode=rw")) as connection,
            _closed_on_error(sqlite3.connect(":memory:")) as memory,
        ):
            connection.backup(memory)
            return memory


def _connect(real: Path, options: str, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    return sqlite3.connect(f"{real.as_uri()}?{options}", uri=True, timeout=busy_seconds)


def _database(connection: sqlite3.Connection) -> Database:
    return Database(connection, execute_plugins=False)


@contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Two commands that meet while the file is being made or upgraded take turns: neither sees it half made.

    The lock is the kernel's, on the folder: it leaves no file behind and dies with the process. A file system
    without such locks goes without: there the loser of that one race is told that the file is unusable.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
