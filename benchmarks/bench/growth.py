"""How time and memory grow with the store: product and floor at several sizes, per row."""

from collections.abc import Sequence
from typing import Any

from place import table

from bench import contenders
from bench.aims import FLAT, Aim
from bench.compare import RUNS, compare

SIZES = (1_000, 5_000, 20_000, 100_000)
LARGEST_ROUNDS = 1  # of 100,000 rows; it is a look, and takes its time
FROM, TO = 20_000, 100_000


def growth(product: str, program: str, rounds: int) -> tuple[list[Any], list[Aim]]:
    """Measure every size; the aim is that memory stays where it is from 20,000 rows to 100,000."""
    both = [contenders.product(product, program), contenders.floor()]
    told, lines = [], list[Sequence[object]]()
    peaks: dict[int, float] = {}
    print("\nGrowth")
    for rows in SIZES:
        times = LARGEST_ROUNDS if rows == SIZES[-1] else rounds
        result = compare(both, rows, 0, dict.fromkeys(("product", "floor"), times))
        told.append(result.told())
        for sort in RUNS:
            for one in both:
                figures = result.found.get((one.name, sort))
                if figures is None:
                    continue
                per_row = [1e6 * value / rows for value in (figures.wall, figures.cpu)]
                lines.append(
                    (
                        f"{rows:,}",
                        one.name,
                        sort,
                        f"{figures.wall:.2f}",
                        f"{figures.cpu:.2f}",
                        *(f"{value:.0f}" for value in per_row),
                        f"{figures.peak:.0f}",
                    )
                )
                if one.kind == "product":
                    peaks[rows] = max(peaks.get(rows, 0), figures.peak)
        for name, why in result.failed.items():
            print(f"not measured: {name}: {why}")
    print()
    table(("rows", "contender", "run", "seconds", "CPU s", "us a row", "us CPU a row", "peak MB"), lines)
    flat = peaks[TO] / peaks[FROM] if TO in peaks and FROM in peaks else None
    return told, [Aim("peak memory: 100,000 rows / 20,000 rows", flat, FLAT)]
