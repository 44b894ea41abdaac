"""Many orders and many customers: how long, how many calls, and no doubles.

    python benchmarks/push_many.py

1. 50 orders pushed by two processes at once, and again after the state file was deleted half way.
2. 5,000 customers and a server that ignores the query: seconds and calls of the first look-up and the second.
3. 500 confirmed orders: seconds, calls per order.

Exit code 1 where an order is in the POS twice, or is missing.
"""

import os
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from alleaves_sync.aiq.order_models import User  # noqa: E402
from alleaves_sync.config import Location  # noqa: E402
from alleaves_sync.flows.patients.lookup import look_up  # noqa: E402
from alleaves_sync.flows.pos import utc_now  # noqa: E402
from alleaves_sync.sandbox import Sandbox  # noqa: E402
from tests.flows.pushing import location_of, push  # noqa: E402

LONGEST_SECONDS = 60


def open_orders(sandbox: Sandbox) -> Counter[str]:
    """How often each order of the storefront is in the POS."""
    return Counter(one["id_external"] for one in sandbox.store.pos_orders() if not one["void"])


def calls(sandbox: Sandbox) -> int:
    """How many calls there were so far."""
    return sum(sandbox.store.journal.calls.values())


def in_child(location: Location) -> int:
    """Push in a process of its own, which takes several turns where it finds the other at it."""
    child = os.fork()
    if child == 0:
        for _ in range(20):
            if all(one.outcome != "locked" for one in push(location).results):
                break
            time.sleep(0.2)
        os._exit(0)
    return child


def at_once(folder: Path) -> bool:
    """Two processes at once."""
    with Sandbox(items=400, orders=0, history=0, customers=200) as sandbox:
        for _ in range(50):
            sandbox.store.next_aiq_order()
        location = location_of(sandbox, folder)
        began = time.perf_counter()
        children = [in_child(location), in_child(location)]
        for child in children:
            os.waitpid(child, 0)
        took = time.perf_counter() - began
        found = open_orders(sandbox)
        good = len(found) == 50 and set(found.values()) == {1}
        print(
            f"two processes, 50 orders: {took:.1f} s, {len(found)} orders, most often {max(found.values())}"
        )
    return good


def lost_state(folder: Path) -> bool:
    """A tool that is killed half way, and a state file that is lost then."""
    with Sandbox(items=400, orders=0, history=0, customers=200) as sandbox:
        for _ in range(50):
            sandbox.store.next_aiq_order()
        location = location_of(sandbox, folder)
        people = len(sandbox.store.pos_customers())
        child = in_child(location)
        until = time.monotonic() + LONGEST_SECONDS
        while len(sandbox.store.pos_orders()) < 25 and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(child, 9)
        os.waitpid(child, 0)
        for lost in folder.glob("state.db*"):
            lost.unlink()
        half = len(open_orders(sandbox))
        push(location)
        found = open_orders(sandbox)
        made = len(sandbox.store.pos_customers()) - people
        strangers = sum(
            1 for one in sandbox.store.aiq_orders() if (one["user"]["email"] or "").startswith("new.")
        )
        good = len(found) == 50 and set(found.values()) == {1} and made == strangers
        print(
            f"killed and state deleted after {half} of 50: {len(found)} orders, most often "
            f"{max(found.values())}, {made} new customers for {strangers} strangers"
        )
        return good


def many_customers(folder: Path) -> None:
    """The first look-up, and the second, where the server ignores the query."""
    with Sandbox(items=60, orders=0, history=0, customers=5000, faults=["query-ignored"]) as sandbox:
        location = location_of(sandbox, folder)
        known = next(
            one for one in sandbox.store.pos_customers()[4321:] if one["phone"] and one["date_of_birth"]
        )
        for name in ("first", "second"):
            before, began = calls(sandbox), time.perf_counter()
            found = look_up(
                location,
                User(phone=known["phone"], birthday=date.fromisoformat(known["date_of_birth"])),
                utc_now,
            )
            took = time.perf_counter() - began
            print(
                f"5,000 customers, query ignored, {name} look-up: {took:.2f} s, "
                f"{calls(sandbox) - before} calls, {found.outcome}"
            )


def many_orders(folder: Path) -> bool:
    """500 confirmed orders, and once more with nothing left to do."""
    with Sandbox(items=2000, orders=0, history=0, customers=1000) as sandbox:
        for _ in range(500):
            sandbox.store.next_aiq_order()
        location = location_of(sandbox, folder)
        for name in ("500 confirmed orders", "once more"):
            before, began = calls(sandbox), time.perf_counter()
            run = push(location)
            took, made = time.perf_counter() - began, calls(sandbox) - before
            told = dict(Counter(one.outcome for one in run.results))
            print(f"{name}: {took:.1f} s, {made} calls ({made / 500:.1f} per order), {told}")
        found = open_orders(sandbox)
        return len(found) == 500 and set(found.values()) == {1}


def main() -> int:
    """All of them."""
    good = True
    for part in (at_once, lost_state, many_customers, many_orders):
        with TemporaryDirectory() as folder:
            good = part(Path(folder)) is not False and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
