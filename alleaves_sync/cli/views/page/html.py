"""HTML from values. `Html` was escaped here; the type checker lets no plain text in its place."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import NewType

Html = NewType("Html", str)

NOTHING = Html("")
DASH = Html("-")
# What HTML has no place for: control characters, halves of characters, and code points that are none.
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane + end) for plane in range(0, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF))
    + "]"
)
_LONGEST = 120  # letters of a name or value from outside; no product is told apart by more
_LONGEST_SENTENCE = 600  # an error may quote what a server said
_VOID = frozenset({"meta", "br"})


def text(value: str, longest: int = _LONGEST_SENTENCE) -> Html:
    """A text of one line, escaped, and cut where it is longer than that."""
    words = " ".join(_writable(value).split())
    short = words if len(words) <= longest else words[: longest - 1].rstrip() + "…"
    return Html(html.escape(short))


def _writable(value: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", value)


def foreign(value: str) -> Html:
    """A text from outside, whose direction of writing stays its own; cut where it is no sensible name."""
    return element("bdi", text(value, _LONGEST))


def element(name: str, /, *content: Html, **attributes: str) -> Html:
    """An element. `class_` is written `class`, `aria_label` `aria-label`; an empty value is no attribute."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(_writable(value))}"'
        for key, value in attributes.items()
        if value
    )
    return Html(f"<{name}{written}>" if name in _VOID else f"<{name}{written}>{''.join(content)}</{name}>")


def joined(parts: Iterable[Html], between: str = "") -> Html:
    """Parts in a row; `between` is text."""
    return Html(html.escape(between).join(parts))


def number(value: Decimal | float) -> str:
    """A number as a person writes it: 12,345.5, no exponent, no zeros at the end."""
    digits = f"{Decimal(str(value)):,f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def counted(count: int, one: str, many: str = "") -> str:
    """`1 item`, `2 items`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def moment(at: datetime, zone: datetime, form: str = "%d %b %H:%M") -> Html:
    """A time in the zone of another; the machine-readable one is beside it."""
    there = at.astimezone(zone.tzinfo)
    return element("time", text(f"{there:{form}}"), datetime=there.isoformat(timespec="seconds"))


def zone_name(at: datetime) -> str:
    """`UTC`, or `UTC-05:00`: names of zones are not the same on all machines."""
    offset = at.utcoffset() or timedelta()
    return str(timezone(offset))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and whether it holds numbers."""

    heading: str
    number: bool = False


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Html]],
    *,
    class_: str = "",
    plain: bool = False,
) -> Html:
    """A table whose first column names the rows. On a phone each row becomes a card with its headings.

    `plain`: cells carry neither heading nor class; the style sheet knows the table by its own class.
    """
    head = [
        element("th", text(column.heading), scope="col", class_="n" if column.number else "")
        for column in columns
    ]
    body = [element("tr", *_cells(columns, row, plain=plain)) for row in rows]
    return element(
        "table",
        element("caption", text(caption)),
        element("thead", element("tr", *head)),
        element("tbody", *body),
        class_=class_,
    )


def _cells(columns: Sequence[Column], row: Sequence[Html], *, plain: bool) -> Iterable[Html]:
    first, *others = row
    yield element("th", first, scope="row")
    for column, cell in zip(columns[1:], others, strict=True):
        if plain:
            yield element("td", cell)
        else:
            # The cards of a phone show the heading beside the value.
            yield element("td", cell, class_="n" if column.number else "", data_h=column.heading)
