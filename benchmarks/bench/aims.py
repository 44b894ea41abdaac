"""The aims, as ratios of figures of one and the same run."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.compare import RUNS, Comparison

FIRST_TO_FLOOR = 2.0
UNCHANGED_TO_FLOOR = 1.5
LARGEST_MB = 120
FIRST_TO_PEER = 5
UNCHANGED_TO_PEER = 20
FLAT = 1.1  # of the peak at 100,000 rows to that at 20,000
VERSION_TO_TYPER = 1.5


@dataclass(frozen=True, slots=True)
class Aim:
    """An aim: what was found by the clock (None: not measured), the limit, and whether smaller is better.

    `cpu` is the same ratio of processor times, for the reader; the clock decides.
    """

    name: str
    found: float | None
    limit: float
    at_most: bool = True
    unit: str = "x"
    cpu: float | None = None

    @property
    def verdict(self) -> str:
        if self.found is None:
            return "not measured"
        return "met" if (self.found <= self.limit if self.at_most else self.found >= self.limit) else "MISSED"

    def row(self) -> tuple[str, str, str, str, str]:
        """For the table."""
        limit = f"{'<=' if self.at_most else '>='} {self.limit:g} {self.unit}"
        return (self.name, self._shown(self.found), self._shown(self.cpu), limit, self.verdict)

    def _shown(self, value: float | None) -> str:
        return "-" if value is None else f"{value:.2f} {self.unit}"


def aims_of(result: Comparison, product: str, full: Sequence[str], whole: Sequence[str]) -> list[Aim]:
    """The aims that one comparison can answer; `full` and `whole` are names of peers."""
    found = result.found

    def ratio(over: str, under: str, sort: str, *, cpu: bool = False) -> float | None:
        first, second = found.get((over, sort)), found.get((under, sort))
        if first is None or second is None:
            return None
        return first.cpu / second.cpu if cpu else first.wall / second.wall

    def to_floor(name: str, sort: str, limit: float) -> Aim:
        cpu = ratio(product, "floor", sort, cpu=True)
        return Aim(name, ratio(product, "floor", sort), limit, cpu=cpu)

    def to_peers(peers: Sequence[str], words: str, sort: str, limit: float) -> Aim:
        walls = [one for peer in peers if (one := ratio(peer, product, sort)) is not None]
        cpus = [one for peer in peers if (one := ratio(peer, product, sort, cpu=True)) is not None]
        name = f"{sort} run: fastest full peer, {words} / product"
        return Aim(name, min(walls, default=None), limit, at_most=False, cpu=min(cpus, default=None))

    if result.delay:
        name = f"{result.delay} ms a page, {{}} run: product / sequential floor"
        return [to_floor(name.format(sort), sort, 1.0) for sort in RUNS]
    peaks = [found[product, sort].peak for sort in RUNS if (product, sort) in found]
    return [
        to_floor("first run: product / floor", "first", FIRST_TO_FLOOR),
        to_floor("unchanged run: product / floor", "unchanged", UNCHANGED_TO_FLOOR),
        Aim("peak memory", max(peaks, default=None), LARGEST_MB, unit="MB"),
        *(
            to_peers(peers, words, sort, limit)
            for peers, words in ((full, "same fields"), (whole, "all fields"))
            for sort, limit in (("first", FIRST_TO_PEER), ("unchanged", UNCHANGED_TO_PEER))
        ),
    ]
