"""`--every`: runs that go on in the foreground, and how they are told to end.

The first SIGTERM or Ctrl-C asks for the end: the run under way goes on to its own, nothing is cut off, and
the command ends with 0. A second one ends at once, as any other command does: 143 or 130.
"""

import os
import select
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

from alleaves_sync.cli.invocation import Invocation
from alleaves_sync.cli.signals import interrupt
from alleaves_sync.errors import OptionsConflict

if TYPE_CHECKING:
    from alleaves_sync.flows.schedule.pace import Pause

_ASKING = (signal.SIGTERM, signal.SIGINT)


def interval(text: str, *, dry_run: bool, force: bool) -> int:
    """`--every` in seconds. Raises OptionsConflict."""
    from alleaves_sync.flows.schedule.pace import seconds_of

    seconds = seconds_of(text)
    if seconds is None:
        raise OptionsConflict(
            f"--every {text!r} is no interval",
            "Give seconds, minutes or hours, from 1 s to 24 h: --every 90, --every 60s, 10m, 1h",
        )
    if dry_run:
        raise OptionsConflict("a dry run is made once", "Leave out --every or --dry-run")
    if force:
        raise OptionsConflict(
            "--force with --every would switch the brake off for good",
            "Run once with --force, then again with --every",
        )
    return seconds


def keep_running(cli: Invocation, seconds: int, run: Callable[[], bool]) -> int:
    """Call `run` every `seconds` until a signal asks for the end; the exit code.

    `run` tells whether it went well.
    """
    import time

    from alleaves_sync.cli.console import say
    from alleaves_sync.flows.schedule.pace import every

    say(cli, f"one run every {seconds} s; Ctrl-C or SIGTERM ends it after the run under way")
    with StopSignals(cli) as stop:
        every(seconds, run, stop, lambda pause: _tell(cli, pause), time.monotonic_ns)
    return 0


def _tell(cli: Invocation, pause: "Pause") -> None:
    from alleaves_sync.cli.console import say

    following = f"the next one begins in {pause.seconds:.1f} s"
    if pause.failures:
        failed = "the run" if pause.failures == 1 else f"{pause.failures} runs in a row"
        say(cli, f"{failed} failed: {following}")
    elif pause.overrun:
        covered = "one run is" if pause.overrun == 1 else f"{pause.overrun} runs are"
        say(cli, f"the run took longer than the interval: {covered} left out, {following}")


class StopSignals:
    """SIGTERM and SIGINT while this is open: the first is a wish (`wait`), the second is raised.

    A pipe carries the wish: `threading.Event` may deadlock when a signal comes while it is being waited for.
    """

    def __init__(self, cli: Invocation) -> None:
        from alleaves_sync.cli.console import say_at_once

        self._say: Callable[[str], None] = lambda text: say_at_once(cli, text)
        self._asked = self._waiting = False

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        self._before = {sign: signal.signal(sign, self._on_signal) for sign in _ASKING}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sign, handler in self._before.items():
            signal.signal(sign, handler)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float) -> bool:
        """Wait that long, or until the end is wanted; whether it is."""
        self._waiting = seconds > 0
        try:
            ready, _, _ = select.select([self._reader], [], [], seconds)
        finally:
            self._waiting = False
        return bool(ready)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._asked:
            interrupt(number)
        self._asked = True
        os.write(self._writer, b".")
        if not self._waiting:
            self._say("ending after the run under way; once more ends it now")
