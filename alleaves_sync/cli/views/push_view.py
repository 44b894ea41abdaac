"""What became of orders, in words and in JSON."""

from collections.abc import Sequence

from alleaves_sync.cli.console import Cell, Column, Table, Tone
from alleaves_sync.flows.orders.context import PushResult

_TONES = {
    "pushed": Tone.GOOD,
    "already-pushed": Tone.FAINT,
    "skipped": Tone.FAINT,
    "failed": Tone.BAD,
    "needs-attention": Tone.ATTENTION,
    "locked": Tone.FAINT,
}
_GOOD = frozenset({"pushed", "already-pushed", "skipped", "locked"})

# What a reason means for the person who has to do something about it.
REASONS = {
    "called-off": "cancelled in AIQ while it was being pushed: nothing of it is left in Alleaves",
    "cancelled-in-aiq": "cancelled in AIQ after it was pushed: cancel it in Alleaves too",
    "closed-in-pos": "finished in Alleaves before all its lines were there: look, then --give-up",
    "contents-changed": "changed in AIQ after it was pushed: correct the order in Alleaves, then --give-up",
    "customer-refused": "Alleaves refused the new profile: create it there, then push again",
    "given-up": "given up",
    "disabled": "the location is disabled: set `enabled: true`, or name it with --location",
    "gone-from-aiq": "AIQ does not know it any more",
    "gone-from-pos": "Alleaves does not have its order any more: --retry pushes it anew",
    "identity-contradicts": "a profile has this phone or medical ID, and other names or another birth date: "
    "correct the profile in Alleaves or the order in AIQ",
    "in-doubt": "Alleaves did not answer clearly: the next push looks first and goes on",
    "maybe-duplicate": "the customer has an order in Alleaves that may be this one: --retry or --give-up",
    "no-address": "a delivery without a street and a city",
    "no-amount": "a line does not say how much",
    "no-identifier": "neither a phone nor a medical ID",
    "no-name": "a new profile needs first and last name",
    "no-stock": "not enough stock in the selected areas",
    "no-time-zone": "Alleaves names no time zone for this location: set it there",
    "not-confirmed": "not CONFIRMED",
    "not-in-aiq": "AIQ has no order of this id",
    "orders-sync-off": "orders.sync is off",
    "other-venue": "of another venue: push it with the location that has this venue, or --give-up",
    "pick-up-type": "of an unknown way to be picked up",
    "price-refused": "Alleaves refused the agreed price",
    "refused-by-pos": "Alleaves refused the order",
    "schedule-refused": "Alleaves refused the pickup time",
    "several-pos-orders": "several open orders in Alleaves are this one: void all but one, then --retry",
    "several-profiles": "several profiles match: merge them in Alleaves, or set patients.when_several",
    "shipping": "SHIPPING orders are not taken: handle it by hand, then --give-up",
    "stock-refused": "Alleaves refused its stock to another order: the next push tries for this one",
    "unknown-product": "a product that Alleaves does not have",
    "verify-mismatch": "the order in Alleaves differs from what was meant: look, then --retry or --give-up",
    "void-refused": "cannot be filled, and Alleaves did not void it: void it there, then --give-up",
    "voided-in-pos": "voided in Alleaves: naming it or --retry pushes it anew",
}


def words(reason: str | None) -> str:
    """The reason for a person."""
    return REASONS.get(reason or "", reason or "")


def exit_code(results: Sequence[PushResult]) -> int:
    """3 where a person must look, else 1 where an order failed, else 0."""
    outcomes = {result.outcome for result in results}
    return 3 if "needs-attention" in outcomes else 1 if "failed" in outcomes else 0


def is_good(result: PushResult) -> bool:
    """Whether nobody has to do anything about it."""
    return result.outcome in _GOOD


def as_json(result: PushResult) -> dict[str, object]:
    """One entry of the JSON result."""
    return {
        "order_id": result.order_id or None,
        "location": result.location,
        "outcome": result.outcome,
        "id_order": result.id_order,
        "id_customer": result.id_customer,
        "matched_by": result.matched_by,
        "candidates": list(result.candidates),
        "lines": list(result.lines),
        "reason": result.reason or None,
    }


def table(title: str, results: Sequence[PushResult], *, dry: bool) -> Table:
    """The results of a location; of a dry run with every line that would be pushed."""
    columns = (
        Column("order", whole=True),
        Column("number", whole=True),
        Column("outcome", whole=True),
        Column("POS order", number=True),
        Column("customer", number=True),
        Column("matched by"),
        Column("lines", number=True),
    )
    rows = [_row(result, dry=dry) for result in results]
    # Reasons are sentences: under the table they stay readable in a narrow window.
    reasons = [
        f"{result.order_id or title}: {what}" for result in results if (what := _what(result, dry=dry))
    ]
    counts = {name: sum(one.outcome == name for one in results) for name in _TONES}
    told = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    note = f"{told or 'no orders'}{' (dry run: nothing was sent)' if dry else ''}"
    return Table(columns, rows, title=title, notes=(*reasons, note))


def _row(result: PushResult, *, dry: bool) -> tuple[str | Cell, ...]:
    outcome = "would be pushed" if dry and result.outcome == "pushed" else result.outcome
    return (
        result.order_id or "-",
        result.number or "",
        Cell(outcome, _TONES[result.outcome]),
        str(result.id_order or ""),
        str(result.id_customer or ("new" if dry and result.matched_by == "created" else "")),
        (result.matched_by or "").replace("_", " "),
        str(len(result.lines) or ""),
    )


def _what(result: PushResult, *, dry: bool) -> str:
    candidates = f" (profiles {', '.join(map(str, result.candidates))})" if result.candidates else ""
    what = words(result.reason) + candidates if result.reason else ""
    if not what and dry:
        what = "; ".join(
            f"{line['posProductId']} x {line['qty']} from batch {line['id_batch']}" for line in result.lines
        )
    return what
