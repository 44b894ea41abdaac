"""`state`: the state file looked after."""

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import Invocation, JsonOption, LocationOption, invocation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alleaves_sync.config import Location
    from alleaves_sync.flows.state_care import Checked


def register(app: typer.Typer) -> None:
    """Hang the commands in."""
    group = typer.Typer(
        help="Look after the state file: check, copy, prune.", rich_markup_mode=None, no_args_is_help=True
    )
    group.command("check")(check)
    group.command("backup")(backup)
    group.command("prune")(prune)
    group.command("rebuild")(rebuild)
    app.add_typer(group, name="state")


def check(ctx: typer.Context, location: LocationOption = None, as_json: JsonOption = False) -> int:
    """Read the whole state file: is it sound, what is in it.

    Exit code 78: it is damaged; what to do about it is said.
    """
    from alleaves_sync.cli.console import Column, Table, print_json, show
    from alleaves_sync.cli.per_location import each
    from alleaves_sync.flows.state_care import Checker

    cli = invocation(ctx, as_json)
    results = each(_places(cli, location), Checker().check)
    if as_json:
        print_json(results.document(_checked, {}))
        return results.exit_code
    numbers = ("items", "runs", "changes", "orders")
    rows = [
        (
            result.location.name,
            "sound" if result.value.size is not None else "none yet",
            *(str(getattr(result.value.contents, name)) for name in numbers),
            _megabytes(result.value.size),
            str(result.value.path),
        )
        for result in results.good
    ]
    columns = (
        Column("location"),
        Column("state"),
        *(Column(name, number=True) for name in numbers),
        Column("MB", number=True),
        Column("file"),
    )
    show(Table(columns, rows))
    return results.exit_code


def backup(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The copy; {location} in it is the location's name.")
    ],
    location: LocationOption = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite FILE.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Copy the state file, also while a run uses it.

    The copy is checked, can be read by its owner only (mode 0600), and appears whole or not at all.
    """
    from alleaves_sync.cli.console import print_json, say
    from alleaves_sync.flows.state_care import back_up

    cli = invocation(ctx, as_json)
    copies = back_up(_places(cli, location), file, force=force)
    if as_json:
        print_json({"copies": [{"state": path, "copy": copy} for path, copy in copies]})
    for path, copy in copies:
        say(cli, f"{path} was copied to {copy}")
    return 0


def prune(
    ctx: typer.Context,
    location: LocationOption = None,
    keep_days: Annotated[
        int, typer.Option("--keep-days", metavar="N", min=1, help="Keep what is younger.")
    ] = 90,
    as_json: JsonOption = False,
) -> int:
    """Drop old runs and changes, and give the space back.

    The last run and the last good one are kept. A good run does this by itself after 90 days.
    """
    from alleaves_sync.cli.console import print_json, say
    from alleaves_sync.cli.per_location import each
    from alleaves_sync.flows.state_care import prune as prune_location

    cli = invocation(ctx, as_json)
    results = each(_places(cli, location), lambda place: prune_location(place, keep_days))
    if as_json:
        print_json(results.document(lambda done: {"runs": done.runs, "changes": done.changes}, {}))
    for result in results.good:
        say(cli, f"{result.location.name}: dropped {result.value.runs} runs, {result.value.changes} changes")
    return results.exit_code


def rebuild(
    ctx: typer.Context,
    location: LocationOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> int:
    """Forget the menu; the next run reads it anew.

    From the storefront, else from the feed file; with neither, every product counts as new. Runs, changes,
    orders and links of patients stay.
    """
    from alleaves_sync.cli.console import print_json, say
    from alleaves_sync.cli.per_location import each
    from alleaves_sync.flows.state_care import rebuild as rebuild_location

    cli = invocation(ctx, as_json)
    chosen = _places(cli, location)
    if not yes:
        _ask(chosen)
    results = each(chosen, rebuild_location)
    if as_json:
        print_json(results.document(lambda items: {"forgotten": items}, {}))
    for result in results.good:
        say(cli, f"{result.location.name}: forgot {result.value} items; the next run reads the menu anew")
    return results.exit_code


def _places(cli: Invocation, names: "Sequence[str] | None") -> "Sequence[Location]":
    # A disabled location has a state as well.
    return cli.chosen(names) if names else cli.settings().locations


def _ask(chosen: "Sequence[Location]") -> None:
    from alleaves_sync.errors import OptionsConflict

    if not sys.stdin.isatty():
        raise OptionsConflict("there is no terminal to ask on", "add --yes")
    names = ", ".join(place.name for place in chosen)
    with redirect_stdout(sys.stderr):
        typer.confirm(f"Forget the menu of {names}?", default=False, abort=True, err=True)


def _checked(found: "Checked") -> dict[str, object]:
    held = found.contents
    return {
        "state": found.path,
        "bytes": found.size,
        "items": held.items,
        "runs": held.runs,
        "changes": held.changes,
        "orders": held.orders,
        "oldest_run": held.oldest_run,
    }


def _megabytes(size: int | None) -> str:
    return "-" if size is None else f"{size / 1e6:.1f}"
