"""Questions on a terminal. They go to stderr: stdout stays for results."""

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import TypeVar

import typer

from alleaves_sync.cli.console import clean

Choice = TypeVar("Choice")


def text(question: str, default: str = "") -> str:
    """An answer that is not empty; `default` for a bare Enter."""
    while True:
        answer = _ask(question, default=default or None).strip()
        if answer:
            return answer


def optional(question: str) -> str:
    """An answer that may be empty."""
    return _ask(question, default="", show_default=False).strip()


def hidden(question: str, *, may_be_empty: bool = False) -> str:
    """An answer that is not shown."""
    default = "" if may_be_empty else None
    return _ask(question, default=default, show_default=False, hide_input=True)


def yes(question: str) -> bool:
    """Yes or no; Enter means yes."""
    with redirect_stdout(sys.stderr):
        return bool(typer.confirm(question, default=True, err=True))


def one_of(what: str, choices: Sequence[Choice], label: Callable[[Choice], str]) -> Choice:
    """One of `choices`, by the number before it."""
    _list(what, choices, label)
    while True:
        answer = text(f"{what} (number)", "1" if len(choices) == 1 else "")
        if answer.isdecimal() and 1 <= int(answer) <= len(choices):
            return choices[int(answer) - 1]
        _say(f"Please give a number from 1 to {len(choices)}.")


def some_of(what: str, choices: Sequence[Choice], label: Callable[[Choice], str]) -> list[Choice]:
    """One or more of `choices`, by the numbers before them, with commas between."""
    _list(what, choices, label)
    while True:
        parts = [part.strip() for part in text(f"{what} (numbers, with commas between)").split(",")]
        if all(part.isdecimal() and 1 <= int(part) <= len(choices) for part in parts):
            return [choices[int(part) - 1] for part in dict.fromkeys(parts)]
        _say(f"Please give numbers from 1 to {len(choices)}.")


def number(question: str) -> int:
    """A whole number above 0."""
    while True:
        answer = text(question)
        if answer.isascii() and answer.isdecimal() and int(answer) > 0:
            return int(answer)
        _say("Please give a whole number.")


def _ask(question: str, *, default: str | None, show_default: bool = True, hide_input: bool = False) -> str:
    # Python writes a part of the prompt to stdout, whatever `err` says.
    with redirect_stdout(sys.stderr):
        return str(
            typer.prompt(
                question, default=default, show_default=show_default, hide_input=hide_input, err=True
            )
        )


def _list(what: str, choices: Sequence[Choice], label: Callable[[Choice], str]) -> None:
    _say(f"{what}:")
    for at, choice in enumerate(choices, 1):
        _say(f"  {at:>3}  {label(choice)}")


def _say(line: str) -> None:
    typer.echo(clean(line), err=True)
