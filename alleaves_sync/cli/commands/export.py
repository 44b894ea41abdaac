"""`export`: the menu as last synced."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from alleaves_sync.cli.invocation import LocationOption, invocation


class FormatChoice(StrEnum):
    """How the menu is written."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("export")(export)


def export(
    ctx: typer.Context,
    location: LocationOption = None,
    form: Annotated[
        FormatChoice, typer.Option("--format", help="One list, one product a line, or a table.")
    ] = FormatChoice.JSON,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, replaced at once.")
    ] = None,
) -> int:
    """Print the menu as last synced.

    AIQ field names, quantity 0 included. One location at a time. In CSV, lists stay JSON, and a text that a
    spreadsheet would run as a formula has an apostrophe before it.
    """
    from alleaves_sync.errors import OptionsConflict
    from alleaves_sync.files import replace_file
    from alleaves_sync.flows.menu.export import exported

    cli = invocation(ctx)
    chosen = cli.chosen(location)
    if len(chosen) != 1:
        names = ", ".join(place.name for place in chosen) or "none"
        raise OptionsConflict(f"export takes one location, chosen are: {names}.", "Add --location NAME.")
    text = exported(chosen[0], form.value)
    if output is None:
        sys.stdout.write(text)
        return 0
    replace_file(output, [text.encode()])
    return 0
