"""The fenced blocks of the project's pages."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def lines_of(page: str, kind: str) -> Iterator[str]:
    """The lines of all blocks of a `kind` (`sh`, `crontab`) of a page, in order."""
    for found, text in _FENCE.findall((ROOT / page).read_text(encoding="utf-8")):
        if found == kind:
            yield from filter(None, text.splitlines())


def tables_of(page: str) -> str:
    """The rows of all tables of a page."""
    rows = (ROOT / page).read_text(encoding="utf-8").splitlines()
    return "\n".join(row for row in rows if row.startswith("|"))
