"""Processes that are stopped, killed at each write of the state file, or lose their power there."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from disk import doubles
from relay import Relay, delay
from stand import Ended, Verdict, damage, judged, new_trial

from alleaves_sync.sandbox import Sandbox

PATIENT_SECONDS = 40  # of a run: on a busy machine, too, a kill comes before the end of its time
SEND = "POST /2023-03/products/sync"
ROWS = "POST /api/inventory/search"


def missing() -> str:
    """Why this cannot be tried; "" when it can."""
    return "" if shutil.which("cc") else "there is no C compiler (cc)"


@cache
def library() -> str:
    """`powercut.c`, compiled."""
    made = Path(mkdtemp(), "powercut.so")
    source = Path(__file__).with_name("powercut.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-w", "-o", str(made), str(source), "-ldl"], check=True)
    return str(made)


def with_cut(at: int, lose: int, count: Path) -> dict[str, str]:
    """The environment that cuts the power at a write."""
    return {
        "LD_PRELOAD": library(),
        "CUT_PATH": "state.db",
        "CUT_AT": str(at),
        "CUT_LOSE": str(lose),
        "CUT_COUNT": str(count),
    }


def cut_sync(number: int, of: int, lose: int, *, first: bool) -> Verdict:
    """A run that ends at the `number`-th of `of` equal parts of its writes."""
    with TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.budget = PATIENT_SECONDS
        trial.write()
        before: dict[str, object] = {}
        if not first:
            trial.begin()
            before = dict(trial.storefront())
            box.store.tick(40)
        now = trial.mapping()
        at = 1 + number * writes("first" if first else "later") // of
        ended = trial.sync(env=with_cut(at, lose, trial.folder / "count"))
        also = [*damage(before, now, trial.storefront()), *uncounted(ended, trial.folder / "count")]
        if (trial.folder / "state.db-shm").exists() and number % 2:
            (trial.folder / "state.db-shm").unlink()  # a copied folder: what is shared memory is not there
        kind = "power cut" if lose else "killed"
        name = f"{kind} at write {at} of the {'first' if first else 'later'} run"
        return judged(
            "commits",
            name,
            trial,
            ended,
            (-9, 0, 137),
            also=also,
            note="(killed)" if ended.code else "ended before",
        )


def cut_push(number: int, of: int, lose: int) -> Verdict:
    """A push that ends at one of its writes: each order is in the POS once, in the end."""
    with TemporaryDirectory() as folder, Sandbox(items=60, orders=8, history=0) as box:
        trial = new_trial(folder, box)
        trial.budget = PATIENT_SECONDS
        trial.write()
        trial.begin()
        at = 1 + number * writes("push") // of
        ended = trial.run(
            "--quiet", "push-order", "--confirmed", env=with_cut(at, lose, trial.folder / "count")
        )
        again = trial.run("--quiet", "push-order", "--confirmed")
        also = [*doubles(box), *uncounted(ended, trial.folder / "count")]
        if again.code not in (0, 1, 3):
            also.append(f"the next push: {again.code}")
        kind = "power cut" if lose else "killed"
        return judged(
            "commits",
            f"{kind} at write {at} of a push",
            trial,
            ended,
            (-9, 0, 1, 3, 137),
            also=also,
            most_seconds=30,
            note="(killed)" if ended.code < 0 else "ended before",
        )


def uncounted(ended: Ended, count: Path) -> tuple[str, ...]:
    """A run that came to its end without having been counted: the trial tried nothing."""
    return () if ended.code < 0 or count.exists() else ("nobody counted its writes",)


@cache
def writes(which: str) -> int:
    """How many writes and fsyncs of the state file a whole run makes."""
    with (
        TemporaryDirectory() as folder,
        Sandbox(items=60 if which == "push" else 50, orders=8, history=0) as box,
    ):
        trial = new_trial(folder, box)
        trial.budget = PATIENT_SECONDS
        trial.write()
        if which != "first":
            trial.begin()
            box.store.tick(40)
        args = ("push-order", "--confirmed") if which == "push" else ("sync-inventory",)
        trial.run("--quiet", *args, env=with_cut(0, 0, trial.folder / "count"))
        return int((trial.folder / "count").read_text())


def stopped(target: str, where: str, seconds: float) -> Verdict:
    """SIGSTOP while the tool waits for an answer, then SIGCONT: it goes on, or says that its time is over."""
    with TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.budget = PATIENT_SECONDS
        trial.write()
        trial.begin()
        before = trial.storefront()
        box.store.tick(20)
        now = trial.mapping()
        with Relay(box.url, target + r"(\?|$)", delay(0.5)) as relay:
            trial.write(pos=relay.url, aiq=relay.url)
            began = time.perf_counter()
            process = trial.start("--quiet", "sync-inventory")
            while not relay.twisted and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGSTOP)
            time.sleep(seconds)
            process.send_signal(signal.SIGCONT)
            ended = trial.wait(process, began)
        also = damage(before, now, trial.storefront())
        return judged(
            "stopped",
            f"{where}, {seconds:g} s",
            trial,
            ended,
            (0, 69),
            also=also,
            mend=trial.write,
            most_seconds=seconds + PATIENT_SECONDS,
        )


def terminated(target: str, where: str, number: signal.Signals, code: int) -> Verdict:
    """A signal that ends the tool while it waits for an answer."""
    with TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.budget = PATIENT_SECONDS
        trial.write()
        trial.begin()
        box.store.tick(20)
        with Relay(box.url, target + r"(\?|$)", delay(3)) as relay:
            trial.write(pos=relay.url, aiq=relay.url)
            began = time.perf_counter()
            process = trial.start("--quiet", "sync-inventory")
            while not relay.twisted and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(number)
            ended = trial.wait(process, began)
        return judged("signal", f"{number.name} {where}", trial, ended, (code,), mend=trial.write)


def trials(seeds: int) -> list[Callable[[], Verdict]]:
    """All of this module."""
    found: list[Callable[[], Verdict]] = []
    for seconds in (2, 9):
        found += [
            lambda s=seconds: stopped(ROWS, "in reading", s),
            lambda s=seconds: stopped(SEND, "in sending", s),
        ]
    for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        found += [
            lambda n=number, c=code: terminated(ROWS, "in reading", n, c),
            lambda n=number, c=code: terminated(SEND, "in sending", n, c),
        ]
    of = 4 * seeds
    for part in range(of):
        for lose in (0, 1 + part):
            found += [
                lambda p=part, x=lose: cut_sync(p, of, x, first=True),
                lambda p=part, x=lose: cut_sync(p, of, x, first=False),
                lambda p=part, x=lose: cut_push(p, of, x),
            ]
    return found
