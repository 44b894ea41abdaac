"""SQL of `patient_links`, `patient_scans` and `profiles_made`. Callers hold the transaction (`file.py`)."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from alleaves_sync.state.records import LinkKind
from alleaves_sync.state.text import read_time, spelled

Link = tuple[LinkKind, str, int]
"""A kind, the digest of a value, and the profile that has it."""

_ADD = "INSERT OR IGNORE INTO patient_links (account, kind, digest, id_customer) VALUES (?, ?, ?, ?)"
_FIND = """
    SELECT id_customer FROM patient_links WHERE account = ? AND kind = ? AND digest = ? ORDER BY id_customer
"""
_NOTE_SCAN = """
    INSERT INTO patient_scans (account, scanned_at, key_check) VALUES (?, ?, ?)
    ON CONFLICT (account) DO UPDATE SET scanned_at = excluded.scanned_at, key_check = excluded.key_check
"""
_NOTE_MADE = """
    INSERT INTO profiles_made (account, digest, id_customer, made_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (account, digest) DO UPDATE SET id_customer = excluded.id_customer, made_at = excluded.made_at
"""
_SCANNED = "SELECT scanned_at FROM patient_scans WHERE account = ? AND key_check = ?"


def find(connection: sqlite3.Connection, account: str, kind: LinkKind, digest: str) -> tuple[int, ...]:
    """The profiles under a digest, lowest id first."""
    return tuple(row[0] for row in connection.execute(_FIND, (account, kind, digest)).fetchall())


def add(connection: sqlite3.Connection, account: str, links: Iterable[Link]) -> None:
    """Add links; those that are there already stay as they are."""
    connection.executemany(_ADD, ((account, *link) for link in links))


def drop(connection: sqlite3.Connection, account: str, id_customer: int) -> None:
    """Drop all that is known of a profile."""
    connection.execute(
        "DELETE FROM patient_links WHERE account = ? AND id_customer = ?", (account, id_customer)
    )
    connection.execute(
        "DELETE FROM profiles_made WHERE account = ? AND id_customer = ?", (account, id_customer)
    )


def note_made(
    connection: sqlite3.Connection, account: str, digest: str, id_customer: int, at: datetime, until: datetime
) -> None:
    """Note a profile that was made; what was made before `until` is forgotten."""
    connection.execute("DELETE FROM profiles_made WHERE made_at < ?", (spelled(until),))
    connection.execute(_NOTE_MADE, (account, digest, id_customer, spelled(at)))


def made(connection: sqlite3.Connection, account: str, digest: str, since: datetime) -> int | None:
    """The profile that was made under a digest `since` then."""
    row = connection.execute(
        "SELECT id_customer FROM profiles_made WHERE account = ? AND digest = ? AND made_at >= ?",
        (account, digest, spelled(since)),
    ).fetchone()
    return None if row is None else int(row[0])


def replace(
    connection: sqlite3.Connection, account: str, links: Iterable[Link], at: datetime, key_check: str
) -> None:
    """Make `links` all that is known of the account, scanned at `at` under the key of `key_check`."""
    connection.execute("DELETE FROM patient_links WHERE account = ?", (account,))
    add(connection, account, links)
    connection.execute(_NOTE_SCAN, (account, spelled(at), key_check))


def forget_all(connection: sqlite3.Connection) -> None:
    """Drop the links of all accounts: their key is lost."""
    connection.execute("DELETE FROM patient_links")
    connection.execute("DELETE FROM profiles_made")
    connection.execute("DELETE FROM patient_scans")


def scanned_at(connection: sqlite3.Connection, account: str, key_check: str) -> datetime | None:
    """When everybody was scanned under the key of `key_check`."""
    row = connection.execute(_SCANNED, (account, key_check)).fetchone()
    return None if row is None else read_time(row[0])
