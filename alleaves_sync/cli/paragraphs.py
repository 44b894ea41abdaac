"""Titled paragraphs on stdout, readable at any width: what a table with many columns would not be."""

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alleaves_sync.cli.console import Cell, Column, Table, Tone, clean, console, show

_HANGING = "    "
_NARROWEST = 20
_TABLE_NEEDS = 70  # on a narrower terminal a table of many columns tears its words apart


@dataclass(frozen=True)
class Line:
    """One line under a title, `depth` steps in; the text says everything without its colour."""

    text: str
    tone: Tone = Tone.NONE
    depth: int = 1


@dataclass(frozen=True)
class Section:
    """A title and its lines."""

    title: str
    lines: Sequence[Line]


def show_sections(sections: Sequence[Section]) -> None:
    """Print sections with something in them: wrapped on a terminal, each line whole elsewhere."""
    width = _width()
    shown = [(text, tone) for section in sections for text, tone in _lines(section, width)]
    if not width:
        sys.stdout.write("".join(f"{text}\n" for text, _ in shown))
        return
    from rich.text import Text

    # In one piece: printing line by line takes a hundred times as long.
    console().print(Text("\n").join(Text(text, style=style) for text, style in shown), soft_wrap=True)


def show_table(table: Table) -> None:
    """Print a table; on a narrow terminal each row as a paragraph instead."""
    if not 0 < _width() < _TABLE_NEEDS:
        show(table)
        return
    rows = [Line(_paragraph(row, table.columns), depth=0) for row in table.rows]
    notes = [Line(note, depth=0) for note in table.notes]
    show_sections([Section(table.title, [*rows, *notes])])


def _paragraph(row: Sequence[str | Cell], columns: Sequence[Column]) -> str:
    cells = [
        (column, cell.text if isinstance(cell, Cell) else cell)
        for column, cell in zip(columns, row, strict=True)
    ]
    told = [(column, text) for column, text in cells if text not in {"", "-"}]
    return "  ".join(f"{column.heading} {text}" if column.number else text for column, text in told)


def _width() -> int:
    """The columns of the terminal that stdout is; 0 where it is none."""
    return max(shutil.get_terminal_size().columns, _NARROWEST) if sys.stdout.isatty() else 0


def _lines(section: Section, width: int) -> Iterator[tuple[str, str]]:
    """Each line as it is shown, with its Rich style."""
    if not section.lines:
        return
    if section.title:
        yield from ((text, "bold") for text in _wrapped(Line(section.title, depth=0), width))
    for line in section.lines:
        yield from ((text, str(line.tone)) for text in _wrapped(line, width))


def _wrapped(line: Line, width: int) -> Iterator[str]:
    indent = "  " * line.depth
    text = clean(line.text)
    if not width:
        yield f"{indent}{text}".rstrip()
        return
    yield from textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=indent + _HANGING,
        break_on_hyphens=False,
    ) or [""]
