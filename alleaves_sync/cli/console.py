"""What reaches the screen: stdout is the result, stderr is talk.

Nothing that was read from outside reaches a terminal with its control characters. Colour never carries a
state alone, is only used on a terminal, and not with `NO_COLOR`.
"""

import json
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from alleaves_sync.cli import logs
from alleaves_sync.cli.invocation import Invocation

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from alleaves_sync.cli.error_messages import Explained

_RED, _YELLOW, _PLAIN = "\x1b[1;31m", "\x1b[33m", "\x1b[0m"
_GAP = "  "
_STDERR = 2
# Also format signs (they can turn text around) and what no terminal can show.
_CONTROL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Tone(StrEnum):
    """How a cell is coloured on a terminal. The values are Rich styles."""

    NONE = ""
    GOOD = "green"
    ATTENTION = "yellow"
    BAD = "bold red"
    FAINT = "dim"


@dataclass(frozen=True)
class Cell:
    """The text of a table's cell with its colour. The text says everything without it."""

    text: str
    tone: Tone = Tone.NONE


@dataclass(frozen=True)
class Column:
    """A column: its heading, and whether it holds numbers (set to the right) or must stay on one line."""

    heading: str
    number: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under headings, with a title above and notes below."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | Cell]]
    title: str = ""
    notes: Sequence[str] = ()


def show(table: Table) -> None:
    """Print `table` on stdout: drawn on a terminal, aligned lines with the same content elsewhere."""
    if sys.stdout.isatty():
        console().print(drawing(table))
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(table)))


def put(text: str = "") -> None:
    """Print one line of the result on stdout."""
    sys.stdout.write(f"{clean(text)}\n")


def print_json(document: object, *, on_one_line: bool = False) -> None:
    """Print `document` on stdout as the one JSON document of this call. Decimals become JSON numbers."""
    unicode = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    indent = None if on_one_line else 2
    sys.stdout.write(f"{json.dumps(document, default=_plain, ensure_ascii=not unicode, indent=indent)}\n")


def say(cli: Invocation, text: str) -> None:
    """Print one line of talk on stderr, unless `--quiet`."""
    if not cli.quiet:
        sys.stderr.write(_line_of_talk(text))


def say_at_once(cli: Invocation, text: str) -> None:
    """`say` from within a signal handler: past the buffers, which may be in use."""
    if not cli.quiet:
        os.write(_STDERR, _line_of_talk(text).encode(errors="replace"))


def warn(cli: Invocation, text: str) -> None:
    """Print a warning on stderr, unless `--quiet`."""
    if not cli.quiet:
        if logs.are_json():
            sys.stderr.write(logs.json_line("warning", clean(text), {}))
            return
        lines = "\n".join(_wrapped(f"warning: {clean(text)}"))
        sys.stderr.write(f"{lines.replace('warning:', _coloured('warning:', _YELLOW), 1)}\n")


def tell(explained: "Explained", *, place: str = "", run_id: str | None = None) -> None:
    """Print an error on stderr, also with `--quiet`: what is wrong, its details, what to do."""
    if logs.are_json():
        more = {
            "code": explained.code,
            "details": [clean(detail) for detail in explained.details],
            "remedy": clean(explained.remedy),
            "location": clean(place),
            "run_id": run_id,
        }
        sys.stderr.write(logs.json_line("error", clean(explained.what), more))
        return
    where = f"{clean(place)}: " if place else ""
    what = "\n".join(_wrapped(f"error: {where}{clean(explained.what)}"))
    lines = [what.replace("error:", _coloured("error:", _RED), 1)]
    lines += [line for detail in explained.details for line in _wrapped(f"  {clean(detail)}")]
    if explained.remedy:
        lines += _wrapped(f"  -> {clean(explained.remedy)}")
    sys.stderr.write("".join(f"{line}\n" for line in lines))


def problem_line(code: str, text: str, *, place: str, run_id: str | None = None) -> None:
    """Print one line of what went wrong on stderr, also with `--quiet`."""
    more = {"code": code, "location": clean(place), "run_id": run_id}
    shown = f"{clean(place)}: {clean(text)}\n"
    sys.stderr.write(logs.json_line("error", clean(text), more) if logs.are_json() else shown)


def brief(value: object, longest: int = 60) -> str:
    """A JSON value in a cell: short, on one line."""
    text = (
        "-"
        if value is None
        else value
        if isinstance(value, str)
        else json.dumps(value, default=_plain, ensure_ascii=False)
    )
    return text if len(text) <= longest else text[: longest - 3] + "..."


def error_json(explained: "Explained") -> dict[str, object]:
    """The `error` of a JSON document."""
    details = {"details": list(explained.details)} if explained.details else {}
    return {"code": explained.code, "message": explained.what, **details, "remedy": explained.remedy}


def clean(text: str) -> str:
    """`text` on one line, without control characters (a terminal would obey them)."""
    return "".join(" " if unicodedata.category(sign) in _CONTROL else sign for sign in text)


def number(value: Decimal | int) -> str:
    """A number as a person writes it: no exponent, no zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def colourful(stream: TextIO) -> bool:
    """Whether `stream` may be coloured: a terminal that wants it (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def console(*, stderr: bool = False) -> "Console":
    """A Rich console on stdout, or stderr, as it is now."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        file=stream,
        no_color=not colourful(stream),
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )


def _line_of_talk(text: str) -> str:
    return logs.json_line("info", clean(text), {}) if logs.are_json() else f"{clean(text)}\n"


def _wrapped(line: str) -> list[str]:
    # A terminal would break words; a file or a mail keeps the line whole, so that it can be searched.
    if not sys.stderr.isatty():
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(
        line, shutil.get_terminal_size().columns, subsequent_indent=indent, break_on_hyphens=False
    ) or [line]


def _coloured(text: str, colour: str) -> str:
    return f"{colour}{text}{_PLAIN}" if colourful(sys.stderr) else text


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path | date):
        return str(value) if isinstance(value, Path) else value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a JSON document")


def _cell(value: str | Cell) -> Cell:
    cell = value if isinstance(value, Cell) else Cell(value)
    return Cell(clean(cell.text), cell.tone)


def drawing(table: Table) -> "RenderableType":
    """`table` as Rich draws it, with its notes below."""
    from rich import box
    from rich.console import Group
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(
        title=clean(table.title) or None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,  # nine columns fit into 80
    )
    for column in table.columns:
        drawn.add_column(
            column.heading,
            justify="right" if column.number else "left",
            no_wrap=column.whole or column.number,
            overflow="fold",
        )
    for row in table.rows:
        drawn.add_row(*(Text(cell.text, style=str(cell.tone)) for cell in map(_cell, row)))
    return Group(drawn, *(Text(clean(note)) for note in table.notes))


def _lines(table: Table) -> list[str]:
    headings = [column.heading for column in table.columns]
    rows = [headings, *([_cell(value).text for value in row] for row in table.rows)]
    widths = [max(_width(row[at]) for row in rows) for at in range(len(headings))]
    lines = [clean(table.title)] if table.title else []
    lines += [_line(row, widths, table.columns) for row in rows]
    return [*lines, *map(clean, table.notes)]


def _line(row: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    padded = []
    for text, width, column in zip(row, widths, columns, strict=True):
        space = " " * (width - _width(text))
        padded.append(space + text if column.number else text + space)
    return _GAP.join(padded).rstrip()


def _width(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )
