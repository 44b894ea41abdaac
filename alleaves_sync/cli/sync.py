"""`sync-inventory`: the main job."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.context import Invocation, JsonOption, LocationOption, choose, invocation

if TYPE_CHECKING:
    from alleaves_sync.cli.output import Cell, Table
    from alleaves_sync.flows.inventory_result import InventoryResult

_EXAMPLES = 3  # of each kind of warning in the report for people; JSON has them all


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
    as_json: JsonOption = False,
) -> int:
    """Bring the menu in step with the POS.

    Stock, prices and product data of the chosen areas; only what changed is
    written. A run that would take too much off the menu is refused (exit 3).
    """
    from alleaves_sync.cli.output import print_json
    from alleaves_sync.cli.progress import progress
    from alleaves_sync.flows.inventory import RunOptions
    from alleaves_sync.flows.menus import sync_menus

    cli = invocation(ctx, as_json)
    settings = cli.settings()
    chosen = choose(settings.locations, location) if location else settings.locations
    with progress(cli) as reporter:
        results = sync_menus(settings, chosen, RunOptions(dry_run=dry_run, force=force), reporter)
    if cli.as_json:
        print_json({"locations": [result_json(result, dry_run=dry_run) for result in results]})
    else:
        _report(cli, results, dry_run=dry_run)
    _tell_errors(results)
    return _exit_code(results)


def result_json(result: "InventoryResult", *, dry_run: bool) -> dict[str, object]:
    """One location's entry of the JSON document."""
    from alleaves_sync.cli.problems import explain

    entry: dict[str, object] = {
        "location": result.location,
        "outcome": result.outcome,
        "run_id": result.run_id,
        "rows": result.rows,
        "items": result.items,
        "listed": result.listed,
        "hidden": result.hidden,
        "withheld": result.withheld,
        "created": result.created,
        "updated": result.updated,
        "zeroed": result.zeroed,
        "unchanged": result.unchanged,
        "rejected": result.rejected,
        "unmapped_categories": dict(result.unmapped_categories),
        "warnings": [
            {"code": warning.code, "id_item": warning.id_item, "message": warning.message}
            for warning in result.warnings
        ],
        "seconds": result.seconds,
        "error": None if result.error is None else explain(result.error).text,
    }
    if dry_run:
        entry["actions"] = _actions(result)
    return entry


def _actions(result: "InventoryResult") -> list[dict[str, object]]:
    from alleaves_sync.flows.publishing import differences

    return [
        {
            "posProductId": action.product.pos_product_id,
            "action": action.kind,
            "fields": differences(action),
        }
        for action in result.actions
    ]


def _exit_code(results: "Sequence[InventoryResult]") -> int:
    from alleaves_sync.cli.problems import exit_code, explain

    codes = []
    for result in results:
        if result.outcome == "disabled":
            continue
        code = 1 if result.outcome == "partial" else 0
        codes.append(code if result.error is None else explain(result.error).exit_code)
    return exit_code(codes)


def _tell_errors(results: "Sequence[InventoryResult]") -> None:
    from alleaves_sync.cli.output import tell
    from alleaves_sync.cli.problems import explain

    for result in results:
        if result.error is not None:
            tell(explain(result.error), place=result.location)


def _report(cli: Invocation, results: "Sequence[InventoryResult]", *, dry_run: bool) -> None:
    from alleaves_sync.cli.output import show

    if cli.quiet:  # a good run says nothing; of another one, what was left out
        _say_left_out(results)
        return
    show(_table(results, dry_run=dry_run))
    if dry_run:
        for result in results:
            if result.actions:
                show(_action_table(result))


def _say_left_out(results: "Sequence[InventoryResult]") -> None:
    from alleaves_sync.cli.output import problem_line

    for result in results:
        if result.outcome == "partial":
            for warning in result.warnings:
                if warning.code in {"invalid", "rejected", "answer-unknown"}:
                    problem_line(
                        f"{result.location}: {_label(warning.id_item)}{warning.code}: {warning.message}"
                    )


def _label(id_item: int | None) -> str:
    return "" if id_item is None else f"item {id_item}: "


def _table(results: "Sequence[InventoryResult]", *, dry_run: bool) -> "Table":
    from alleaves_sync.cli.output import Column, Table

    numbers = ("listed", "hidden", "withheld", "created", "updated", "zeroed")
    columns = [
        Column("location", whole=True),
        Column("outcome", whole=True),
        *(Column(name, number=True) for name in numbers),
    ]
    rows: list[Sequence[str | Cell]] = [
        (
            result.location,
            _outcome(result),
            *(str(getattr(result, name)) for name in numbers),
            f"{result.seconds:.1f}",
        )
        for result in results
    ]
    notes = [line for result in results for line in _notes(result, several=len(results) > 1)]
    title = "sync-inventory --dry-run: nothing was written" if dry_run else "sync-inventory"
    return Table((*columns, Column("seconds", number=True)), rows, title=title, notes=notes)


def _outcome(result: "InventoryResult") -> "Cell":
    from alleaves_sync.cli.output import Cell, Tone

    tones = {"ok": Tone.GOOD, "partial": Tone.ATTENTION, "refused": Tone.BAD, "failed": Tone.BAD}
    return Cell(result.outcome, tones.get(result.outcome, Tone.FAINT))


def _notes(result: "InventoryResult", *, several: bool) -> Iterator[str]:
    head = f"{result.location}: " if several else ""
    if result.by_reason:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(result.by_reason.items()))
        yield f"{head}not on the menu: {reasons}"
    if result.rejected:
        yield f"{head}rejected by the storefront, sent again by the next run: {result.rejected}"
    if result.unmapped_categories:
        named = ", ".join(f"{path} ({count})" for path, count in result.unmapped_categories.items())
        yield f"{head}categories without an AIQ category (see categories.map): {named}"
    counts = Counter(warning.code for warning in result.warnings)
    for code, count in sorted(counts.items()):
        shown = [warning for warning in result.warnings if warning.code == code][:_EXAMPLES]
        yield f"{head}{code}: {count}"
        for warning in shown:
            yield f"    {_label(warning.id_item)}{warning.message}"
        if count > len(shown):
            yield f"    ... and {count - len(shown)} more (--json names all)"


def _action_table(result: "InventoryResult") -> "Table":
    from alleaves_sync.cli.output import Column, Table

    rows = [
        (str(action["action"]), str(action["posProductId"]), _fields(action["fields"]))
        for action in _actions(result)
    ]
    columns = (Column("action"), Column("item", whole=True), Column("fields: old -> new"))
    return Table(columns, rows, title=result.location)


def _fields(fields: object) -> str:
    from alleaves_sync.cli.output import brief

    if not isinstance(fields, dict):
        return ""
    return "; ".join(f"{name}: {brief(old)} -> {brief(new)}" for name, (old, new) in fields.items())
