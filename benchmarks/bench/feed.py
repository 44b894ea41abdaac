"""A POS that costs almost nothing: every page is rendered before the first call, an answer is one `sendall`.

    python -m bench.feed --rows 20000 --delay 50

The records are the sandbox's: all 110 fields, about 3.4 KB each. It prints one line of JSON (address and
facts) when it is ready and serves until its standard input closes. It knows no faults and no other queries
than skip and take.
`--delay` (milliseconds) is added to each page of a list, as a distance is, and overlaps for calls at once.
"""

import argparse
import base64
import json
import math
import os
import socketserver
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from expected import fingerprint, plain_products
from wanted import LOCATION_ID

from alleaves_sync.sandbox.store.inventory import Inventory
from alleaves_sync.sandbox.store.places import make_location

SEED = 11
ROWS_PER_ITEM = 1.12  # what the sandbox makes, or a little less
LAST = 300  # rows at the end that stay: the special items are there
NEVER = 4_102_444_800  # the year 2100


def token() -> str:
    """In the form of the POS's own, good for ever."""
    parts = ({"alg": "none"}, {"exp": NEVER}, "bench")
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts)


class Lists:
    """Rows and items of one location as ready bytes, and the facts about them."""

    def __init__(self, rows: int) -> None:
        inventory = Inventory(SEED, math.ceil(rows / ROWS_PER_ITEM), 1)
        found = list(inventory.rows[LOCATION_ID])
        if len(found) < rows:
            raise SystemExit(f"{len(found)} rows are not {rows}")
        last = min(LAST, rows // 2)
        found = [*found[: rows - last], *found[-last:]]
        ids = {row["id_item"] for row in found}
        items = [item for item in inventory.items[LOCATION_ID] if item["id_item"] in ids]
        self.blobs = {
            "/api/inventory/search": [row.blob() for row in found],
            "/api/inventory/item/search": [item.blob() for item in items],
        }
        self._pages: dict[tuple[str, int, int | None], bytes] = {}
        self.small = {
            "/api/location": _json([make_location(0)]),
            "/api/inventory/area": _json(inventory.area_list(LOCATION_ID)),
            "/api/auth": _json({"token": token(), "id_user": 1, "id_company": 1, "company": "Invented"}),
        }
        self.kinds = {path: _kinds(blobs) for path, blobs in self.blobs.items()}
        self.expected = plain_products(found, items)
        self.facts = {
            "rows": len(found),
            "items": len(items),
            "row_bytes": round(sum(map(len, self.blobs["/api/inventory/search"])) / len(found)),
            "rows_fingerprint": fingerprint(
                (row["id_batch"], row["id_area"], row["price_retail_adult_use"], row["available"])
                for row in found
            ),
            "plain_products": len(self.expected),
        }
        for path in self.blobs:
            for skip in range(0, len(self.blobs[path]), 500):
                self.page(path, skip, 500)

    def page(self, path: str, skip: int, take: int | None) -> bytes:
        """The whole answer, headers included."""
        key = (path, skip, take)
        if key not in self._pages:
            blobs = self.blobs[path]
            end = b"%d}" % len(blobs)
            chosen = blobs[skip:] if take is None else blobs[skip : skip + take]
            self._pages[key] = _answer(b"[" + b",".join(blob + end for blob in chosen) + b"]")
        return self._pages[key]


def _kinds(blobs: Sequence[bytes]) -> dict[str, str]:
    """The JSON type of each field, from the first record that has a value; text where none has."""
    words = {bool: "boolean", int: "integer", float: "number", list: "array", dict: "array"}
    found: dict[str, str] = {}
    for blob in blobs:
        for name, value in json.loads(blob + b"0}").items():
            kind = words.get(type(value), "string")
            if value is not None and found.get(name) in (None, "", "integer"):
                found[name] = "number" if kind == "integer" and not name.startswith("id_") else kind
            else:
                found.setdefault(name, "")
    return {name: kind or "string" for name, kind in found.items()}


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _json(value: object) -> bytes:
    return _answer(json.dumps(value).encode())


class Handler(socketserver.StreamRequestHandler):
    """One connection, kept open."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        server: Any = self.server
        while line := self.rfile.readline():
            length = 0
            while (header := self.rfile.readline()) not in (b"\r\n", b"\n", b""):
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = self.rfile.read(length)
            path = line.split()[1].decode().partition("?")[0]
            self.connection.sendall(self._found(server.lists, server.delay, path, body))

    @staticmethod
    def _found(lists: Lists, delay: float, path: str, body: bytes) -> bytes:
        if path in lists.blobs:
            asked = json.loads(body)
            if delay:
                time.sleep(delay)
            return lists.page(path, asked.get("skip", 0), asked.get("take"))
        if path in ("/_feed/expected", "/_feed/kinds"):
            return _json(getattr(lists, path.rpartition("/")[2]))
        return lists.small.get(path) or b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--delay", type=float, default=0, help="milliseconds for each page")
    options = parser.parse_args()
    server: Any = Server(("127.0.0.1", 0), Handler)
    server.lists, server.delay = Lists(options.rows), options.delay / 1000
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(
        json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}", **server.lists.facts}), flush=True
    )
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
