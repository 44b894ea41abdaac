"""Transactions, and the one place where SQLite's errors become this program's."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from alleaves_sync.errors import StateUnusable, WriteFailed

# The file may be sound: what failed is the way to it.
_UNREACHABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# Without room for its `-shm`, SQLite speaks of an input/output error.
_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})
_NO_ROOM_SYSTEM = frozenset({errno.ENOSPC, errno.EDQUOT})
_FULL = "the disk is full"


def _code(error: sqlite3.DatabaseError) -> int:
    """The primary result code; 0 for errors that Python's module raises by itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_full(error: sqlite3.DatabaseError) -> bool:
    return _code(error) in _NO_ROOM or getattr(error, "sqlite_errorcode", 0) in _NO_ROOM


def _unusable(path: Path, error: sqlite3.DatabaseError) -> StateUnusable:
    if _is_full(error):
        return StateUnusable(path, "full")
    code = _code(error)
    reason = "unreachable" if code in _UNREACHABLE else "read-only" if code in _READ_ONLY else "corrupt"
    return StateUnusable(path, reason, str(error))


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Around everything that opens or reads. Raises StateUnusable."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # closed, or of another thread: the caller's mistake says nothing about the file
    except sqlite3.DatabaseError as error:
        raise _unusable(path, error) from error
    except OSError as error:
        if error.errno in _NO_ROOM_SYSTEM:
            raise StateUnusable(path, "full") from error
        denied = error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}
        reason = "read-only" if denied else "unreachable"
        raise StateUnusable(path, reason, error.strerror or str(error)) from error


@contextmanager
def for_writing(path: Path) -> Iterator[None]:
    """`reading`, for a file that is to be written: a full disk is WriteFailed, as it is later in a run."""
    try:
        with reading(path):
            yield
    except StateUnusable as error:
        if error.reason == "full":
            raise WriteFailed(path, _FULL) from error
        raise


@contextmanager
def immediate(db: Database) -> Iterator[sqlite3.Connection]:
    """One transaction that takes the write lock at its beginning; rolled back whole when anything is raised.

    `Database.atomic()` begins without a lock: a transaction that reads before it writes then fails at once,
    whatever the timeout, when another process has written in between. In this one it nests by a savepoint.
    """
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield db.conn
        db.commit()
    except BaseException:
        db.rollback()
        raise


@contextmanager
def writing(db: Database, path: Path) -> Iterator[sqlite3.Connection]:
    """`immediate`, for a run. Raises WriteFailed (all is as before), or StateUnusable (`corrupt`)."""
    with unwritable_told(path), immediate(db) as connection:
        yield connection


@contextmanager
def unwritable_told(path: Path) -> Iterator[None]:
    """Around whatever writes. Raises WriteFailed, or StateUnusable (`corrupt`)."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # as in `reading`
    except sqlite3.DatabaseError as error:
        if _code(error) in _DAMAGED:
            raise _unusable(path, error) from error
        raise WriteFailed(path, _FULL if _is_full(error) else str(error)) from error
