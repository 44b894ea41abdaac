"""show-mapping ITEM: one item explained whole, with what AIQ has of it by the state file. Writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import JsonValue

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.models import Product
from alleaves_sync.alleaves.models import InventoryRow, Item
from alleaves_sync.flows.explain.history import Change, of_products
from alleaves_sync.flows.explain.report import MappingReport
from alleaves_sync.flows.menu.publishing import differences
from alleaves_sync.flows.pos import switched_off
from alleaves_sync.rules.actions import ActionKind, FieldGroup, Known, keep
from alleaves_sync.rules.mapping import MappedItem, Reason, Status, map_item
from alleaves_sync.rules.mapping.why import Explanation, explain, explain_rows
from alleaves_sync.rules.plan import make_plan

_LAST_CHANGES = 10
# `unknown`: never synced, or the state file is new. `absent`: AIQ has none, and none was tried. `in-doubt`:
# the last answer is not known. `not-taken`: AIQ does not have what was decided last: it was rejected.
Standing = Literal["unknown", "absent", "in-doubt", "not-taken", "held"]


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A field that is switched off (F1, M6): what the rules make of the POS, and what stands instead."""

    field: str
    pos: JsonValue
    stands: JsonValue


@dataclass(frozen=True, slots=True)
class Next:
    """What the next run sends if nothing changes: nothing, where `action` is None. `{field: [old, new]}`."""

    action: ActionKind | None
    fields: Mapping[str, Sequence[JsonValue]]


@dataclass(frozen=True, slots=True)
class Decided:
    """What the last run decided of the item (P7)."""

    status: Status
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class AtAiq:
    """What AIQ has by the state file, with AIQ field names; `attempted` was sent and never answered."""

    standing: Standing
    product: Mapping[str, JsonValue] | None
    attempted: Mapping[str, JsonValue] | None
    decided: Decided | None
    next: Next


@dataclass(frozen=True, slots=True)
class ExplainedItem:
    """One item: how the rules came to it, what is held back, what AIQ has, the last changes."""

    item: MappedItem
    explanation: Explanation
    switched_off: tuple[FieldGroup, ...]
    held_back: tuple[HeldBack, ...]
    at_aiq: AtAiq
    changes: tuple[Change, ...]


def explained(report: MappingReport) -> tuple[ExplainedItem, ...]:
    """Explain all items of a report. Raises StateUnusable."""
    names = {} if report.state_problem else {str(item.id_item): item.name for item in report.all}
    changes = of_products(report.location, names) if names else {}
    return tuple(
        _explained(report, item, changes.get(str(item.id_item), ())[-_LAST_CHANGES:]) for item in report.all
    )


def _explained(report: MappingReport, item: MappedItem, changes: tuple[Change, ...]) -> ExplainedItem:
    known = report.known.get(str(item.id_item), Known())
    off = switched_off(report.location.settings.fields)
    return ExplainedItem(
        item,
        _explanation(report, item),
        tuple(sorted(off)),
        tuple(_held_back(report, item, known.held, off)),
        _at_aiq(item, known, off, is_known=report.menu_is_known),
        changes,
    )


def _explanation(report: MappingReport, item: MappedItem) -> Explanation:
    rows, record = _read(report, item)
    if not rows or item.reasons == ("invalid",):
        return explain_rows(rows, report.rules)
    return explain(rows, record, report.rules, report.held.get(str(item.id_item)))


def _read(report: MappingReport, item: MappedItem) -> tuple[list[InventoryRow], Item | None]:
    rows = [row for row in report.found.inventory.records if row.id_item == item.id_item]
    # Of records that share an id the last one counts, as in the mapping.
    records = [one for one in report.found.catalogue.records if one.id_item == item.id_item]
    return rows, records[-1] if records else None


def _held_back(
    report: MappingReport, item: MappedItem, held: Product | None, off: frozenset[FieldGroup]
) -> Iterator[HeldBack]:
    """The fields that stand as AIQ has them, where the POS would have them otherwise."""
    if item.product is None or held is None or not off or item.reasons == ("gone-from-pos",):
        return
    from_pos = _all_from_pos(report, item, item.product)
    stands = keep(item.product, held, off)
    for name, field in wire.FIELD_NAMES.items():
        pos, standing = wire.field_value(from_pos, name), wire.field_value(stands, name)
        if pos != standing and name != "quantity":
            yield HeldBack(field, pos, standing)


def _all_from_pos(report: MappingReport, item: MappedItem, product: Product) -> Product:
    """The product as it would be with every field switched on; without a price where the POS has none."""
    rows, record = _read(report, item)
    rules = replace(report.rules, labs=True, terpenes=True)
    unheld = map_item(rows, record, rules).product
    if unheld is not None:
        return unheld
    return replace(product, price=None, price_type=None, tiers=())


def _at_aiq(item: MappedItem, known: Known, off: frozenset[FieldGroup], *, is_known: bool) -> AtAiq:
    mapped = () if item.reasons == ("gone-from-pos",) else (item,)
    plan = make_plan(mapped, {str(item.id_item): known} if known != Known() else {}, off)
    action = next(iter(plan.actions), None)
    return AtAiq(
        _standing(known) if is_known else "unknown",
        None if known.product is None else wire.all_fields(known.product),
        None if known.attempted is None else wire.all_fields(known.attempted),
        None if known.state is None else Decided(known.state.status, known.state.reasons),
        Next(None, {}) if action is None else Next(action.kind, differences(action)),
    )


def _standing(known: Known) -> Standing:
    if known.attempted is not None:
        return "in-doubt"
    decided = None if known.state is None else known.state.status
    if known.product is None:
        return "absent" if decided in {None, "withheld"} else "not-taken"
    if decided is not None and known.is_listed != (decided == "listed"):
        return "not-taken"
    return "held"
