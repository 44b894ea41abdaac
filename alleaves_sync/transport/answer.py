"""What came back, and what may be read out of it before anyone knows its shape."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

_LONGEST_MESSAGE = 200
_JSON_ENDS = {ord("["): ord("]"), ord("{"): ord("}"), ord('"'): ord('"')}
_JSON_SCALARS = frozenset(b"-0123456789tfn")
_SPACE_AND_BOM = b" \t\r\n\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: `status`, `headers` (asked for in any case), `body` unpacked, as bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def plain_text(text: str, longest: int = _LONGEST_MESSAGE) -> str:
    """`text` on one line, without control characters, cut to `longest` characters."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:longest]


def server_message(body: bytes) -> str:
    """The server's own words in an error's body (`message`, else `error`), made plain; "" without any."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(data, dict):
        return ""
    texts = (data.get(name) for name in ("message", "error"))
    return next((plain_text(text) for text in texts if isinstance(text, str) and text.strip()), "")


def json_fault(answer: Answer) -> str | None:
    """Why the body cannot be JSON, by its first and last character; None when it may well be.

    A proxy's page and a body whose end got lost without anyone noticing both show here, while trying again
    still helps.
    """
    text = answer.body.strip(_SPACE_AND_BOM)
    if not text:
        return "is empty"
    first, last = text[0], text[-1]
    if first in _JSON_SCALARS:
        return None
    if first not in _JSON_ENDS:
        kind = plain_text(answer.headers.get("Content-Type", "").partition(";")[0], longest=40)
        return f"is not JSON but {kind}" if kind and "json" not in kind else "is not JSON"
    return None if last == _JSON_ENDS[first] else "is cut off"
