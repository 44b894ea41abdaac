"""What fields must be together: within a location, between locations, between files."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path as FilePath
from typing import get_args

from alleaves_sync.config.merging import Place, folded
from alleaves_sync.config.raw import Path, Raw, nearest, section, text, texts, told
from alleaves_sync.config.settings import WireField
from alleaves_sync.errors import Problem

_PLACEHOLDER = "{location}"
_NO = frozenset({"false", "no", "off", "0", "n", "f"})


def location_checks(place: Place) -> Iterator[Problem]:
    """The problems of one location beyond its single values."""
    yield from _storefront(place)
    yield from _wire(place)
    yield from _region(place)


def category_checks(raw: Raw, path: Path) -> Iterator[Problem]:
    """Keys of `categories.map` (of the section `raw` at `path`) that are one and the same when compared."""
    first: dict[str, str] = {}
    for key in section(raw, "categories", "map"):
        if folded(key) in first:
            where = told((*path, "categories", "map", key))
            yield Problem(
                where, f"is the same as {first[folded(key)]!r}", "Keep one: case and spaces do not count."
            )
        first.setdefault(folded(key), key)


def sign_checks(raw: Raw, path: Path) -> Iterator[Problem]:
    """Texts with signs that no setting can have: they would break a header, a path, or the terminal."""
    for where, value in texts(raw, path):
        allowed = "\n" if "wire" in where else ""
        if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in allowed for sign in value):
            hint = "It ends in a line break." if value.endswith(("\n", "\r")) else ""
            yield Problem(told(where), "holds a control character", hint)


def _storefront(place: Place) -> Iterator[Problem]:
    missing = [name for name in ("api_key", "venue_id") if not text(place.values, "aiq", name)]
    for name in ("publish_url", "order_status_url"):
        if missing and text(place.values, "aiq", name):
            what = f"needs {' and '.join(f'aiq.{part}' for part in missing)}"
            yield Problem(told(place.path(("aiq", name))), what, f"Set it too, or leave {name} out.")


def _wire(place: Place) -> Iterator[Problem]:
    wire = section(place.values, "wire")
    if not wire:
        return
    from jmespath import compile as compile_expression  # noqa: PLC0415 - only where `wire` is used
    from jmespath.exceptions import JMESPathError  # noqa: PLC0415 - seldom needed

    for name, expression in wire.items():
        where = told(place.path(("wire", name)))
        if name not in get_args(WireField):
            yield Problem(where, "is not a known key", _meant_wire(name))
        if isinstance(expression, str):
            try:
                compile_expression(expression)
            except (JMESPathError, ValueError):
                yield Problem(where, "is not a JMESPath expression", "See https://jmespath.org.")


def _meant_wire(name: str) -> str:
    known = list(get_args(WireField))
    near = nearest(name, known)
    return f"Did you mean {near}?" if near else f"Known here: {', '.join(known)}."


def _region(place: Place) -> Iterator[Problem]:
    region = text(place.values, "patients", "region")
    if not region.isascii() or not region.isupper() or region == "US":
        return
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415 - only where it is another country than the default

    if region not in SUPPORTED_REGIONS:
        where = told(place.path(("patients", "region")))
        yield Problem(
            where, f"must be a country with phone numbers, not {region!r}", "Such as US, CA, DE, GB."
        )


# -- between locations ---------------------------------------------------------------------------------------


def venue_checks(places: Sequence[Place]) -> Iterator[Problem]:
    """Two enabled locations that fill the same venue: each would take the other's products off the menu."""
    first: dict[tuple[str, str], Place] = {}
    for place in places:
        venue, address = text(place.values, "aiq", "venue_id"), text(place.values, "aiq", "publish_url")
        if not (venue and address) or "${" in venue or text(place.values, "enabled").casefold() in _NO:
            continue
        other = first.setdefault((address, venue), place)
        if other is not place:
            yield Problem(
                told(("locations", place.name, "aiq", "venue_id")),
                f"is the venue of locations.{other.name} too",
                "A venue's menu belongs to one location: each would take the other's products off it.",
            )


def name_checks(names: Sequence[str]) -> Iterator[Problem]:
    """Names go into file names and onto the command line."""
    seen: dict[str, str] = {}
    for name in names:
        where = told(("locations", name))
        if not _is_name(name):
            yield Problem(
                where, "is no name for a location", "Use letters, digits, -, _ and . (a letter first)."
            )
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            yield Problem(where, f"differs from {other!r} only in case", "Give them different names.")


def _is_name(name: str) -> bool:
    longest = 64
    signs = name.replace("-", "").replace("_", "").replace(".", "")
    return len(name) <= longest and name.isascii() and signs.isalnum() and name[0].isalnum()


# -- paths ---------------------------------------------------------------------------------------------------


def resolved(written: str, folder: FilePath, location: str = "") -> FilePath:
    """The path that `written` means: relative to `folder`, `~` and `{location}` replaced."""
    path = FilePath(written.strip().replace(_PLACEHOLDER, location))
    with suppress(RuntimeError):  # no home folder is known: `~` is a name like any other
        path = path.expanduser()
    return FilePath(folder, path)


def placeholder_checks(written: str, where: str, *, location: bool) -> Iterator[Problem]:
    """Braces in a path that mean nothing."""
    rest = written.replace(_PLACEHOLDER, "") if location else written
    if "{" in rest or "}" in rest:
        allowed = "only {location} may stand in braces" if location else "braces mean nothing here"
        yield Problem(where, allowed)


def file_checks(files: Sequence[tuple[FilePath, str]]) -> Iterator[Problem]:
    """Files (path, and where it is configured) that would overwrite each other. Locations may share a state
    file."""
    users: defaultdict[FilePath, list[str]] = defaultdict(list)
    for path, where in files:
        if where not in users[path]:
            users[path].append(where)
    for path, wheres in users.items():
        for where in wheres[1:]:
            hint = "Put {location} into it." if where.endswith("feed") and wheres[0].endswith("feed") else ""
            yield Problem(
                where, f"is the file of {wheres[0]} too ({path.name})", hint or "Name another file."
            )
