"""What of many locations a person is shown: what fits on a screen, the rest as a sum. JSON has all."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

MOST_SHOWN = 20

Entry = TypeVar("Entry")


def worth_showing(entries: Sequence[Entry], calm: Callable[[Entry], bool]) -> Sequence[Entry]:
    """All entries; where they are more than fit on a screen, those that are not `calm`, all of them."""
    if len(entries) <= MOST_SHOWN:
        return entries
    return [entry for entry in entries if not calm(entry)]


def places(names: Sequence[str]) -> str:
    """Names of locations in a line: a few of them, and how many more."""
    most = 3
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def together(entries: Sequence[Entry], same: Callable[[Entry], object]) -> Iterator[Sequence[Entry]]:
    """The entries in groups that are the `same`, in the order of their first ones."""
    groups: dict[object, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(same(entry), []).append(entry)
    yield from groups.values()
