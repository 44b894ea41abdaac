"""Runs at an even pace without cron: when the next one begins, and how it ends.

The pace is a grid: the first run's beginning and every interval after it, by a clock that nobody can set. A
run never moves it. What a long run covers is left out, never caught up. After runs that failed the next ones
are left out too, twice as many each time, so that nothing is hammered that does not answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

_SECOND = 1_000_000_000  # nanoseconds: whole numbers do not drift, however many runs there are
SHORTEST_SECONDS = 1
LONGEST_SECONDS = 24 * 60 * 60
_LONGEST_FACTOR = 8  # after failures: at most every eighth run takes place ...
_LONGEST_PATIENCE = 15 * 60 * _SECOND  # ... and none waits longer than this for it, unless the interval does

Nanoseconds = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Pause:
    """The time after a run. `until` is when the next one begins, in nanoseconds of the same clock.

    `overrun`: runs that were due while the last one was still going on; `failures`: how many runs in a row
    have failed; `seconds`: how long the pause is.
    """

    until: int
    seconds: float
    overrun: int = 0
    failures: int = 0


class Grid:
    """The moments at which runs are due: `start`, and every `interval` after it, in nanoseconds."""

    def __init__(self, interval: int, start: int) -> None:
        self._interval, self._start = interval, start
        self._failures = 0

    def after(self, began: int, ended: int, *, good: bool) -> Pause:
        """The pause after a run that took from `began` to `ended`."""
        self._failures = 0 if good else self._failures + 1
        # By when it began, not by when it was due: the machine may have slept in between.
        number = (began - self._start) // self._interval
        free = -((self._start - ended) // self._interval)  # the first moment that is not before its end
        next_one = max(free, number + self._step())
        until = self._start + next_one * self._interval
        return Pause(until, (until - ended) / _SECOND, max(free - number - 1, 0), self._failures)

    def _step(self) -> int:
        patience = max(_LONGEST_PATIENCE // self._interval, 1)
        return int(min(2 ** min(self._failures, _LONGEST_FACTOR), _LONGEST_FACTOR, patience))


class Stop(Protocol):
    """Whoever may end the runs."""

    def wait(self, seconds: float) -> bool:
        """Wait that long, or until the end is wanted; whether it is. 0 only asks."""


def every(
    seconds: int, run: Callable[[], bool], stop: Stop, on_pause: Callable[[Pause], None], clock: Nanoseconds
) -> int:
    """Call `run` every `seconds`, at once first, until `stop` says so; how many runs there were.

    `run` tells whether it went well; what it raises ends everything. A run is never cut short: `stop` is
    asked when it has ended. `on_pause` hears of every pause before it begins.
    """
    grid = Grid(seconds * _SECOND, clock())
    runs = 0
    while not stop.wait(0):
        began = clock()
        good = run()
        runs += 1
        if stop.wait(0):
            break
        pause = grid.after(began, clock(), good=good)
        on_pause(pause)
        while (left := pause.until - clock()) > 0:
            if stop.wait(left / _SECOND):
                return runs
    return runs


def seconds_of(text: str) -> int | None:
    """`90`, `60s`, `10m` or `1h` in seconds; None for anything else, and for what is no sensible interval."""
    units = {"s": 1, "m": 60, "h": 60 * 60}
    number, unit = text.strip().lower(), 1
    if number[-1:] in units:
        number, unit = number[:-1].rstrip(), units[number[-1]]
    if not (number.isascii() and number.isdecimal()) or len(number) > len(str(LONGEST_SECONDS)):
        return None
    seconds = int(number) * unit
    return seconds if SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS else None
