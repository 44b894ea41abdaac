"""`push-order`: confirmed online orders into the POS, each exactly once."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import Invocation, JsonOption, LocationOption, choose, invocation
from alleaves_sync.errors import InputInvalid, OptionsConflict, Problem

if TYPE_CHECKING:
    from alleaves_sync.aiq.order_models import Order
    from alleaves_sync.cli.per_location import Failed, Results
    from alleaves_sync.config import Location
    from alleaves_sync.flows.orders.run import PushRun, Wanted

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
    from alleaves_sync.cli.per_location import Good, Results, each
    from alleaves_sync.flows.orders.job import watched_pushes

    cli = invocation(ctx, as_json)
    if not orders and not confirmed:
        raise OptionsConflict("nothing to push", "Name orders or files, or use --confirmed")
    settings = cli.settings()
    places = settings.locations
    chosen = choose(places, location)
    if orders and not chosen:
        place, skipped = _disabled(places, orders, confirmed=confirmed)
        tell_push(cli, Results([Good(place, skipped)]), dry_run=dry_run)
        return 0
    if confirmed:
        _refuse_shared_venues(chosen)
    wanted = _wanted(orders or (), chosen, confirmed=confirmed)
    with watched_pushes(settings, confirmed=confirmed, dry_run=dry_run) as pushes:
        results = each(
            [place for place in chosen if place.name in wanted],
            lambda place: pushes.push(place, wanted[place.name]),
            push_exit_code,
        )
    tell_push(cli, results, dry_run=dry_run)
    return results.exit_code


def tell_push(cli: Invocation, results: "Results[PushRun]", *, dry_run: bool = False) -> None:
    """Print what became of the orders, and on stderr the troubles on the way."""
    from alleaves_sync.cli.console import error_json, print_json, say, show, tell
    from alleaves_sync.cli.error_messages import explain
    from alleaves_sync.cli.per_location import Failed
    from alleaves_sync.cli.views.push_view import as_json, is_good, table, words

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
            # What waits is told once, not by a mail every two minutes; `status` goes on saying it.
            shown = [one for one in shown if not (is_good(one) or one.as_before)]
        if shown or not cli.quiet:
            show(table(result.location.name, shown, dry=dry_run))


def _failed(result: "Failed") -> dict[str, object]:
    from alleaves_sync.cli.console import error_json
    from alleaves_sync.cli.error_messages import explain
    from alleaves_sync.cli.views.push_view import as_json
    from alleaves_sync.flows.orders.context import PushResult

    entry = as_json(PushResult("", result.location.name, "failed", result.error.code))
    return {**entry, "error": error_json(explain(result.error))}


def push_exit_code(run: "PushRun") -> int:
    """The exit code of one location's push."""
    from alleaves_sync.cli.error_messages import explain
    from alleaves_sync.cli.views.push_view import exit_code

    return explain(run.errors[-1]).exit_code if run.failed_by_service else exit_code(run.results)


def _disabled(
    places: "Sequence[Location]", names: Sequence[str], *, confirmed: bool
) -> "tuple[Location, PushRun]":
    """Orders are named, and no location is enabled: with one it is plain where they would have gone."""
    from alleaves_sync.flows.orders.run import skip_orders

    if len(places) != 1:
        listed = ", ".join(place.name for place in places)
        raise OptionsConflict(
            f"no location is enabled ({listed})",
            "Set `enabled: true` in the configuration, or add --location",
        )
    (wanted,) = _wanted(names, places, confirmed=confirmed).values()
    return places[0], skip_orders(places[0], wanted, "disabled")


def _wanted(names: Sequence[str], chosen: "Sequence[Location]", *, confirmed: bool) -> "dict[str, Wanted]":
    """What each location is to push, by its name; those with nothing to do are left out."""
    from alleaves_sync.flows.orders.run import Wanted, read_orders

    documents = [name for name in names if _is_file(name)]
    ids = tuple(name for name in names if name not in documents)
    if ids and len(chosen) != 1:
        raise _which(chosen, "orders that are named by id belong to one location")
    found: dict[str, list[Order]] = {place.name: [] for place in chosen}
    for name in dict.fromkeys(documents):
        content = _content(name)
        if len(chosen) == 1:
            found[chosen[0].name] += read_orders(content, chosen[0], name)
            continue
        for place in chosen:
            for order in read_orders(content, place, name):
                if _place_of(order, chosen) is place:
                    found[place.name].append(order)
    wanted = {place: Wanted(ids, tuple(orders), confirmed) for place, orders in found.items()}
    return {place: one for place, one in wanted.items() if confirmed or one.ids or one.orders or not names}


def _place_of(order: "Order", chosen: "Sequence[Location]") -> "Location":
    """The location whose venue the order is of. Raises OptionsConflict where that is none or several."""
    places = [place for place in chosen if order.venue and place.settings.aiq.venue_id == order.venue]
    if len(places) != 1:
        which = "several of the locations have" if places else "none of the locations has"
        raise _which(places or chosen, f"order {order.id}: {which} its venue as aiq.venue_id")
    return places[0]


def _which(places: "Sequence[Location]", problem: str) -> OptionsConflict:
    return OptionsConflict(problem, f"Add --location, one of: {', '.join(place.name for place in places)}")


def _refuse_shared_venues(chosen: "Sequence[Location]") -> None:
    """Each confirmed order must go into one store. Raises OptionsConflict."""
    seen: dict[tuple[str, str], str] = {}
    for place in chosen:
        aiq = place.settings.aiq
        if not (place.settings.orders.sync and aiq.venue_id):
            continue
        first = seen.setdefault((str(aiq.base_url).rstrip("/"), aiq.venue_id), place.name)
        if first != place.name:
            raise OptionsConflict(
                f"{first} and {place.name} have the same aiq.venue_id: each order would go into both stores",
                f"Add --location, or set orders.sync: false for one of them: {first}, {place.name}",
            )


def _is_file(name: str) -> bool:
    return name == _STDIN or name.lower().endswith(_FILE_ENDINGS) or "/" in name or Path(name).is_file()


def _content(name: str) -> bytes:
    """Raises InputInvalid."""
    try:
        return sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()
    except OSError as error:
        raise InputInvalid(name, [Problem("", error.strerror or "cannot be read")]) from None
