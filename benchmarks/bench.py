"""How fast a whole `sync-inventory` is, beside a floor and beside programs that do a part of the same.

    make bench-setup                       # once: environments for floor and peers, under .bench/
    make bench                             # all of it, about 30 minutes
    python benchmarks/bench.py --quick     # product and floor, three rounds, about two minutes

Every contender is a process of its own, reads the same feed (`bench/feed.py`) and is checked afterwards: all
rows, the right prices and stock. The figures are medians of interleaved runs after a warm-up. Processor time
stands beside the time of the clock, since it hardly depends on what else the machine does. All figures go
into a JSON file under .bench/results/.

Parts: --compare (with and without delay), --growth, --startup, --orders, --profile; without any: the first
four. `--profile` goes with `--root FOLDER` for another version of the package.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import contenders
from bench.aims import Aim, aims_of
from bench.compare import RUNS, Comparison, compare
from bench.growth import growth
from bench.machine import machine
from bench.orders import orders
from bench.profiling import profile
from bench.running import PLACE
from bench.setting_up import set_up
from bench.startup import startup
from place import program, table

PRODUCT = "alleaves-sync"
PARTS = ("compare", "growth", "startup", "orders", "profile")
DELAYS = (0, 50)
AIM = ("aim", "found", "of CPU time", "limit", "verdict")


def main() -> int:
    options = _options()
    if options.setup:
        return 1 if set_up() else 0
    programs = {PRODUCT: program(), **dict(one.split("=", 1) for one in options.program)}
    parts = [part for part in PARTS if getattr(options, part)] or (
        ["compare"] if options.quick else PARTS[:4]
    )
    report: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **machine(programs)}
    print(_named(report))
    if report["load"][0] > report["cores"] / 2:
        print("Other work is going on: go by CPU time; the clock's figures are too high and uneven.")
    aims: list[Aim] = []
    for part in parts:
        found, more = MEASURE[part](options, programs)
        report[part] = found
        aims += more
    if aims:
        print("\nAims")
        table((*AIM[:-1], ""), [aim.row() for aim in aims])
    report["aims"] = [dict(zip(AIM, aim.row(), strict=True)) for aim in aims]
    print(f"\n{_kept(report)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--setup", action="store_true", help="make the environments of floor and peers")
    parser.add_argument("--quick", action="store_true", help="product and floor only, three rounds")
    for part in PARTS:
        parser.add_argument(f"--{part}", action="store_true")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument(
        "--delay", type=int, action="append", help="milliseconds a page (may repeat; 0 and 50)"
    )
    parser.add_argument("--rounds", type=int, help="5; with --quick 3")
    parser.add_argument("--peer-rounds", type=int, default=3, help="rounds of the full peers")
    parser.add_argument("--peers", default="all", help="all, none, or names with a comma between")
    parser.add_argument(
        "--program", action="append", default=[], metavar="NAME=PATH", help="another version too"
    )
    parser.add_argument("--root", default="-", help="profile the package in this folder")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 5)
    if options.quick:
        options.peers, options.delay = "none", options.delay or [0]
    return options


def _compare(options: argparse.Namespace, programs: dict[str, str]) -> tuple[list[Any], list[Aim]]:
    found, aims = [], []
    chosen = _chosen(options.peers)
    everybody = [
        *(contenders.product(name, path) for name, path in programs.items()), contenders.floor(), *chosen,
    ]  # fmt: skip
    full = [one.name for one in chosen if one.kind == "full peer"]
    rounds = dict.fromkeys(("product", "floor", "tool"), options.rounds)
    rounds |= dict.fromkeys(("full peer", "whole peer"), options.peer_rounds)
    whole = [one.name for one in chosen if one.kind == "whole peer"]
    for delay in options.delay or DELAYS:
        print(f"\n{options.rows:,} rows, {delay} ms a page")
        result = compare(everybody, options.rows, delay, rounds)
        print()
        table(
            ("contender", "run", "seconds", "min-max", "CPU s", "x floor", "x floor, CPU", "peak MB", "runs"),
            list(_lines(result)),
        )
        for name, why in result.failed.items():
            print(f"not measured: {name}: {why}")
        found.append(result.told())
        aims += aims_of(result, PRODUCT, full, whole)
    return found, aims


def _chosen(names: str) -> list[contenders.Contender]:
    everybody = contenders.peers()
    if names == "all":
        return everybody
    wanted = [] if names == "none" else names.split(",")
    chosen = [one for one in everybody if any(name in one.name for name in wanted)]
    if wanted and not chosen:
        raise SystemExit(f"no such peer; there are: {', '.join(one.name for one in everybody)}")
    return chosen


def _lines(result: Comparison) -> Iterator[Sequence[object]]:
    for sort in RUNS:
        floor = result.found.get(("floor", sort))
        for (name, its_sort), figures in result.found.items():
            if its_sort == sort:
                ratios = (
                    ("-", "-")
                    if floor is None
                    else (f"{figures.wall / floor.wall:.2f}", f"{figures.cpu / floor.cpu:.2f}")
                )
                spread = f"{min(figures.seconds):.2f}-{max(figures.seconds):.2f}"
                own = (f"{figures.wall:.2f}", spread, f"{figures.cpu:.2f}", *ratios, f"{figures.peak:.0f}")
                yield (name, sort, *own, len(figures.seconds))


def _growth(options: argparse.Namespace, programs: dict[str, str]) -> tuple[list[Any], list[Aim]]:
    return growth(PRODUCT, programs[PRODUCT], min(options.rounds, 3))


def _startup(_options: argparse.Namespace, programs: dict[str, str]) -> tuple[Any, list[Aim]]:
    return startup(PRODUCT, programs[PRODUCT], 11)


def _orders(_options: argparse.Namespace, _programs: dict[str, str]) -> tuple[Any, list[Aim]]:
    return orders(), []


def _profile(options: argparse.Namespace, _programs: dict[str, str]) -> tuple[Any, list[Aim]]:
    return profile(options.rows, options.root), []


def _named(report: dict[str, Any]) -> str:
    return (
        f"{report['processor']}, {report['cores']} cores, {report['memory_gb']} GB; {report['system']}; "
        f"Python {report['python']}, SQLite {report['sqlite']}; load {report['load']}\n"
        + "\n".join(f"{name}: {version}" for name, version in (report["programs"] | report["peers"]).items())
    )


def _kept(report: dict[str, Any]) -> Path:
    folder = PLACE / "results"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(report, indent=1))
    return path


MEASURE: dict[str, Callable[[argparse.Namespace, dict[str, str]], tuple[Any, list[Aim]]]] = {
    "compare": _compare,
    "growth": _growth,
    "startup": _startup,
    "orders": _orders,
    "profile": _profile,
}

if __name__ == "__main__":
    sys.exit(main())
