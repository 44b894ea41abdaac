"""What the tests of the state file share: records to write, folders to compare, processes to run."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from alleaves_sync.state import ChangeAction, ChangeRecord, ItemRecord, ItemStatus, RunRecord

NOW = datetime(2026, 7, 4, 12, 0, 0, 123456, tzinfo=UTC)
HERE = "downtown"


def product(number: int, **fields: object) -> str:
    """The JSON of a product."""
    return json.dumps(
        {"posProductId": str(number), "name": f"Product {number}", "price": 5, "quantity": 3} | fields
    )


def item(
    number: int,
    status: ItemStatus = "listed",
    reasons: tuple[str, ...] = (),
    json_text: str | None = "",
    **fields: object,
) -> ItemRecord:
    """An item as it is after it was accepted; `json_text=None`: never accepted."""
    known = product(number, **fields) if json_text == "" else json_text
    return ItemRecord(
        str(number), f"Product {number}", status, reasons, "Category > Flower", known, None, NOW
    )


def run(name: str = "run-1", minutes: int = 0, outcome: str = "ok", flow: str = "inventory") -> RunRecord:
    """A run that began `minutes` after NOW."""
    return RunRecord(name, HERE, flow, NOW + timedelta(minutes=minutes), outcome)


def change(number: int, fields: str, action: ChangeAction = "update", run_id: str = "run-1") -> ChangeRecord:
    """A change of one product."""
    return ChangeRecord(run_id, str(number), action, fields, NOW)


@dataclass(frozen=True)
class Seen:
    """A file as it is on the disk."""

    content: bytes
    modified: int
    mode: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Look at one file."""
        now = path.stat()
        return cls(path.read_bytes(), now.st_mtime_ns, now.st_mode & 0o777)


def folder(path: Path) -> dict[str, Seen]:
    """Everything in a folder: names, bytes, times and modes."""
    return {entry.name: Seen.of(entry) for entry in sorted(path.iterdir())}


def without_marks(files: dict[str, Seen]) -> dict[str, Seen | None]:
    """The same without the content of `-shm`: shared memory, where processes mark what they are reading."""
    return {name: None if name.endswith("-shm") else seen for name, seen in files.items()}


@contextmanager
def as_nobody() -> Iterator[None]:
    """An account that file modes hold for: root is asked to be nobody for a while."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def damage_the_items(path: Path) -> None:
    """Overwrite the page where the table `items` begins, as a failing disk might."""
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'items'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(content)


PRELUDE = """
import os, signal, sys, time
from pathlib import Path
from alleaves_sync.errors import StateUnusable, WriteFailed
from alleaves_sync.state import RunLock, StateFile
from tests.state.support import *
path = Path(sys.argv[1])
"""
PROJECT = Path(__file__).parents[2]


def start(code: str, path: Path, *more: str) -> subprocess.Popen[str]:
    """Another process that runs `code` with `path`."""
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, str(path), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])},
    )


def answer_of(code: str, path: Path, *more: str) -> str:
    """What another process prints that runs `code` to its end."""
    out, err = start(code, path, *more).communicate(timeout=60)
    assert not err, err
    return out.strip()


def wait_for(path: Path, seconds: float = 20) -> None:
    """Until another process has made a file."""
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not come"
        time.sleep(0.005)
