"""Histories of a shop, each another one, until the time is over: `make faults`.

    python scripts/faults.py                    # 10 minutes, a seed of its own
    FAULTS_MINUTES=2 FAULTS_SEED=7 python scripts/faults.py menu

Each round tells histories of one part (menu, orders) with the next seed, and every other one kills real
processes with SIGKILL. A history that ends badly is printed as the steps that lead there; its seed tells the
same again, and with FAULTS_SHRINK=1 the shortest one that ends so. Exit code 1 where there was one.
"""

import argparse
import itertools
import os
import secrets
import sys
import time
import traceback
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.faults.machine_menu import MenuMachine
from tests.faults.machine_orders import OrderMachine
from tests.faults.world import SEEN, World

MACHINES: Final[dict[str, type[RuleBasedStateMachine]]] = {"menu": MenuMachine, "orders": OrderMachine}
MINUTES: Final = "10"
HISTORIES: Final = 25  # of a round
STEPS: Final = 25  # of a history


def round_of(name: str, number: int) -> bool:
    """One round; whether all of its histories ended well."""
    machine = type(name.title(), (MACHINES[name],), {})
    World.really_kill = number % 2 == 1
    chosen = settings(
        max_examples=HISTORIES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if os.environ.get("FAULTS_SHRINK") else (Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(seed(number)(machine), settings=chosen)
    except Exception:  # noqa: BLE001  whatever it is, it is a finding
        traceback.print_exc(file=sys.stdout)
        return False
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*MACHINES, []], help="what to try; all unless named")
    parts = parser.parse_args().parts or list(MACHINES)
    minutes = float(os.environ.get("FAULTS_MINUTES", MINUTES))
    first = int(os.environ.get("FAULTS_SEED", secrets.randbelow(10**6)))
    print(f"seed {first}, {minutes:g} minutes", flush=True)
    end, bad, rounds = time.monotonic() + 60 * minutes, [], 0
    for number in itertools.count(first):
        for name in parts:
            if time.monotonic() >= end:
                break
            rounds += 1
            if not round_of(name, number):
                bad.append(f"FAULTS_SEED={number} python scripts/faults.py {name}")
                print(f"^ seed {number}, {name}", flush=True)
        if time.monotonic() >= end:
            break
    told = ", ".join(f"{times} {what}" for what, times in sorted(SEEN.items()))
    print(f"{rounds} rounds from seed {first}: {told}; {len(bad)} rounds ended badly")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
