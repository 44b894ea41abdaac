"""sqlite-utils: `upsert_all` of all records, page by page, in one transaction.

with_sqlite_utils.py URL FOLDER
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from source import bodies, lists, logged_in
from sqlite_utils import Database
from wanted import record_of


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    session = logged_in(url)
    database = Database(folder / "copy.db")
    database.enable_wal()
    for path, table, kinds, key in lists(url):
        records = (
            record_of(record, kinds) for page in bodies(session, f"{url}/api{path}") for record in page
        )
        database[table].upsert_all(records, pk=key if len(key) > 1 else key[0], batch_size=500)
    database.close()


if __name__ == "__main__":
    main()
