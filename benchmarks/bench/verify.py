"""Has a contender really got everything? Compares its result with what the feed served.

    verify.py product URL FACTS PROGRAM CONFIG     # the menu that `export` prints
    verify.py copy URL FACTS FOLDER                # the tables of a copy (SQLite or DuckDB)

Exit code 1, and what is wrong, where it has not. Runs in the contender's own environment.
"""

import json
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from expected import fingerprint

COLUMNS = "id_batch, id_area, price_retail_adult_use, available"


def product(url: str, facts: dict[str, Any], program: str, config: str) -> str:
    """The plain products have the right price and quantity; every item that is not withheld is there."""
    with urllib.request.urlopen(f"{url}/_feed/expected", timeout=60) as answer:
        expected = json.load(answer)
    command = [program, "--config", config, "export", "--format", "json"]
    out = subprocess.run(command, check=False, capture_output=True).stdout
    menu = {one["posProductId"]: [one.get("price"), one["quantity"]] for one in json.loads(out)}
    wrong = [(key, value, menu.get(key)) for key, value in expected.items() if menu.get(key) != value]
    if wrong:
        return f"{len(wrong)} of {len(expected)} products differ, such as {wrong[0]}"
    few = facts["items"] - len(menu)
    return f"{few} items are not on the menu" if few > 0.01 * facts["items"] + 20 else ""


def copy(url: str, facts: dict[str, Any], folder: str) -> str:
    """As many rows and items as were served, and the same batches, prices and stock."""
    del url
    connection, prefix = _opened(Path(folder))
    (rows,) = connection.execute(f"SELECT count(*) FROM {prefix}pos_rows").fetchone()
    (items,) = connection.execute(f"SELECT count(DISTINCT id_item) FROM {prefix}pos_items").fetchone()
    if (rows, items) != (facts["rows"], facts["items"]):
        return f"{rows} rows and {items} items, not {facts['rows']} and {facts['items']}"
    found = fingerprint(connection.execute(f"SELECT {COLUMNS} FROM {prefix}pos_rows").fetchall())
    return "" if found == facts["rows_fingerprint"] else f"other rows: {found}"


def _opened(folder: Path) -> tuple[Any, str]:
    if (folder / "copy.db").exists():
        return sqlite3.connect(folder / "copy.db"), ""
    if (folder / "copy.duckdb").exists():
        import duckdb  # noqa: PLC0415

        return duckdb.connect(str(folder / "copy.duckdb"), read_only=True), "main."
    raise SystemExit(f"no copy in {folder}")


def main() -> int:
    what, url, facts, *rest = sys.argv[1:]
    told = (product if what == "product" else copy)(url, json.loads(facts), *rest)
    if told:
        print(told)
    return 1 if told else 0


if __name__ == "__main__":
    raise SystemExit(main())
