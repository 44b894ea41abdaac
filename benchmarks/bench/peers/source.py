"""Login and paging of the POS for the peers that bring no reader of their own: as in the floor."""

import os
from collections.abc import Iterator
from typing import Any

import requests
from wanted import LISTS, LOCATION_ID, PAGE, kinds_of

# `all`: every one of the 110 fields, as such a program is usually run; else those that the product reads.
FIELDS = "BENCH_FIELDS"


def lists(url: str) -> list[tuple[str, str, dict[str, str], list[str]]]:
    """(path, table, JSON type of each field to keep, key) of both lists."""
    found = [(path, table, kinds_of(fields), list(key)) for path, table, fields, key in LISTS]
    if os.environ.get(FIELDS) != "all":
        return found
    # What a catalogue, made once by discovery, would say.
    discovered = requests.get(f"{url}/_feed/kinds", timeout=30).json()
    return [(path, table, discovered[f"/api{path}"], key) for path, table, _, key in found]


def logged_in(url: str) -> requests.Session:
    """A session with a token."""
    session = requests.Session()
    login = session.post(f"{url}/api/auth", json={"username": "bench", "password": "bench"}, timeout=30)
    session.headers["Authorization"] = f"Bearer {login.json()['token']}"
    return session


def bodies(session: requests.Session, url: str) -> Iterator[list[dict[str, Any]]]:
    """Every page of one list, read as JSON by the fastest reader that there is."""
    import orjson  # noqa: PLC0415

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
