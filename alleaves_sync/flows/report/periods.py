"""Runs over time, folded into periods of equal length: what a chart can show and a person can read."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median_low

from alleaves_sync.state import RunFigures

# Lengths that a clock has; the first that needs few enough periods is taken.
_LENGTHS = tuple(timedelta(minutes=minutes) for minutes in (10, 30, 60, 180, 360, 720, 1440, 4320, 10080))
_GOOD = frozenset({"ok", "partial"})
_RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Period:
    """What the runs that began between two times did. None: no run says it.

    `typical` and `longest` are seconds; `hidden` the items that were hidden at its end; `troubled` the runs
    that ended otherwise than well.
    """

    start: datetime
    end: datetime
    runs: int
    troubled: int
    typical: float | None
    longest: float | None
    hidden: int | None
    ran_out: int
    came_back: int


def periods(runs: Sequence[RunFigures], now: datetime, most: int) -> tuple[Period, ...]:
    """The runs (oldest first) in at most `most` periods that end at or after `now`; none without runs.

    Periods begin at full times of the zone of `now`. A run of the future (the clock was set back) counts as
    one of the last period.
    """
    if not runs:
        return ()
    first = min(runs[0].started_at, now)
    length = next((one for one in _LENGTHS if _count(first, now, one) <= most), _LENGTHS[-1])
    count = min(_count(first, now, length), most)
    last = _begin(now, length)
    starts = [last - length * back for back in reversed(range(count))]
    sorted_in: list[list[RunFigures]] = [[] for _ in starts]
    for run in runs:
        sorted_in[max(bisect_right(starts, run.started_at) - 1, 0)].append(run)
    return tuple(
        _period(start, start + length, inside) for start, inside in zip(starts, sorted_in, strict=True)
    )


def _begin(moment: datetime, length: timedelta) -> datetime:
    """The beginning of the period that `moment` is in, in its zone."""
    origin = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday
    offset = moment.utcoffset() or timedelta()
    return moment - (moment - origin + offset) % length


def _count(first: datetime, now: datetime, length: timedelta) -> int:
    begin = _begin(first.astimezone(now.tzinfo), length)
    return int((_begin(now, length) - begin) / length) + 1


def _period(start: datetime, end: datetime, runs: Sequence[RunFigures]) -> Period:
    seconds = [run.seconds for run in runs if run.seconds is not None]
    good = [run for run in runs if run.outcome in _GOOD]
    return Period(
        start=start,
        end=end,
        runs=len(runs),
        troubled=sum(run.outcome not in _GOOD and run.outcome != _RUNNING for run in runs),
        typical=median_low(seconds) if seconds else None,
        longest=max(seconds) if seconds else None,
        hidden=good[-1].hidden if good else None,
        ran_out=sum(run.ran_out for run in runs),
        came_back=sum(run.came_back for run in runs),
    )
