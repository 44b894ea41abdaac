"""What 90 days of runs every 10 minutes make of the state file: its size, and how long commands take on it.

    python benchmarks/ninety_days.py [--days 90] [--items 400] [--locations 1 10]

The menus come from real runs against a sandbox. The history is generated: 144 runs a day and location, half
of them while the shop is open, each of these selling a few items, with deliveries, sell-outs and changes of
price as a shop of that size has them. Then real commands are timed as processes: with a history that is just
short of being pruned, with one day more (what the automatic pruning costs the run that does it), and after
`state prune`.
"""

import argparse
import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import yaml
from place import Place, place, table

RUNS_A_DAY = 144
OPEN_RUNS = range(60, 132)  # of the day, UTC: twelve hours
SALES_A_RUN = 10  # 750 lines a day, a few items twice
RESTOCKS_A_DAY = 30
PRICES_A_DAY = 4
TIMES = 5  # each command, the median counts
KEPT_DAYS = 90
SHORT_DAYS = 30  # what `state prune` is asked to keep

_RUN = """
    INSERT INTO runs (id, location, flow, started_at, ended_at, seconds, outcome, "rows", items, listed,
        hidden, withheld, created, updated, zeroed, unchanged, rejected, warnings)
    VALUES (?, ?, 'inventory', ?, ?, ?, 'ok', 453, 399, 340, 55, 4, 0, ?, 0, ?, 0, 43)
"""
_CHANGE = """
    INSERT INTO changes (run_id, location, pos_product_id, action, fields, at)
    VALUES (?, ?, ?, 'update', ?, ?)
"""


