"""dlt: two resources with a primary key, `write_disposition="merge"`, into DuckDB or SQLite.

    with_dlt.py URL FOLDER duckdb|sqlite

Given what makes it fast: pages as lists, nested lists as JSON and no child tables, no telemetry.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

import dlt
from source import bodies, lists, logged_in
from wanted import record_of

TYPES = {"string": "text", "array": "text", "integer": "bigint", "boolean": "bool", "number": "double"}
FORMAT: dict[str, Any] = {"duckdb": "parquet", "sqlite": "typed-jsonl"}


def main() -> None:
    url, folder, kind = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    os.environ["DLT_DATA_DIR"] = str(folder / "dlt")
    session = logged_in(url)

    def resource(path: str, table: str, kinds: dict[str, str], key: list[str]) -> Any:
        @dlt.resource(
            name=table,
            primary_key=key,
            write_disposition="merge",
            max_table_nesting=0,
            columns={name: {"data_type": TYPES[kind]} for name, kind in kinds.items()},  # type: ignore[typeddict-item]
        )
        def read() -> Iterator[list[dict[str, Any]]]:
            for page in bodies(session, f"{url}/api{path}"):
                yield [record_of(record, kinds) for record in page]

        return read()

    if kind == "duckdb":
        destination = dlt.destinations.duckdb(str(folder / "copy.duckdb"))
    else:
        destination = dlt.destinations.sqlalchemy(f"sqlite:///{folder / 'copy.db'}")
    pipeline = dlt.pipeline("bench", destination=destination, dataset_name="main")
    # Of the forms that each can load, the fastest one.
    info = pipeline.run([resource(*one) for one in lists(url)], loader_file_format=FORMAT[kind])
    info.raise_on_failed_jobs()


if __name__ == "__main__":
    main()
