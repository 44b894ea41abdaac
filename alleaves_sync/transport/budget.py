"""The total time that one run may take."""

import time
from collections.abc import Callable


class Budget:
    """`seconds` of time, counted from the moment this is made. May be shared by threads."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def remaining(self) -> float:
        """Seconds left; 0 or less when there are none."""
        return self._end - self._clock()

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`."""
        time.sleep(seconds)
