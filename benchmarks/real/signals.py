"""SIGTERM and SIGINT at random moments of a command's life, from its first line of Python to its last.

A trial is good when the process ends soon, with the code of its signal or (it had ended) its own, without a
traceback, and when one run more brings the menu in step, each order into the POS once, and each new customer
once. "s" of the table counts from the (last) signal.
"""

import json
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from disk import doubles
from stand import Ended, Trial, Verdict, damage, difference, new_trial

from alleaves_sync.sandbox import Sandbox

MOST_SECONDS = 7.0  # 5 of grace, and 2 for a busy machine
HUNG_SECONDS = 30.0
PATIENT_SECONDS = 40  # of a run: nothing here ends because its budget is over
CERTAIN_SECONDS = 120
ITEMS, ORDERS = 80, 4
EACH_SEED = 8  # times each of SCENES, for one of `--seeds`
_POLL_SECONDS = 0.002
_CODES = {signal.SIGTERM: 143, signal.SIGINT: 130}
_BIT = {number: 1 << (number - 1) for number in _CODES}
_MASKS = ("SigIgn", "SigCgt")

SYNC = ("--quiet", "sync-inventory", "--json")
PUSH = ("--quiet", "push-order", "--confirmed", "--json")


@dataclass(frozen=True)
class Scene:
    """What is struck: a command, what the sandbox does to it, and whether it is struck twice."""

    name: str
    command: Sequence[str]
    faults: Sequence[str] = ()
    twice: bool = False
    own_codes: Sequence[int] = (0,)

    @property
    def pushes(self) -> bool:
        return "push-order" in self.command


WAITS = ("unavailable:2@/inventory/search", "unavailable:1@POST /2023-03/", "rate-limit=1:1@/item/search")
PUSH_WAITS = ("unavailable:2+2@/customer/search", "unavailable:1@GET /api/order", "rate-limit=1:1@/location")

SCENES = (
    Scene("sync, no fault", SYNC),
    Scene("sync, every answer 0.15 s late", SYNC, ("slow=0.15",)),
    Scene("sync, answered with 503 and 429", SYNC, WAITS),
    Scene("push, no fault", PUSH, own_codes=(0, 1, 3)),
    Scene("push, every answer 0.05 s late", PUSH, ("slow=0.05",), own_codes=(0, 1, 3)),
    Scene("push, answered with 503 and 429", PUSH, PUSH_WAITS, own_codes=(0, 1, 3)),
    Scene("sync --every 1s, struck twice", (*SYNC, "--every", "1s"), twice=True),
    Scene("sync --every 1s, struck twice, slow", (*SYNC, "--every", "1s"), ("slow=0.15",), twice=True),
)


@dataclass(frozen=True)
class Struck:
    """How a struck process ended, where it was (see `_phase`), and what the last signal was."""

    ended: Ended
    phase: str
    number: signal.Signals


def strike(trial: Trial, scene: Scene, moments: Sequence[float], numbers: Sequence[signal.Signals]) -> Struck:
    """Start the command and send it `numbers` at `moments` (seconds after the one before)."""
    began = time.perf_counter()
    # A job in the background has Ctrl-C switched off, and what it starts has it from it.
    process = trial.start(*scene.command, prefix=("env", "--default-signal=INT"))
    seen = set[str]()
    at, phase, last = began, "", numbers[0]
    for moment, number in zip(moments, numbers, strict=True):
        due = at + moment
        while time.perf_counter() < due and _alive(process):
            seen.add(_phase(process.pid))
            time.sleep(min(_POLL_SECONDS, max(0.0, due - time.perf_counter())))
        if not _alive(process):
            phase = phase or "ended before"
            break
        phase = _phase(process.pid)
        if phase in ("start", "python") and "ours" in seen:
            phase = "switched off again"
        seen.add(phase)
        last, at = number, time.perf_counter()
        process.send_signal(number)
    killer = threading.Timer(HUNG_SECONDS, process.kill)
    killer.start()
    ended = trial.wait(process, at)
    killer.cancel()
    return Struck(ended, phase, last)


def _alive(process: subprocess.Popen[str]) -> bool:
    """Whether it still runs. It is left to be waited for."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process.pid}/status").read_text()
    except FileNotFoundError:
        return False


def _phase(pid: int) -> str:
    """Who takes signals now: nobody ("start"), Python alone ("python"), this program ("ours"), or nobody any
    more ("after")."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return "start"
    masks = {
        name: int(rest, 16) for name, _, rest in (line.partition(":") for line in lines) if name in _MASKS
    }
    if masks["SigIgn"] & _BIT[signal.SIGTERM]:
        return "after"
    if masks["SigCgt"] & _BIT[signal.SIGTERM]:
        return "ours"
    return "python" if masks["SigCgt"] & _BIT[signal.SIGINT] else "start"


def wrong_end(struck: Struck, scene: Scene) -> Iterator[str]:
    """What is wrong with the end itself."""
    ended, number = struck.ended, struck.number
    codes = {_CODES[number], *scene.own_codes, *((_CODES.values()) if scene.twice else ())}
    if struck.phase in ("start", "python"):
        codes.add(-number)
    if ended.code not in codes:
        yield f"exit {ended.code}"
    if ended.seconds > MOST_SECONDS:
        yield f"took {ended.seconds:.1f} s"
    # What Python says about its own start is not ours to change.
    if not ended.clean and not (struck.phase == "python" and "alleaves_sync/" not in ended.err):
        yield "not told in plain words"
    if "defect" in ended.out:
        yield "a defect in the document"
    if struck.phase == "ours" and not scene.twice and ended.code != _CODES[number]:
        yield f"swallowed: exit {ended.code}"
    if ended.code in _CODES.values() and struck.phase != "start" and not ended.err:
        yield "said nothing"
    if ended.out and not scene.twice:
        try:
            json.loads(ended.out)
        except ValueError:
            yield "not one JSON document"


