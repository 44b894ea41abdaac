"""`audit`: the faults in a store's data."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import JsonOption, LocationOption, invocation

if TYPE_CHECKING:
    from alleaves_sync.flows.explain.audit import Audit

_NEEDS_A_PERSON = 3


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("audit")(audit)


def audit(
    ctx: typer.Context,
    location: LocationOption = None,
    rows: Annotated[
        Path | None,
        typer.Option(
            "--rows", metavar="FILE", help="Audit the saved rows of FILE (JSON) instead of asking the POS."
        ),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print all faults as CSV.")] = False,
    fail_on: Annotated[
        list[str] | None,
        typer.Option("--fail-on", metavar="CODE", help="End with 3 where there is such a fault. May repeat."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """List the faults in a store's data, worst first.

    What is missing, contradicts itself, or keeps items off the menu: in the POS, or in saved rows with
    --rows. In CSV, a text that a spreadsheet would run as a formula has an apostrophe before it. Writes
    nothing.
    """
    from alleaves_sync.cli.console import print_json
    from alleaves_sync.cli.per_location import each
    from alleaves_sync.cli.views.progress import progress
    from alleaves_sync.errors import OptionsConflict
    from alleaves_sync.flows.explain.audit import as_csv as csv_of
    from alleaves_sync.flows.explain.audit import audit_location, check_codes
    from alleaves_sync.flows.explain.report import read_saved_rows

    if as_csv and as_json:
        raise OptionsConflict("--csv and --json do not go together", "give one of them")
    codes = fail_on or []
    check_codes(codes)
    cli = invocation(ctx, as_json)
    chosen = cli.chosen(location)
    saved = None if rows is None else read_saved_rows(rows)
    with progress(cli) as reporter:
        results = each(
            chosen,
            lambda place: audit_location(place, saved, reporter),
            lambda found: _NEEDS_A_PERSON if found.has_any(codes) else 0,
        )
    audits = [result.value for result in results.good]
    if as_json:
        print_json(results.document(_document, {"counts": {}, "faults": []}))
    elif as_csv:
        sys.stdout.write(csv_of(audits))
    else:
        for found in audits:
            _show(found)
    return results.exit_code


def _document(found: "Audit") -> dict[str, object]:
    faults = [
        {
            "code": fault.code,
            "id_item": fault.id_item,
            "name": fault.name,
            "status": fault.status,
            "message": fault.message,
        }
        for fault in found.faults
    ]
    return {"counts": found.counts, "faults": faults}


def _show(found: "Audit") -> None:
    from alleaves_sync.cli.console import Column, Table, put
    from alleaves_sync.cli.paragraphs import show_table
    from alleaves_sync.rules.audit import MEANINGS

    counted = [(code, str(count), MEANINGS[code]) for code, count in found.counts.items()]
    columns = (Column("fault", whole=True), Column("items", number=True), Column("what it is"))
    notes = () if counted else ("No fault was found.",)
    show_table(Table(columns, counted, title=found.location.name, notes=notes))
    if not counted:
        return
    put()
    listed = [
        (fault.code, str(fault.id_item), fault.name, fault.status, fault.message) for fault in found.faults
    ]
    show_table(
        Table(
            (
                Column("fault", whole=True),
                Column("item", whole=True),
                Column("name"),
                Column("status", whole=True),
                Column("what"),
            ),
            listed,
        )
    )
