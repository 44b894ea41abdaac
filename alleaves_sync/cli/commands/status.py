"""`status`: how each location is doing."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import Invocation, JsonOption, LocationOption, invocation
from alleaves_sync.errors import OptionsConflict

if TYPE_CHECKING:
    from alleaves_sync.cli.console import Cell, Table
    from alleaves_sync.flows.health.status import LocationStatus

_NEEDS_A_PERSON = 3
_ASK = "see whether the service answers: alleaves-sync check"
_WAIT = "wait for the next run; if it lasts, ask the service: alleaves-sync check"
# What to do after a run that ended so: every code that a run of sync-inventory or of push-order can have.
REMEDIES = {
    "brake": "look into the POS; then sync-inventory --dry-run, and --force if the POS is right",
    "login-refused": "check username and password, then: alleaves-sync check",
    "areas-unmatched": "choose areas that exist: alleaves-sync areas",
    "pos-location-unknown": "set alleaves.location_id to one that exists: alleaves-sync check",
    "unreachable": _ASK,
    "server-failed": _WAIT,
    "request-refused": "see what this account may do: alleaves-sync check",
    "wrong-answer": "see whether the addresses are right: alleaves-sync check",
    "read-incomplete": _WAIT,
    "out-of-time": "raise time_budget_seconds, or find out why the service is slow: alleaves-sync check",
    "input-invalid": "move the feed file away: the next run writes it anew",
    "state-unusable": "see what is wrong with the state file: alleaves-sync state check",
    "write-failed": "check the free space of the disk, the rights, and who else has the state file open",
    "options": "set aiq.api_key and aiq.venue_id, or orders.sync: false",
}


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("status")(status)


def status(
    ctx: typer.Context,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show it again every 2 seconds, in place; Ctrl-C ends it.")
    ] = False,
    location: LocationOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show how each location is doing, and what waits.

    Asks the state file only. Exit code 3: the last good run is older than three
    intervals, or orders wait.
    """
    from alleaves_sync.cli.console import print_json, show
    from alleaves_sync.cli.per_location import each
    from alleaves_sync.flows.health.status import status_of

    cli = invocation(ctx, as_json)
    if watch:
        _expect_terminal(cli)
    chosen = cli.chosen(location) if location else cli.settings().locations
    if watch:
        from alleaves_sync.cli.views.status_watch import watch_status

        return watch_status(chosen)
    results = each(chosen, status_of, lambda found: _NEEDS_A_PERSON if found.needs_a_person else 0)
    if cli.as_json:
        print_json(results.document(_document, {}))
    elif not cli.quiet:
        show(status_table([result.value for result in results.good]))
    return results.exit_code


def _expect_terminal(cli: Invocation) -> None:
    """Raises OptionsConflict where there is nobody to watch."""
    if cli.as_json:
        raise OptionsConflict("--watch is for a person, --json for a program", "Leave out one of them")
    if not sys.stdout.isatty():
        raise OptionsConflict(
            "--watch needs a terminal, and stdout is none", "Leave it out; or: watch alleaves-sync status"
        )


def _document(found: "LocationStatus") -> dict[str, object]:
    good, last = found.last_good_run, found.last_run
    return {
        "enabled": found.location.settings.enabled,
        "last_good_run": None if good is None else (good.ended_at or good.started_at).isoformat(),
        "age_seconds": None if found.age is None else round(found.age.total_seconds()),
        "stale": found.stale,
        "outcome": None if last is None else last.outcome,
        "error": None if last is None else last.error,
        "running": found.running,
        "listed": good.listed if good else 0,
        "hidden": good.hidden if good else 0,
        "withheld": good.withheld if good else 0,
        "pending": found.pending,
        "waiting_orders": found.waiting_orders,
        "orders_error": None if found.last_push is None else found.last_push.error,
        "next_step": next_step(found),
    }


def next_step(found: "LocationStatus") -> str:
    """What a person does next; empty where there is nothing to do."""
    if not found.location.settings.enabled:
        return ""
    return _step_for_the_menu(found) or _step_for_orders(found)


def _step_for_the_menu(found: "LocationStatus") -> str:
    last = found.last_run
    if last is not None and last.error is not None:
        return REMEDIES.get(last.error, "run it by hand and read what it says: alleaves-sync sync-inventory")
    if found.last_good_run is None:
        return "run it once: alleaves-sync sync-inventory"
    if found.from_the_future:
        return "its last good run is dated in the future: set the clock, then: alleaves-sync sync-inventory"
    return "see whether cron runs it: crontab -l" if found.stale else ""


def _step_for_orders(found: "LocationStatus") -> str:
    push = found.last_push
    if push is not None and push.error is not None:
        remedy = REMEDIES.get(push.error, "alleaves-sync push-order --confirmed")
        return f"orders cannot be pushed ({push.error}): {remedy}"
    return "see which orders wait: alleaves-sync orders --waiting" if found.waiting_orders else ""


def ago(age: timedelta) -> str:
    """An age in the largest unit that says enough."""
    seconds = int(age.total_seconds())
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"


def state_cell(found: "LocationStatus") -> "Cell":
    """How the location is, in a word or two."""
    from alleaves_sync.cli.console import Cell, Tone

    if not found.location.settings.enabled:
        return Cell("disabled", Tone.FAINT)
    state = _state(found)
    if found.running:
        return Cell("running" if state.text == "ok" else f"{state.text}, running", state.tone)
    return state


def _state(found: "LocationStatus") -> "Cell":
    from alleaves_sync.cli.console import Cell, Tone

    if found.last_good_run is None:
        return Cell("never synced", Tone.BAD)
    if found.stale:
        return Cell("stale", Tone.BAD)
    if found.last_run is not None and found.last_run.outcome in {"failed", "refused"}:
        return Cell(f"last run {found.last_run.outcome}", Tone.ATTENTION)
    return Cell("ok", Tone.GOOD)


def status_table(found: "Sequence[LocationStatus]") -> "Table":
    """One row for each location, and below the next steps."""
    from alleaves_sync.cli.console import Column, Table
    from alleaves_sync.cli.grouping import worth_showing

    shown = worth_showing(found, lambda one: not next_step(one))
    rows: list[Sequence[str | Cell]] = [
        (
            one.location.name,
            state_cell(one),
            "-" if one.age is None else f"{ago(one.age)} ago",
            *(str(getattr(one.last_good_run, name, 0)) for name in ("listed", "hidden", "withheld")),
            str(one.pending),
            str(one.waiting_orders),
        )
        for one in shown
    ]
    numbers = ("listed", "hidden", "withheld", "pending", "orders")
    columns = (
        Column("location"),
        Column("state"),
        Column("last good run"),
        *(Column(name, number=True) for name in numbers),
    )
    steps = [f"{one.location.name}: {step}" for one in shown if (step := next_step(one))]
    if len(shown) < len(found):
        steps.append(f"{len(found) - len(shown)} locations need no look and are not shown (--json has all)")
    return Table(columns, rows, notes=steps)
