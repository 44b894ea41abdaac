"""SQL behind the report: what a location's runs did lately, and why items are off the menu."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from alleaves_sync.state.records import ChangeAction, ItemStatus
from alleaves_sync.state.text import spelled

# A product that is new on the menu did not come back to it: its old quantity is null.
_RUNS = """
    SELECT
        runs.started_at, runs.outcome, runs.seconds, runs.hidden,
        count(*) FILTER (WHERE json_extract(changes.fields, '$.quantity[0]') > 0
            AND json_extract(changes.fields, '$.quantity[1]') <= 0),
        count(*) FILTER (WHERE json_extract(changes.fields, '$.quantity[0]') <= 0
            AND json_extract(changes.fields, '$.quantity[1]') > 0)
    FROM runs LEFT JOIN changes ON changes.run_id = runs.id
    WHERE runs.location = ? AND runs.flow = ? AND runs.started_at >= ?
    GROUP BY runs.id ORDER BY runs.started_at, runs.rowid
"""
_CHANGES = """
    SELECT changes.pos_product_id, coalesce(items.name, ''), changes.action, changes.fields, changes.at
    FROM runs
    JOIN changes ON changes.run_id = runs.id
    LEFT JOIN items ON items.location = runs.location AND items.pos_product_id = changes.pos_product_id
    WHERE runs.location = ? AND runs.flow = ? AND runs.started_at >= ?
    ORDER BY changes.id
"""
_OFF_THE_MENU = """
    SELECT status, reasons, total, pos_product_id, name
    FROM (
        SELECT status, reasons, pos_product_id, name,
            count(*) OVER (PARTITION BY status, reasons) AS total,
            row_number() OVER (
                PARTITION BY status, reasons ORDER BY CAST(pos_product_id AS INTEGER), pos_product_id
            ) AS place
        FROM items WHERE location = ? AND status <> 'listed'
    )
    WHERE place <= ?
    ORDER BY status, reasons, place
"""
_UNMAPPED = """
    SELECT coalesce(pos_category, ''), items FROM unmapped_categories
    WHERE location = ? ORDER BY items DESC, pos_category
"""


@dataclass(frozen=True, slots=True)
class RunFigures:
    """One run in figures. `seconds` is None where it never ended; `hidden` are items.

    `ran_out` and `came_back` are products whose quantity went to 0 in it, or up from 0.
    """

    started_at: datetime
    outcome: str
    seconds: float | None
    hidden: int
    ran_out: int
    came_back: int


@dataclass(frozen=True, slots=True)
class NamedChange:
    """One change; `name` is the item's now (empty: gone), `fields` the JSON text of `{field: [old, new]}`."""

    pos_product_id: str
    name: str
    action: ChangeAction
    fields: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OffMenu:
    """Items that are off the menu for the same reasons: how many, and the first of them as (id, name)."""

    status: ItemStatus
    reasons: tuple[str, ...]
    count: int
    examples: tuple[tuple[str, str], ...]


def runs_since(connection: sqlite3.Connection, location: str, flow: str, since: datetime) -> list[RunFigures]:
    """The runs of a flow that began since then, oldest first."""
    rows = connection.execute(_RUNS, (location, flow, spelled(since))).fetchall()
    return [RunFigures(datetime.fromisoformat(at), *more) for at, *more in rows]


def changes_since(
    connection: sqlite3.Connection, location: str, flow: str, since: datetime
) -> Iterator[NamedChange]:
    """What those runs changed, oldest first, with the rows already read."""
    rows = connection.execute(_CHANGES, (location, flow, spelled(since))).fetchall()
    return (
        NamedChange(key, name, action, fields, datetime.fromisoformat(at))
        for key, name, action, fields, at in rows
    )


def off_menu(connection: sqlite3.Connection, location: str, examples: int) -> list[OffMenu]:
    """Hidden and withheld items, by all their reasons together, with up to so many examples of each."""
    found: dict[tuple[ItemStatus, str], tuple[int, list[tuple[str, str]]]] = {}
    for status, reasons, total, key, name in connection.execute(_OFF_THE_MENU, (location, examples)):
        found.setdefault((status, reasons), (total, []))[1].append((key, name))
    return [
        OffMenu(status, tuple(reasons.split(",")) if reasons else (), total, tuple(items))
        for (status, reasons), (total, items) in found.items()
    ]


def unmapped(connection: sqlite3.Connection, location: str) -> list[tuple[str, int]]:
    """POS categories without an AIQ category (C4), and how many items each has; most first."""
    return [(path, count) for path, count in connection.execute(_UNMAPPED, (location,))]
