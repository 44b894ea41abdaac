"""`status`: how each location is doing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from alleaves_sync.cli.context import JsonOption, LocationOption, invocation

if TYPE_CHECKING:
    from alleaves_sync.cli.output import Cell, Table
    from alleaves_sync.flows.status import LocationStatus

_NEEDS_A_PERSON = 3
_REMEDIES = {
    "brake": "look into the POS; then sync-inventory --dry-run, and --force if the POS is right",
    "login-refused": "check username and password, then: alleaves-sync check",
    "areas-unmatched": "choose areas that exist: alleaves-sync areas",
    "unreachable": "see whether the service answers: alleaves-sync check",
}


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("status")(status)


def status(ctx: typer.Context, location: LocationOption = None, as_json: JsonOption = False) -> int:
    """Show how each location is doing, and what waits.

    Asks the state file only. Exit code 3: the last good run is older than three
    intervals, or orders wait.
    """
    from alleaves_sync.cli.each import each
    from alleaves_sync.cli.output import print_json, show
    from alleaves_sync.flows.status import status_of

    cli = invocation(ctx, as_json)
    chosen = cli.chosen(location) if location else cli.settings().locations
    results = each(chosen, status_of, lambda found: _NEEDS_A_PERSON if found.needs_a_person else 0)
    if cli.as_json:
        print_json(results.document(_document, {}))
    elif not cli.quiet:
        show(_table([result.value for result in results.good]))
    return results.exit_code


def _document(found: "LocationStatus") -> dict[str, object]:
    good, last = found.last_good_run, found.last_run
    return {
        "enabled": found.location.settings.enabled,
        "last_good_run": None if good is None else (good.ended_at or good.started_at).isoformat(),
        "age_seconds": None if found.age is None else round(found.age.total_seconds()),
        "stale": found.stale,
        "outcome": None if last is None else last.outcome,
        "error": None if last is None else last.error,
        "listed": good.listed if good else 0,
        "hidden": good.hidden if good else 0,
        "withheld": good.withheld if good else 0,
        "pending": found.pending,
        "waiting_orders": found.waiting_orders,
        "next_step": _next_step(found),
    }


def _next_step(found: "LocationStatus") -> str:
    last = found.last_run
    if not found.location.settings.enabled:
        return ""
    if last is not None and last.error is not None:
        return _REMEDIES.get(last.error, "run it by hand and read what it says: alleaves-sync sync-inventory")
    if found.last_good_run is None:
        return "run it once: alleaves-sync sync-inventory"
    if found.stale:
        return "see whether cron runs it: crontab -l"
    if found.waiting_orders:
        return "see which orders wait: alleaves-sync orders --waiting"
    return ""


def ago(age: timedelta) -> str:
    """An age in the largest unit that says enough."""
    seconds = int(age.total_seconds())
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"


def _state(found: "LocationStatus") -> "Cell":
    from alleaves_sync.cli.output import Cell, Tone

    if not found.location.settings.enabled:
        return Cell("disabled", Tone.FAINT)
    if found.last_good_run is None:
        return Cell("never synced", Tone.BAD)
    if found.stale:
        return Cell("stale", Tone.BAD)
    if found.last_run is not None and found.last_run.outcome in {"failed", "refused"}:
        return Cell(f"last run {found.last_run.outcome}", Tone.ATTENTION)
    return Cell("ok", Tone.GOOD)


def _table(found: "list[LocationStatus]") -> "Table":
    from alleaves_sync.cli.output import Column, Table

    rows: list[Sequence[str | Cell]] = [
        (
            one.location.name,
            _state(one),
            "-" if one.age is None else f"{ago(one.age)} ago",
            *(str(getattr(one.last_good_run, name, 0)) for name in ("listed", "hidden", "withheld")),
            str(one.pending),
            str(one.waiting_orders),
        )
        for one in found
    ]
    numbers = ("listed", "hidden", "withheld", "pending", "orders")
    columns = (
        Column("location", whole=True),
        Column("state", whole=True),
        Column("last good run", whole=True),
        *(Column(name, number=True) for name in numbers),
    )
    steps = [f"{one.location.name}: {step}" for one in found if (step := _next_step(one))]
    return Table(columns, rows, notes=steps)
