"""Real failures: what each does to a run, and whether the next one is in step.

    python benchmarks/real/failures.py                    # all that this machine and user can do
    python benchmarks/real/failures.py answers network    # some of the groups
    python benchmarks/real/failures.py --only bomb        # trials whose name has this in it

Groups: answers (hostile servers, a relay that cuts and garbles), network (names, TLS), disk (full, read-only;
needs root for a tmpfs), process (stopped, killed at every write, power cuts; needs cc), clock (needs
libfaketime), signals (SIGTERM and SIGINT at random moments), server (stopped in its work). A group that
cannot be tried here says so. Exit code 1 where a trial went wrong.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stand import Verdict, table

GROUPS = ("answers", "network", "disk", "process", "clock", "signals", "server")
AT_ONCE = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", default=GROUPS)
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--seeds", type=int, default=5, help="how many random tries of each kind (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all verdicts there, too")
    parser.add_argument("--short", action="store_true", help="show only what went wrong, and the sum")
    options = parser.parse_args()
    verdicts: list[Verdict] = []
    for group in options.groups:
        module = importlib.import_module(group)
        if (why := getattr(module, "missing", lambda: "")()) != "":
            print(f"{group}: not tried here: {why}\n")
            continue
        todo = module.trials(options.seeds)
        with ThreadPoolExecutor(getattr(module, "AT_ONCE", AT_ONCE)) as pool:
            found = []
            for one in pool.map(_named(options.only), todo):
                if one is not None:
                    found.append(one)
                    print("." if not one.wrong else f"\n{one.cells}\n", end="", file=sys.stderr, flush=True)
        verdicts += found
        shown = [one for one in found if one.wrong or not options.short]
        print(file=sys.stderr)
        table(("group", "trial", "exit", "s", "MB", "verdict", "said"), [one.cells for one in shown])
        print()
    bad = sum(bool(one.wrong) for one in verdicts)
    peak = max((one.ended.peak_mb for one in verdicts), default=0)
    longest = max((one.ended.seconds for one in verdicts), default=0)
    print(f"{len(verdicts)} trials, {bad} went wrong; longest {longest:.1f} s, peak memory {peak:.0f} MB")
    if options.json is not None:
        keys = ("group", "trial", "exit", "seconds", "peak_mb", "verdict", "said")
        options.json.write_text(
            json.dumps([dict(zip(keys, one.cells, strict=True)) for one in verdicts], indent=1) + "\n"
        )
    return 1 if bad else 0


def _named(word: str) -> Callable[[Callable[[], Verdict]], Verdict | None]:
    """Runs a trial; with a `word`, only where its name (known by its defaults or itself) has it."""

    def run(trial: Callable[[], Verdict]) -> Verdict | None:
        defaults = " ".join(map(str, getattr(trial, "__defaults__", None) or ()))
        if word and word not in defaults + str(getattr(trial, "name", "")):
            return None
        return trial()

    return run


if __name__ == "__main__":
    raise SystemExit(main())
