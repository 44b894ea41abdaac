"""`history`: what changed when, from what to what."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import JsonOption, LocationOption, invocation

if TYPE_CHECKING:
    from alleaves_sync.cli.console import Table
    from alleaves_sync.flows.explain.history import Change


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("history")(history)


def history(
    ctx: typer.Context,
    item: Annotated[
        str | None, typer.Argument(metavar="ITEM", help="One item: its id or its whole name.")
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="All that one run changed, instead of an item.")
    ] = None,
    location: LocationOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show what changed when, from what to what.

    Of one item over time, or of one run. Asks the state file only; times are those of this machine, in JSON
    UTC.
    """
    from alleaves_sync.cli.console import print_json, show
    from alleaves_sync.cli.per_location import each
    from alleaves_sync.errors import OptionsConflict
    from alleaves_sync.flows.explain.history import of_item, of_run, together

    if (item is None) == (run is None):
        raise OptionsConflict("history takes an item, or --run.", "Give one of the two.")
    cli = invocation(ctx, as_json)
    wanted = item if item is not None else run or ""
    ask = of_run if item is None else of_item
    chosen = cli.chosen(location) if location else cli.settings().locations
    results = each(chosen, lambda place: ask(place, wanted))
    kind = "run" if item is None else "item"
    changes = together(kind, wanted, [result.value for result in results.good])
    if cli.as_json:
        failed = {
            name: value for name, value in results.document(lambda _: {}, {}).items() if name == "error"
        }
        print_json({"changes": [_entry(change) for change in changes], **failed})
    else:
        show(_table(changes, f"{kind} {wanted}", several=len(chosen) > 1))
    return results.exit_code


def _entry(change: "Change") -> dict[str, object]:
    return {
        "location": change.location,
        "run_id": change.run_id,
        "at": change.at.isoformat(),
        "posProductId": change.pos_product_id,
        "action": change.action,
        "fields": {name: list(values) for name, values in change.fields.items()},
    }


def _table(changes: "Sequence[Change]", title: str, *, several: bool) -> "Table":
    from alleaves_sync.cli.console import Column, Table, brief

    columns = [
        Column("when", whole=True),
        *([Column("location")] if several else []),
        Column("item", whole=True),
        Column("name"),
        Column("action", whole=True),
        Column("fields: old -> new"),
    ]
    rows = [
        (
            f"{change.at.astimezone():%Y-%m-%d %H:%M:%S}",
            *([change.location] if several else []),
            change.pos_product_id,
            change.name,
            change.action,
            "; ".join(f"{name}: {brief(old)} -> {brief(new)}" for name, (old, new) in change.fields.items()),
        )
        for change in changes
    ]
    return Table(columns, rows, title=title, notes=() if rows else ("Nothing has changed.",))
