"""SQL of `items` and `locations`: the menu of each location. Callers hold the transaction (`file.py`)."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime

from alleaves_sync.state.records import ItemRecord
from alleaves_sync.state.text import read_time, spelled, storable, storable_json

# A row that would stay as it is is not written: an unchanged run leaves the pages of the menu alone.
_SAVE = """
    INSERT INTO items
        (location, pos_product_id, name, status, reasons, pos_category, product, attempted, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (location, pos_product_id) DO UPDATE SET
        name = excluded.name,
        status = excluded.status,
        reasons = excluded.reasons,
        pos_category = excluded.pos_category,
        product = excluded.product,
        attempted = excluded.attempted,
        updated_at = excluded.updated_at
    WHERE (name, status, reasons, pos_category, product, attempted)
        IS NOT (excluded.name, excluded.status, excluded.reasons, excluded.pos_category,
                excluded.product, excluded.attempted)
"""
# An item without a row is, as far as anyone knows, not in the storefront: hidden, until its answer comes.
_NOTE_SENT = """
    INSERT INTO items (location, pos_product_id, name, status, reasons, attempted, updated_at)
    VALUES (?, ?, '', 'hidden', '', ?, ?)
    ON CONFLICT (location, pos_product_id) DO UPDATE SET attempted = excluded.attempted
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
    SELECT pos_product_id, name, status, reasons, pos_category, product, attempted, updated_at
    FROM items WHERE location = ?
"""
_SELECT_PRODUCTS = """
    SELECT pos_product_id, product FROM items WHERE location = ? AND product IS NOT NULL
"""


def save_items(connection: sqlite3.Connection, location: str, items: Iterable[ItemRecord]) -> None:
    """Write items over what the file holds of them; those that are already so are left untouched."""
    connection.executemany(
        _SAVE,
        (
            (
                location,
                storable(item.pos_product_id),
                storable(item.name),
                item.status,
                ",".join(item.reasons),
                storable(item.pos_category),
                storable_json(item.product),
                storable_json(item.attempted),
                None if item.updated_at is None else spelled(item.updated_at),
            )
            for item in items
        ),
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


def select_products(connection: sqlite3.Connection, location: str) -> Iterator[str]:
    """The JSON texts of the known products, in the order of their ids as numbers."""
    # Sorted here: SQLite would move every product through its sorter, three times as slow.
    rows = connection.execute(_SELECT_PRODUCTS, (location,)).fetchall()
    return (product for _, product in sorted(rows, key=_by_number))


def _by_number(row: tuple[str, str]) -> tuple[bool, int, str]:
    # Ids are the POS's numbers as text; anything else comes last, in the order of the alphabet.
    key = row[0]
    return (False, int(key), key) if key.isdecimal() else (True, 0, key)


def _item(row: tuple[str, ...]) -> ItemRecord:
    key, name, status, reasons, pos_category, product, attempted, updated_at = row
    return ItemRecord(
        key,
        name,
        status,  # type: ignore[arg-type]  # the table's CHECK
        tuple(reasons.split(",")) if reasons else (),
        pos_category,
        product,
        attempted,
        read_time(updated_at),
    )
