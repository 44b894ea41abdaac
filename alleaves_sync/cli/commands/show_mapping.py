"""`show-mapping`: what the rules make of each item, and why."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import JsonOption, LocationOption, invocation

if TYPE_CHECKING:
    from alleaves_sync.cli.console import Cell, Table
    from alleaves_sync.flows.explain.report import MappingReport
    from alleaves_sync.rules.mapping import MappedItem


class StatusChoice(StrEnum):
    """The three states of an item (P7)."""

    LISTED = "listed"
    HIDDEN = "hidden"
    WITHHELD = "withheld"


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("show-mapping")(show_mapping)


def show_mapping(
    ctx: typer.Context,
    items: Annotated[
        list[str] | None, typer.Argument(metavar="ITEM", help="Only these items: ids or whole names.")
    ] = None,
    location: LocationOption = None,
    status: Annotated[
        StatusChoice | None, typer.Option("--status", help="Only items of this status.")
    ] = None,
    unmapped: Annotated[
        bool, typer.Option("--unmapped", help="Only products without an AIQ category.")
    ] = False,
    rows: Annotated[
        Path | None,
        typer.Option(
            "--rows", metavar="FILE", help="Map the saved rows of FILE (JSON) instead of asking the POS."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Show what the rules make of each item, and why.

    The rules in force and, per item, the status and all reasons. An ITEM is explained whole: its rows, sums,
    threshold, price columns, category path, lab values, what AIQ has and what the next run sends. Reads the
    POS, or saved rows with --rows (no POS needed: a smoke check for a CI). Writes nothing.
    """
    from alleaves_sync.cli.console import print_json, warn
    from alleaves_sync.cli.error_messages import explain
    from alleaves_sync.cli.per_location import each
    from alleaves_sync.cli.views.progress import progress
    from alleaves_sync.flows.explain.report import ItemFilter, choose_items, map_location, read_saved_rows

    cli = invocation(ctx, as_json)
    chosen = cli.chosen(location)
    saved = None if rows is None else read_saved_rows(rows)
    with progress(cli) as reporter:
        results = each(chosen, lambda place: map_location(place, saved, reporter))
    wanted = ItemFilter(tuple(items or ()), None if status is None else status.value, unmapped)
    reports = choose_items([result.value for result in results.good], wanted) if results.good else []
    in_full = bool(items)
    for report in reports:
        if report.state_problem is not None:
            what = explain(report.state_problem).what
            warn(cli, f"{report.location.name}: {what} What AIQ has is left out.")
    if cli.as_json:
        shown = {report.location.name: report for report in reports}
        entries = results.document(
            lambda full: _document(shown[full.location.name], in_full=in_full), {"items": []}
        )
        print_json(entries)
    else:
        for report in reports:
            _show(report, in_full=in_full)
    return results.exit_code


def _rules(report: "MappingReport") -> dict[str, object]:
    settings = report.location.settings
    return {
        "menu": settings.menu,
        "otd_pricing": settings.otd_pricing,
        "areas": list(settings.areas),
        "threshold_needs_checkbox": settings.inventory.threshold_needs_checkbox,
        "tiers_price_is": settings.tiers.price_is,
        "use_default_categories": settings.categories.use_defaults,
        "category_map": dict(settings.categories.map),
        "fields": settings.fields.model_dump(),
        "date": report.rules.today.isoformat(),
    }


def _document(report: "MappingReport", *, in_full: bool) -> dict[str, object]:
    if not in_full:
        return {"rules": _rules(report), "items": [_item(item) for item in report.all]}
    from alleaves_sync.cli.views.mapping_json import explanation
    from alleaves_sync.flows.explain.item import explained

    items = [{**_item(one.item), "explanation": explanation(one)} for one in explained(report)]
    return {"rules": _rules(report), "items": items}


def _item(item: "MappedItem") -> dict[str, object]:
    from alleaves_sync.aiq.wire import all_fields

    return {
        "id_item": item.id_item,
        "name": item.name,
        "status": item.status,
        "reasons": list(item.reasons),
        "product": None if item.product is None else all_fields(item.product),
        "sources": dict(item.sources),
        "warnings": [{"code": warning.code, "message": warning.message} for warning in item.warnings],
    }


def _show(report: "MappingReport", *, in_full: bool) -> None:
    from alleaves_sync.cli.console import put
    from alleaves_sync.cli.paragraphs import Line, Section, show_sections, show_table

    rules = [Line(f"{name}: {_words(value)}") for name, value in _rules(report).items()]
    show_sections([Section(f"{report.location.name}: rules in force", rules)])
    put()
    if in_full:
        _show_in_full(report)
    else:
        show_table(_overview(report))


def _show_in_full(report: "MappingReport") -> None:
    from alleaves_sync.cli.console import put
    from alleaves_sync.cli.paragraphs import show_sections
    from alleaves_sync.cli.views.item_view import sections_of
    from alleaves_sync.flows.explain.item import explained

    for one in explained(report):
        show_sections(sections_of(one))
        put()


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        if value and all(isinstance(one, bool) for one in value.values()):
            off = [name for name, on in value.items() if not on]
            return f"all but {', '.join(off)}" if off else "all"
        return ", ".join(f"{name} -> {one}" for name, one in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _status(item: "MappedItem") -> "Cell":
    from alleaves_sync.cli.console import Cell, Tone

    tones = {"listed": Tone.GOOD, "hidden": Tone.FAINT, "withheld": Tone.ATTENTION}
    return Cell(item.status, tones[item.status])


def _overview(report: "MappingReport") -> "Table":
    from alleaves_sync.cli.console import Column, Table, number

    rows = [
        (
            str(item.id_item),
            item.name,
            _status(item),
            ", ".join(item.reasons) or f"quantity {number(item.product.quantity) if item.product else ''}",
            (item.product.product_category if item.product else None) or "-",
            "-" if item.product is None or item.product.price is None else number(item.product.price),
            str(len(item.warnings) or ""),
        )
        for item in report.all
    ]
    columns = (
        Column("item", whole=True),
        Column("name"),
        Column("status", whole=True),
        Column("why"),
        Column("category"),
        Column("price", number=True),
        Column("warnings", number=True),
    )
    return Table(columns, rows, notes=(_count(report),))


def _count(report: "MappingReport") -> str:
    from collections import Counter

    from alleaves_sync.cli.error_words import count

    if not report.all:
        return "No such item."
    found = Counter(item.status for item in report.all)
    told = ", ".join(
        f"{found[status]} {status}" for status in ("listed", "hidden", "withheld") if found[status]
    )
    gone = f" ({len(report.gone)} of them gone from the POS)" if report.gone else ""
    return f"{count(report.all, 'item')}: {told}{gone}"