def settled(trial: Trial, scene: Scene, reference: Mapping[str, Any], *, whole: bool) -> Iterator[str]:
    """What one run more leaves wrong; with `whole`, of what the command has no part in, too."""
    trial.box.store.faults.clear(None)
    if scene.pushes:
        yield from push_again(trial, reference)
    if whole or not scene.pushes:
        yield from sync_again(trial)
    if whole:
        check = trial.run("--quiet", "state", "check")
        if check.code or not check.clean:
            yield f"state check: exit {check.code}, {check.said[:60]}"
    if unsound := trial.unsound():
        yield f"state file: {unsound}"


def push_again(trial: Trial, reference: Mapping[str, Any]) -> Iterator[str]:
    # As long as a run has by itself: whether an order in doubt is in the POS is certain after half a minute.
    trial.budget = CERTAIN_SECONDS
    trial.write()
    again = trial.run(*PUSH)
    if again.code not in (0, 1, 3) or '"locked"' in again.out or not again.clean:
        yield f"next push: exit {again.code}, {again.said[:60]}"
    yield from doubles(trial.box)
    found = pushed(trial.box)
    for name, value in reference.items():
        if found[name] != value:
            yield f"{name}: {found[name]} instead of {value}"[:200]


def sync_again(trial: Trial) -> Iterator[str]:
    again = trial.run(*SYNC)
    if again.code or not again.clean or json.loads(again.out)["locations"][0]["outcome"] != "ok":
        yield f"next run: exit {again.code}, {again.said[:60]} {again.out[:120]}"
    apart = difference(trial.storefront(), trial.mapping())
    if any(apart.values()):
        yield f"next run: {apart}"


def pushed(box: Sandbox) -> dict[str, Any]:
    """What a push leaves in the POS: the orders with their lines, and how many customers."""
    orders = {
        str(order["id_external"]): sorted(
            (str(line.get("id_batch")), str(line.get("quantity", line.get("qty")))) for line in order["items"]
        )
        for order in box.store.pos_orders()
        if order.get("id_external")
    }
    return {"orders": orders, "customers": len(box.store.pos_customers())}


class Life:
    """How long a scene takes by itself, and what it leaves; found out once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def of(self, scene: Scene) -> tuple[float, dict[str, Any]]:
        with self._lock:
            if scene.name not in self._known:
                self._known[scene.name] = self._found(scene)
            return self._known[scene.name]

    @staticmethod
    def _found(scene: Scene) -> tuple[float, dict[str, Any]]:
        orders = ORDERS if scene.pushes else 0
        with TemporaryDirectory() as folder, Sandbox(items=ITEMS, orders=orders, history=0) as box:
            trial = begun(folder, box, first=False)
            box.store.faults.add(*scene.faults)
            command = scene.command[: len(SYNC)] if scene.twice else scene.command
            seconds = trial.run(*command).seconds
            return seconds, pushed(box) if scene.pushes else {}


LIFE = Life()


def begun(folder: str, box: Sandbox, *, first: bool) -> Trial:
    """A trial whose menu stands, unless this is its `first` run."""
    trial = new_trial(folder, box)
    trial.budget = PATIENT_SECONDS
    trial.write()
    if not first:
        trial.begin()
    return trial


def struck(scene: Scene, seed: int) -> Verdict:
    """One trial."""
    chance = random.Random(f"{scene.name} {seed}")
    life, reference = LIFE.of(scene)
    first = not scene.pushes and chance.random() < 0.3
    orders = ORDERS if scene.pushes else 0
    with TemporaryDirectory() as folder, Sandbox(items=ITEMS, orders=orders, history=0) as box:
        trial = begun(folder, box, first=first)
        before = trial.storefront()
        if not scene.pushes:
            box.store.tick(20)
        box.store.faults.add(*scene.faults)
        moments = [chance.uniform(0, life * 1.05)]
        if scene.twice:
            moments = [chance.uniform(0, life + 1.0), chance.expovariate(1 / 0.2)]
        numbers = [chance.choice(list(_CODES)) for _ in moments]
        found = strike(trial, scene, moments, numbers)
        wrong = [*wrong_end(found, scene)]
        after = trial.storefront()
        wrong += settled(trial, scene, reference, whole=seed % 3 == 0)
        wrong += damage(before, trial.storefront(), after)
    said = found.ended.err.strip().splitlines()
    what = "+".join(number.name for number in numbers) + " at " + "+".join(f"{one:.2f}" for one in moments)
    note = f"{found.phase}: {found.ended.said}" if not wrong else " | ".join(said)[:2000]
    return Verdict(scene.name, f"{what} s, seed {seed}", found.ended, tuple(wrong), note)


def trials(seeds: int) -> list[Callable[[], Verdict]]:
    """All of this module."""
    return [
        lambda scene=scene, seed=seed: struck(scene, seed)
        for seed in range(seeds * EACH_SEED)
        for scene in SCENES
    ]
