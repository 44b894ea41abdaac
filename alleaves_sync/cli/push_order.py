"""`push-order`: confirmed online orders into the POS, each exactly once."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.context import Invocation, JsonOption, LocationOption, invocation
from alleaves_sync.errors import InputInvalid, OptionsConflict, Problem

if TYPE_CHECKING:
    from alleaves_sync.cli.each import Failed, Results
    from alleaves_sync.config import Location
    from alleaves_sync.flows.orders import PushRun, Wanted

_STDIN = "-"
_FILE_ENDINGS = (".json", ".jsonl", ".ndjson")


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("push-order")(push_order)


def push_order(
    ctx: typer.Context,
    orders: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ORDER_ID|FILE|-]...",
            help="Orders by id, from files, or from stdin: an order, a list, or a webhook envelope.",
            show_default=False,
        ),
    ] = None,
    confirmed: Annotated[
        bool,
        typer.Option("--confirmed", help="All confirmed orders of AIQ; also reads what became of others."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be pushed; write nothing.")
    ] = False,
    location: LocationOption = None,
    as_json: JsonOption = False,
) -> int:
    """Push confirmed online orders into the POS, each exactly once.

    The customer is looked up or created, the lines are taken from the batches that expire first, and prices
    agreed online are kept. What cannot be filled is voided. Running it again never makes a second order.
    """
    from alleaves_sync.cli.each import each
    from alleaves_sync.flows.orders import push_orders
    from alleaves_sync.flows.pos import utc_now

    cli = invocation(ctx, as_json)
    if not orders and not confirmed:
        raise OptionsConflict("nothing to push", "Name orders or files, or use --confirmed")
    chosen = cli.chosen(location)
    wanted = _wanted(orders or (), chosen, confirmed=confirmed)
    results = each(chosen, lambda place: push_orders(place, wanted, utc_now, dry_run=dry_run), push_exit_code)
    tell_push(cli, results, dry_run=dry_run)
    return results.exit_code


def tell_push(cli: Invocation, results: "Results[PushRun]", *, dry_run: bool = False) -> None:
    """Print what became of the orders, and on stderr the troubles on the way."""
    from alleaves_sync.cli.each import Failed
    from alleaves_sync.cli.output import error_json, print_json, say, show, tell
    from alleaves_sync.cli.problems import explain
    from alleaves_sync.cli.push_words import as_json, is_good, table, words

    for result in results.good:
        for error in {explain(one).what: one for one in result.value.errors}.values():
            tell(explain(error), place=result.location.name)
        for reason in {one.reason for one in result.value.results if one.reason == "orders-sync-off"}:
            say(cli, f"{result.location.name}: {words(reason)}: nothing is pushed")
    if cli.as_json:
        entries = [as_json(one) for result in results.good for one in result.value.results]
        failed = [result for result in results.all if isinstance(result, Failed)]
        entries += [_failed(one) for one in failed]
        top = {"error": error_json(explain(failed[0].error))} if failed and not results.good else {}
        print_json({"orders": entries, **top})
        return
    for result in results.good:
        shown = [one for one in result.value.results if one.order_id or one.outcome == "locked"]
        if cli.quiet:
            shown = [one for one in shown if not is_good(one)]
        if shown or not cli.quiet:
            show(table(result.location.name, shown, dry=dry_run))


def _failed(result: "Failed") -> dict[str, object]:
    from alleaves_sync.cli.output import error_json
    from alleaves_sync.cli.problems import explain
    from alleaves_sync.cli.push_words import as_json
    from alleaves_sync.flows.push_model import PushResult

    entry = as_json(PushResult("", result.location.name, "failed", result.error.code))
    return {**entry, "error": error_json(explain(result.error))}


def push_exit_code(run: "PushRun") -> int:
    """The exit code of one location's push."""
    from alleaves_sync.cli.problems import explain
    from alleaves_sync.cli.push_words import exit_code

    return explain(run.errors[-1]).exit_code if run.failed_by_service else exit_code(run.results)


def _wanted(names: Sequence[str], chosen: "Sequence[Location]", *, confirmed: bool) -> "Wanted":
    from alleaves_sync.flows.orders import Wanted, read_orders

    if names and len(chosen) != 1:
        raise OptionsConflict(
            "orders that are named belong to one location",
            f"Add --location, one of: {', '.join(place.name for place in chosen) or 'none is enabled'}",
        )
    documents = [name for name in names if _is_file(name)]
    ids = tuple(name for name in names if name not in documents)
    orders = tuple(
        order for name in dict.fromkeys(documents) for order in read_orders(_content(name), chosen[0], name)
    )
    return Wanted(ids, orders, confirmed)


def _is_file(name: str) -> bool:
    return name == _STDIN or name.lower().endswith(_FILE_ENDINGS) or "/" in name or Path(name).is_file()


def _content(name: str) -> bytes:
    """Raises InputInvalid."""
    try:
        return sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()
    except OSError as error:
        raise InputInvalid(name, [Problem("", error.strerror or "cannot be read")]) from None
