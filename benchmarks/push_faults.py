"""What is left of a push that breaks off: every HTTP call of it, and everything that may happen to a call.

    python benchmarks/push_faults.py             # the whole table
    python benchmarks/push_faults.py --short     # only what is not as it must be, and the sum

For every call of a push (somebody new, two products, a discount, a pickup window) and each of: dropped before
it was done, dropped after, 500 before, 500 after, timeout before, timeout after (each once, and five times in
a row), `kill -9` of the tool before it is sent, and after it was done: the push is run again until nothing is
left to do. Then the POS must hold exactly one open order with the right lines, prices and customer, and
exactly one new customer. Exit code 1 where it does not.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import alleaves_sync.transport.http as http  # noqa: E402, PLR0402
from alleaves_sync.config import Location  # noqa: E402
from alleaves_sync.errors import AlleavesSyncError  # noqa: E402
from alleaves_sync.sandbox import Sandbox  # noqa: E402
from tests.flows.pushing import location_of, outcomes, push, strangers_order, wrongs  # noqa: E402

FAULTS = ("drop", "drop-after", "error", "error-after", "timeout-before=2", "timeout-after=2")
NAMES = {
    "drop": "dropped before",
    "drop-after": "dropped after",
    "error": "500 before",
    "error-after": "500 after",
    "timeout-before=2": "timeout before",
    "timeout-after=2": "timeout after",
    "kill-before": "kill -9 before",
    "kill-after": "kill -9 after",
}
# A repeated fault strikes the retries of repeatable calls, too: the run itself ends in the middle.
STUBBORN = 5
MOST_RUNS = STUBBORN + 2
READ_SECONDS = 0.4


@dataclass(frozen=True)
class Call:
    """The `place`-th call of a push; `target` and `skip` say the same to the sandbox's faults."""

    place: int
    method: str
    path: str
    target: str
    skip: int


@dataclass(frozen=True)
class Case:
    """One way to break a push off, and what came of it."""

    call: Call
    fault: str
    times: int
    runs: int
    wrong: tuple[str, ...]


def calls_of_a_push() -> list[Call]:
    """Every call of an undisturbed push, in order."""
    with Sandbox(items=60, orders=0, history=0) as sandbox, TemporaryDirectory() as folder:
        strangers_order(sandbox)
        push(location_of(sandbox, Path(folder)))
        asked = [(one.method, one.path) for one in sandbox.store.journal.requests]
    seen: dict[str, int] = {}
    calls = []
    for place, (method, path) in enumerate(asked):
        target = f"{method} {path}$"
        calls.append(Call(place, method, path, target, seen.get(target, 0)))
        seen[target] = seen.get(target, 0) + 1
    return calls


def broken(call: Call, fault: str, times: int, more: str = "") -> Case:
    """Break one push off at `call`, go on until nothing is left to do, and look."""
    faults = [more] if more else []
    with Sandbox(items=60, orders=0, history=0, faults=faults) as sandbox, TemporaryDirectory() as folder:
        before = len(sandbox.store.pos_customers())
        order = strangers_order(sandbox)
        location = location_of(sandbox, Path(folder))
        runs = 0
        if fault.startswith("kill"):
            killed(location, call.place, after=fault == "kill-after")
            runs = 1
        else:
            sandbox.store.faults.add(f"{fault}:{times}+{call.skip}@{call.target}")
        while runs < MOST_RUNS:
            runs += 1
            if done(location):
                break
        problems = wrongs(sandbox, order, before)
        if not sandbox.store.aiq_orders()[0].get("posOrderId"):
            problems.append("not reported")
        return Case(call, fault, times, runs, tuple(problems))


def done(location: Location) -> bool:
    """One run; whether nothing is left to do."""
    try:
        run = push(location)
    except AlleavesSyncError:
        return False
    return not run.errors and set(outcomes(run).values()) <= {"pushed", "already-pushed"}


def killed(location: Location, place: int, *, after: bool) -> None:
    """Push in a process of its own that is killed at its `place`-th call, for good."""
    child = os.fork()
    if child == 0:
        attempt = http.Transport._attempt  # noqa: SLF001
        sent = 0

        def deadly(self: http.Transport, call: object, number: int, remaining: float) -> object:
            nonlocal sent
            if sent == place and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = attempt(self, call, number, remaining)  # type: ignore[arg-type]
            if sent == place:
                os.kill(os.getpid(), signal.SIGKILL)
            sent += 1
            return answer

        http.Transport._attempt = deadly  # type: ignore[assignment,method-assign]  # noqa: SLF001
        push(location)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise RuntimeError(f"the push ended before its call {place}")


def cases(calls: list[Call]) -> Iterator[Callable[[], Case]]:
    """All of them."""
    for call in calls:
        for fault in FAULTS:
            for times in (1, STUBBORN):
                yield lambda call=call, fault=fault, times=times: broken(call, fault, times)  # type: ignore[misc]
        for fault in ("kill-before", "kill-after"):
            yield lambda call=call, fault=fault: broken(call, fault, 1)  # type: ignore[misc]
    # A POS that shows a new order late, and one that ignores what is asked of its customers.
    for target, more in (("POST /api/order$", "slow-orders=3"), ("POST /api/customer$", "query-ignored")):
        created = next(call for call in calls if call.target == target)
        for fault in ("drop-after", "error-after", "timeout-after=2", "kill-after"):
            yield lambda c=created, f=fault, m=more: broken(c, f, 1, m)  # type: ignore[misc]


def main(arguments: list[str]) -> int:
    """Print the table; 1 where something is not as it must be."""
    http.READ_SECONDS = READ_SECONDS
    calls = calls_of_a_push()
    short = "--short" in arguments
    bad = total = most = 0
    for run in cases(calls):
        case = run()
        total += 1
        most = max(most, case.runs)
        bad += bool(case.wrong)
        if case.wrong or not short:
            where = f"{case.call.place:>2} {case.call.method:<4} {case.call.path}"
            verdict = "; ".join(case.wrong) or "ok"
            name = NAMES[case.fault] + (f" x{case.times}" if case.times > 1 else "")
            print(f"{where:<44} {name:<20} {case.runs} runs  {verdict}", flush=True)
    print(f"{len(calls)} calls, {total} cases, {bad} wrong; at most {most} runs until nothing was left to do")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
