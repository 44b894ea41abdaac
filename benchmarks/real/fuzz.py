"""Bad input by machine, the long form: so many seconds for each target and kind, how often it ended how.

    python benchmarks/real/fuzz.py --seconds 20             # every target, every kind
    python benchmarks/real/fuzz.py --seconds 60 rows config
    python benchmarks/real/fuzz.py --kind promised --kind kept

Kinds: `mutated` spoils good answers of the sandbox; `promised`, `kept` and `broken` are made from the schemas
of docs/contract and of the configuration (tests/fuzz/by_schema.py).

An input that ends with anything but an error of this program's own, or that keeps the contract and is
refused, is written to tests/data/fuzz/, where the tests try it from then on. Exit code 1 where there was one.
"""

import argparse
import base64
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from place import table  # noqa: E402

from tests.fuzz.by_schema import KINDS, SOURCES, bodies, judged  # noqa: E402
from tests.fuzz.targets import TARGETS, Target, ends_well  # noqa: E402

MUTATED = "mutated"
ROUND = 25  # bodies of a schema that are made at once, and the fewest that are tried
Judge = Callable[[bytes, Path], str]


def mutations(target: Target, seed: str) -> Iterator[tuple[str, bytes]]:
    """Spoiled good answers, each with the seed that makes it again."""
    for number in count():
        yield f"{seed} {number}", target.make(random.Random(f"{seed} {number}"))


def made(name: str, kind: str, seed: str) -> Iterator[tuple[str, bytes]]:
    """Bodies of a schema, each with the seed of its round."""
    for number in count():
        yield from ((f"{seed} {number}", content) for content in one_round(name, kind, f"{seed} {number}"))


def one_round(name: str, kind: str, seed: str) -> list[bytes]:
    """Some bodies of a schema; the same ones for the same seed."""
    found: list[bytes] = []

    @seeded(seed)
    @settings(
        max_examples=ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(bodies(SOURCES[name], kind))
    def collect(content: bytes) -> None:
        found.append(content)

    collect()
    return found


def trial(name: str, kind: str, seed: str) -> tuple[Iterator[tuple[str, bytes]], Judge]:
    """What is fed, and what says how it ended."""
    target = TARGETS[name]
    if kind == MUTATED:
        return mutations(target, seed), lambda content, folder: ends_well(target, content, folder).code
    source = SOURCES[name]
    return made(name, kind, seed), lambda content, folder: judged(source, kind, content, folder)


def kept(name: str, kind: str, seed: str, content: bytes, error: Exception) -> str:
    """Keep what broke a target; its place in the code."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "alleaves_sync" in one.filename]
    place = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else str(error)[:80]
    case = {"target": name, "kind": kind, "why": f"{type(error).__name__} in {place}", "seed": seed}
    words = "".join(sign if sign.isalnum() else "-" for sign in f"{name} {kind} {case['why']}")
    path = ROOT / "tests/data/fuzz" / f"{words}.json"
    if not path.exists() and len(content) < 20_000:
        path.write_text(json.dumps(case | {"content": base64.b64encode(content).decode()}, indent=1) + "\n")
    return case["why"]


def run(name: str, kind: str, seed: str, seconds: float) -> tuple[Counter[str], Counter[str], float]:
    """How often it ended how, the defects, and the longest one in seconds."""
    ends, wrong, longest = Counter[str](), Counter[str](), 0.0
    inputs, judge = trial(name, kind, seed)
    until = time.monotonic() + seconds
    with TemporaryDirectory() as folder:
        for origin, content in inputs:
            began = time.monotonic()
            if began > until and ends.total() >= ROUND:
                break
            try:
                ends[judge(content, Path(folder))] += 1
            except Exception as error:  # noqa: BLE001 - this is what is looked for
                ends["DEFECT"] += 1
                wrong[kept(name, kind, origin, content, error)] += 1
            longest = max(longest, time.monotonic() - began)
    return ends, wrong, longest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="TARGET")
    parser.add_argument("--kind", action="append", choices=(MUTATED, *KINDS), help="may repeat; default: all")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}\n")
    rows, bad = [], 0
    for name in options.names or TARGETS:
        for kind in options.kind or (MUTATED, *KINDS):
            if kind != MUTATED and name not in SOURCES:
                continue
            ends, wrong, longest = run(name, kind, f"{options.seed} {name}", options.seconds)
            bad += sum(wrong.values())
            told = ", ".join(f"{end} {times}" for end, times in ends.most_common())
            rows.append((name, kind, sum(ends.values()), f"{longest:.2f}", told, "; ".join(wrong) or "-"))
    table(("target", "kind", "inputs", "longest s", "ended", "defects"), rows)
    for kind in options.kind or (MUTATED, *KINDS):
        print(f"\n{kind}: {sum(int(row[2]) for row in rows if row[1] == kind)} inputs")
    print(f"\n{sum(int(row[2]) for row in rows)} inputs, {bad} defects")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
