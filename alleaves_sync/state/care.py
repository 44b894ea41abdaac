"""Care for the state file: what is in it, whether it is sound, a copy of it, and old runs dropped from it.

Callers of everything but `backup` hold the connection, and the transaction where something is written.
"""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from alleaves_sync.errors import StateUnusable, WriteFailed
from alleaves_sync.state.opening import BUSY_SECONDS, PRIVATE_FILE
from alleaves_sync.state.runs import LAST_GOOD_ROW, LAST_ROW
from alleaves_sync.state.text import read_time, spelled
from alleaves_sync.state.transactions import reading

_MOST_FAULTS = 20  # of each kind: a damaged page brings hundreds, and the remedy is the same
# `status` asks for the last run and for the last good one, however old they are. And an old date after a
# younger one comes from a clock that was set back for a while: such a run goes with those noted before it.
_OLD_RUNS = f"""
    SELECT id FROM runs
    WHERE location = :location AND flow = :flow AND started_at < :before
        AND rowid < coalesce(
            (SELECT min(rowid) FROM runs
                WHERE location = :location AND flow = :flow AND started_at BETWEEN :before AND :now),
            ({LAST_ROW})
        )
        AND rowid IS NOT ({LAST_ROW})
        AND rowid IS NOT ({LAST_GOOD_ROW})
    ORDER BY rowid LIMIT :most
"""  # noqa: S608 - texts of this program
_BROKEN_JSON = """
    SELECT 'item ' || pos_product_id || ' of ' || location || ': product is not JSON' FROM items
    WHERE (product IS NOT NULL AND NOT json_valid(product))
        OR (attempted IS NOT NULL AND NOT json_valid(attempted))
    UNION ALL
    SELECT 'change ' || id || ': fields are not JSON' FROM changes WHERE NOT json_valid(fields)
    LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Contents:
    """How much the file holds of one location."""

    items: int
    runs: int
    changes: int
    orders: int
    oldest_run: datetime | None


def contents(connection: sqlite3.Connection, location: str) -> Contents:
    """How much there is of the location."""

    def count(table: str) -> int:
        sql = f"SELECT count(*) FROM {table} WHERE location = ?"  # noqa: S608 - names from below
        return int(connection.execute(sql, (location,)).fetchone()[0])

    sql = "SELECT min(started_at) FROM runs WHERE location = ?"
    (oldest,) = connection.execute(sql, (location,)).fetchone()
    return Contents(count("items"), count("runs"), count("changes"), count("orders"), read_time(oldest))


def faults(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with the file (SQLite's own check, the longest there is) and with what it holds."""
    told = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_MOST_FAULTS})")]
    if told != ["ok"]:
        return told
    return [row[0] for row in connection.execute(_BROKEN_JSON, (_MOST_FAULTS,))]


def old_runs(
    connection: sqlite3.Connection, location: str, before: datetime, now: datetime, most: int
) -> list[str]:
    """Ids of up to `most` runs of each flow that began `before`; never its last, nor last good one."""
    limits = {"before": spelled(before), "now": spelled(now), "most": most}
    flows = connection.execute("SELECT DISTINCT flow FROM runs WHERE location = ?", (location,)).fetchall()
    found: list[str] = []
    for (flow,) in flows:
        values = {"location": location, "flow": flow, **limits}
        found += [run_id for (run_id,) in connection.execute(_OLD_RUNS, values)]
    return found


def drop_runs(connection: sqlite3.Connection, run_ids: Sequence[str]) -> int:
    """Drop runs and their changes; how many changes these were."""
    ids = [(run_id,) for run_id in run_ids]
    dropped = connection.executemany("DELETE FROM changes WHERE run_id = ?", ids).rowcount
    connection.executemany("DELETE FROM runs WHERE id = ?", ids)
    return dropped


def forget_menu(connection: sqlite3.Connection, location: str) -> int:
    """Forget the items of the location, and that its menu was known; how many items these were."""
    connection.execute("UPDATE locations SET menu_known_since = NULL WHERE name = ?", (location,))
    return connection.execute("DELETE FROM items WHERE location = ?", (location,)).rowcount


def backup(path: Path, target: Path, *, replace: bool) -> None:
    """Copy the file while it may be in use, to a sound file (0600) of its own. No half copy is ever seen.

    Raises FileExistsError unless `replace`, StateUnusable for the state file, WriteFailed for the copy.
    """
    with reading(path):
        real = path.resolve(strict=True)
    if target.resolve() == real:
        raise FileExistsError(target)
    try:
        with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            copy = Path(folder, "copy.db")
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
            _copy(path, real, copy)
            _put_in_place(copy, target, replace=replace)
    except FileExistsError:
        raise
    except OSError as error:
        raise WriteFailed(target, error.strerror or str(error)) from error


def _copy(path: Path, real: Path, copy: Path) -> None:
    with (
        reading(path),
        # Not as other readers open it: a copy takes long, and wants the lock that keeps its pages in place.
        closing(sqlite3.connect(f"{real.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as source,
    ):
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        try:
            with closing(sqlite3.connect(copy)) as made:
                source.backup(made)
                told = faults(made)
        except sqlite3.OperationalError as error:
            raise WriteFailed(copy.parent.parent, str(error)) from error
    if told:
        raise StateUnusable(path, "corrupt", told[0])


def _put_in_place(copy: Path, target: Path, *, replace: bool) -> None:
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    if replace:
        copy.replace(target)
        return
    # Reserved first: a file that appears in this moment is not overwritten.
    os.close(os.open(target, os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    try:
        copy.replace(target)
    except BaseException:
        with suppress(OSError):
            target.unlink()
        raise
