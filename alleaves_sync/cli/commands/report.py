"""`report`: how the menu is doing, as one page for a browser or for paper."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import LocationOption, invocation

if TYPE_CHECKING:
    from alleaves_sync.config import Settings

_STDOUT = Path("-")


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("report")(report)


def report(
    ctx: typer.Context,
    target: Annotated[
        Path, typer.Option("--html", metavar="FILE", help="Write to FILE, replaced at once; - is stdout.")
    ],
    location: LocationOption = None,
    with_audit: Annotated[
        bool, typer.Option("--audit", help="Ask the POS too, and add the faults in its data.")
    ] = False,
) -> int:
    """Write a page about the menu: HTML in one file.

    Each location at a glance, what changed in 24 hours, why items are off the menu, runs over 7 days.
    Asks the state file only, unless --audit is given. What fails is named on the page, which is written all
    the same.
    """
    from datetime import datetime

    from alleaves_sync.cli.console import tell
    from alleaves_sync.cli.error_messages import exit_code, explain
    from alleaves_sync.cli.invocation import choose
    from alleaves_sync.cli.views.page import page
    from alleaves_sync.cli.views.progress import progress
    from alleaves_sync.files import replace_file
    from alleaves_sync.flows.report.report import make_report

    cli = invocation(ctx)
    settings = cli.settings()
    # Disabled ones are on the page, as in `status`: a store that was forgotten is seen.
    chosen = choose(settings.locations, location) if location else settings.locations
    _refuse_own_files(target, settings)
    with progress(cli) as reporter:
        made = make_report(
            chosen, with_audit=with_audit, progress=reporter, clock=lambda: datetime.now().astimezone()
        )
    for one in made.locations:
        for error in one.problems:
            tell(explain(error), place=one.location.name)
    content = page(made).encode()
    if target == _STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    else:
        replace_file(target, [content])
    return exit_code([_code(*(explain(error).exit_code for error in one.problems)) for one in made.locations])


def _code(*codes: int) -> int:
    """The exit code of one location: that of its first problem."""
    return codes[0] if codes else 0


def _refuse_own_files(target: Path, settings: "Settings") -> None:
    """Raises OptionsConflict where the page would replace what the program lives by."""
    from alleaves_sync.errors import OptionsConflict

    own = {settings.path.resolve(), *(place.state.resolve() for place in settings.locations)}
    if target.resolve() in own:
        raise OptionsConflict(
            f"{target} is a file of alleaves-sync itself.", "Name another file for the page."
        )
