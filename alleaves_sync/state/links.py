"""SQL of `patient_links` and `patient_scans`. Callers hold the transaction (`file.py`)."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from alleaves_sync.state.records import LinkKind
from alleaves_sync.state.text import read_time, spelled

Link = tuple[LinkKind, str, int]
"""A kind, the digest of a value, and the profile that has it."""

_ADD = "INSERT OR IGNORE INTO patient_links (location, kind, digest, id_customer) VALUES (?, ?, ?, ?)"
_FIND = """
    SELECT id_customer FROM patient_links WHERE location = ? AND kind = ? AND digest = ? ORDER BY id_customer
"""
_NOTE_SCAN = """
    INSERT INTO patient_scans (location, scanned_at, key_check) VALUES (?, ?, ?)
    ON CONFLICT (location) DO UPDATE SET scanned_at = excluded.scanned_at, key_check = excluded.key_check
"""
_SCANNED = "SELECT scanned_at FROM patient_scans WHERE location = ? AND key_check = ?"


def find(connection: sqlite3.Connection, location: str, kind: LinkKind, digest: str) -> tuple[int, ...]:
    """The profiles under a digest, lowest id first."""
    return tuple(row[0] for row in connection.execute(_FIND, (location, kind, digest)).fetchall())


def add(connection: sqlite3.Connection, location: str, links: Iterable[Link]) -> None:
    """Add links; those that are there already stay as they are."""
    connection.executemany(_ADD, ((location, *link) for link in links))


def drop(connection: sqlite3.Connection, location: str, id_customer: int) -> None:
    """Drop all links of a profile."""
    connection.execute(
        "DELETE FROM patient_links WHERE location = ? AND id_customer = ?", (location, id_customer)
    )


def replace(
    connection: sqlite3.Connection, location: str, links: Iterable[Link], at: datetime, key_check: str
) -> None:
    """Make `links` all that is known of the location, scanned at `at` under the key of `key_check`."""
    connection.execute("DELETE FROM patient_links WHERE location = ?", (location,))
    add(connection, location, links)
    connection.execute(_NOTE_SCAN, (location, spelled(at), key_check))


def forget_all(connection: sqlite3.Connection) -> None:
    """Drop the links of all locations: their key is lost."""
    connection.execute("DELETE FROM patient_links")
    connection.execute("DELETE FROM patient_scans")


def scanned_at(connection: sqlite3.Connection, location: str, key_check: str) -> datetime | None:
    """When everybody was scanned under the key of `key_check`."""
    row = connection.execute(_SCANNED, (location, key_check)).fetchone()
    return None if row is None else read_time(row[0])
