"""`orders`: the ledger, and what a person may say to it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import Invocation, JsonOption, LocationOption, invocation
from alleaves_sync.errors import OptionsConflict

if TYPE_CHECKING:
    from alleaves_sync.cli.console import Table
    from alleaves_sync.config import Location
    from alleaves_sync.state import OrderRecord, StepRecord


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("orders")(orders)


def orders(
    ctx: typer.Context,
    order_id: Annotated[
        str | None,
        typer.Argument(metavar="[ORDER_ID]", help="One order, with its every step.", show_default=False),
    ] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only orders that wait for something.")] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="First read from the POS what became of pushed orders.")
    ] = False,
    retry: Annotated[
        str | None,
        typer.Option(
            "--retry", metavar="ID", help="You have looked at it: push it again.", show_default=False
        ),
    ] = None,
    give_up: Annotated[
        str | None,
        typer.Option(
            "--give-up", metavar="ID", help="Nothing more is to be done with it.", show_default=False
        ),
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why it is given up; without names.")
    ] = "",
    location: LocationOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show the ledger of orders: what was pushed, what waits, and for what."""
    cli = invocation(ctx, as_json)
    if sum(bool(one) for one in (order_id, retry, give_up)) > 1:
        raise OptionsConflict("an order, --retry and --give-up do not go together", "Use one at a time")
    if bool(give_up) != bool(reason.strip()):
        raise OptionsConflict("--give-up and --reason go together", "Say which order, and why")
    chosen = cli.chosen(location)
    if retry:
        return _retry(cli, chosen, retry)
    if give_up:
        return _give_up(cli, chosen, give_up, reason.strip())
    if order_id:
        return _one(cli, chosen, order_id, refresh=refresh)
    return _list(cli, chosen, waiting=waiting, refresh=refresh)


def _list(cli: Invocation, chosen: "Sequence[Location]", *, waiting: bool, refresh: bool) -> int:
    from alleaves_sync.cli.console import print_json, show
    from alleaves_sync.cli.per_location import each
    from alleaves_sync.state import StateFile

    def read(place: "Location") -> "tuple[OrderRecord, ...]":
        if refresh:
            _refresh(cli, place)
        with StateFile.open_for_reading(place.state) as state:
            return state.orders(place.name, waiting=waiting)

    results = each(chosen, read)
    if cli.as_json:
        found = [_document(record) for result in results.good for record in result.value]
        top = {} if results.good else {"error": results.document(lambda _: {}, {}).get("error")}
        print_json({"orders": found, **top})
    else:
        for result in results.good:
            show(_table(result.location.name, result.value, waiting=waiting))
    return results.exit_code


def _refresh(cli: Invocation, place: "Location") -> None:
    from alleaves_sync.cli.console import say, tell
    from alleaves_sync.cli.error_messages import explain
    from alleaves_sync.flows.orders.care import refresh_statuses
    from alleaves_sync.flows.pos import utc_now

    run = refresh_statuses(place, utc_now)
    if run is None:
        say(cli, f"{place.name}: a push is at work; this is what it has noted so far")
        return
    for error in run.errors:
        tell(explain(error), place=place.name)


def _one(cli: Invocation, chosen: "Sequence[Location]", order_id: str, *, refresh: bool) -> int:
    from alleaves_sync.cli.console import print_json, put, show
    from alleaves_sync.state import StateFile

    place = _place(chosen, order_id)
    if refresh:
        _refresh(cli, place)
    with StateFile.open_for_reading(place.state) as state:
        record, steps = state.order(place.name, order_id), state.steps(place.name, order_id)
    if record is None:
        raise _unknown(chosen, order_id)
    if cli.as_json:
        print_json({"orders": [{**_document(record), "steps": [_step(step) for step in steps]}]})
        return 0
    for name, value in _facts(record):
        put(f"{name:<12} {value}")
    show(_steps_table(steps))
    return 0


def _retry(cli: Invocation, chosen: "Sequence[Location]", order_id: str) -> int:
    from alleaves_sync.cli.commands.push_order import push_exit_code, tell_push
    from alleaves_sync.cli.per_location import each
    from alleaves_sync.flows.orders.run import Wanted, push_orders
    from alleaves_sync.flows.pos import utc_now

    place = _place(chosen, order_id)
    wanted = Wanted(ids=(order_id,), retry=True)
    results = each([place], lambda one: push_orders(one, wanted, utc_now), push_exit_code)
    tell_push(cli, results)
    return results.exit_code


def _give_up(cli: Invocation, chosen: "Sequence[Location]", order_id: str, why: str) -> int:
    from alleaves_sync.cli.console import print_json, say
    from alleaves_sync.flows.orders.care import give_up
    from alleaves_sync.flows.pos import utc_now

    record = give_up(_place(chosen, order_id), order_id, why, utc_now)
    if record is None:
        raise _unknown(chosen, order_id)
    if cli.as_json:
        print_json({"orders": [_document(record)]})
    else:
        there = f"; its order {record.id_order} in Alleaves stays as it is" if record.id_order else ""
        say(cli, f"{order_id} is given up{there}.")
    return 0


