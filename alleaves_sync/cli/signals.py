"""Ctrl-C and SIGTERM: how they reach the command under way, and that they always end it.

A signal is raised as an exception wherever the main thread happens to be. That place may be one that swallows
it (Python drops whatever is raised while a response is being thrown away), or the middle of a queue of a
library whose lock then stays shut, so that putting things away waits for ever. So the first signal also sets
a timer: an interrupt that nobody has noticed is raised again, and what has not ended by itself within
`GRACE_SECONDS` is ended for it; a second signal does not wait for that. Either is as safe as the end by
itself: every transaction is whole or not there, what was sent was noted before, and the locks end with the
process.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

GRACE_SECONDS: Final = 5.0
AGAIN_SECONDS: Final = 0.25
INTERRUPTED: Final = 130
TERMINATED: Final = 143
CUT_SHORT: Final = "Nothing is lost: the next run goes on from here."
BOTH: Final = (signal.SIGTERM, signal.SIGINT)
_STDERR: Final = 2


class Terminated(KeyboardInterrupt):
    """SIGTERM came. An interrupt to everything that cleans up after one."""


@contextmanager
def interruptible() -> Iterator[None]:
    """While this is open, SIGTERM raises `Terminated`, Ctrl-C `KeyboardInterrupt`, and both end the process.

    A Ctrl-C that the caller had switched off (`nohup`, a job in the background) stays so. Only the main
    thread can arrange any of this; in another one nothing is.
    """
    before = {number: signal.getsignal(number) for number in BOTH}
    tell = sys.unraisablehook
    try:
        listen()
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = tell


def listen() -> None:
    """As `interruptible`, and for good. ValueError where this is not the main thread."""
    for number in BOTH:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)
    tell = sys.unraisablehook

    def tell_others(dropped: "sys.UnraisableHookArgs") -> None:
        # Python would print a traceback of an interrupt that it drops. It is raised again: see `interrupt`.
        if not isinstance(dropped.exc_value, KeyboardInterrupt):
            tell(dropped)

    sys.unraisablehook = tell_others


def ignore() -> None:
    """From now on no signal does anything: all is done, and how it ended stands.

    Python takes a while to put itself away. A signal in that time would turn a good end into a bad one, or
    be told with a traceback.
    """
    for number in BOTH:
        signal.signal(number, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, 0)


def interrupt(number: int, _frame: FrameType | None = None) -> NoReturn:
    """Handle a signal: raise it the first time, end the process the second time."""
    if signal.getitimer(signal.ITIMER_REAL)[0] > 0:
        _end(number)
    last = time.monotonic() + GRACE_SECONDS

    def remind(_number: int, _frame: FrameType | None) -> None:
        if time.monotonic() >= last:
            _end(number)
        error = sys.exc_info()[1]
        if error is None or interrupt_behind(error) is None:  # else things are being put away for it
            raise _raised(number)

    signal.signal(signal.SIGALRM, remind)
    signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS, AGAIN_SECONDS)
    raise _raised(number)


def _raised(number: int) -> KeyboardInterrupt:
    return Terminated() if number == signal.SIGTERM else KeyboardInterrupt()


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


def end(error: KeyboardInterrupt) -> NoReturn:
    """End the process for an interrupt that came before there was anything to put away, or after it was."""
    ignore()
    _end(signal.SIGTERM if isinstance(error, Terminated) else signal.SIGINT, how="")


def _end(number: int, how: str = ", without putting everything away") -> NoReturn:
    terminated = number == signal.SIGTERM
    what = "Terminated" if terminated else "Interrupted"
    # Past the buffers, which may be in use where the signal came.
    os.write(_STDERR, f"error: {what}{how}.\n  -> {CUT_SHORT}\n".encode())
    os._exit(TERMINATED if terminated else INTERRUPTED)
