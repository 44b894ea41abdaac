"""All contenders on the same feed: interleaved, after a warm-up, first run and unchanged run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.contenders import Contender, Failed
from bench.running import PLACE, Feed, Ran, feed

RUNS = ("first", "unchanged")
WARM_UP_ROWS = 1_000


@dataclass(slots=True)
class Figures:
    """All runs of one sort of one contender."""

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)

    def add(self, ran: Ran) -> None:
        self.seconds.append(ran.seconds)
        self.cpu_seconds.append(ran.cpu_seconds)
        self.peak_mb.append(ran.peak_mb)

    @property
    def wall(self) -> float:
        return median(self.seconds)

    @property
    def cpu(self) -> float:
        return median(self.cpu_seconds)

    @property
    def peak(self) -> float:
        return max(self.peak_mb)

    def told(self) -> dict[str, Any]:
        """For the JSON file."""
        wall, cpu = sorted(self.seconds), sorted(self.cpu_seconds)
        summary = {
            "median_seconds": self.wall,
            "min_seconds": wall[0],
            "max_seconds": wall[-1],
            "median_cpu_seconds": self.cpu,
            "min_cpu_seconds": cpu[0],
            "max_cpu_seconds": cpu[-1],
            "peak_mb": self.peak,
        }
        return {**{name: round(value, 4) for name, value in summary.items()}, "runs": asdict(self)}


# By contender and sort of run.
Found = dict[tuple[str, str], Figures]


@dataclass(slots=True)
class Comparison:
    """The figures of one feed, and who could not be measured and why."""

    rows: int
    items: int
    row_bytes: int
    delay: int
    found: Found = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """For the JSON file."""
        whole: dict[str, dict[str, Any]] = {}
        for (name, sort), figures in self.found.items():
            whole.setdefault(name, {})[sort] = figures.told()
        facts = {"rows": self.rows, "items": self.items, "row_bytes": self.row_bytes, "delay_ms": self.delay}
        return {**facts, "contenders": whole, "failed": self.failed}


def compare(contenders: Sequence[Contender], rows: int, delay: int, rounds: Mapping[str, int]) -> Comparison:
    """Measure each contender `rounds[kind]` times on `rows` rows, `delay` milliseconds a page."""
    failed = {one.name: one.missing for one in contenders if one.missing}
    ready = [one for one in contenders if not one.missing]
    with feed(WARM_UP_ROWS) as small:
        ready = [one for one in ready if _works(one, small, failed)]
    with feed(rows, delay) as served:
        facts = served.facts
        result = Comparison(facts["rows"], facts["items"], facts["row_bytes"], delay, failed=failed)
        for number in range(max(rounds[one.kind] for one in ready)):
            taking_part = [one for one in ready if number < rounds[one.kind] and one.name not in failed]
            turn = number % len(taking_part)  # nobody is always first, or always after the same one
            for one in [*taking_part[turn:], *taking_part[:turn]]:
                _measure(one, served, result)
    return result


def _works(contender: Contender, served: Feed, failed: dict[str, str]) -> bool:
    """The warm-up: both runs on a small feed, so that all is compiled and in the cache of the disk."""
    try:
        _both(contender, served)
    except Failed as error:
        failed[contender.name] = str(error)
    return contender.name not in failed


def _measure(contender: Contender, served: Feed, result: Comparison) -> None:
    try:
        for sort, ran in _both(contender, served):
            result.found.setdefault((contender.name, sort), Figures()).add(ran)
            print(
                f"  {contender.name:<29} {sort:<10} {ran.seconds:7.2f} s {ran.cpu_seconds:7.2f} s CPU "
                f"{ran.peak_mb:6.0f} MB",
                flush=True,
            )
    except Failed as error:
        result.failed[contender.name] = str(error)
        print(f"  {contender.name}: {error}", flush=True)


def _both(contender: Contender, served: Feed) -> Iterable[tuple[str, Ran]]:
    PLACE.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="run-", dir=PLACE) as name:
        return [(sort, contender.run(served, Path(name))) for sort in RUNS]
