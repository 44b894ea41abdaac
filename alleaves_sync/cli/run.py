"""One way in and one way out: runs a command line and turns every ending into words and an exit code.

Exit codes beyond the documented ones are those of Unix: 143 after SIGTERM, 141 when the reader of stdout went
away. A defect of this program (an exception that nobody foresaw) ends with 3: a person must look.
"""

import gc
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer.main import get_command

from alleaves_sync.cli.signals import (
    CUT_SHORT,
    INTERRUPTED,
    TERMINATED,
    Terminated,
    interrupt_behind,
    interruptible,
)
from alleaves_sync.errors import AlleavesSyncError

if TYPE_CHECKING:
    from alleaves_sync.cli.error_messages import Explained

_READER_GONE = 141
_DEFECT = 3
_PROGRAM = "alleaves-sync"
# A run makes hundreds of thousands of values and hardly a circle of them: looking for circles as often as
# Python does by itself takes a fifth of its time.
_RARELY = (100_000, 50, 100)


def run(args: Sequence[str]) -> int:
    """Run the command line `args` (without the program's name) and return the exit code. Never raises."""
    _print_anything()
    gc.set_threshold(*_RARELY)
    try:
        with interruptible():
            code = _answer(args)
        sys.stdout.flush()
    except BrokenPipeError:
        _close_stdout()
        return _READER_GONE
    return code


def _answer(args: Sequence[str]) -> int:
    """The exit code of the command; every error is told."""
    try:
        return _dispatch(args)
    except typer.Exit as end:
        return end.exit_code
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - a traceback helps nobody in a shop
        # The documents of many runs stand on a line each, and so does the one that ends them.
        lines = any(arg.startswith("--every") for arg in args)
        return _fail(
            _explained(interrupt_behind(error) or error), as_json="--json" in args, on_one_line=lines
        )


def _explained(error: BaseException) -> "Explained":
    from alleaves_sync.cli.error_messages import explain

    match error:
        case AlleavesSyncError():
            return explain(error)
        case typer.TyperException():
            return _usage(error)
        case Terminated():
            return _ended("terminated", "Terminated.", TERMINATED)
        case KeyboardInterrupt() | typer.Abort():
            return _ended("interrupted", "Interrupted.", INTERRUPTED)
        case _:
            return _defect(error)


def _dispatch(args: Sequence[str]) -> int:
    from alleaves_sync.cli.app import app
    from alleaves_sync.cli.commands import completion

    command = get_command(app)
    if completion.ASKED in os.environ:
        return completion.answer(command)
    with command.make_context(_PROGRAM, list(args)) as ctx:
        code = command.invoke(ctx)
    return code if isinstance(code, int) else 0


def _fail(explained: "Explained", *, as_json: bool, on_one_line: bool) -> int:
    from alleaves_sync.cli.console import error_json, print_json, tell

    tell(explained)
    if as_json:
        print_json({"error": error_json(explained)}, on_one_line=on_one_line)
    return explained.exit_code


def _usage(wrong: typer.TyperException) -> "Explained":
    from alleaves_sync.cli.error_messages import Explained

    context = getattr(wrong, "ctx", None)
    path = context.command_path if context is not None else _PROGRAM
    return Explained("usage", wrong.format_message(), f"See {path} --help.", wrong.exit_code)


def _ended(code: str, what: str, exit_code: int) -> "Explained":
    from alleaves_sync.cli.error_messages import Explained

    return Explained(code, what, CUT_SHORT, exit_code)


def _defect(error: BaseException) -> "Explained":
    """Type and place of an unforeseen exception: never its text, which may hold values."""
    from alleaves_sync.cli.error_messages import Explained

    if logging.getLogger("alleaves_sync").isEnabledFor(logging.DEBUG):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    here = [frame for frame in frames if "alleaves_sync" in Path(frame.filename).parts] or frames
    place = f"{Path(here[-1].filename).name}:{here[-1].lineno}" if here else "an unknown place"
    return Explained(
        "defect",
        f"This is a defect in alleaves-sync: {type(error).__name__} at {place}.",
        "Please report it with these words; -vv shows the whole story (read it before you share it).",
        _DEFECT,
    )


def _print_anything() -> None:
    """A letter that the terminal's encoding lacks is shown as `?` instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="replace")


def _close_stdout() -> None:
    # The interpreter flushes stdout once more at its end and would complain: give it somewhere to go.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
