"""Does a kill at any moment lose or invent a product? kill -9 in a run, one more run, then compare.

    python benchmarks/kill.py --times 50

Each time: a run of `sync-inventory` is killed while stock and prices move (in turn at a random moment of the
whole run, and of the part that sends), then one whole run follows, and the storefront's products are compared
with the mapping: nothing missing, nothing extra, nothing other. Every fifth time state file and products are
lost before, so that everything is sent. Exit code 1 on any difference.
"""

import argparse
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from subprocess import TimeoutExpired

from place import Place, difference, place, table

MOVES = 60  # steps of the store before each run; about four rows each
LOSE_STATE_EVERY = 5
SYNC = "POST /2023-03/products/sync"


@contextmanager
def moving(here: Place) -> Iterator[None]:
    """Stock and prices move all the while."""
    over = threading.Event()

    def move() -> None:
        while not over.wait(0.05):
            here.admin("POST", "tick", {"steps": 1})

    thread = threading.Thread(target=move)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def killed_run(here: Place, seconds: float, *, sending: bool) -> tuple[float, bool]:
    """Start a run and kill it after so many seconds, counted from its first sending where `sending`.

    The moment of the kill, from the start of the process; and whether that was before its own end.
    """
    here.admin("DELETE", "calls")
    with moving(here):
        began = time.monotonic()
        process = here.start("--quiet", "sync-inventory")
        while sending and process.poll() is None and SYNC not in here.admin("GET", "calls"):
            pass
        try:
            process.communicate(timeout=seconds)
        except TimeoutExpired:
            process.kill()
            process.communicate()
            return time.monotonic() - began, True
    return time.monotonic() - began, False


def phase(here: Place) -> str:
    """How far the killed run was, from what it left."""
    if not here.state.exists():
        return "before the state file"
    with closing(sqlite3.connect(here.state)) as connection:
        try:
            (doubt,) = connection.execute("SELECT count(*) FROM items WHERE attempted IS NOT NULL").fetchone()
            last = connection.execute("SELECT outcome FROM runs ORDER BY started_at DESC LIMIT 1").fetchone()
        except sqlite3.OperationalError:
            return "making the state file"
    if doubt:
        return f"sending, {doubt} in doubt"
    return "between batches" if last == ("running",) else "starting or reading"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    rows: list[tuple[object, ...]] = []
    phases: Counter[str] = Counter()
    bad = 0
    with place("--items", str(options.items), "--latency", "0.02") as here:
        longest = here.run("--quiet", "sync-inventory").seconds
        number = 0
        while number < options.times:
            if (number + 1) % LOSE_STATE_EVERY == 0:
                here.state.unlink(missing_ok=True)
                here.admin("DELETE", "products")  # a storefront as new, too: everything is sent
            here.admin("POST", "tick", {"steps": MOVES})
            sending = number % 2 == 1
            seconds = chance.uniform(0, 0.05) if sending else chance.uniform(0.1, 0.9) * longest
            moment, killed = killed_run(here, seconds, sending=sending)
            if not killed:
                continue  # it was faster: no kill, the next try
            number += 1
            reached = phase(here)
            again = here.run("--quiet", "sync-inventory")
            found = difference(here.storefront(), here.mapping())
            right = again.code == 0 and not any(found.values())
            bad += not right
            phases[reached.partition(",")[0]] += 1
            verdict = "equal" if right else f"exit {again.code}, {found}"
            rows.append((number, f"{moment * 1000:.0f} ms", reached, verdict))
    table(("kill", "at", "the run was", "after one more run"), rows)
    print()
    table(("killed while", "times"), phases.most_common())
    print(
        f"\n{options.times} kills, {bad} differences: {'FAILED' if bad else 'nothing missing, nothing extra'}"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
