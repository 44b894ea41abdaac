"""Paragraphs instead of tables where a terminal is too narrow for them."""

import io
import re
import sys

import pytest

from alleaves_sync.cli.console import Cell, Column, Table, Tone
from alleaves_sync.cli.paragraphs import Line, Section, show_sections, show_table

SECTIONS = [
    Section(
        "A title that is longer than the screen", [Line("fine", Tone.GOOD), Line("it \x1b[2J goes on " * 3)]
    ),
    Section("Nothing to say", []),
]
TABLE = Table(
    (Column("item"), Column("why"), Column("price", number=True)),
    [("Cola", Cell("no-price", Tone.ATTENTION), "-"), ("Tea", "", "5")],
    notes=("2 items",),
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> Terminal:
    """From now on stdout is a terminal of that width, without colour."""
    for name, value in (("TERM", "xterm"), ("COLUMNS", str(columns)), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    found = Terminal()
    monkeypatch.setattr(sys, "stdout", found)
    return found


def lines_of(screen: Terminal) -> list[str]:
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue()).splitlines()]


def test_lines_stay_whole_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    show_sections(SECTIONS)
    assert capsys.readouterr().out.splitlines() == [
        "A title that is longer than the screen",
        "  fine",
        "  it  [2J goes on it  [2J goes on it  [2J goes on",
    ]


def test_a_terminal_gets_lines_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch, 24)
    show_sections(SECTIONS)
    assert lines_of(screen) == [
        "A title that is longer",
        "    than the screen",
        "  fine",
        "  it  [2J goes on it",
        "      [2J goes on it",
        "      [2J goes on",
    ]


def test_a_table_is_rows_of_words_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch, 24)
    show_table(TABLE)
    assert lines_of(screen) == ["Cola  no-price", "Tea  price 5", "2 items"]


def test_a_table_stays_a_table_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch, 80)
    show_table(TABLE)
    assert lines_of(screen)[0].split() == ["item", "why", "price"]


def test_a_table_stays_a_table_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(TABLE)
    assert capsys.readouterr().out.splitlines()[0] == "item  why       price"
