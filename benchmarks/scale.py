"""How long and how large a run on a big store is: the first one, and one in which nothing changed.

    python benchmarks/scale.py --items 20000

Seconds and peak memory are those of the installed command as a process, against a sandbox in another process.
Of the unchanged run also: the calls that the services saw, the rows that SQLite's change counter counted, and
whether rows of products, or bytes of the feed, were touched. At last, that a dry run leaves every byte.
"""

import argparse
import os
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from place import Ended, Place, place, table

from alleaves_sync.config import load
from alleaves_sync.flows.menu.sync_location import sync_inventory
from alleaves_sync.state import StateFile


def rows(here: Place, sql: str) -> list[tuple[object, ...]]:
    """An answer of the state file."""
    with closing(sqlite3.connect(f"{here.state.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def menu(here: Place) -> str:
    """All rows of all tables but that of the runs, as one fingerprint."""
    tables = [str(name) for (name,) in rows(here, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = [
        (name, sorted(map(repr, rows(here, f"SELECT * FROM {name}")))) for name in tables if name != "runs"
    ]
    return sha256(repr(found).encode()).hexdigest()


def bytes_in(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file with its content and its time."""
    return {
        path.name: (sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.iterdir()
    }


def counted_run(here: Place) -> int:
    """One more unchanged run in this process, and the rows that its connection wrote."""
    counts: list[int] = []
    close = StateFile.close

    def counting(state: StateFile) -> None:
        counts.append(state.rows_written)
        close(state)

    StateFile.close = counting  # type: ignore[method-assign, assignment]  # a look at the counter, nothing else
    try:
        (location,) = load(here.folder / "config.yaml", os.environ).locations
        assert sync_inventory(location).outcome == "ok"
    finally:
        StateFile.close = close  # type: ignore[method-assign]
    return sum(counts)


def shown(name: str, run: Ended) -> tuple[object, ...]:
    found = run.location
    counts = [found[key] for key in ("rows", "items", "created", "updated", "zeroed", "unchanged")]
    return (name, found["outcome"], *counts, f"{run.seconds:.1f}", f"{run.peak_mb:.0f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=20_000)
    options = parser.parse_args()
    with place("--items", str(options.items), "--customers", "0", "--orders", "0") as here:
        runs = [shown("first", here.run("sync-inventory", "--json"))]
        before, feed = menu(here), (here.folder / "menu.json").stat().st_mtime_ns
        here.admin("DELETE", "calls")
        runs.append(shown("unchanged", here.run("sync-inventory", "--json")))
        calls = here.admin("GET", "calls")
        same = menu(here) == before
        same_feed = (here.folder / "menu.json").stat().st_mtime_ns == feed
        written = counted_run(here)
        here.admin("POST", "tick", {"steps": 50})
        files = bytes_in(here.folder)
        runs.append(shown("dry, 50 moves", here.run("sync-inventory", "--dry-run", "--json")))
        untouched = bytes_in(here.folder) == files
        runs.append(shown("50 moves", here.run("sync-inventory", "--json")))
        size = here.state.stat().st_size / 1e6
    counts = ("rows", "items", "created", "updated", "zeroed", "unchanged")
    table(("run", "outcome", *counts, "seconds", "peak MB"), runs)
    print()
    sent = calls.get("POST /2023-03/products/sync", 0)
    facts = (
        ("unchanged run: calls to the storefront", sent),
        ("unchanged run: calls to the POS", sum(calls.values()) - sent),
        ("unchanged run: rows written (SQLite's counter)", f"{written}, of the run's own record"),
        ("unchanged run: all tables but runs", "untouched" if same else "CHANGED"),
        ("unchanged run: feed", "untouched" if same_feed else "CHANGED"),
        ("dry run: bytes and times of all files", "untouched" if untouched else "CHANGED"),
        ("state file", f"{size:.1f} MB"),
    )
    table(("what", "found"), facts)
    return 0 if same and same_feed and untouched and not sent else 1


if __name__ == "__main__":
    raise SystemExit(main())
