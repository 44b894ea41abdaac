"""A system clock that jumps: between runs, and in the middle of one."""

import shutil
import time
from collections.abc import Callable
from tempfile import TemporaryDirectory

from relay import Relay, delay
from stand import Verdict, judged, new_trial

from alleaves_sync.sandbox import Sandbox


def missing() -> str:
    """Why this cannot be tried; "" when it can."""
    return "" if shutil.which("faketime") else "faketime is not installed"


def between(jump: str, words: str) -> Verdict:
    """One run at the right time, one with the clock moved, one at the right time again."""
    with TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write()
        trial.begin()
        box.store.tick(20)
        prefix = ("faketime", "-f", jump)
        ended = trial.sync(prefix=prefix)
        also = []
        for command in ("status", "history", "state"):
            args = {"history": ("history", next(iter(trial.storefront()))), "state": ("state", "check")}.get(
                command, (command,)
            )
            told = trial.run(*args)
            if not told.clean or told.code not in (0, 3):
                also.append(f"{command}: exit {told.code} {told.said[:60]}")
        return judged("clock", f"{words} for one run", trial, ended, (0, 3), also=also)


def within(jump: str, words: str) -> Verdict:
    """The clock jumps while the rows are being read."""
    with TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write()
        trial.begin()
        box.store.tick(20)
        moved = trial.folder / "clock"
        moved.write_text("+0\n")
        env = {
            "FAKETIME_TIMESTAMP_FILE": str(moved),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
        }
        with Relay(box.url, "POST /api/inventory/search$", delay(1)) as relay:
            trial.write(pos=relay.url, aiq=relay.url)
            began = time.perf_counter()
            process = trial.start("--quiet", "sync-inventory", env=env)
            while not relay.twisted and process.poll() is None:
                time.sleep(0.01)
            moved.write_text(jump + "\n")
            ended = trial.wait(process, began)
        return judged("clock", f"{words} in the middle of a run", trial, ended, (0, 3), mend=trial.write)


JUMPS = (
    ("-1d", "a day back"),
    ("-3650d", "ten years back"),
    ("+1d", "a day ahead"),
    ("+3650d", "ten years ahead"),
)


def trials(_seeds: int) -> list[Callable[[], Verdict]]:
    """All of this module."""
    return [
        *(lambda j=jump, w=words: between(j, w) for jump, words in JUMPS),
        *(lambda j=jump, w=words: within(j, w) for jump, words in JUMPS),
    ]
