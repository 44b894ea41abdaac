"""Runs at an even pace: `sync-inventory --every 2s` through restarts of the POS, SIGTERM and SIGINT.

The command runs against a sandbox that is killed and started again on the same port, some seconds away each
time. In between the command itself is ended and started again, by turns: SIGTERM while it waits, SIGTERM and
SIGINT during a run, SIGKILL. Counted are the runs, how far from the grid they began, runs that overlap (from
the table `runs`), how each process ended, and its memory at first and at last.

    python benchmarks/every.py [--minutes 5] [--every 2]
"""

import argparse
import fcntl
import json
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from place import Place, difference, program, table

ENDS = ("SIGTERM waiting", "SIGINT running", "SIGTERM running", "SIGTERM twice", "SIGKILL")
_EXPECTED = {"SIGTERM twice": 143, "SIGKILL": -9}
_DOWN_SECONDS = 5.0


class Pos:
    """The sandbox as a process that can be killed and started again at the same address, with its stock."""

    def __init__(self, folder: Path, port: int) -> None:
        self._port, self._folder = port, folder
        self.restarts = 0
        self._process = self._start("--write-config", str(folder / "config.yaml"))

    def _start(self, *more: str) -> "subprocess.Popen[bytes]":
        options = ("--port", str(self._port), "--items", "200", "--latency", "0.02", *more)
        return subprocess.Popen([program(), "--quiet", "sandbox", *options], stdout=subprocess.DEVNULL)

    def restart(self, down: float) -> None:
        """Kill it, leave it down, start it anew."""
        self._process.kill()
        self._process.wait()
        time.sleep(down)
        self._process = self._start()
        self.restarts += 1

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@dataclass
class Process:
    """One process of the command, from its start to its end."""

    ended_by: str
    began: float = 0.0
    code: int | None = None
    seconds_to_end: float = 0.0
    lines: list[dict[str, object]] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def megabytes(pid: int) -> float:
    """The memory that the process holds now; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has ended
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


@contextmanager
def started(place: Place, every: int, found: Process) -> Iterator["subprocess.Popen[str]"]:
    """The command, whose lines are read while it runs."""
    process = place.start("--quiet", "sync-inventory", "--every", f"{every}s", "--json")

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            found.lines += json.loads(line).get("locations", [])  # one that ends at once tells its end
            if now := megabytes(process.pid):
                found.memory.append(now)

    reader = threading.Thread(target=read)
    reader.start()
    found.began = time.monotonic()
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        reader.join()


def end(process: "subprocess.Popen[str]", found: Process, lock: Path) -> None:
    """End it in the way that it is its turn to be ended."""
    deadline = time.monotonic() + 30
    wanted = "waiting" not in found.ended_by
    while is_running(lock) is not wanted and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.002)
    began = time.monotonic()
    first = getattr(signal, found.ended_by.split()[0])
    process.send_signal(first)
    if "twice" in found.ended_by:
        time.sleep(0.02)
        process.send_signal(first)
    found.code = process.wait(60)
    found.seconds_to_end = time.monotonic() - began


def trade(place: Place, until: float) -> None:
    """Sell and price something every second until then, so that the runs have something to send."""
    while time.monotonic() < until:
        with suppress(OSError):
            place.admin("POST", "tick", {"steps": 2})
        time.sleep(min(1.0, max(until - time.monotonic(), 0)))


def is_running(lock: Path) -> bool:
    """Whether somebody holds the kernel lock of the run."""
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def runs(state: Path) -> list[tuple[str, datetime, datetime, str]]:
    """Id, beginning, end and outcome of every run that was noted, in that order."""
    sql = "SELECT id, started_at, ended_at, outcome FROM runs WHERE flow = 'inventory' ORDER BY rowid"
    with closing(sqlite3.connect(f"{state.as_uri()}?mode=ro", uri=True)) as connection:
        return [
            (name, datetime.fromisoformat(began), datetime.fromisoformat(ended or began), outcome)
            for name, began, ended, outcome in connection.execute(sql)
        ]


def drifts(ids: list[str], noted: dict[str, datetime], every: int) -> list[float]:
    """How many seconds off the grid each run of one process began.

    The grid is where half of the runs begin earlier, half later. The first run is left out: it begins when
    the program has been read.
    """
    begins = [noted[name] for name in ids[1:] if name in noted]
    if not begins:
        return []
    off = [((at - begins[0]).total_seconds() + every / 2) % every - every / 2 for at in begins]
    middle = statistics.median(off)
    return [one - middle for one in off]


def main() -> int:
    """Run, print, and return 1 where something is not as it must be."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--minutes", type=float, default=5)
    options.add_argument("--every", type=int, default=2)
    options.add_argument("--seed", type=int, default=7)
    chosen = options.parse_args()
    dice = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="alleaves-sync-") as name:
        folder = Path(name)
        port = 20_000 + os.getpid() % 20_000
        pos = Pos(folder, port)
        try:
            return _trial(Place(folder, f"http://127.0.0.1:{port}"), pos, chosen, dice)
        finally:
            pos.stop()


