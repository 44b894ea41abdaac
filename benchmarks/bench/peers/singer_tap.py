"""A Singer tap of both lists, with the usual library; the messages go to standard output.

singer_tap.py URL | target-duckdb --config ...
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import singer
from source import bodies, lists, logged_in
from wanted import record_of


def schema(kinds: dict[str, str], key: list[str]) -> dict[str, Any]:
    """The fields as JSON Schema; nested lists are texts, as in the floor."""
    plain = {name: "string" if kind == "array" else kind for name, kind in kinds.items()}
    properties = {name: {"type": [kind] if name in key else ["null", kind]} for name, kind in plain.items()}
    return {"type": "object", "properties": properties}


def main() -> None:
    url = sys.argv[1]
    session = logged_in(url)
    for path, table, kinds, key in lists(url):
        singer.write_schema(table, schema(kinds, key), key)
        for page in bodies(session, f"{url}/api{path}"):
            for record in page:
                singer.write_record(table, record_of(record, kinds))
    singer.write_state({"done": True})


if __name__ == "__main__":
    main()
