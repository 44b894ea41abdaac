"""What AIQ has of an item, in words: fields held back, what the state file knows, the last changes."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from alleaves_sync.cli.console import Tone, brief
from alleaves_sync.cli.paragraphs import Line, Section
from alleaves_sync.flows.explain.history import Change
from alleaves_sync.flows.explain.item import AtAiq, ExplainedItem, Standing

_STANDINGS: Mapping[Standing, tuple[str, Tone]] = {
    "unknown": ("nothing is known: there is no run in the state file", Tone.FAINT),
    "absent": ("it is not in the storefront", Tone.FAINT),
    "in-doubt": ("it was sent and not answered: a run now sends it whole", Tone.ATTENTION),
    "not-taken": ("it did not take what was decided last: it is sent again", Tone.ATTENTION),
    "held": ("it has the product", Tone.GOOD),
}
_TOLD = ("quantity", "price", "priceType", "productCategory")
_ACTIONS = {
    "create": "a run now creates it",
    "update": "a run now changes",
    "zero": "a run now takes it off the menu",
}


def aiq_sections(one: ExplainedItem) -> Iterator[Section]:
    """What is switched off, what AIQ has, what a run would send, and what was sent before."""
    yield Section(
        f"Fields held back: fields.{', fields.'.join(one.switched_off)} off (F1)",
        [
            Line(f"{field.field}: {brief(field.stands)} stays, Alleaves says {brief(field.pos)}")
            for field in one.held_back
        ]
        or ([Line("nothing of it differs from Alleaves", Tone.FAINT)] if one.switched_off else []),
    )
    yield Section("AIQ, by the state file", list(_at_aiq(one.at_aiq)))
    yield Section("Last changes", [Line(_change(change)) for change in reversed(one.changes)])


def _at_aiq(at: AtAiq) -> Iterator[Line]:
    yield Line(*_STANDINGS[at.standing])
    if at.product is not None:
        yield Line(_short(at.product))
    if at.attempted is not None:
        yield Line(f"sent, answer unknown: {_short(at.attempted)}", Tone.ATTENTION)
    if at.decided is not None:
        reasons = f" ({', '.join(at.decided.reasons)})" if at.decided.reasons else ""
        yield Line(f"the last run decided: {at.decided.status}{reasons}")
    if at.next.action is None:
        yield Line("a run now sends nothing", Tone.FAINT)
        return
    yield Line(f"{_ACTIONS[at.next.action]}:", Tone.ATTENTION)
    for name, (old, new) in at.next.fields.items():
        yield Line(f"{name}: {brief(old)} -> {brief(new)}", depth=2)


def _short(product: Mapping[str, JsonValue]) -> str:
    return ", ".join(f"{name} {brief(product[name])}" for name in _TOLD if name in product)


def _change(change: Change) -> str:
    fields = "; ".join(f"{name}: {brief(old)} -> {brief(new)}" for name, (old, new) in change.fields.items())
    return f"{change.at.astimezone():%Y-%m-%d %H:%M} {change.action}: {fields}"
