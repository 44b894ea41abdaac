"""One item of show-mapping, explained in words: a section for each family of rules."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from pydantic import JsonValue

from alleaves_sync.aiq.wire import all_fields
from alleaves_sync.cli.console import Tone, number
from alleaves_sync.cli.paragraphs import Line, Section
from alleaves_sync.cli.views.item_storefront import aiq_sections
from alleaves_sync.flows.explain.item import ExplainedItem
from alleaves_sync.rules.mapping import MappedItem, Reason
from alleaves_sync.rules.mapping.why import Explanation
from alleaves_sync.rules.mapping.why.explanation import CategoryPart, WeightPart
from alleaves_sync.rules.mapping.why.labs import LabPart
from alleaves_sync.rules.mapping.why.prices import PricePart, RowPrice, TierPart
from alleaves_sync.rules.mapping.why.rows import QuantityPart, RowPart

_MEANINGS: Mapping[Reason, str] = {
    "out-of-stock": "nothing of it counts and is available (Q1, Q5)",
    "below-threshold": "there is not more than its low quantity threshold (Q2)",
    "gone-from-pos": "Alleaves does not bring it any more (P6)",
    "not-a-product": "Alleaves does not call it a product (P4)",
    "other-menu-type": "it is not marked for this menu's use (P5)",
    "no-price": "no price column that counts is set (M3)",
    "invalid": "a record of it does not fit the contract (P6a)",
}
STATUS_TONES = {"listed": Tone.GOOD, "hidden": Tone.FAINT, "withheld": Tone.ATTENTION}


def sections_of(one: ExplainedItem) -> list[Section]:
    """All that is to be said of an item, from the rows to what AIQ has."""
    found = one.explanation
    return [
        _head(one.item),
        _rows(found.rows, is_gone=one.item.reasons == ("gone-from-pos",)),
        *([_quantity(found.quantity)] if found.quantity else []),
        *([_price(found.price), _tiers(found.price)] if found.price else []),
        *([_category(found.category)] if found.category else []),
        _weight_and_strain(found),
        _labs(found.labs),
        _pictures(found),
        Section(
            "Warnings",
            [Line(f"{warning.code}: {warning.message}", Tone.ATTENTION) for warning in one.item.warnings],
        ),
        _product(one.item),
        *aiq_sections(one),
    ]


def _head(item: MappedItem) -> Section:
    category = f"  [{item.pos_category}]" if item.pos_category else ""
    title = f"{item.id_item}  {item.name}{category}  {item.status}"
    lines = [
        Line(f"why: {reason}: {_MEANINGS[reason]}", STATUS_TONES[item.status]) for reason in item.reasons
    ]
    if item.status == "listed" and item.product is not None:
        lines.append(Line(f"on the menu with quantity {number(item.product.quantity)}", Tone.GOOD))
    return Section(title, lines)


def _product(item: MappedItem) -> Section:
    sources = dict(item.sources)
    fields = {} if item.product is None else all_fields(item.product)
    is_gone = item.reasons == ("gone-from-pos",)
    lines = [
        Line(f"{name}: {_json(value)}" + ("" if is_gone else f"  <- {sources.get(name, 'the rules')}"))
        for name, value in fields.items()
    ]
    title = "as AIQ has it, to be sold out" if is_gone else "field by field, and the POS column"
    return Section(f"The product, {title}", lines)


def _json(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _rows(rows: Sequence[RowPart], *, is_gone: bool) -> Section:
    if not rows:
        why = "no row of it came (P6)" if is_gone else "no row of it can be read (P6a)"
        return Section("Rows: none", [Line(why, Tone.ATTENTION)])
    counting = sum(row.counts for row in rows)
    return Section(f"Rows: {counting} of {len(rows)} count", [line for row in rows for line in _row(row)])


def _row(row: RowPart) -> Iterator[Line]:
    expiry = f"expires {row.date_expire}" if row.date_expire else "no expiry date"
    amounts = f"{number(row.available)} {row.uom_short} available, {number(row.on_hand)} on hand"
    yield Line(f"{_place(row.id_batch, row.area)}: {amounts}, {expiry}")
    if row.refused:
        why = "; ".join(f"{refusal.text} ({refusal.rule})" for refusal in row.refused)
        yield Line(f"does not count: {why}", Tone.ATTENTION, depth=2)
    elif not row.is_main:
        yield Line("counts", Tone.GOOD, depth=2)
    if row.is_main:
        text = "counts; name, category and other single values are its own (P3a)"
        yield Line(text if row.counts else f"still, {text.partition('; ')[2]}", Tone.GOOD, depth=2)


def _place(id_batch: int, area: str | None) -> str:
    return f"batch {id_batch} in {area or 'no area'}"


def _quantity(part: QuantityPart) -> Section:
    lines = [Line(f"sum of what is available in the rows that count: {number(part.sum)} {part.unit} (Q1)")]
    values = {one.value for one in part.thresholds if one.applies}
    ignored = [one for one in part.thresholds if not one.applies and one.value is not None]
    if part.threshold is not None:
        compared = f"{number(part.compared)} {part.compared_unit}".strip()
        effect = "so nothing is shown (Q2)" if part.threshold_hides else _harmless(part)
        several = ", the highest of the deciding rows (Q4)" if len(values) > 1 else ""
        tone = Tone.ATTENTION if part.threshold_hides else Tone.NONE
        lines.append(
            Line(f"threshold {number(part.threshold)}{several}: there is {compared}, {effect}", tone)
        )
    elif ignored:
        value = number(max(one.value for one in ignored if one.value is not None))
        lines.append(Line(f"threshold {value} is not ticked, so it does not matter (Q3)"))
    else:
        lines.append(Line("no low quantity threshold (Q2)"))
    if not part.hidden_because and part.quantity != part.sum:
        lines.append(Line(f"rounded down to {number(part.quantity)} (Q5)"))
    return Section(f"Quantity: {number(part.quantity)}", lines)


def _harmless(part: QuantityPart) -> str:
    return "which is above it (Q2)" if part.compared > 0 else "nothing to hide (Q2)"


def _price(part: PricePart) -> Section:
    title = "none" if part.price is None else f"{number(part.price)} from {part.column}"
    lines = []
    if part.kept:
        text = "fields.price is off: what AIQ has stays, whatever Alleaves says (M6). That would be:"
        lines.append(Line(text, Tone.ATTENTION))
    lines.append(Line(f"out-the-door prices are {'on' if part.otd else 'off'}: {part.otd_because} (M1)"))
    winner = max((row.price for row in part.rows if row.price is not None), default=None)
    different = len({row.price for row in part.rows}) > 1
    lines += [_row_price(row, winner, part, different=different) for row in part.rows]
    told = [f"{one.column} {number(one.value)}" for one in part.not_tried if one.value and one.value > 0]
    if told:
        lines.append(Line(f"not tried: {', '.join(told)}", Tone.FAINT))
    return Section(f"Price: {title}", lines)


def _row_price(row: RowPrice, winner: Decimal | None, part: PricePart, *, different: bool) -> Line:
    tried = ", then ".join(f"{one.column} {_amount(one.value)}" for one in row.tried)
    verdict = ""
    if any(tier.used for tier in part.tiers):
        verdict = "; its tiers count instead (T4)"
    elif row.price is None:
        verdict = "; no price (M3)"
    elif different:
        verdict = "; the highest counts (M5)" if row.price == winner else "; not the highest (M5)"
    return Line(f"batch {row.id_batch}: {tried}{verdict}", Tone.ATTENTION if row.price is None else Tone.NONE)


def _amount(value: Decimal | None) -> str:
    if value is None:
        return "is not set"
    return number(value) if value > 0 else f"{number(value)} is not set"


def _tiers(part: PricePart) -> Section:
    if not part.tiered:
        return Section("Tiers", [])
    unit = "g" if part.price_type == "WEIGHT_TIER" else "pieces"
    lines = [_tier(tier, unit) for tier in part.tiers]
    if not any(tier.used for tier in part.tiers):
        lines.append(Line("no tier can be used: sold as an item without tiers (T4)", Tone.ATTENTION))
    elif part.kept:
        lines.append(Line("AIQ keeps the tiers that it has (M6)", Tone.ATTENTION))
    return Section(f"Tiers: {part.price_type}", lines)


def _tier(tier: TierPart, unit: str) -> Line:
    name = f"{number(tier.qty)} {tier.uom_short or ''}".strip()
    if tier.used and tier.size is not None and tier.price is not None:
        return Line(f"{name}: {number(tier.price)} for {number(tier.size)} {unit}", Tone.GOOD)
    return Line(f"{name}: dropped, {tier.dropped_because} (T1, T3)", Tone.ATTENTION)


def _category(part: CategoryPart) -> Section:
    lines = [
        Line(
            f"{one.text or '(empty)'} in the {one.where}: {one.found or 'not there'}",
            Tone.GOOD if one.found else Tone.FAINT,
        )
        for one in part.tried
    ]
    if not lines:
        lines.append(Line("nothing to look up", Tone.FAINT))
    if part.category is None:
        text = "unmapped: sent without a category (C4). Add it to categories.map"
        lines.append(Line(text, Tone.ATTENTION))
    lines.append(Line(f"subType: {part.sub_type or 'none'} (C1)"))
    return Section(f"Category: {part.category or 'none'} from {part.path or 'no path'}", lines)


def _weight_and_strain(found: Explanation) -> Section:
    lines = []
    if found.weight is not None:
        lines.append(_weight(found.weight))
    if found.strain is not None:
        said = f"strain_type {found.strain.strain_type or '-'}, strain {found.strain.strain or '-'}"
        by = f", from {found.strain.named_by}" if found.strain.named_by else ""
        lines.append(Line(f"{said}: cannabisType {found.strain.cannabis_type or 'left out'}{by} (S1)"))
    return Section("Weight and strain", lines)


def _weight(part: WeightPart) -> Line:
    if part.value is None:
        return Line("weight_useable is not set: left out (W1)", Tone.FAINT)
    said = f"weight_useable {number(part.value)} {part.unit or 'without a unit'}"
    if part.weight is None:
        return Line(f"{said}: left out (W1)", Tone.FAINT)
    tone = Tone.ATTENTION if part.weight_unit == "UNKNOWN" else Tone.NONE
    return Line(f"{said}: {number(part.weight)} {part.weight_unit} (W1)", tone)


def _labs(parts: Sequence[LabPart]) -> Section:
    sent = sum(part.outcome == "sent" for part in parts)
    return Section(f"Lab values: {sent} of {len(parts)} read and sent", [_lab(part) for part in parts])


def _lab(part: LabPart) -> Line:
    name = part.name or "(no name)"
    said = (
        f"batch {part.id_batch}: {name} {part.result!r}"
        if part.source == "compounds"
        else (f"batch {part.id_batch}: column {name} {part.result}")
    )
    if part.outcome == "sent" and part.value is not None:
        return Line(f"{said}: {part.value.compound} {number(part.value.value)} {part.value.unit}", Tone.GOOD)
    return Line(
        f"{said}: not sent. {part.because}", Tone.ATTENTION if part.outcome == "refused" else Tone.FAINT
    )


def _pictures(found: Explanation) -> Section:
    used = sum(picture.used for picture in found.pictures)
    lines = [
        Line(picture.address or "(empty)", Tone.GOOD)
        if picture.used
        else Line(f"{picture.address or '(empty)'}: left out, {picture.dropped_because} (I1)", Tone.ATTENTION)
        for picture in found.pictures
    ]
    return Section(f"Pictures: {used}", lines)
