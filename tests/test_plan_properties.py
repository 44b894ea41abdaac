"""What holds for every plan: it leads to what it says, once; and it breaks nothing on the way."""

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.models import CANNABINOIDS, TERPENES, Product
from alleaves_sync.alleaves.models import InventoryRow, Item
from alleaves_sync.rules.actions import Action, FieldGroup, Known
from alleaves_sync.rules.mapping import MappedItem, Rules, map_item
from alleaves_sync.rules.plan import Plan, make_plan, must_brake
from tests import strategies
from tests.strategies import fast

Document = dict[str, JsonValue]

GROUPS: Mapping[FieldGroup, tuple[str, ...]] = {
    "name": ("name",),
    "description": ("description",),
    "brand": ("brand",),
    "images": ("images",),
    "category": ("productCategory",),
    "sub_type": ("subType",),
    "strain": ("cannabisStrain", "cannabisType"),
    "weight": ("weight", "weightUnit"),
    "price": ("price", "priceType", "tiers"),
    "sku": ("sku",),
}


def through_json(product: Product) -> Product:
    """A product as the state file gives it back."""
    back = wire.parse(wire.dump(product))
    assert back == product
    return back


def apply(plan: Plan, known: Mapping[str, Known]) -> dict[str, Known]:
    """What is known when the storefront took everything."""
    after = {key: one for key, one in known.items() if key not in plan.forgotten}
    for state in plan.states:
        after[state.pos_product_id] = replace(after.get(state.pos_product_id, Known()), state=state)
    for action in plan.actions:
        key = action.product.pos_product_id
        after[key] = Known(product=through_json(action.product), state=action.state)
    return after


def written(document: Document, action: Action) -> Document:
    """What the storefront holds after an action: fields that are absent stay, null clears."""
    body: Document = json.loads(json.dumps(wire.changed_fields(action.product, action.changed)))
    return {name: value for name, value in {**document, **body}.items() if value is not None and value != []}


def shown(product: Product | None) -> Document:
    return {} if product is None else wire.all_fields(product)


def part(document: Document, compounds: tuple[str, ...]) -> Document:
    """The part of `labs` that speaks of `compounds`."""
    found = document.get("labs") or {}
    assert isinstance(found, dict)
    wanted = {*compounds, *(f"{compound}ContentUnit" for compound in compounds)}
    return {name: value for name, value in found.items() if name in wanted}


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[MappedItem], dict[str, Known], frozenset[FieldGroup]]:
    off = draw(strategies.switches())
    now, before = draw(strategies.menus(off))
    return now, before, off


Run = tuple[list[MappedItem], dict[str, Known], frozenset[FieldGroup]]


@fast
@given(runs())
def test_f2_a_plan_applied_and_planned_again_is_empty(run: Run) -> None:
    """F2: nothing changed, nothing is sent, nothing is written."""
    now, before, off = run
    after = apply(make_plan(now, before, off), before)
    again = make_plan(now, after, off)
    assert (again.actions, again.states, again.forgotten, again.leaving) == ((), (), (), 0)
    assert again.unchanged == sum(one.product is not None for one in after.values())


@fast
@given(runs(), st.randoms(use_true_random=False))
def test_what_goes_out_makes_the_storefront_hold_what_the_plan_says(run: Run, chance: Random) -> None:
    """F2, step 6: whether it holds what it accepted, or what was sent without an answer."""
    now, before, off = run
    for action in make_plan(now, before, off).actions:
        known = before.get(action.product.pos_product_id, Known())
        may_hold = [known.product] if known.attempted is None else [known.product, known.attempted]
        holds = shown(chance.choice(may_hold))
        assert wire.parse(json.dumps(written(holds, action))) == action.product


@fast
@given(runs())
def test_f1_what_is_switched_off_never_changes_on_a_product_synced_before(run: Run) -> None:
    """F1, L5, M6"""
    now, before, off = run
    for action in make_plan(now, before, off).actions:
        if action.before is None:
            continue
        old = shown(action.before)
        new = written(old, action)
        for group in off & GROUPS.keys():
            if group != "price" or "price" in old:
                assert [new.get(name) for name in GROUPS[group]] == [old.get(name) for name in GROUPS[group]]
        if "labs" in off:
            assert part(new, CANNABINOIDS) == part(old, CANNABINOIDS)
        if "terpenes" in off:
            assert part(new, TERPENES) == part(old, TERPENES)


