"""A signal always ends the command: also where something swallows it, or waits for ever after it."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from alleaves_sync.cli import run as run_module
from alleaves_sync.cli import signals as interrupts
from alleaves_sync.cli.signals import interruptible
from tests.cli.conftest import Program

BOTH = pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])

# A command that holds on to its work: it waits, and an interrupt does not end the waiting.
STUBBORN = """
import signal, sys, threading
from alleaves_sync.cli import main, run
from alleaves_sync.cli import signals as interrupts
# Tests that run in the background have Ctrl-C switched off, and what they start has it from them.
signal.signal(signal.SIGINT, signal.default_int_handler)
interrupts.GRACE_SECONDS = float(sys.argv[1])
def dispatch(args):
    words = "ready"
    while True:
        try:
            print(words, flush=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            words = "swallowed"
run._dispatch = dispatch
main()
"""

# A command that is struck while the first of what it needs is being imported.
STRUCK_EARLY = """
import importlib.abc, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Strike(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "typer":
            signal.raise_signal(int(sys.argv[1]))
sys.meta_path.insert(0, Strike())
from alleaves_sync.cli import main
main()
"""

# A command that is struck after its end, while Python puts itself away.
STRUCK_LATE = """
import atexit, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
number = int(sys.argv.pop(1))
atexit.register(signal.raise_signal, number)
from alleaves_sync.cli import main
main()
"""

# A command that is struck where Python can raise nothing.
STRUCK_ASIDE = """
import signal, sys
from alleaves_sync.cli import main, run
signal.signal(signal.SIGINT, signal.default_int_handler)
class Aside:
    def __del__(self):
        signal.raise_signal(int(sys.argv[1]))
def dispatch(args):
    Aside()
    while True:
        signal.pause()
run._dispatch = dispatch
main()
"""


def ran_as_program(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, to its end."""
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
        timeout=60,
    )


@contextmanager
def stubborn(grace: float) -> Iterator[subprocess.Popen[str]]:
    """The stubborn command, once it waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, str(grace)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


@BOTH
def test_what_swallows_an_interrupt_is_ended_after_the_grace(number: signal.Signals, code: int) -> None:
    with stubborn(grace=0.1) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (code, "swallowed\n")
    assert "without putting everything away" in err
    assert "Nothing is lost" in err


@BOTH
def test_a_second_signal_ends_at_once(number: signal.Signals, code: int) -> None:
    with stubborn(grace=600) as process:
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert process.stdout.readline() == "swallowed\n"
        process.send_signal(number)
        process.communicate(timeout=20)
    assert process.returncode == code


@BOTH
@pytest.mark.parametrize(
    "program", [STRUCK_ASIDE, STRUCK_EARLY], ids=["where Python can raise nothing", "in the first imports"]
)
def test_a_signal_at_an_odd_moment_is_told_in_plain_words(
    program: str, number: signal.Signals, code: int
) -> None:
    ended = ran_as_program(program, str(number.value))
    what = "Terminated" if number == signal.SIGTERM else "Interrupted"
    told = f"error: {what}.\n  -> Nothing is lost: the next run goes on from here.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", told)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_after_the_end_changes_nothing(number: signal.Signals) -> None:
    ended = ran_as_program(STRUCK_LATE, str(number.value), "--version")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("alleaves-sync ")


def test_what_is_put_away_for_an_interrupt_is_not_interrupted_again(
    monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    monkeypatch.setattr(interrupts, "AGAIN_SECONDS", 0.001)
    put_away: list[str] = []

    def dispatch(_args: object) -> int:
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            with suppress(OSError):  # a step that has an error of its own
                raise FileNotFoundError
            threading.Event().wait(0.05)
            put_away.append("all of it")
        raise AssertionError

    monkeypatch.setattr(run_module, "_dispatch", dispatch)

    assert (program("areas").code, put_away) == (143, ["all of it"])


def test_an_interrupt_that_a_library_made_an_error_of_its_own_is_an_interrupt(
    monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    def dispatch(_args: object) -> int:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt as error:
            raise RuntimeError("Error calling __set_name__") from error
        raise AssertionError

    monkeypatch.setattr(run_module, "_dispatch", dispatch)

    ran = program("areas")

    assert (ran.code, ran.err.splitlines()[0]) == (143, "error: Terminated.")
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_ctrl_c_that_the_caller_switched_off_stays_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
