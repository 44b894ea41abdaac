"""A server that is stopped (SIGSTOP) in its work: its connections stay open, and nothing answers.

The sandbox is a process of its own here. It goes on (SIGCONT) after a moment; or when the run has long given
up, and then does what it was asked before; or only while the next run is under way.
"""

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from signals import PUSH, SYNC, pushed, settled
from stand import BUDGET_SECONDS, Place, Trial, Verdict, damage, program, when_it_answers

from alleaves_sync.sandbox import Sandbox

AT_ONCE = 2
PATIENT_SECONDS = 40
MOST_BEYOND_SECONDS = 6  # starting Python on a busy machine
ITEMS, ORDERS = 80, 4
EACH_SEED = 2
_SENDING = "POST /2023-03/products/sync"


@dataclass(frozen=True)
class Faults:
    """As `Store.faults`, from outside."""

    place: Place

    def add(self, *names: str) -> None:
        self.place.admin("POST", "faults", {"faults": list(names)})

    def clear(self, _name: str | None) -> None:
        self.place.admin("DELETE", "faults")


@dataclass(frozen=True)
class Served:
    """A sandbox in a process of its own: what a trial needs of a `Sandbox` and of its `store`."""

    place: Place
    pid: int

    username, password, api_key = Sandbox.username, Sandbox.password, Sandbox.api_key
    location_id, venue_id = Sandbox.location_id, Sandbox.venue_id

    @property
    def url(self) -> str:
        return self.place.url

    @property
    def alleaves_url(self) -> str:
        return f"{self.url}/api"

    @property
    def aiq_url(self) -> str:
        return f"{self.url}/2023-03"

    @property
    def store(self) -> "Served":
        return self

    @property
    def faults(self) -> Faults:
        return Faults(self.place)

    def products(self) -> Any:
        return self.place.admin("GET", "products")

    def pos_orders(self) -> Any:
        return self.place.admin("GET", "orders")

    def pos_customers(self) -> Any:
        return self.place.admin("GET", "customers")

    def tick(self, steps: int) -> None:
        self.place.admin("POST", "tick", {"steps": steps})

    def calls(self) -> Any:
        return self.place.admin("GET", "calls")

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@contextmanager
def served(items: int, orders: int) -> Iterator[Served]:
    """Such a sandbox; it is gone afterwards."""
    with TemporaryDirectory() as name:
        config = Path(name, "config.yaml")
        numbers = ("--port", "0", "--items", str(items), "--orders", str(orders))
        process = subprocess.Popen([program(), "--quiet", "sandbox", "--write-config", str(config), *numbers])
        try:
            yield Served(when_it_answers(Path(name), config, process), process.pid)
        finally:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Scene:
    """What is under way when the server stops."""

    name: str
    command: Sequence[str]
    faults: Sequence[str]
    begins_with: str  # the call after which it is stopped
    seconds: float  # within which
    codes: Sequence[int] = (0,)

    @property
    def pushes(self) -> bool:
        return "push-order" in self.command


SCENES = (
    Scene("in a reading", SYNC, ("slow=0.4@/api/",), "POST /api/auth", 1.5),
    Scene("in a sending", SYNC, (f"slow=1@{_SENDING}",), _SENDING, 1.0),
    Scene("in a push", PUSH, ("slow=0.03",), "POST /api/auth", 1.6, (0, 1, 3)),
)


@cache
def reference() -> dict[str, Any]:
    """What a push leaves when nobody stops anything."""
    with TemporaryDirectory() as folder, served(ITEMS, ORDERS) as box:
        trial = begun(folder, box)
        trial.run(*PUSH)
        return pushed(box)  # type: ignore[arg-type]


def begun(folder: str, box: Served) -> Trial:
    trial = Trial(Path(folder), box)  # type: ignore[arg-type]
    trial.budget = PATIENT_SECONDS
    trial.write()
    trial.begin()
    return trial


def wait_for(box: Served, call: str, process: subprocess.Popen[str]) -> None:
    """Until the sandbox was asked for it, or the process cannot ask any more."""
    end = time.monotonic() + PATIENT_SECONDS
    while call not in box.calls() and time.monotonic() < end:
        status = Path(f"/proc/{process.pid}/status")
        if not status.exists() or "\nState:\tZ" in status.read_text():
            return
        time.sleep(0.01)


def frozen(scene: Scene, how: str, seed: int) -> Verdict:
    """One trial. `how`: "a moment", "long" (beyond the budget), "into the next run"."""
    chance = random.Random(f"{scene.name} {how} {seed}")
    budget = PATIENT_SECONDS if how == "a moment" else BUDGET_SECONDS
    moment, seconds = chance.uniform(0, scene.seconds), chance.uniform(0.3, 3)
    left = reference() if scene.pushes else {}
    with TemporaryDirectory() as folder, served(ITEMS, ORDERS if scene.pushes else 0) as box:
        trial = begun(folder, box)
        trial.budget = budget
        trial.write()
        before = trial.storefront()
        if not scene.pushes:
            box.tick(20)
        now = trial.mapping()
        box.place.admin("DELETE", "calls")
        box.faults.add(*scene.faults)
        began = time.perf_counter()
        process = trial.start(*scene.command)
        wait_for(box, scene.begins_with, process)
        time.sleep(moment)
        box.stop()
        if how == "a moment":
            threading.Timer(seconds, box.go_on).start()
        ended = trial.wait(process, began)
        time.sleep(0 if how == "a moment" else seconds / 10)
        also = []
        if how == "into the next run":
            trial.budget = PATIENT_SECONDS
            trial.write()
            threading.Timer(seconds, box.go_on).start()
            again = trial.run(*scene.command)
            if again.code not in scene.codes or not again.clean:
                also.append(f"the run meanwhile: exit {again.code}, {again.said[:60]}")
        with suppress(ProcessLookupError):
            box.go_on()
        also += damage(before, now, trial.storefront()) if not scene.pushes else ()
        codes = set(scene.codes) if how == "a moment" or ended.seconds < BUDGET_SECONDS else {69, 1, 3}
        if ended.code not in codes:
            also.append(f"exit {ended.code} instead of {codes}")
        if not ended.clean or (ended.code == 69 and not ended.said):
            also.append("not told in plain words")
        if ended.seconds > budget + MOST_BEYOND_SECONDS:
            also.append(f"took {ended.seconds:.1f} s")
        trial.budget = PATIENT_SECONDS
        trial.write()
        also += settled(trial, scene, left, whole=True)  # type: ignore[arg-type]
    gone_on = {"a moment": f"for {seconds:.1f} s", "long": "until it gave up"}.get(how, how)
    return Verdict(
        "server stopped", f"{scene.name}, {moment:.2f} s, {gone_on}, seed {seed}", ended, tuple(also)
    )


def trials(seeds: int) -> list[Callable[[], Verdict]]:
    """All of this module."""
    return [
        lambda scene=scene, how=how, seed=seed: frozen(scene, how, seed)
        for seed in range(seeds * EACH_SEED)
        for how in ("a moment", "long", "into the next run")
        for scene in SCENES
    ]