@dataclass
class Shelf:
    """What a location has of each product, and at what price, as the generated days go by."""

    location: str
    quantities: dict[str, int]
    prices: dict[str, float]
    chance: random.Random

    def sell(self) -> Iterator[tuple[str, dict[str, list[float]]]]:
        """What a run finds after ten minutes in an open shop."""
        for key in self.chance.sample(sorted(self.quantities), SALES_A_RUN):
            old = self.quantities[key]
            if old:
                self.quantities[key] = max(0, old - self.chance.randint(1, 3))
                yield key, {"quantity": [old, self.quantities[key]]}

    def restock(self) -> Iterator[tuple[str, dict[str, list[float]]]]:
        """What the first run of a day finds: deliveries, the emptiest shelves first, and new prices."""
        for key in sorted(self.quantities, key=self.quantities.__getitem__)[:RESTOCKS_A_DAY]:
            old = self.quantities[key]
            self.quantities[key] = old + self.chance.randint(10, 60)
            yield key, {"quantity": [old, self.quantities[key]]}
        for key in self.chance.sample(sorted(self.prices), PRICES_A_DAY):
            price = self.prices[key]
            self.prices[key] = max(5.0, price + self.chance.choice((-5, -2.5, 2.5, 5)))
            yield key, {"price": [price, self.prices[key]]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--days", type=int, default=KEPT_DAYS)
    parser.add_argument("--items", type=int, default=400, help="of each location")
    parser.add_argument("--locations", type=int, nargs="+", default=[1, 10])
    parser.add_argument("--keep", type=Path, help="copy the last, unpruned state file there")
    chosen = parser.parse_args()
    headings = (
        "locations", "history", "runs", "changes", "MB", "status s", "history ITEM s", "history --run s",
        "run s", "run's pruning", "export s",
    )  # fmt: skip
    for count in chosen.locations:
        table(headings, list(measure(count, chosen)))


def measure(locations: int, chosen: argparse.Namespace) -> Iterator[Sequence[object]]:
    """The lines of the table for so many locations, one sandbox and one state file."""
    with place("--items", str(chosen.items)) as shop:
        names = several(shop, locations)
        first = shop.run("sync-inventory", "--json")
        if first.code != 0:
            raise SystemExit(f"the first run did not go well: {first.out}")
        yield line(shop, names, "none")
        generate(shop, names, chosen.days)
        yield line(shop, names, f"{chosen.days} days")
        if chosen.keep:
            shop.run("--quiet", "state", "backup", str(chosen.keep), "--force")
        age(shop, days=1)
        yield line(shop, names, "one day older")
        age(shop, days=1)
        pruned = shop.run("state", "prune", "--keep-days", str(SHORT_DAYS))
        if pruned.code != 0:
            raise SystemExit(f"the history could not be pruned: {pruned.out}")
        yield line(shop, names, f"pruned to {SHORT_DAYS} ({pruned.seconds:.1f} s)")


def several(shop: Place, count: int) -> list[str]:
    """As many locations in the configuration; each reads the one store and has a menu of its own."""
    path = shop.folder / "config.yaml"
    config = yaml.safe_load(path.read_text())
    (entry,) = config["locations"].values()
    entry["feed"] = None
    # Two that write to one venue would be refused; a menu that stays in the state file is the same work here.
    entry["aiq"] |= {"publish_url": None}
    names = [f"store-{number:02}" for number in range(1, count + 1)]
    config["locations"] = dict.fromkeys(names, entry)
    path.write_text(yaml.safe_dump(config))
    path.chmod(0o600)
    return names


def generate(shop: Place, names: Sequence[str], days: int) -> None:
    """History of so many days up to now, written in one transaction."""
    now = datetime.now(UTC)
    with closing(sqlite3.connect(shop.state)) as connection, connection:
        # Runs are known by the order in which they were noted: what is older has to be noted first.
        for name in ("changes", "runs"):
            connection.execute(f"DELETE FROM {name}")
        for number, name in enumerate(names):
            shelf = _shelf(connection, name, random.Random(number))
            for index in range(days * RUNS_A_DAY):
                _add_run(connection, shelf, now - timedelta(days=days, minutes=-10 * index - 1), index)


def _shelf(connection: sqlite3.Connection, name: str, chance: random.Random) -> Shelf:
    sql = """
        SELECT pos_product_id, CAST(json_extract(product, '$.quantity') AS INTEGER),
            json_extract(product, '$.price')
        FROM items WHERE location = ? AND product IS NOT NULL
    """
    found = connection.execute(sql, (name,)).fetchall()
    return Shelf(
        name, {key: had for key, had, _ in found}, {key: price or 10.0 for key, _, price in found}, chance
    )


def _add_run(connection: sqlite3.Connection, shelf: Shelf, at: datetime, index: int) -> None:
    of_day = index % RUNS_A_DAY
    changes = list(shelf.restock()) if of_day == OPEN_RUNS.start else []
    if of_day in OPEN_RUNS:
        changes += shelf.sell()
    run_id = f"{at:%Y%m%dT%H%M%SZ}-{shelf.chance.randbytes(3).hex()}"
    seconds = round(shelf.chance.uniform(0.3, 1.5), 3)
    began, ended = _spelled(at), _spelled(at + timedelta(seconds=seconds))
    connection.execute(
        _RUN, (run_id, shelf.location, began, ended, seconds, len(changes), 395 - len(changes))
    )
    connection.executemany(
        _CHANGE,
        (
            (run_id, shelf.location, key, json.dumps(fields, separators=(",", ":")), ended)
            for key, fields in changes
        ),
    )


def age(shop: Place, days: int) -> None:
    """Make all history older, so that a day of it is more than is kept."""
    sql = "UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%f000Z', {column}, ?)"
    with closing(sqlite3.connect(shop.state)) as connection, connection:
        for name, column in (("runs", "started_at"), ("runs", "ended_at"), ("changes", "at")):
            connection.execute(sql.format(table=name, column=column), (f"-{days} days",))


def line(shop: Place, names: Sequence[str], history: str) -> Sequence[object]:
    """One line of the table. The first run prunes what is too old; how much longer it takes is told."""
    with closing(sqlite3.connect(shop.state)) as connection:
        run_id, item = connection.execute(
            "SELECT run_id, pos_product_id FROM changes ORDER BY id DESC LIMIT 1"
        ).fetchone()
    first = shop.run("sync-inventory").seconds
    ran = timed(shop, "sync-inventory")
    with closing(sqlite3.connect(shop.state)) as connection:
        runs, changes = (
            connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("runs", "changes")
        )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (
        len(names), history, runs, changes, f"{shop.state.stat().st_size / 1e6:.1f}",
        f"{timed(shop, 'status'):.2f}", f"{timed(shop, 'history', item):.2f}",
        f"{timed(shop, 'history', '--run', run_id):.2f}", f"{ran:.2f}", f"{first - ran:+.2f} s",
        f"{timed(shop, 'export', '--output', 'menu.out'):.2f}",
    )  # fmt: skip


def timed(shop: Place, *command: str) -> float:
    """Seconds of a command as a process: the median."""
    return median(shop.run(*command).seconds for _ in range(TIMES))


def _spelled(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


if __name__ == "__main__":
    main()
