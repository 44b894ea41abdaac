"""What became of runs of `sync-inventory`, in words and in JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from alleaves_sync.cli.console import Cell, Column, Table, Tone, brief, problem_line, put, show
from alleaves_sync.cli.error_messages import explain
from alleaves_sync.cli.grouping import worth_showing
from alleaves_sync.cli.invocation import Invocation
from alleaves_sync.flows.menu.publishing import differences
from alleaves_sync.flows.menu.result import InventoryResult

_CALM = frozenset({"ok", "locked", "disabled"})
_EXAMPLES = 3  # of each kind of warning in the report for people; JSON has them all


def document(results: Sequence[InventoryResult], *, dry_run: bool) -> dict[str, object]:
    """The JSON document of one run."""
    return {"locations": [result_json(result, dry_run=dry_run) for result in results]}


def result_json(result: InventoryResult, *, dry_run: bool) -> dict[str, object]:
    """One location's entry of the JSON document."""
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


def _actions(result: InventoryResult) -> list[dict[str, object]]:
    return [
        {
            "posProductId": action.product.pos_product_id,
            "action": action.kind,
            "fields": differences(action),
        }
        for action in result.actions
    ]


def report(cli: Invocation, results: Sequence[InventoryResult], *, dry_run: bool) -> None:
    """Print what became of a run: with `--quiet` only what was left out, on stderr."""
    if cli.quiet:  # a good run says nothing; of another one, what was left out
        _say_left_out(results)
        return
    show(_table(results, dry_run=dry_run))
    if dry_run:
        for result in results:
            if result.actions:
                show(_action_table(result))


def report_briefly(cli: Invocation, results: Sequence[InventoryResult], at: datetime) -> None:
    """One line for each location of one run among many, and on stderr what was left out."""
    if not cli.quiet:
        for result in results:
            if result.outcome != "disabled":
                put(f"{at:%H:%M:%S} {_brief(result)}")
    _say_left_out(results)


def _brief(result: InventoryResult) -> str:
    changed = result.created + result.updated + result.zeroed
    counts = f"{result.listed} listed, {result.hidden} hidden, {result.withheld} withheld, {changed} changed"
    told = f": {counts}" if result.items else ""
    return f"{result.location} {result.outcome}{told}, {result.seconds:.1f} s"


def _say_left_out(results: Sequence[InventoryResult]) -> None:
    for result in results:
        if result.outcome == "partial":
            for warning in result.warnings:
                if warning.code in {"invalid", "rejected", "answer-unknown"}:
                    text = f"{_label(warning.id_item)}{warning.code}: {warning.message}"
                    problem_line(warning.code, text, place=result.location, run_id=result.run_id)


def _label(id_item: int | None) -> str:
    return "" if id_item is None else f"item {id_item}: "


def _table(results: Sequence[InventoryResult], *, dry_run: bool) -> Table:
    numbers = ("listed", "hidden", "withheld", "created", "updated", "zeroed")
    columns = [
        Column("location", whole=True),
        Column("outcome", whole=True),
        *(Column(name, number=True) for name in numbers),
    ]
    shown = worth_showing(results, lambda result: result.outcome in _CALM)
    rows: list[Sequence[str | Cell]] = [
        (
            result.location,
            _outcome(result),
            *(str(getattr(result, name)) for name in numbers),
            f"{result.seconds:.1f}",
        )
        for result in shown
    ]
    notes = [line for result in shown for line in _notes(result, several=len(results) > 1)]
    if len(shown) < len(results):
        totals = (str(sum(getattr(result, name) for result in results)) for name in numbers)
        rows.append(("all", _counted(results), *totals, ""))
        notes.append(f"{len(results) - len(shown)} locations need no look and are not shown (--json has all)")
    title = "sync-inventory --dry-run: nothing was written" if dry_run else "sync-inventory"
    return Table((*columns, Column("seconds", number=True)), rows, title=title, notes=notes)


def _counted(results: Sequence[InventoryResult]) -> str:
    counts = Counter(result.outcome for result in results)
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())


def _outcome(result: InventoryResult) -> Cell:
    tones = {"ok": Tone.GOOD, "partial": Tone.ATTENTION, "refused": Tone.BAD, "failed": Tone.BAD}
    return Cell(result.outcome, tones.get(result.outcome, Tone.FAINT))


def _notes(result: InventoryResult, *, several: bool) -> Iterator[str]:
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


def _action_table(result: InventoryResult) -> Table:
    rows = [
        (str(action["action"]), str(action["posProductId"]), _fields(action["fields"]))
        for action in _actions(result)
    ]
    columns = (Column("action"), Column("item", whole=True), Column("fields: old -> new"))
    return Table(columns, rows, title=result.location)


def _fields(fields: object) -> str:
    if not isinstance(fields, dict):
        return ""
    return "; ".join(f"{name}: {brief(old)} -> {brief(new)}" for name, (old, new) in fields.items())
