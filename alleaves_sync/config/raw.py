"""Values as the file spells them: text, nothing, sections, lists; and where they stand."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TypeAlias

Raw: TypeAlias = "str | list[Raw] | dict[str, Raw] | None"
# The keys that lead to a value; the places in a list as digits.
Path: TypeAlias = tuple[str, ...]


def told(path: Path) -> str:
    """`path` as a person reads it: `locations.downtown.areas.0`."""
    return ".".join(path)


def find(raw: Raw, path: Path) -> tuple[bool, Raw]:
    """Whether something stands at `path`, and what."""
    for step in path:
        if isinstance(raw, dict) and step in raw:
            raw = raw[step]
        elif isinstance(raw, list) and step.isdecimal() and int(step) < len(raw):
            raw = raw[int(step)]
        else:
            return False, None
    return True, raw


def text(raw: Raw, *path: str) -> str:
    """The trimmed text at `path`; nothing where there is none."""
    value = find(raw, path)[1]
    return value.strip() if isinstance(value, str) else ""


def section(raw: Raw, *path: str) -> Mapping[str, Raw]:
    """The section at `path`; an empty one where there is none."""
    value = find(raw, path)[1]
    return value if isinstance(value, dict) else {}


def texts(raw: Raw, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in `raw` with its path."""
    if isinstance(raw, str):
        yield path, raw
    elif isinstance(raw, dict):
        for key, value in raw.items():
            yield from texts(value, (*path, key))
    elif isinstance(raw, list):
        for at, value in enumerate(raw):
            yield from texts(value, (*path, str(at)))


def nearest(word: str, known: list[str]) -> str:
    """The known word that `word` was probably meant to be, compared without case; nothing where none is
    near."""
    folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.strip().casefold(), folded, n=1)
    return folded[near[0]] if near else ""
