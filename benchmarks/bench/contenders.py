"""Who is measured: how each one is started, and what it has in the end."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Literal

from bench.running import BENCHMARKS, PLACE, Feed, Ran, run

# A full peer that keeps the fields which the product reads; a whole peer keeps all 110, as it usually would.
Kind = Literal["product", "floor", "tool", "full peer", "whole peer"]
WHOLE = ", all fields"
Command = Callable[[Feed, Path], Sequence[str]]

CODE = BENCHMARKS / "bench"
PEERS = CODE / "peers"

CONFIG = """\
state: ./state.db
interval_minutes: 60
locations:
  bench:
    areas: [Retail]
    alleaves:
      base_url: {url}/api
      location_id: 1000
      username: bench
      password: ${{BENCH_PASSWORD}}
    aiq: {{venue_id: bench}}
"""


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to get both lists into a file. `missing` says why it cannot be measured here."""

    name: str
    kind: Kind
    command: Command
    check: Callable[[Feed, Path, Ran], None]
    env: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""

    def run(self, feed: Feed, folder: Path) -> Ran:
        """Run it once. Raises Failed where it fails, or does less than all."""
        env = {"PYTHONPATH": str(CODE), **self.env} if self.kind != "product" else self.env
        ran = run(self.command(feed, folder), folder, env)
        if ran.code:
            raise Failed(f"{self.name}: exit {ran.code}\n{ran.talk}")
        self.check(feed, folder, ran)
        return ran


class Failed(Exception):
    """A contender ended badly, or with less than everything."""


def product(name: str, program: str) -> Contender:
    """The installed command `program`."""

    def command(feed: Feed, folder: Path) -> Sequence[str]:
        config = folder / "config.yaml"
        if not config.exists():
            config.write_text(CONFIG.format(url=feed.url))
            config.chmod(0o600)
        return (program, "--config", str(config), "sync-inventory", "--json")

    def check(feed: Feed, folder: Path, ran: Ran) -> None:
        (found,) = json.loads(ran.out)["locations"]
        facts = feed.facts
        if (found["rows"], found["items"]) != (facts["rows"], facts["items"]):
            raise Failed(f"{name}: {found['rows']} rows and {found['items']} items: {facts}")
        _verify(name, "product", feed, program, str(folder / "config.yaml"))

    return Contender(name, "product", command, check, {"BENCH_PASSWORD": "bench"})


def _copy(name: str, kind: Kind, needs: Path, command: Command, python: str = sys.executable) -> Contender:
    """Keeps both lists as they are. `python` can read what it writes; it cannot run without `needs`."""

    def check(feed: Feed, folder: Path, ran: Ran) -> None:
        del ran
        _verify(name, "copy", feed, str(folder), python=python)

    missing = "" if needs.exists() else f"{needs} is not there: make bench-setup"
    return Contender(name, kind, command, check, missing=missing)


def _verify(name: str, what: str, feed: Feed, *args: str, python: str = sys.executable) -> None:
    # In a process of its own: this one stays small.
    command = [python, str(CODE / "verify.py"), what, feed.url, json.dumps(dict(feed.facts)), *args]
    with TemporaryDirectory() as folder:
        ran = run(command, Path(folder), {"PYTHONPATH": str(CODE), "BENCH_PASSWORD": "bench"})
    if ran.code:
        raise Failed(f"{name}: {ran.out}{ran.talk}")


def python_of(peer: str) -> Path:
    """The Python of a peer's own environment."""
    return PLACE / peer / "bin" / "python"


def _script(name: str, kind: Kind, peer: str, script: Path, *args: str) -> Contender:
    python = python_of(peer)

    def command(feed: Feed, folder: Path) -> Sequence[str]:
        return (str(python), str(script), feed.url, str(folder), *args)

    return _copy(name, kind, python, command, str(python))


def _shell(name: str, kind: Kind, needs: Path, script: Path, *args: str, python: str) -> Contender:
    def command(feed: Feed, folder: Path) -> Sequence[str]:
        return ("bash", str(script), *args, feed.url, str(folder))

    return _copy(name, kind, needs, command, python)


def floor() -> Contender:
    """requests, orjson, sqlite3."""
    return _script("floor", "floor", "floor", CODE / "floor.py")


def peers() -> list[Contender]:
    """All others, from the simplest to the largest."""
    sqlite3 = Path(which("sqlite3") or "/usr/bin/sqlite3")
    tap, target = str(python_of("singer-tap")), str(python_of("singer-target"))
    curl = PEERS / "curl_json_each.sh"
    singer = PEERS / "singer.sh"
    found = [
        _shell("curl + json_each", "tool", sqlite3, curl, python=sys.executable),
        _script("sqlite-utils", "tool", "sqlite-utils", PEERS / "with_sqlite_utils.py"),
        _script("dlt, duckdb", "full peer", "dlt", PEERS / "with_dlt.py", "duckdb"),
        _script("dlt, sqlite", "full peer", "dlt", PEERS / "with_dlt.py", "sqlite"),
        _shell("Singer, duckdb", "full peer", Path(target), singer, tap, target, python=target),
        _script("PyAirbyte, duckdb", "full peer", "airbyte", PEERS / "with_airbyte.py"),
    ]
    whole = [
        replace(one, name=f"{one.name}{WHOLE}", kind="whole peer", env={"BENCH_FIELDS": "all"})
        for one in found
        if one.kind == "full peer" and one.name != "dlt, sqlite"
    ]
    return [*found, *whole]
