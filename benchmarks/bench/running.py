"""Running commands as processes and measuring them; the feed in a process of its own.

This process stays small on purpose: until a child executes its program, the parent's memory counts as the
child's own in the kernel's record of its peak.
"""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
PLACE = Path(os.environ.get("BENCH_PLACE", ROOT / ".bench"))
LONGEST_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended: seconds of the clock, seconds of processor time (its children's too), peak in MB.

    The peak is that of the largest process where there are several.
    """

    code: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    out: str
    talk: str


def run(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Ran:
    """Run a command to its end in `folder`."""
    talk = folder / "talk.txt"
    began = time.perf_counter()
    with talk.open("wb") as stderr:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=stderr, env=os.environ | dict(env or {})
        )
        assert process.stdout is not None
        with process.stdout as stdout:
            out = stdout.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    said = talk.read_text(errors="replace")[-2000:]
    return Ran(process.returncode, seconds, cpu, usage.ru_maxrss / 1024, out, said)


@dataclass(frozen=True, slots=True)
class Feed:
    """A running feed: its address, and what it serves."""

    url: str
    delay: int
    facts: Mapping[str, Any]

    def expected(self) -> dict[str, list[float]]:
        """Price and quantity of the plain products by `posProductId`."""
        with urllib.request.urlopen(f"{self.url}/_feed/expected", timeout=60) as answer:
            found: dict[str, list[float]] = json.load(answer)
        return found


@contextmanager
def feed(rows: int, delay: int = 0) -> Iterator[Feed]:
    """A feed of `rows` rows with `delay` milliseconds a page, until the end of the block."""
    command = [sys.executable, "-m", "bench.feed", "--rows", str(rows), "--delay", str(delay)]
    served = subprocess.Popen(command, cwd=BENCHMARKS, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert served.stdin is not None
    assert served.stdout is not None
    try:
        line = served.stdout.readline()
        if not line:
            raise SystemExit("the feed did not start")
        facts = json.loads(line)
        yield Feed(facts["url"], delay, facts)
    finally:
        served.stdin.close()
        served.stdout.close()
        served.wait()