def _trial(place: Place, pos: Pos, chosen: argparse.Namespace, dice: random.Random) -> int:
    _wait_for(place)
    _shorten_the_budget(place)
    finish = time.monotonic() + chosen.minutes * 60
    share = chosen.minutes * 60 / len(ENDS)
    lock = place.folder / "sandbox.db.sandbox.inventory.lock"
    processes: list[Process] = []
    number = 0
    while time.monotonic() < finish:
        found = Process(ENDS[number % len(ENDS)])
        number += 1
        processes.append(found)
        with started(place, chosen.every, found) as process:
            until = min(time.monotonic() + share, finish)
            trade(place, (time.monotonic() + until) / 2)
            pos.restart(dice.uniform(0.5, _DOWN_SECONDS))
            trade(place, until)
            end(process, found, lock)
    # The stand-in's storefront was new after each restart: what it holds is not what the file knows of it.
    place.admin("DELETE", "products")
    place.run("state", "rebuild", "--yes")
    last = place.run("sync-inventory", "--json")
    return _told(place, processes, pos, chosen.every, last.code)


def _told(place: Place, processes: list[Process], pos: Pos, every: int, last: int) -> int:
    noted = runs(place.state)
    begins = {name: began for name, began, _, _ in noted}
    doubles = sum(
        later[1] < earlier[2] for earlier, later in pairwise(noted)
    )  # in the order of noting; one that was killed has no end, and cannot count
    rows, wrong = [], doubles
    for one in processes:
        found = drifts([str(line["run_id"]) for line in one.lines], begins, every)
        failed = sum(line["outcome"] != "ok" for line in one.lines)
        expected = _EXPECTED.get(one.ended_by, 0)
        wrong += one.code != expected
        rows.append(
            (
                one.ended_by, one.code, f"{one.seconds_to_end:.2f}", len(one.lines), failed,
                f"{max(map(abs, found), default=0) * 1000:.0f}",
                f"{one.memory[0]:.0f} / {one.memory[-1]:.0f}" if one.memory else "-",
            )
        )  # fmt: skip
    table(("ended by", "exit", "s to end", "runs", "not ok", "drift ms", "MB first / last"), rows)
    apart = difference(place.storefront(), place.mapping()) if last == 0 else {"last run": [str(last)]}
    print(
        f"\n{len(noted)} runs noted, {pos.restarts} restarts of the POS, {doubles} double runs; "
        f"after one more run: exit {last}, differences {sum(map(len, apart.values()))}"
    )
    if any(apart.values()):
        print(apart)
    return int(bool(wrong or last or any(apart.values())))


def _wait_for(place: Place) -> None:
    for _ in range(600):
        try:
            place.admin("GET", "")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the sandbox did not start")


def _shorten_the_budget(place: Place) -> None:
    # A run against a POS that is gone shall end long before the trial does.
    path = place.folder / "config.yaml"
    path.write_text(f"time_budget_seconds: {3}\n{path.read_text()}")


if __name__ == "__main__":
    raise SystemExit(main())