@fast
@given(runs())
def test_what_is_in_doubt_is_sent_whole_and_known_afterwards(run: Run) -> None:
    """Step 6"""
    now, before, off = run
    plan = make_plan(now, before, off)
    sent = {action.product.pos_product_id: action for action in plan.actions}
    may_stay_away = {name for group in off & GROUPS.keys() for name in GROUPS[group]}
    for key in (key for key, known in before.items() if known.attempted is not None):
        body = wire.changed_fields(sent[key].product, sent[key].changed)
        assert wire.FIELD_NAMES.values() - body.keys() <= may_stay_away
    assert not [one for one in apply(plan, before).values() if one.attempted is not None]


@fast
@given(runs())
def test_p6_p7_only_what_the_pos_brings_and_the_mapping_lets_through_is_on_the_menu_afterwards(
    run: Run,
) -> None:
    """P6, P7"""
    now, before, off = run
    after = apply(make_plan(now, before, off), before)
    listed = {key for key, one in after.items() if one.is_listed}
    assert listed == {str(item.id_item) for item in now if item.status == "listed"}


@fast
@given(runs())
def test_the_numbers_of_a_plan_agree_with_each_other(run: Run) -> None:
    """P7: every item ends in one state."""
    now, before, off = run
    plan = make_plan(now, before, off)
    gone = [key for key, one in before.items() if one.held and key not in {str(item.id_item) for item in now}]
    assert sum(plan.by_status.values()) == len(now) + len(gone)
    assert plan.items == len(now)
    assert plan.listed_before == sum(one.is_listed for one in before.values())
    assert plan.leaving <= plan.listed_before
    sent = [action.product.pos_product_id for action in plan.actions]
    assert len(sent) == len(set(sent)) == sum(plan.count(kind) for kind in ("create", "update", "zero"))


@fast
@given(runs(), st.randoms(use_true_random=False))
def test_the_order_of_the_items_does_not_matter(run: Run, chance: Random) -> None:
    """P1"""
    now, before, off = run
    shuffled = list(now)
    chance.shuffle(shuffled)
    one, other = make_plan(now, before, off), make_plan(shuffled, before, off)
    assert one.actions == other.actions
    assert one.forgotten == other.forgotten
    assert set(one.states) == set(other.states)
    assert (one.listed_before, one.leaving, one.by_reason) == (
        other.listed_before,
        other.leaving,
        other.by_reason,
    )


@fast
@given(strategies.menus(frozenset()), st.decimals(0, 1))
def test_the_brake_never_lets_an_empty_feed_through(
    run: tuple[list[MappedItem], dict[str, Known]], max_drop: Decimal
) -> None:
    """Step 5"""
    _, before = run
    anything = any(one.is_listed for one in before.values())
    assert must_brake(make_plan([], before), rows=0, max_drop=max_drop) is anything


@fast
@given(strategies.rows(), strategies.items(), strategies.all_rules(), strategies.switches())
def test_f2_the_same_rows_again_change_nothing(
    rows: list[InventoryRow], item: Item | None, rules: Rules, off: frozenset[FieldGroup]
) -> None:
    """F2, M6: from the rows to the storefront and back, with whatever is switched off."""
    rules = replace(rules, labs="labs" not in off, terpenes="terpenes" not in off)
    first = make_plan([map_item(rows, item, rules)], {}, off)
    known = apply(first, {})
    (after,) = known.values()
    held = after.product if "price" in off else None
    again = make_plan([map_item(rows, item, rules, held)], known, off)
    # A price that is not synced is the POS's for a new product only: so are the warnings about it (M6).
    settled = make_plan([map_item(rows, item, rules, held)], apply(again, known), off)
    assert (again.actions, settled.actions, settled.states) == ((), (), ())
    assert again.states == () or held is not None
