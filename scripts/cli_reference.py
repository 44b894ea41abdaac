"""Writes docs/cli.md from the commands themselves; `--check` only tells whether it is current."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from alleaves_sync.cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
PROGRAM = "alleaves-sync"
# Two less than the width at which the other pages are looked at: the block's own indent.
WIDTH = 98

HEAD = """\
# The commands

What `--help` says, command by command. The options of the first block are given before the command's name.
Made by `make docs`; do not edit it by hand.
"""


def reference() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_blocks(PROGRAM, get_command(app), None)])


def _blocks(path: str, command: Any, parent: Any) -> Iterator[str]:
    """A command and all that are under it. They are typer's own, which names no public type for a group."""
    with command.make_context(
        path if parent is None else path.rpartition(" ")[2],
        [],
        parent=parent,
        resilient_parsing=True,
        terminal_width=WIDTH,
    ) as context:
        yield _block(path, context.get_help())
        for name, one in getattr(command, "commands", {}).items():
            yield from _blocks(f"{path} {name}", one, context)


def _block(title: str, text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return f"## {title}\n\n```text\n{lines}\n```\n"


def main(args: list[str]) -> int:
    """Write the page, or with `--check` compare it: 1 where it is not current."""
    page = reference()
    if args == ["--check"]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page:
            return 0
        print("docs/cli.md is not current: run make docs", file=sys.stderr)
        return 1
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
