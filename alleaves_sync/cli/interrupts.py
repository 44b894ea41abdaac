"""Ctrl-C and SIGTERM: how they reach the command under way, and that they always end it.

A signal is raised as an exception wherever the main thread happens to be. That place may be one that swallows
it, or the middle of a queue of a library whose lock then stays shut, so that putting things away waits for
ever. So the first signal also sets a timer, and what has not ended by itself within `GRACE_SECONDS` is ended
for it; a second signal does not wait for that. Either is as safe as the end by itself: every transaction is
whole or not there, what was sent was noted before, and the locks end with the process.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

GRACE_SECONDS: Final = 5.0
INTERRUPTED: Final = 130
TERMINATED: Final = 143
CUT_SHORT: Final = "Nothing is lost: the next run goes on from here."
_STDERR: Final = 2


class Terminated(KeyboardInterrupt):
    """SIGTERM came. An interrupt to everything that cleans up after one."""


@contextmanager
def interruptible() -> Iterator[None]:
    """While this is open, SIGTERM raises `Terminated`, Ctrl-C `KeyboardInterrupt`, and both end the process.

    A Ctrl-C that the caller had switched off (`nohup`, a job in the background) stays so. Only the main
    thread can arrange any of this; in another one nothing is.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    ours = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    try:
        for number in ours:
            signal.signal(number, interrupt)
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in ours:
            signal.signal(number, before[number])


def interrupt(number: int, _frame: FrameType | None = None) -> NoReturn:
    """Handle a signal: raise it the first time, end the process the second time."""
    if signal.getitimer(signal.ITIMER_REAL)[0] > 0:
        _end(number)
    signal.signal(signal.SIGALRM, lambda _number, _frame: _end(number))
    signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


def interrupt_behind(error: BaseException) -> KeyboardInterrupt | None:
    """The interrupt that `error` is, or was made from: some libraries pass it on as an error of their own."""
    link: BaseException | None = error
    seen = set[int]()
    while link is not None and id(link) not in seen:
        if isinstance(link, KeyboardInterrupt):
            return link
        seen.add(id(link))
        link = link.__cause__ or link.__context__
    return None


def _end(number: int) -> NoReturn:
    terminated = number == signal.SIGTERM
    what = "Terminated" if terminated else "Interrupted"
    # Past the buffers, which may be in use where the signal came.
    os.write(_STDERR, f"error: {what}, without putting everything away.\n  -> {CUT_SHORT}\n".encode())
    os._exit(TERMINATED if terminated else INTERRUPTED)
