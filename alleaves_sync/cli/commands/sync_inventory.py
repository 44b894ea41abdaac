"""`sync-inventory`: the main job."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import Invocation, JsonOption, LocationOption, choose, invocation

if TYPE_CHECKING:
    from alleaves_sync.config import Location, Settings
    from alleaves_sync.flows.menu.result import InventoryResult
    from alleaves_sync.flows.menu.sync_location import RunOptions


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("sync-inventory")(sync_inventory)


def sync_inventory(
    ctx: typer.Context,
    location: LocationOption = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Plan only: print what would change, item by item; write nothing."),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Let this run pass the brake: the POS is right, the menu shall follow."),
    ] = False,
    every: Annotated[
        str | None,
        typer.Option(
            "--every",
            metavar="TIME",
            help="Stay, and run again at this pace: 60s, 10m, 1h. SIGTERM or Ctrl-C ends it after a run.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Bring the menu in step with the POS.

    Stock, prices and product data of the chosen areas; only what changed is
    written. A run that would take too much off the menu is refused (exit 3).
    """
    from alleaves_sync.cli.repeat import interval, keep_running
    from alleaves_sync.flows.menu.sync_location import RunOptions

    cli = invocation(ctx, as_json)
    seconds = None if every is None else interval(every, dry_run=dry_run, force=force)
    settings = cli.settings()
    chosen = choose(settings.locations, location) if location else settings.locations
    options = RunOptions(dry_run=dry_run, force=force)
    if seconds is None:
        return _exit_code(_run(cli, settings, chosen, options, one_of_many=False))
    return keep_running(
        cli, seconds, lambda: _went_well(_run(cli, settings, chosen, options, one_of_many=True))
    )


def _run(
    cli: Invocation,
    settings: "Settings",
    chosen: "Sequence[Location]",
    options: "RunOptions",
    *,
    one_of_many: bool,
) -> "list[InventoryResult]":
    """One run, told as it is to be told."""
    from alleaves_sync.cli.console import print_json
    from alleaves_sync.cli.views.progress import progress
    from alleaves_sync.cli.views.sync_view import document, report, report_briefly
    from alleaves_sync.flows.menu.sync_all import sync_menus
    from alleaves_sync.flows.pos import utc_now

    began = utc_now()
    with progress(cli) as reporter:
        results = sync_menus(settings, chosen, options, reporter)
    if cli.as_json:
        print_json(document(results, dry_run=options.dry_run), on_one_line=one_of_many)
    elif one_of_many:
        report_briefly(cli, results, began)
    else:
        report(cli, results, dry_run=options.dry_run)
    _tell_errors(results)
    sys.stdout.flush()  # whoever reads the lines of many runs wants each when it is there
    return results


def _went_well(results: "Sequence[InventoryResult]") -> bool:
    """Whether the pace is kept: only where nothing went well is there nothing to hurry for."""
    return not results or any(result.error is None for result in results)


def _exit_code(results: "Sequence[InventoryResult]") -> int:
    from alleaves_sync.cli.error_messages import exit_code, explain

    codes = []
    for result in results:
        if result.outcome == "disabled":
            continue
        code = 1 if result.outcome == "partial" else 0
        codes.append(code if result.error is None else explain(result.error).exit_code)
    return exit_code(codes)


def _tell_errors(results: "Sequence[InventoryResult]") -> None:
    from alleaves_sync.cli.console import tell
    from alleaves_sync.cli.error_messages import explain
    from alleaves_sync.cli.grouping import places, together
    from alleaves_sync.cli.logs import are_json

    told = [(result, explain(result.error)) for result in results if result.error is not None]
    # What many locations have in common (a password, a host that is down) is told once. A line in JSON is
    # about one run.
    for group in together(told, lambda one: one[0].location if are_json() else one[1]):
        result, explained = group[0]
        tell(explained, place=places([one.location for one, _ in group]), run_id=result.run_id)
