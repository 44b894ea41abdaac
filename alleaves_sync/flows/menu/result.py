"""What a run of sync-inventory says of itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from alleaves_sync.errors import AlleavesSyncError
from alleaves_sync.flows.menu.known_menu import KnownMenu
from alleaves_sync.flows.menu.publishing import Tally
from alleaves_sync.flows.menu.reading import PosStream
from alleaves_sync.rules.actions import Action
from alleaves_sync.rules.mapping import Reason
from alleaves_sync.rules.plan import Plan

Outcome = Literal["ok", "partial", "refused", "failed", "locked", "disabled"]


@dataclass(frozen=True, slots=True)
class ResultWarning:
    """Something to look at; `id_item` None where it belongs to no item."""

    code: str
    id_item: int | None
    message: str


@dataclass(frozen=True, slots=True)
class InventoryResult:
    """One location's run. Counts are items (`listed`, `hidden`, `withheld`) and products (the others).

    `actions` are what a dry run would do; `left_out` tells that not all was synced that should.
    """

    location: str = ""
    outcome: Outcome = "ok"
    run_id: str | None = None
    rows: int = 0
    items: int = 0
    listed: int = 0
    hidden: int = 0
    withheld: int = 0
    created: int = 0
    updated: int = 0
    zeroed: int = 0
    unchanged: int = 0
    rejected: int = 0
    by_reason: Mapping[Reason, int] = field(default_factory=dict)
    unmapped_categories: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[ResultWarning, ...] = ()
    left_out: bool = False
    seconds: float = 0.0
    error: AlleavesSyncError | None = None
    actions: tuple[Action, ...] = ()


def fold(
    picture: PosStream | None, menu: KnownMenu | None, plan: Plan | None, tally: Tally, *, dry_run: bool
) -> InventoryResult:
    """The result of a run that has come as far as its parts are there."""
    if picture is None:
        return InventoryResult()
    warnings = tuple(_warnings(picture, menu, plan, tally))
    if plan is None:
        return InventoryResult(rows=picture.rows, warnings=warnings)
    done = {kind: plan.count(kind) for kind in ("create", "update", "zero")} if dry_run else tally.accepted
    return InventoryResult(
        rows=picture.rows,
        items=plan.items,
        listed=plan.by_status.get("listed", 0),
        hidden=plan.by_status.get("hidden", 0),
        withheld=plan.by_status.get("withheld", 0),
        created=done["create"],
        updated=done["update"],
        zeroed=done["zero"],
        unchanged=plan.unchanged,
        rejected=len(tally.rejected),
        by_reason=plan.by_reason,
        unmapped_categories=plan.unmapped,
        warnings=warnings,
        left_out=bool(picture.strays or tally.rejected or tally.unanswered or plan.by_reason.get("invalid")),
        actions=plan.actions if dry_run else (),
    )


def _warnings(
    picture: PosStream,
    menu: KnownMenu | None,
    plan: Plan | None,
    tally: Tally,
) -> Iterator[ResultWarning]:
    if not picture.zone_is_known:
        message = "the POS names no time zone for this location; dates are taken in UTC"
        yield ResultWarning("timezone-unknown", None, message)
    for record in picture.strays:
        name = record.name or "a record without a name"
        message = f"{name}, which belongs to no item on the menu: {record.field}: {record.problem}"
        yield ResultWarning("invalid", record.id_item, message)
    for key in menu.foreign if menu else ():
        yield ResultWarning("foreign-product", None, f"{key!r} on the storefront is no POS item; left alone")
    for id_item, warning in plan.warnings if plan else ():
        yield ResultWarning(warning.code, id_item, warning.message)
    for rejection in tally.rejected:
        yield ResultWarning("rejected", int(rejection.pos_product_id), rejection.message or "no reason given")
    for key in tally.unanswered:
        yield ResultWarning("answer-unknown", int(key), "the storefront said nothing of it; it is sent again")
