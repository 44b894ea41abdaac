"""Bad input by machine, the long form: so many seconds for each target, and how often each ended how.

    python benchmarks/real/fuzz.py --seconds 20             # every target
    python benchmarks/real/fuzz.py --seconds 60 rows config

An input that ends with anything but an error of this program's own is written to tests/data/fuzz/, where the
tests try it from then on. Exit code 1 where there was one.
"""

import argparse
import base64
import json
import random
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from place import table  # noqa: E402

from tests.fuzz.targets import TARGETS, Target, ends_well  # noqa: E402


def kept(target: Target, seed: str, content: bytes, error: Exception) -> str:
    """Keep what broke a target; its place in the code."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "alleaves_sync" in one.filename]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "?"
    name = (
        f"{target.name}-{type(error).__name__}-{place}".replace(" ", "-").replace("/", "-").replace(":", "-")
    )
    case = {"target": target.name, "why": f"{type(error).__name__} in {place}", "seed": seed}
    path = ROOT / "tests/data/fuzz" / f"{name.replace(chr(39), '').replace('.', '-')}.json"
    if not path.exists() and len(content) < 20_000:
        path.write_text(json.dumps(case | {"content": base64.b64encode(content).decode()}, indent=1) + "\n")
    return case["why"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="TARGET")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}\n")
    rows, bad = [], 0
    for name in options.names or TARGETS:
        target, ends, wrong = TARGETS[name], Counter[str](), Counter[str]()
        longest, until = 0.0, time.monotonic() + options.seconds
        with TemporaryDirectory() as folder:
            while time.monotonic() < until:
                seed = f"{options.seed} {name} {sum(ends.values())}"
                content = target.make(random.Random(seed))
                began = time.monotonic()
                try:
                    ends[ends_well(target, content, Path(folder))] += 1
                except Exception as error:  # noqa: BLE001 - this is what is looked for
                    ends["DEFECT"] += 1
                    wrong[kept(target, seed, content, error)] += 1
                longest = max(longest, time.monotonic() - began)
        bad += sum(wrong.values())
        told = ", ".join(f"{end} {times}" for end, times in ends.most_common())
        rows.append((name, sum(ends.values()), f"{longest:.2f}", told, "; ".join(wrong) or "-"))
    table(("target", "inputs", "longest s", "ended", "defects"), rows)
    print(f"\n{sum(int(row[1]) for row in rows)} inputs, {bad} defects")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
