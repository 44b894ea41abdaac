"""The program's commands and global options.

How to add a command
--------------------
1. Write it in a file of its own, `cli/commands/<name>.py`, and add that module to `_COMMANDS` below. The
   module is imported for every `--help`, so it may import at its top only the standard library, `typer`,
   `cli.invocation` and `alleaves_sync.errors`; everything else is imported
   inside the command function.
2. Give it `register(app)`, which hangs its commands in: `app.command("areas")(areas)`.
3. A command takes `ctx: typer.Context` first, uses the shared `LocationOption` and `JsonOption`, has a
   docstring (its help; the first sentence is the line in the list of commands), and **returns its exit
   code**.

The whole of a command that works location by location::

    def areas(ctx: typer.Context, location: LocationOption = None, as_json: JsonOption = False) -> int:
        \"\"\"Show the areas of a location, with their types and stock.\"\"\"
        from alleaves_sync.cli.per_location import each
        from alleaves_sync.cli.console import Table, print_json, show
        from alleaves_sync.cli.views.progress import progress
        from alleaves_sync.flows.setup.areas import find_areas

        cli = invocation(ctx, as_json)
        with progress(cli) as reporter:
            results = each(cli.chosen(location), lambda place: find_areas(place, reporter))
        if cli.as_json:
            print_json(results.document(lambda areas: {"areas": [_json(a) for a in areas]}, {"areas": []}))
        else:
            for result in results.good:
                show(Table(title=result.location.name, columns=(...), rows=[...]))
        return results.exit_code

What the parts promise:

* `cli.settings()` loads the configuration (and says its warnings); `cli.chosen(names)` are the locations
  that `--location` chose: names or globs, all enabled ones without it. Where
  a command needs both: `choose(settings.locations, names)`.
* `each(locations, work)` runs `work` for every location, one after the other. An `AlleavesSyncError` of one
  never stops the next; it is told on stderr at once, prefixed with the location. `results.good` are those
  that went well, `results.exit_code` follows the rule for several locations, `results.document(...)` is the
  JSON document with a `location` in every entry and an `error` in those that failed. A flow that runs its
  locations itself uses `exit_code(codes)`, `tell(explain(error), place=name)` and
  `error_json(explain(error))`.
* Everything else that goes wrong is simply raised. `cli/run.py` is the one place that turns an
  `AlleavesSyncError`, wrong usage, an interrupt, a closed pipe or a defect into words, one JSON document with
  `--json`, and the exit code.
* `output.show(table)` is a table on a terminal and aligned lines elsewhere; `print_json` the one document;
  `output.say(cli, text)` is talk on stderr that `--quiet` silences. Results never depend on `--quiet`, except
  where the command says so. `Cell(text, Tone.BAD)` colours a cell; its text must say the state without the
  colour.
* Log with `logging.getLogger(__name__)` anywhere under `alleaves_sync`; `extra={"run_id": ..., "location":
  ...}` reaches the JSON lines of `--log-format json`.
"""

from pathlib import Path
from typing import Annotated

import typer

from alleaves_sync import __version__
from alleaves_sync.cli.commands import (
    areas,
    audit,
    check,
    completion,
    cron,
    export,
    history,
    init,
    lookup_patient,
    orders,
    push_order,
    report,
    sandbox,
    show_mapping,
    state,
    status,
    sync_inventory,
)
from alleaves_sync.cli.invocation import Invocation, LogFormat

# In the order in which a person meets them; `--help` lists them so.
_COMMANDS = (
    init,
    check,
    areas,
    sync_inventory,
    show_mapping,
    audit,
    export,
    push_order,
    orders,
    lookup_patient,
    status,
    history,
    report,
    state,
    cron,
    completion,
    sandbox,
)

_EPILOG = (
    "Exit codes: 0 done, 1 done in part, 2 wrong usage, 3 a person must look, 65 input file bad, 69 service "
    "unreachable, 77 login refused, 78 configuration wrong, 130 interrupted."
)

app = typer.Typer(
    name="alleaves-sync",
    add_completion=False,
    rich_markup_mode=None,  # plain help: as readable at 80 columns, and Rich stays unimported
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"alleaves-sync {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _program(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            metavar="PATH",
            help="The configuration file. Else $ALLEAVES_SYNC_CONFIG, ./config.yaml, the user's folder.",
        ),
    ] = None,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose", "-v", count=True, help="Say more on stderr; -vv says all.", show_default=False
        ),
    ] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")] = False,
    log_format: Annotated[
        LogFormat, typer.Option("--log-format", metavar="text|json", help="How log lines look on stderr.")
    ] = LogFormat.TEXT,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Keep an AIQ Ecommerce menu in step with an Alleaves point of sale.

    stdout carries the result, stderr the talk. Start with: alleaves-sync init
    """
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help(), err=True)
        raise typer.Exit(2)
    invocation = Invocation(config=config, verbosity=verbose, quiet=quiet, log_format=log_format)
    invocation.start_logging()
    ctx.obj = invocation


for _module in _COMMANDS:
    _module.register(app)
