"""SQL of `orders` and `order_steps`: the ledger (O2). Callers hold the transaction (`file.py`)."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime

from sqlite_utils import Database

from alleaves_sync.state.records import OrderRecord, StepRecord
from alleaves_sync.state.text import read_time, spelled, storable, storable_json

_COLUMNS = tuple(field.name for field in fields(OrderRecord))
_TIMES = ("ordered_at", "seen_at", "updated_at")
_KEY = frozenset({"location", "order_id"})
# When an order was first seen is known from the first time on.
_KEPT = _KEY | {"seen_at"}

_SAVE = f"""
    INSERT INTO orders ({", ".join(_COLUMNS)}) VALUES ({", ".join("?" * len(_COLUMNS))})
    ON CONFLICT (location, order_id) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEPT)}
"""  # noqa: S608 - the names of our own columns
_SAVE_STEP = """
    INSERT INTO order_steps (location, order_id, step, result, at, detail) VALUES (?, ?, ?, ?, ?, ?)
"""
_SELECT_ONE = "SELECT * FROM orders WHERE location = ? AND order_id = ?"
_SELECT_ALL = "SELECT * FROM orders WHERE location = ? ORDER BY seen_at, order_id"
_SELECT_WAITING = """
    SELECT orders.* FROM orders JOIN orders_waiting USING (location, order_id)
    WHERE orders.location = ? ORDER BY orders.seen_at, orders.order_id
"""
_SELECT_STEPS = """
    SELECT location, order_id, step, result, at, detail
    FROM order_steps WHERE location = ? AND order_id = ? ORDER BY id
"""
_SET_WATERMARK = """
    INSERT INTO locations (name, orders_watermark) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET orders_watermark = excluded.orders_watermark
"""


def save(connection: sqlite3.Connection, record: OrderRecord) -> None:
    """Write the order over what was known of it."""
    connection.execute(_SAVE, [_stored(name, getattr(record, name)) for name in _COLUMNS])


def save_steps(connection: sqlite3.Connection, steps: Iterable[StepRecord]) -> None:
    """Add steps, in the order given."""
    connection.executemany(
        _SAVE_STEP,
        (
            (
                step.location,
                storable(step.order_id),
                step.step,
                step.result,
                spelled(step.at),
                storable(step.detail),
            )
            for step in steps
        ),
    )


def select(db: Database, location: str, order_id: str) -> OrderRecord | None:
    """One order of the ledger."""
    return next(map(_order, db.query(_SELECT_ONE, [location, storable(order_id)])), None)


def select_all(db: Database, location: str, *, waiting: bool) -> tuple[OrderRecord, ...]:
    """The ledger, or what of it waits (the view `orders_waiting`), in the order of being seen."""
    return tuple(map(_order, db.query(_SELECT_WAITING if waiting else _SELECT_ALL, [location])))


def select_steps(connection: sqlite3.Connection, location: str, order_id: str) -> tuple[StepRecord, ...]:
    """Every step of one order, oldest first."""
    rows = connection.execute(_SELECT_STEPS, (location, storable(order_id))).fetchall()
    return tuple(
        StepRecord(location, order_id, step, result, datetime.fromisoformat(at), detail)
        for location, order_id, step, result, at, detail in rows
    )


def select_watermark(connection: sqlite3.Connection, location: str) -> datetime | None:
    """How far the storefront's orders were read."""
    row = connection.execute("SELECT orders_watermark FROM locations WHERE name = ?", (location,)).fetchone()
    return None if row is None else read_time(row[0])


def set_watermark(connection: sqlite3.Connection, location: str, at: datetime) -> None:
    """Note how far they were read. The location's menu stays as known, or unknown, as it was."""
    connection.execute(_SET_WATERMARK, (location, spelled(at)))


def _stored(name: str, value: object) -> object:
    match value:
        case datetime():
            return spelled(value)
        case tuple():
            return json.dumps(value)
        case str():
            return storable_json(value) if name == "lines" else storable(value)
        case _:
            return value


def _order(row: dict[str, object]) -> OrderRecord:
    times = {name: read_time(row[name]) for name in _TIMES}  # TEXT columns
    candidates = tuple(json.loads(str(row["candidates"])))
    return OrderRecord(**(row | times | {"candidates": candidates}))  # type: ignore[arg-type]
