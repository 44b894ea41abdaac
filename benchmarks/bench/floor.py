"""The floor: the least that has to be done, with the fastest parts that are usual.

    python floor.py URL FOLDER

Log in, read all pages of both lists one after the other (requests), read them as JSON (orjson), keep the
fields that the product keeps (`wanted.py`) in SQLite. First run: `executemany` of everything in one
transaction. Any other run: read what is there, compare record by record, write only what differs and take
away what is gone. It knows no rules, no menu, no locks, no retries, no history and no proof of completeness.
"""

import sqlite3
import sys
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import orjson
import requests
from wanted import LISTS, LOCATION_ID, NESTED, NO_AREA, PAGE

Values = tuple[Any, ...]


def pages(session: requests.Session, url: str) -> Iterator[list[dict[str, Any]]]:
    """Every page, until the announced total is there."""
    skip = total = 0
    while skip == 0 or skip < total:
        answer = session.post(url, json={"skip": skip, "take": PAGE, "id_location": LOCATION_ID}, timeout=30)
        answer.raise_for_status()
        page = orjson.loads(answer.content)
        if not page:
            return
        total = page[0]["total_rows"]
        skip += len(page)
        yield page


def values_of(page: list[dict[str, Any]], fields: tuple[str, ...]) -> Iterator[Values]:
    """One tuple for a record, in the order of `fields`; lists as JSON."""
    nested = [name for name in fields if name in NESTED]
    pick = itemgetter(*fields)
    for record in page:
        for name in nested:
            # A catalogue record without tiers has no such field.
            record[name] = orjson.dumps(record.get(name) or []).decode()
        record.setdefault("use_tiered_pricing", False)
        if record.get("id_area", NO_AREA) is None:
            record["id_area"] = NO_AREA
        yield pick(record)


def keep(
    connection: sqlite3.Connection, table: str, key: tuple[str, ...], fields: tuple[str, ...], new: Any
) -> int:
    """Make the table equal to `new`, and tell how many rows were written."""
    columns = ", ".join(fields)
    insert = f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({', '.join('?' * len(fields))})"
    exists = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    if not exists:
        connection.execute(f"CREATE TABLE {table} ({columns}, PRIMARY KEY ({', '.join(key)})) WITHOUT ROWID")
        return connection.executemany(insert, new).rowcount
    key_of = itemgetter(*(fields.index(name) for name in key))
    known = {key_of(values): values for values in connection.execute(f"SELECT {columns} FROM {table}")}
    changed = [values for values in new if known.pop(key_of(values), None) != values]
    connection.executemany(insert, changed)
    where = " AND ".join(f"{name} = ?" for name in key)
    gone = [one if isinstance(one, tuple) else (one,) for one in known]
    connection.executemany(f"DELETE FROM {table} WHERE {where}", gone)
    return len(changed) + len(gone)


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    session = requests.Session()
    login = session.post(f"{url}/api/auth", json={"username": "bench", "password": "bench"}, timeout=30)
    session.headers["Authorization"] = f"Bearer {login.json()['token']}"
    connection = sqlite3.connect(folder / "copy.db")
    connection.execute("PRAGMA journal_mode = WAL")
    with connection:
        for path, table, fields, key in LISTS:
            new = (
                values for page in pages(session, f"{url}/api{path}") for values in values_of(page, fields)
            )
            written = keep(connection, table, key, fields, new)
            print(f"{table}: {written} written")
    connection.close()


if __name__ == "__main__":
    main()
