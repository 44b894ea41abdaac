"""What the measurements share: a sandbox in a process of its own, and the installed command as a process."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

START_SECONDS = 60


def program() -> str:
    """The installed command that belongs to this Python."""
    found = Path(sys.executable).with_name("alleaves-sync")
    if not found.exists():
        raise SystemExit(f"{found} is missing: pip install -e '.[dev]'")
    return str(found)


@dataclass(frozen=True)
class Ended:
    """How a command ended: seconds of the clock, peak memory in MB, and what it printed."""

    code: int
    seconds: float
    peak_mb: float
    out: str

    @property
    def location(self) -> dict[str, Any]:
        """The one location of its JSON document."""
        found: dict[str, Any] = json.loads(self.out)["locations"][0]
        return found


@dataclass(frozen=True)
class Place:
    """A folder with a configuration, and the address of the sandbox that it belongs to."""

    folder: Path
    url: str

    @property
    def state(self) -> Path:
        return self.folder / "sandbox.db"

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Start the command; its talk is thrown away."""
        return subprocess.Popen(
            [program(), *args],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"ALLEAVES_SYNC_CONFIG": str(self.folder / "config.yaml")},
        )

    def run(self, *args: str) -> Ended:
        """Run the command to its end."""
        began = time.perf_counter()
        process = self.start(*args)
        assert process.stdout is not None
        with process.stdout as stdout:
            out = stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return Ended(process.returncode, time.perf_counter() - began, usage.ru_maxrss / 1024, out)

    def admin(self, method: str, path: str, body: object = None) -> Any:
        """Ask the sandbox's own API."""
        return self._ask(method, f"{self.url}/_sandbox/{path}", body, {})

    def products(self, api_key: str, venue: str) -> dict[str, dict[str, Any]]:
        """GET /products of the storefront: all pages, by `posProductId`."""
        found: dict[str, dict[str, Any]] = {}
        while True:
            url = f"{self.url}/2023-03/products?venueId={venue}&limit=250&skip={len(found)}"
            page = self._ask("GET", url, None, {"x-dispense-api-key": api_key})
            found |= {product["posProductId"]: without_nothing(product) for product in page["data"]}
            if len(found) >= page["count"]:
                return found

    def storefront(self) -> dict[str, dict[str, Any]]:
        """What the storefront has now."""
        facts = self.admin("GET", "")
        return self.products(facts["api_key"], facts["venue_id"])

    def mapping(self) -> dict[str, dict[str, Any]]:
        """What `show-mapping` makes of the POS now."""
        items = self.run("show-mapping", "--json").location["items"]
        return {str(item["id_item"]): item["product"] for item in items if item["product"] is not None}

    @staticmethod
    def _ask(method: str, url: str, body: object, headers: Mapping[str, str]) -> Any:
        data = None if body is None else json.dumps(body).encode()
        whole = {"Content-Type": "application/json", **headers}
        with urllib.request.urlopen(
            urllib.request.Request(url, data, whole, method=method), timeout=60
        ) as answer:
            return json.load(answer)


def without_nothing(product: Mapping[str, Any]) -> dict[str, Any]:
    """A product as the menu shows it: no empty list of pictures."""
    return {name: value for name, value in product.items() if value != []}


def difference(storefront: Mapping[str, Any], mapping: Mapping[str, Any]) -> dict[str, list[str]]:
    """Ids that are missing, too many (and on sale), or other than they should be."""
    return {
        "missing": sorted(mapping.keys() - storefront.keys()),
        "extra": sorted(key for key in storefront.keys() - mapping.keys() if storefront[key]["quantity"]),
        "other": sorted(key for key in mapping.keys() & storefront.keys() if mapping[key] != storefront[key]),
    }


@contextmanager
def place(*options: str) -> Iterator[Place]:
    """A sandbox with `options`, and a folder with its configuration; both are gone afterwards."""
    with TemporaryDirectory(prefix="alleaves-sync-") as name:
        folder = Path(name)
        config = folder / "config.yaml"
        served = subprocess.Popen(
            [program(), "--quiet", "sandbox", "--port", "0", "--write-config", str(config), *options],
            stdout=subprocess.DEVNULL,
        )
        try:
            yield when_it_answers(folder, config, served)
        finally:
            served.terminate()
            served.wait()


def when_it_answers(folder: Path, config: Path, served: subprocess.Popen[bytes]) -> Place:
    """The sandbox that a process serves, once it does. SystemExit where it never does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and served.poll() is None:
        if config.exists():
            address = next(line for line in config.read_text().splitlines() if "base_url" in line)
            found = Place(folder, address.split()[-1].removesuffix("/api"))
            try:
                found.admin("GET", "")
            except (urllib.error.URLError, OSError):
                pass
            else:
                return found
        time.sleep(0.05)
    raise SystemExit("the sandbox did not start")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings."""
    texts = [list(headings), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in texts) for column in range(len(headings))]
    for number, line in enumerate(texts):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
    sys.stdout.flush()
