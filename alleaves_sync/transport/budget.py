"""The total time that one run may take."""

import threading
import time
from collections.abc import Callable


class Budget:
    """`seconds` of time, counted from the moment this is made. May be shared by threads.

    `cancel()` ends it at once, for all who use it: no new attempt starts and every wait returns, so that an
    interrupted run does not sit out its waits in threads of its own.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds
        self._cancelled = threading.Event()

    def remaining(self) -> float:
        """Seconds left; 0 or less when there are none."""
        return 0.0 if self._cancelled.is_set() else self._end - self._clock()

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`, or until the budget is cancelled."""
        self._cancelled.wait(seconds)

    def cancel(self) -> None:
        """Nothing is left from now on."""
        self._cancelled.set()
