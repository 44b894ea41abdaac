"""SQL of `items` and `locations`: the menu of each location. Callers hold the transaction (`file.py`)."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from alleaves_sync.state.records import Decided, ItemRecord
from alleaves_sync.state.text import read_time, spelled, storable, storable_json

# A row that would stay as it is is not written: an unchanged run leaves the pages of the menu alone.
_SAVE = """
    INSERT INTO items
        (location, pos_product_id, name, status, reasons, pos_category, warnings, unmapped, source,
         updated_at, product, attempted)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (location, pos_product_id) DO UPDATE SET
        name = excluded.name,
        status = excluded.status,
        reasons = excluded.reasons,
        pos_category = excluded.pos_category,
        warnings = excluded.warnings,
        unmapped = excluded.unmapped,
        source = excluded.source,
        product = excluded.product,
        attempted = excluded.attempted,
        updated_at = excluded.updated_at
    WHERE (name, status, reasons, pos_category, warnings, unmapped, source, product, attempted)
        IS NOT (excluded.name, excluded.status, excluded.reasons, excluded.pos_category, excluded.warnings,
                excluded.unmapped, excluded.source, excluded.product, excluded.attempted)
"""
# What is known of the product stays as it is.
_DECIDE = """
    INSERT INTO items
        (location, pos_product_id, name, status, reasons, pos_category, warnings, unmapped, source,
         updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (location, pos_product_id) DO UPDATE SET
        name = excluded.name,
        status = excluded.status,
        reasons = excluded.reasons,
        pos_category = excluded.pos_category,
        warnings = excluded.warnings,
        unmapped = excluded.unmapped,
        source = excluded.source,
        updated_at = excluded.updated_at
"""
# An item without a row is, as far as anyone knows, not in the storefront: hidden, until its answer comes.
_NOTE_SENT = """
    INSERT INTO items (location, pos_product_id, name, status, reasons, attempted, updated_at)
    VALUES (?, ?, '', 'hidden', '', ?, ?)
    ON CONFLICT (location, pos_product_id) DO UPDATE SET attempted = excluded.attempted, source = NULL
"""
_FORGET = """
    DELETE FROM items
    WHERE location = ? AND pos_product_id = ? AND product IS NULL AND attempted IS NULL
"""
_KNOWN = """
    INSERT INTO locations (name, menu_known_since, menu_on) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET
        menu_known_since = excluded.menu_known_since,
        menu_on = excluded.menu_on
"""
_SELECT = """
    SELECT pos_product_id, name, status, reasons, pos_category, warnings, unmapped, source, product,
        attempted, updated_at
    FROM items WHERE location = ?
"""
_SELECT_ONE = f"{_SELECT} AND pos_product_id = ?"
# A product in doubt has no source, whatever it says: it is to be sent again.
_SELECT_DECIDED = """
    SELECT pos_product_id, status, reasons, pos_category, warnings, unmapped,
        CASE WHEN attempted IS NULL THEN source END, product IS NOT NULL
    FROM items WHERE location = ? ORDER BY CAST(pos_product_id AS INTEGER), pos_product_id
"""
_SELECT_PLACES = """
    SELECT pos_product_id, rowid FROM items WHERE location = ? AND product IS NOT NULL
"""
_SELECT_PRODUCTS = "SELECT rowid, product FROM items WHERE rowid IN (SELECT value FROM json_each(?))"
_AT_ONCE = 500


def save_items(connection: sqlite3.Connection, location: str, items: Iterable[ItemRecord]) -> None:
    """Write items over what the file holds of them; those that are already so are left untouched."""
    connection.executemany(
        _SAVE,
        (
            (*_decision(location, item), storable_json(item.product), storable_json(item.attempted))
            for item in items
        ),
    )


def save_decisions(connection: sqlite3.Connection, location: str, items: Iterable[ItemRecord]) -> None:
    """Write what was decided about items; `product` and `attempted` stay as the file has them."""
    connection.executemany(_DECIDE, (_decision(location, item) for item in items))


def _decision(location: str, item: ItemRecord) -> tuple[object, ...]:
    return (
        location,
        storable(item.pos_product_id),
        storable(item.name),
        item.status,
        ",".join(item.reasons),
        storable(item.pos_category),
        storable_json(item.warnings),
        item.unmapped,
        item.source,
        None if item.updated_at is None else spelled(item.updated_at),
    )


def replace_items(connection: sqlite3.Connection, location: str, items: Iterable[ItemRecord]) -> None:
    """Make `items` all that is known of the location."""
    connection.execute("DELETE FROM items WHERE location = ?", (location,))
    save_items(connection, location, items)


def forget_items(connection: sqlite3.Connection, location: str, ids: Iterable[str]) -> None:
    """Drop items that the POS no longer has, unless the storefront has, or may have, a product of theirs."""
    connection.executemany(
        _FORGET,
        ((location, storable(pos_product_id)) for pos_product_id in ids),
    )


def note_sent(
    connection: sqlite3.Connection, location: str, attempts: Iterable[tuple[str, str]], at: datetime
) -> None:
    """Note (pos_product_id, JSON of the whole product) as sent, answer unknown."""
    when = spelled(at)
    connection.executemany(
        _NOTE_SENT,
        ((location, storable(key), storable_json(product), when) for key, product in attempts),
    )


def note_known(
    connection: sqlite3.Connection, location: str, since: datetime, *, anew: bool, on: str
) -> None:
    """From now on the file knows the menu that is `on` a storefront (empty: nowhere but here).

    Only a menu that is rebuilt (`anew`), or that is now somewhere else, moves an earlier date.
    """
    if anew or not is_known(connection, location, on):
        connection.execute(_KNOWN, (location, spelled(since), on))


def is_known(connection: sqlite3.Connection, location: str, on: str | None = None) -> bool:
    """Whether the menu of the location was ever built or rebuilt, and is `on` that storefront, if one is
    named."""
    found = connection.execute(
        "SELECT menu_on FROM locations WHERE name = ? AND menu_known_since IS NOT NULL", (location,)
    ).fetchone()
    return found is not None and (on is None or found[0] == on)


def select_items(connection: sqlite3.Connection, location: str) -> Iterator[ItemRecord]:
    """All items of the location, in no particular order, with the rows already read."""
    return map(_item, connection.execute(_SELECT, (location,)).fetchall())


def count_in_doubt(connection: sqlite3.Connection, location: str) -> int:
    """How many products were sent and have no answer yet."""
    sql = "SELECT count(*) FROM items WHERE location = ? AND attempted IS NOT NULL"
    return int(connection.execute(sql, (location,)).fetchone()[0])


def select_item(connection: sqlite3.Connection, location: str, pos_product_id: str) -> ItemRecord | None:
    """One item of the location."""
    row = connection.execute(_SELECT_ONE, (location, storable(pos_product_id))).fetchone()
    return None if row is None else _item(row)


def select_decided(connection: sqlite3.Connection, location: str) -> Iterator[Decided]:
    """What stands of all items of the location, in the order of their ids as numbers, as it is read."""
    return map(Decided._make, connection.execute(_SELECT_DECIDED, (location,)))


def select_products(connection: sqlite3.Connection, location: str) -> Iterator[str]:
    """The JSON texts of the known products, in the order of their ids as numbers, as they are read."""
    # Only the ids are sorted: SQLite would move every product through its sorter, three times as slow.
    places = [place for _, place in sorted(connection.execute(_SELECT_PLACES, (location,)), key=_by_number)]
    for start in range(0, len(places), _AT_ONCE):
        wanted = places[start : start + _AT_ONCE]
        found = dict(connection.execute(_SELECT_PRODUCTS, (json.dumps(wanted),)))
        yield from map(found.__getitem__, wanted)


def _by_number(row: tuple[str, int]) -> tuple[bool, int, str]:
    # Ids are the POS's numbers as text; anything else comes last, in the order of the alphabet.
    key = row[0]
    return (False, int(key), key) if key.isdecimal() else (True, 0, key)


def _item(row: tuple[Any, ...]) -> ItemRecord:
    key, name, status, reasons, pos_category, warnings, unmapped, source, product, attempted, at = row
    return ItemRecord(
        key,
        name,
        status,  # the table's CHECK
        tuple(reasons.split(",")) if reasons else (),
        pos_category,
        product,
        attempted,
        read_time(at),
        warnings,
        bool(unmapped),
        source,
    )
