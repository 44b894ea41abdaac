"""Texts and pictures: B1, D1, I1."""

import re
from collections.abc import Iterable

from alleaves_sync.alleaves.models import Media

# Control characters that separate words become a blank; all others are cut.
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TAG = re.compile(r"<[^>]*>")
# What an HTML serialiser would write differently than it stands.
_NOT_PLAIN = re.compile(r"[<>&\xa0]")
_WEB_ADDRESS = re.compile(r"https?://[^/?#\s\[\]]", re.IGNORECASE)
_SIMPLE_TAGS = {"b", "br", "em", "i", "li", "ol", "p", "strong", "u", "ul"}


def clean(text: str | None) -> str | None:
    """Trimmed and cut of control characters (B1); None where nothing is left."""
    if not text:
        return None
    if not text.isprintable():
        text = _CONTROLS.sub("", _BREAKS.sub(" ", text))
    return text.strip() or None


def clean_html(text: str | None) -> str | None:
    """A description with simple formatting only (D1); None where no words are left."""
    text = clean(text)
    if text is None or _NOT_PLAIN.search(text) is None:
        return text
    import nh3  # noqa: PLC0415 - takes 30 ms, and most runs meet no new description

    html = nh3.clean(text, tags=_SIMPLE_TAGS, attributes={}, url_schemes=set()).strip()
    words = _TAG.sub("", html).replace("&nbsp;", "").strip()
    return html if words else None


def pictures(media: Iterable[Media]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Picture addresses in the given order without repeats (I1); beside them those that are not http(s)."""
    kept: dict[str, None] = {}
    dropped: list[str] = []
    for entry in media:
        address = clean(entry.content)
        if address is None:
            continue
        if _WEB_ADDRESS.match(address):
            kept[address] = None
        else:
            dropped.append(address)
    return tuple(kept), tuple(dropped)
