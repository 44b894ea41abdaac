"""How values are spelled in the file: text that is always valid Unicode, times as ISO 8601 in UTC."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import overload

# From left to right in JSON: an escaped backslash, an escaped surrogate pair, half of one (`\ud800`).
_ESCAPED = re.compile(r"\\(?:\\|u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..))")
# A run writes the same few times over and over, into the rows of 20,000 items.
_TIMES = 256


@overload
def storable(text: str) -> str: ...
@overload
def storable(text: None) -> None: ...
def storable(text: str | None) -> str | None:
    """The text with lone surrogates replaced by U+FFFD: SQLite stores UTF-8, which has no place for them.

    A POS sends what a person once pasted; one such name must not stop the run for all the others.
    """
    if text is None or text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@overload
def storable_json(text: str) -> str: ...
@overload
def storable_json(text: None) -> None: ...
def storable_json(text: str | None) -> str | None:
    r"""Like `storable`, and also for halves escaped in the JSON (`\ud800`), which would break the views."""
    if text is None or "\\" not in text:
        return storable(text)
    return storable(_ESCAPED.sub(lambda found: "\\ufffd" if found[1] else found[0], text))


@lru_cache(_TIMES)
def spelled(at: datetime) -> str:
    """`2026-07-04T12:00:00.000000Z`: always the same length, so that text sorts as time does.

    Raises ValueError for a naive datetime.
    """
    if at.tzinfo is None:
        raise ValueError("a time in the state file needs a time zone")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@lru_cache(_TIMES)
def read_time(text: str | None) -> datetime | None:
    """What `spelled` wrote."""
    return None if text is None else datetime.fromisoformat(text)
