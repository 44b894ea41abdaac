"""SQL of `runs` and `changes`: what was done, when, and to which product. Callers hold the transaction."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from sqlite_utils import Database

from alleaves_sync.state.records import ChangeAction, ChangeRecord, RunRecord
from alleaves_sync.state.text import read_time, spelled, storable, storable_json

_INSERT_CHANGE = """
    INSERT INTO changes (run_id, location, pos_product_id, action, fields, at) VALUES (?, ?, ?, ?, ?, ?)
"""
_SELECT_HISTORY = """
    SELECT run_id, pos_product_id, action, fields, at
    FROM changes WHERE location = ? AND pos_product_id = ? ORDER BY id
"""
# The last run is the one noted last, not the one with the latest date: a clock may have been set back.
_OF_FLOW = "SELECT rowid FROM runs WHERE location = :location AND flow = :flow"
LAST_ROW = f"{_OF_FLOW} ORDER BY rowid DESC LIMIT 1"
# A partial run has brought the menu up to date but for the items that it names, the same ones for weeks
# perhaps: to the question "has it run?" it is a good one.
LAST_GOOD_ROW = f"{_OF_FLOW} AND outcome IN ('ok', 'partial') ORDER BY rowid DESC LIMIT 1"

_SELECT_OF_RUN = """
    SELECT run_id, pos_product_id, action, fields, at
    FROM changes WHERE location = ? AND run_id = ? ORDER BY id
"""


def save_run(db: Database, run: RunRecord) -> None:
    """Write the run as it stands now, over what was known of it."""
    values: dict[str, object] = {
        name: spelled(value) if isinstance(value, datetime) else value for name, value in asdict(run).items()
    }
    db.table("runs").upsert(values, pk="id")


def save_changes(connection: sqlite3.Connection, location: str, changes: Iterable[ChangeRecord]) -> None:
    """Add changes, in the order given."""
    connection.executemany(
        _INSERT_CHANGE,
        (
            (
                change.run_id,
                location,
                storable(change.pos_product_id),
                change.action,
                storable_json(change.fields),
                spelled(change.at),
            )
            for change in changes
        ),
    )


def select_last(db: Database, location: str, flow: str, *, good: bool) -> RunRecord | None:
    """The run that was noted last; with `good`, the last one that did its work (`ok` or `partial`)."""
    sql = f"SELECT * FROM runs WHERE rowid = ({LAST_GOOD_ROW if good else LAST_ROW})"  # noqa: S608 - from above
    for row in db.query(sql, {"location": location, "flow": flow}):
        times = {name: read_time(row[name]) for name in ("started_at", "ended_at")}
        return RunRecord(**(row | times))
    return None


def select_history(
    connection: sqlite3.Connection, location: str, pos_product_id: str
) -> Iterator[ChangeRecord]:
    """All changes of one product, oldest first, with the rows already read."""
    return _changes(connection.execute(_SELECT_HISTORY, (location, storable(pos_product_id))).fetchall())


def select_of_run(connection: sqlite3.Connection, location: str, run_id: str) -> Iterator[ChangeRecord]:
    """All changes of one run, in the order in which they were written, with the rows already read."""
    return _changes(connection.execute(_SELECT_OF_RUN, (location, storable(run_id))).fetchall())


def select_ids(connection: sqlite3.Connection, location: str) -> list[str]:
    """The ids of all runs of the location, of every flow, in the order in which they were noted."""
    sql = "SELECT id FROM runs WHERE location = ? ORDER BY rowid"
    return [run_id for (run_id,) in connection.execute(sql, (location,))]


def _changes(rows: Iterable[tuple[str, str, ChangeAction, str, str]]) -> Iterator[ChangeRecord]:
    return (
        ChangeRecord(run_id, key, action, fields, datetime.fromisoformat(at))
        for run_id, key, action, fields, at in rows
    )