def _place(chosen: "Sequence[Location]", order_id: str) -> "Location":
    """The location whose ledger has the order. Raises OptionsConflict."""
    from alleaves_sync.state import StateFile

    for place in chosen:
        with StateFile.open_for_reading(place.state) as state:
            if state.order(place.name, order_id) is not None:
                return place
    raise _unknown(chosen, order_id)


def _unknown(chosen: "Sequence[Location]", order_id: str) -> OptionsConflict:
    from difflib import get_close_matches

    from alleaves_sync.state import StateFile

    known: list[str] = []
    for place in chosen:
        with StateFile.open_for_reading(place.state) as state:
            known += [record.order_id for record in state.orders(place.name)]
    near = get_close_matches(order_id, known, n=1)
    remedy = f"Nearest: {near[0]}" if near else "See all with: alleaves-sync orders"
    return OptionsConflict(f"no order {order_id!r} in the ledger", remedy)


# -- how it is shown -----------------------------------------------------------------------------------------


def waits_for(record: "OrderRecord") -> str:
    """Whom or what the order waits for, and why; empty where nobody has to do anything."""
    from alleaves_sync.cli.views.push_view import words

    if record.state == "given-up":
        return ""
    if record.state == "pushed":
        return f"a person: {words(record.reason)}" if record.reason else ""
    if record.state in {"failed", "needs-attention"}:
        return f"a person: {words(record.reason)}"
    return "the next push"


def _document(record: "OrderRecord") -> dict[str, object]:
    return {
        "order_id": record.order_id,
        "number": record.number,
        "location": record.location,
        "state": record.state,
        "reason": record.reason,
        "waits_for": waits_for(record) or None,
        "id_order": record.id_order,
        "id_customer": record.id_customer,
        "matched_by": record.matched_by,
        "candidates": list(record.candidates),
        "lines": json.loads(record.lines),
        "pick_up_type": record.pick_up_type,
        "ordered_at": None if record.ordered_at is None else record.ordered_at.isoformat(),
        "seen_at": record.seen_at.isoformat(),
        "updated_at": record.updated_at.isoformat(),
        "attempts": record.attempts,
        "pos_status": record.pos_status,
        "storefront_status": record.storefront_status,
        "reported": record.reported,
    }


def _step(step: "StepRecord") -> dict[str, object]:
    return {"at": step.at.isoformat(), "step": step.step, "result": step.result, "detail": step.detail}


def _table(title: str, records: "Sequence[OrderRecord]", *, waiting: bool) -> "Table":
    from alleaves_sync.cli.commands.status import ago
    from alleaves_sync.cli.console import Column, Table
    from alleaves_sync.flows.pos import utc_now

    now = utc_now()
    columns = (
        Column("order", whole=True),
        Column("number", whole=True),
        Column("POS order", number=True),
        Column("state", whole=True),
        Column("age", number=True),
        Column("status"),
    )
    rows = [
        (
            record.order_id,
            record.number or "",
            str(record.id_order or ""),
            record.state,
            ago(now - _since(record)),
            record.storefront_status or record.pos_status or "",
        )
        for record in records
    ]
    # What an order waits for is a sentence: under the table it stays readable in a narrow window.
    waits = [f"{record.order_id} waits for {what}" for record in records if (what := waits_for(record))]
    notes = waits if rows else ["Nothing waits." if waiting else "No orders were pushed yet."]
    return Table(columns, rows, title=title, notes=notes)


def _since(record: "OrderRecord") -> datetime:
    return record.ordered_at or record.seen_at


def _facts(record: "OrderRecord") -> list[tuple[str, str]]:
    lines = [
        f"{line['posProductId']} x {line['qty']} from batch {line['id_batch']} for {line['price']}"
        for line in json.loads(record.lines)
    ]
    facts = [
        ("order", record.order_id),
        ("number", record.number or ""),
        ("location", record.location),
        ("state", record.state),
        ("waits for", waits_for(record)),
        ("POS order", str(record.id_order or "")),
        ("POS status", record.pos_status or ""),
        ("customer", " by ".join(filter(None, (str(record.id_customer or ""), record.matched_by)))),
        ("candidates", ", ".join(map(str, record.candidates))),
        ("ordered", record.ordered_at.isoformat() if record.ordered_at else ""),
        ("attempts", str(record.attempts)),
        ("reported", record.reported or ""),
        *(("line", line) for line in lines),
    ]
    return [(name, value) for name, value in facts if value]


def _steps_table(steps: "Sequence[StepRecord]") -> "Table":
    from alleaves_sync.cli.console import Column, Table

    rows = [
        (f"{step.at:%Y-%m-%d %H:%M:%S}", step.step, str(step.result), step.detail or "") for step in steps
    ]
    return Table(
        (Column("time (UTC)", whole=True), Column("step", whole=True), Column("result"), Column("detail")),
        rows,
    )
