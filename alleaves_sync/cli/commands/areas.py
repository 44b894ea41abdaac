"""`areas`: what there is to choose from."""

from typing import TYPE_CHECKING

import typer

from alleaves_sync.cli.invocation import JsonOption, LocationOption, invocation

if TYPE_CHECKING:
    from alleaves_sync.cli.console import Table
    from alleaves_sync.flows.setup.areas import Areas


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("areas")(areas)


def areas(ctx: typer.Context, location: LocationOption = None, as_json: JsonOption = False) -> int:
    """Show the areas of a location with their types and stock.

    These are what `areas` in the configuration chooses from: by name, id, path or type.
    """
    from alleaves_sync.cli.console import print_json, show, warn
    from alleaves_sync.cli.per_location import each
    from alleaves_sync.cli.views.progress import progress
    from alleaves_sync.flows.setup.areas import find_areas

    cli = invocation(ctx, as_json)
    chosen = cli.chosen(location)
    with progress(cli) as reporter:
        results = each(chosen, lambda place: find_areas(place, reporter))
    for result in results.good:
        for selector in result.value.unmatched:
            warn(cli, f"locations.{result.location.name}.areas: {selector!r} is none of these areas")
    if cli.as_json:
        print_json(results.document(_document, {"areas": []}))
    else:
        for result in results.good:
            show(_table(result.location.name, result.value))
    return results.exit_code


def _document(found: "Areas") -> dict[str, object]:
    return {
        "areas": [
            {
                "id_area": area.id_area,
                "name": area.name,
                "path": area.path or None,
                "type": area.type or None,
                "items": area.items,
                "available": area.available,
                "selected": area.selected,
            }
            for area in found.areas
        ]
    }


def _table(name: str, found: "Areas") -> "Table":
    from alleaves_sync.cli.console import Cell, Column, Table, Tone, number

    columns = (
        Column("selected"),
        Column("area"),
        Column("type"),
        Column("id", number=True),
        Column("items", number=True),
        Column("available", number=True),
    )
    rows = [
        (
            Cell("yes", Tone.GOOD) if area.selected else Cell("no", Tone.FAINT),
            area.path or area.name,
            area.type,
            str(area.id_area),
            str(area.items),
            number(area.available),
        )
        for area in found.areas
    ]
    notes = () if rows else ("The location has no areas.",)
    return Table(columns, rows, title=name, notes=notes)
