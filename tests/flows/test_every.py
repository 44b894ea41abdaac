"""The pace of `--every`: on the grid, never two at once, no burst, patience after failures. No test waits."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.flows.schedule.pace import Grid, Pause, every, seconds_of

SECOND = 1_000_000_000


class Scene:
    """A clock, and runs that take as long, and end as well, as they are told to."""

    def __init__(self, runs: Sequence[tuple[float, bool]], late: float = 0.0) -> None:
        self.now = 5 * SECOND + 7  # no round number
        self.start = self.now
        self.began: list[float] = []
        self.pauses: list[Pause] = []
        self.waits = 0
        self._left = list(runs)
        self._late = late

    def clock(self) -> int:
        return self.now

    def run(self) -> bool:
        self.began.append((self.now - self.start) / SECOND)
        seconds, good = self._left.pop(0)
        self.now += round(seconds * SECOND)
        return good

    def wait(self, seconds: float) -> bool:
        if seconds and self._left:
            self.waits += 1
            self.now += round((seconds + self._late) * SECOND)
        return not self._left

    def play(self, interval: int = 10) -> "Scene":
        self.count = every(interval, self.run, self, self.pauses.append, self.clock)
        return self


def test_runs_begin_on_the_grid_whatever_they_take() -> None:
    scene = Scene([(1.5, True), (9.999, True), (0, True), (10, True), (3, True)]).play()
    assert scene.began == [0, 10, 20, 30, 40]
    assert all(pause.overrun == 0 for pause in scene.pauses)


def test_what_a_long_run_covers_is_left_out_and_told_never_caught_up() -> None:
    scene = Scene([(35, True), (1, True), (10.5, True), (1, True)]).play()
    assert scene.began == [0, 40, 50, 70]
    assert [(pause.overrun, pause.seconds) for pause in scene.pauses] == [(3, 5.0), (0, 9.0), (1, 9.5)]


def test_after_failures_it_waits_twice_as_long_each_time_up_to_eight_intervals() -> None:
    scene = Scene([(1, False)] * 6 + [(1, True), (1, True)]).play()
    assert scene.began == [0, 20, 60, 140, 220, 300, 380, 390]
    assert [pause.failures for pause in scene.pauses] == [1, 2, 3, 4, 5, 6, 0]


def test_patience_ends_at_a_quarter_of_an_hour_unless_the_interval_is_longer() -> None:
    assert Scene([(1, False)] * 4).play(300).began == [0, 600, 1500, 2400]
    assert Scene([(1, False)] * 3).play(3600).began == [0, 3600, 7200]


def test_a_machine_that_slept_goes_on_at_once_and_then_on_the_grid() -> None:
    scene = Scene([(1, True)] * 3, late=64)
    scene.play()
    assert scene.began == [0, 74, 144]
    assert [pause.overrun for pause in scene.pauses] == [0, 0]


def test_an_end_that_is_wanted_during_a_run_comes_after_it_and_before_the_pause() -> None:
    scene = Scene([(3, False)]).play()
    assert (scene.began, scene.pauses, scene.waits, scene.count) == ([0], [], 0, 1)


def test_an_end_that_is_wanted_before_the_first_run_makes_none() -> None:
    scene = Scene([]).play()
    assert (scene.began, scene.count) == ([], 0)


def test_an_end_that_is_wanted_while_waiting_comes_at_once() -> None:
    class Ended(Scene):
        def wait(self, seconds: float) -> bool:
            return seconds > 0

    scene = Ended([(3, True), (3, True)]).play()
    assert (scene.began, len(scene.pauses), scene.count) == ([0], 1, 1)


def test_what_a_run_raises_ends_everything() -> None:
    def broken() -> bool:
        raise LookupError

    scene = Scene([(1, True)])
    with pytest.raises(LookupError):
        every(10, broken, scene, scene.pauses.append, scene.clock)


@given(
    interval=st.integers(1, 86_400),
    start=st.integers(0, 10**18),
    runs=st.lists(st.tuples(st.integers(0, 10**14), st.booleans()), min_size=1, max_size=30),
)
def test_any_history_stays_on_the_grid_and_never_runs_two_at_once(
    interval: int, start: int, runs: list[tuple[int, bool]]
) -> None:
    grid = Grid(interval * SECOND, start)
    began = start
    for took, good in runs:
        ended = began + took
        pause = grid.after(began, ended, good=good)
        assert (pause.until - start) % (interval * SECOND) == 0
        assert pause.until >= ended
        assert pause.until > began
        longest = interval if good else max(min(8 * interval, 15 * 60), interval)
        assert pause.until - max(ended, began) <= longest * SECOND
        assert pause.overrun == max((ended - began - 1) // (interval * SECOND), 0)
        began = pause.until


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("60s", 60), ("10m", 600), ("1h", 3600), (" 2 S ", 2), ("24h", 86_400), ("1", 1)],
)
def test_an_interval_is_a_number_and_perhaps_a_unit(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0s",
        "-5",
        "-5s",
        "1.5m",
        "10x",
        "m",
        "ten",
        "1h30m",
        "25h",
        "86401",
        "9" * 30,
        "٣",
        "1e3",
        "+5",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert seconds_of(text) is None
