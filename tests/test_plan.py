"""What is new against what was, and the brake: P6, P7, C4, L5, M6, F1, F2 and step 5 of a run."""

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, get_args

import pytest

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.models import LabValue, Product
from alleaves_sync.rules.actions import Action, FieldGroup, ItemState, Known, keep
from alleaves_sync.rules.mapping import ItemWarning, MappedItem
from alleaves_sync.rules.plan import Plan, Planner, make_plan, must_brake
from tests.builders import (
    CBD,
    LIMONENE,
    LINALOOL,
    THC,
    known,
    listed,
    mapped,
    product,
    row,
    state,
    tiers,
    withheld,
)

CLEARABLE = {
    "description",
    "brand",
    "sku",
    "product_category",
    "sub_type",
    "cannabis_type",
    "cannabis_strain",
    "tiers",
    "weight",
    "weight_unit",
    "images",
    "labs",
}
ALL = CLEARABLE | {"name", "price", "price_type", "quantity"}
EMPTY: Mapping[str, Known] = {}
GONE = ItemState("7", "Opal Sedge 3.5g", "Category > Flower", "hidden", ("gone-from-pos",), source=b"gone")


def plan_of(found: MappedItem, before: Known | None = None, off: frozenset[FieldGroup] = frozenset()) -> Plan:
    """The plan of a run that brings one item."""
    return make_plan([found], {} if before is None else {str(found.id_item): before}, off)


def the_action(plan: Plan) -> Action:
    (action,) = plan.actions
    return action


def switched_off(*groups: FieldGroup) -> frozenset[FieldGroup]:
    return frozenset(groups)


# -- new, changed, unchanged (F2) ----------------------------------------------------------------------------


def test_f2_a_new_product_is_created_with_every_field_that_has_a_value() -> None:
    """F2"""
    plan = plan_of(listed(product(brand=None, images=(), weight=None, weight_unit=None)))
    action = the_action(plan)
    assert (action.kind, action.before) == ("create", None)
    assert set(action.changed) == ALL - {"brand", "images", "weight", "weight_unit", "tiers"}
    assert (plan.count("create"), plan.count("update"), plan.count("zero"), plan.unchanged) == (1, 0, 0, 0)


def test_p3_a_new_item_without_stock_is_created_with_quantity_0() -> None:
    """P3"""
    action = the_action(plan_of(listed(product(quantity=Decimal(0)))))
    assert (action.kind, action.product.quantity) == ("create", Decimal(0))
    assert "quantity" in action.changed


def test_f2_where_nothing_changed_nothing_is_sent_and_nothing_is_written() -> None:
    """F2"""
    plan = plan_of(listed(product()), known(product()))
    assert (plan.actions, plan.states, plan.forgotten) == ((), (), ())
    assert (plan.unchanged, plan.items, plan.by_status["listed"]) == (1, 1, 1)


def test_f2_equal_numbers_in_another_spelling_are_no_change() -> None:
    """F2"""
    plan = plan_of(listed(product(price=Decimal("30.00"), weight=Decimal("3.50"))), known(product()))
    assert plan.actions == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Other"),
        ("description", "<i>Other</i>"),
        ("brand", "Other"),
        ("sku", "Other"),
        ("product_category", "SEEDS"),
        ("sub_type", "Other"),
        ("cannabis_type", "CBD"),
        ("cannabis_strain", "Other"),
        ("price", Decimal("30.01")),
        ("quantity", Decimal(11)),
        ("weight", Decimal("3.501")),
        ("weight_unit", "OUNCES"),
        ("images", ("https://pictures.example/2.jpg", "https://pictures.example/1.jpg")),
        ("labs", (THC,)),
        ("labs", (LabValue("thc", Decimal("27.63"), "mg"), LIMONENE)),
    ],
)
def test_f2_only_the_changed_field_of_a_changed_product_is_sent(field: str, value: Any) -> None:
    """F2"""
    new = product(**{field: value})
    plan = plan_of(listed(new), known(product()))
    assert the_action(plan) == Action("update", new, (field,), product(), state(listed(new)))
    assert plan.unchanged == 0


@pytest.mark.parametrize("field", sorted(CLEARABLE - {"tiers"}))
def test_f2_a_field_that_has_no_value_any_more_is_sent_as_null(field: str) -> None:
    """F2: pictures as an empty list."""
    nothing: Any = () if field in {"images", "labs"} else None
    action = the_action(plan_of(listed(product(**{field: nothing})), known(product())))
    assert action.changed == (field,)
    sent = wire.changed_fields(action.product, action.changed)
    assert sent == {"posProductId": "7", wire.FIELD_NAMES[field]: [] if field == "images" else None}


def test_f2_tiers_that_went_are_sent_as_null() -> None:
    """F2"""
    before = product(price_type="PRICE_TIER", tiers=tiers(("1", "30"), ("2", "50")))
    action = the_action(plan_of(listed(product()), known(before)))
    assert wire.changed_fields(action.product, action.changed) == {
        "posProductId": "7",
        "priceType": "REGULAR",
        "tiers": None,
    }


def test_f2_t1_tiers_of_the_same_numbers_are_sent_again_when_grams_become_pieces() -> None:
    """F2, T1: 1 g for $10 is not one piece for $10, though both are (1, 10)."""
    steps = tiers(("1", "30"), ("2", "50"))
    by_weight = product(price_type="WEIGHT_TIER", tiers=steps)
    action = the_action(plan_of(listed(product(price_type="PRICE_TIER", tiers=steps)), known(by_weight)))
    assert wire.changed_fields(action.product, action.changed) == {
        "posProductId": "7",
        "priceType": "PRICE_TIER",
        "tiers": [{"price": 30, "purchaseQuantity": 1}, {"price": 50, "purchaseQuantity": 2}],
    }


def test_f2_a_value_that_cannot_be_cleared_is_left_as_it_is() -> None:
    """F2: the contract has no null for a price."""
    plan = plan_of(listed(product(price=None, price_type=None)), known(product()))
    assert plan.actions == ()


def test_f2_one_that_was_sold_out_comes_back_with_its_quantity_alone() -> None:
    """F2, P6"""
    action = the_action(plan_of(listed(product()), known(product(quantity=Decimal(0)))))
    assert (action.kind, action.changed) == ("update", ("quantity",))


# -- gone, withheld (P6, P7) ---------------------------------------------------------------------------------


def test_p6_a_product_that_the_pos_no_longer_brings_gets_quantity_0_and_keeps_the_rest() -> None:
    """P6"""
    plan = make_plan([], {"7": known(product())})
    assert the_action(plan) == Action("zero", product(quantity=Decimal(0)), ("quantity",), product(), GONE)
    assert (plan.items, plan.by_status["hidden"], plan.by_reason["gone-from-pos"]) == (0, 1, 1)
    assert plan.forgotten == ()


def test_p6_a_product_that_is_gone_already_is_not_sent_again() -> None:
    """P6, F2"""
    plan = make_plan([], {"7": Known(product=product(quantity=Decimal(0)), state=GONE)})
    assert (plan.actions, plan.states, plan.unchanged) == ((), (), 1)


@pytest.mark.parametrize(("name", "told"), [("Opal Sedge 3.5g", "Opal Sedge 3.5g"), (None, "")])
def test_p6_a_product_of_which_no_decision_is_known_goes_under_its_own_name(
    name: str | None, told: str
) -> None:
    """P6: the state file was lost and rebuilt."""
    action = the_action(make_plan([], {"7": Known(product=product(name=name))}))
    assert action.state == ItemState("7", told, "", "hidden", ("gone-from-pos",), source=b"gone")


def test_p6_an_item_that_was_never_on_the_menu_is_forgotten() -> None:
    """P6"""
    before = {"9": Known(state=state(withheld("9"))), "10": Known(), "8": Known(state=state(withheld("8")))}
    plan = make_plan([], before)
    assert (plan.forgotten, plan.actions, plan.states) == (("10", "8", "9"), (), ())
    assert not plan.by_status


def test_p6_it_comes_back_when_it_comes_back() -> None:
    """P6"""
    plan = plan_of(listed(product()), Known(product=product(quantity=Decimal(0)), state=GONE))
    assert the_action(plan).changed == ("quantity",)
    assert the_action(plan).state == state(listed(product()))


def test_p7_a_new_item_that_is_withheld_is_not_sent_but_remembered() -> None:
    """P7"""
    plan = plan_of(withheld(reason="not-a-product"))
    assert plan.actions == ()
    assert plan.states == (
        ItemState("7", "Opal Sedge 3.5g", "Category > Flower", "withheld", ("not-a-product",)),
    )
    assert (plan.by_status["withheld"], plan.by_reason["not-a-product"], plan.unchanged) == (1, 1, 0)


def test_p7_an_item_that_is_withheld_now_and_on_the_menu_is_set_to_0() -> None:
    """P7"""
    action = the_action(plan_of(withheld(), known(product())))
    assert (action.kind, action.changed, action.product.quantity) == ("zero", ("quantity",), Decimal(0))


def test_p7_an_item_that_is_withheld_again_says_nothing_new() -> None:
    """P7, F2"""
    plan = plan_of(withheld(), Known(product=product(quantity=Decimal(0)), state=state(withheld())))
    assert (plan.actions, plan.states, plan.unchanged) == ((), (), 1)


@pytest.mark.parametrize(
    "changes",
    [{"name": "x"}, {"pos_category": "x"}, {"status": "hidden"}, {"reasons": ("below-threshold",)}],
)
def test_p7_a_decision_that_differs_is_written_even_where_nothing_is_sent(changes: dict[str, Any]) -> None:
    """P7"""
    before = state(listed(product()))
    plan = plan_of(listed(product()), known(product(), state=replace(before, **changes)))
    assert (plan.actions, plan.states, plan.unchanged) == ((), (before,), 1)


def test_p7_the_decision_of_a_product_that_is_sent_goes_with_it() -> None:
    """P7, step 6: it is written when the storefront took the product, not before."""
    for found, before in (
        (listed(product()), None),
        (listed(product(price=Decimal(9))), known(product())),
        (withheld(), known(product())),
        (withheld(), Known(attempted=product())),
        (listed(product()), Known(attempted=product())),
    ):
        plan = plan_of(found, before)
        assert (the_action(plan).state, plan.states) == (state(found), ())


def test_p7_every_reason_is_counted() -> None:
    """P7"""
    both = replace(withheld("1"), reasons=("not-a-product", "no-price"))
    plan = make_plan(
        [both, withheld("2"), listed(product("3")), listed(product("4", quantity=Decimal(0)))], {}
    )
    assert dict(plan.by_reason) == {"not-a-product": 1, "no-price": 2, "out-of-stock": 1}
    assert dict(plan.by_status) == {"withheld": 2, "listed": 1, "hidden": 1}
    assert plan.items == 4


def test_warnings_are_told_with_their_item() -> None:
    """P3a: what the mapping says of an item goes into the report."""
    one, two = ItemWarning("rows-disagree", "a"), ItemWarning("tier-dropped", "b")
    plan = make_plan([listed(product("3"), warnings=(one, two)), replace(withheld("4"), warnings=(two,))], {})
    assert plan.warnings == ((3, one), (3, two), (4, two))


def test_c4_unmapped_categories_are_counted_under_their_full_path() -> None:
    """C4: of products; what is withheld has none."""
    bare = product(product_category=None)
    items = [
        listed(replace(bare, pos_product_id="1"), pos_category="Category > Snacks"),
        listed(replace(bare, pos_product_id="2", quantity=Decimal(0)), pos_category="Category > Snacks"),
        listed(replace(bare, pos_product_id="3"), pos_category="Art"),
        listed(replace(bare, pos_product_id="4"), pos_category=""),
        listed(product("5"), pos_category="Category > Flower"),
        replace(withheld("6"), pos_category="Category > Hats"),
    ]
    plan = make_plan(items, {})
    assert list(plan.unmapped.items()) == [("(no category)", 1), ("Art", 1), ("Category > Snacks", 2)]


# -- switched off (F1, L5, M6) -------------------------------------------------------------------------------

OTHER = product(
    name="New name",
    description="New description",
    brand="New brand",
    sku="New sku",
    product_category="EDIBLES",
    sub_type="New sub type",
    cannabis_type="SATIVA",
    cannabis_strain="New strain",
    price=Decimal(99),
    price_type="PRICE_TIER",
    tiers=tiers(("1", "99")),
    quantity=Decimal(4),
    weight=Decimal(9),
    weight_unit="OUNCES",
    images=("https://pictures.example/new.jpg",),
    labs=(LabValue("thc", Decimal(1), "mg"), LabValue("limonene", Decimal(1), "mg")),
)
GROUPS: dict[FieldGroup, set[str]] = {
    "name": {"name"},
    "description": {"description"},
    "brand": {"brand"},
    "images": {"images"},
    "category": {"product_category"},
    "sub_type": {"sub_type"},
    "strain": {"cannabis_strain", "cannabis_type"},
    "weight": {"weight", "weight_unit"},
    "price": {"price", "price_type", "tiers"},
    "sku": {"sku"},
}


def differing(one: Product, other: Product) -> set[str]:
    return {field.name for field in fields(Product) if getattr(one, field.name) != getattr(other, field.name)}


@pytest.mark.parametrize("group", GROUPS)
def test_f1_a_field_that_is_switched_off_never_changes_on_a_product_synced_before(group: FieldGroup) -> None:
    """F1, M6"""
    action = the_action(plan_of(listed(OTHER), known(product()), switched_off(group)))
    assert differing(action.product, OTHER) == GROUPS[group]
    assert differing(action.product, product()) == ALL - GROUPS[group]
    assert set(action.changed) == ALL - GROUPS[group]


@pytest.mark.parametrize("group", GROUPS)
def test_f1_nor_is_it_cleared(group: FieldGroup) -> None:
    """F1"""
    bare = Product("7", name="Opal Sedge 3.5g", price=Decimal(30), price_type="REGULAR", quantity=Decimal(10))
    held = product(price_type="PRICE_TIER", tiers=tiers(("1", "30")))
    action = the_action(plan_of(listed(bare), known(held), switched_off(group)))
    assert not set(action.changed) & GROUPS[group]
    assert not differing(action.product, held) & GROUPS[group]


@pytest.mark.parametrize("group", GROUPS)
def test_f1_a_new_product_gets_it_once(group: FieldGroup) -> None:
    """F1"""
    action = the_action(plan_of(listed(OTHER), None, switched_off(group)))
    assert action.product == OTHER
    assert GROUPS[group] <= set(action.changed)


@pytest.mark.parametrize("group", GROUPS)
def test_f1_a_value_that_it_never_had_does_not_come_later(group: FieldGroup) -> None:
    """F1: a new product gets it once; this one is not new. For the price see M6."""
    bare = Product("7", name="Old", price=Decimal(30), price_type="REGULAR", quantity=Decimal(10))
    action = the_action(plan_of(listed(OTHER), known(bare), switched_off(group)))
    assert not set(action.changed) & GROUPS[group]


def test_f1_only_that_field_changed_and_nothing_is_sent() -> None:
    """F1, F2"""
    plan = plan_of(listed(product(brand="Other")), known(product()), switched_off("brand"))
    assert (plan.actions, plan.unchanged) == ((), 1)


def test_f1_the_quantity_cannot_be_switched_off() -> None:
    """F1"""
    every = frozenset(get_args(FieldGroup))
    action = the_action(plan_of(listed(OTHER), known(product()), every))
    assert action.changed == ("quantity",)
    assert action.product == product(quantity=Decimal(4))


def test_f1_everything_off_still_sets_what_is_gone_to_0() -> None:
    """F1, P6"""
    every = frozenset(get_args(FieldGroup))
    assert the_action(make_plan([], {"7": known(product())}, every)).changed == ("quantity",)


def test_m6_one_that_never_had_a_price_gets_it_like_a_new_one() -> None:
    """M6"""
    before = known(product(price=None, price_type=None))
    action = the_action(plan_of(listed(product()), before, switched_off("price", "brand")))
    assert action.changed == ("price", "price_type")
    assert action.product.price == 30


def test_l5_cannabinoids_that_are_off_stay_as_the_storefront_has_them() -> None:
    """L5, F2: `labs` is replaced whole, so they go along."""
    before = known(product(labs=(THC, LIMONENE)))
    new = product(labs=(LINALOOL,))
    action = the_action(plan_of(listed(new), before, switched_off("labs")))
    assert (action.changed, action.product.labs) == (("labs",), (THC, LINALOOL))


def test_l5_terpenes_that_are_off_stay_as_the_storefront_has_them() -> None:
    """L5, F2"""
    before = known(product(labs=(THC, LIMONENE, LINALOOL)))
    action = the_action(plan_of(listed(product(labs=(CBD,))), before, switched_off("terpenes")))
    assert action.product.labs == (CBD, LIMONENE, LINALOOL)


def test_l5_both_off_leave_labs_alone() -> None:
    """L5"""
    plan = plan_of(listed(product(labs=())), known(product()), switched_off("labs", "terpenes"))
    assert plan.actions == ()


def test_l5_the_storefronts_other_part_is_cleared_while_the_part_that_is_off_stays() -> None:
    """L5, F2"""
    action = the_action(plan_of(listed(product(labs=())), known(product()), switched_off("labs")))
    assert action.product.labs == (THC,)
    assert wire.changed_fields(action.product, action.changed) == {
        "posProductId": "7",
        "labs": {"thc": 27.63, "thcContentUnit": "%"},
    }


def test_l5_a_part_that_is_off_does_not_come_with_a_product_synced_before() -> None:
    """L5"""
    assert keep(product(labs=(THC, LIMONENE)), product(labs=(CBD,)), switched_off("labs")).labs == (
        CBD,
        LIMONENE,
    )


def test_l5_a_new_product_never_brings_the_part_that_is_off() -> None:
    """L5, from the row to what is sent."""
    profile = row(
        thc=20, compounds=[{"compound": "THCA", "result": "9%"}, {"compound": "Limonene", "result": "1%"}]
    )
    action = the_action(plan_of(mapped(profile, labs=False), None, switched_off("labs")))
    assert action.product.labs == (LabValue("limonene", Decimal(1), "%"),)
    action = the_action(
        plan_of(mapped(profile, labs=False, terpenes=False), None, switched_off("labs", "terpenes"))
    )
    assert "labs" not in action.changed


def test_l5_another_switch_leaves_labs_alone() -> None:
    """L5, F1"""
    new = product(labs=(CBD, LINALOOL))
    assert the_action(plan_of(listed(new), known(product()), switched_off("brand"))).product == new


# -- in doubt (step 6 of a run) ------------------------------------------------------------------------------


def test_a_product_whose_last_answer_is_unknown_is_sent_whole() -> None:
    """Step 6, F2: with a null for all that has no value."""
    new = product(brand=None, images=(), labs=())
    before = Known(product=product(), attempted=product(price=Decimal(31)))
    action = the_action(plan_of(listed(new), before))
    assert (action.kind, action.before) == ("update", product())
    assert set(action.changed) == ALL
    sent = wire.changed_fields(action.product, action.changed)
    assert (sent["brand"], sent["images"], sent["labs"], sent["tiers"]) == (None, [], None, None)


def test_also_when_the_pos_has_meanwhile_gone_back_to_the_old_value() -> None:
    """Step 6"""
    before = Known(product=product(), attempted=product(price=Decimal(31)))
    plan = plan_of(listed(product()), before)
    assert set(the_action(plan).changed) == ALL
    assert plan.unchanged == 0


def test_also_when_the_attempt_was_just_this() -> None:
    """Step 6"""
    before = Known(product=product(), attempted=product(price=Decimal(31)))
    assert set(the_action(plan_of(listed(product(price=Decimal(31))), before)).changed) == ALL


def test_a_new_product_in_doubt_is_created_again_whole() -> None:
    """Step 6"""
    action = the_action(plan_of(listed(product(brand=None)), Known(attempted=product())))
    assert (action.kind, action.before, set(action.changed)) == ("create", None, ALL)


def test_a_value_that_cannot_be_cleared_is_not_sent_as_null_in_doubt() -> None:
    """Step 6, F2"""
    action = the_action(plan_of(listed(product(name=None, price=None)), Known(attempted=product())))
    assert set(action.changed) == ALL - {"name", "price"}


def test_f1_in_doubt_what_is_switched_off_is_not_sent() -> None:
    """F1, step 6"""
    before = Known(product=product(), attempted=product(quantity=Decimal(3)))
    action = the_action(plan_of(listed(OTHER), before, switched_off("price", "brand", "images")))
    assert set(action.changed) == ALL - {"price", "price_type", "tiers", "brand", "images"}
    assert (action.product.price, action.product.brand) == (Decimal(30), "Northwind")


def test_f1_a_new_product_in_doubt_still_gets_what_is_switched_off() -> None:
    """F1: it gets it once, and whether it has it is not known; the first value stays."""
    action = the_action(plan_of(listed(OTHER), Known(attempted=product()), switched_off("price")))
    assert {"price", "price_type"} <= set(action.changed)
    assert action.product.price == 30


def test_m6_in_doubt_one_that_never_had_a_price_gets_it() -> None:
    """M6, step 6"""
    before = Known(product=product(price=None, price_type=None), attempted=product())
    action = the_action(plan_of(listed(product()), before, switched_off("price")))
    assert {"price", "price_type", "tiers"} <= set(action.changed)
    assert action.product.price == 30


def test_f1_a_field_of_an_unread_product_is_not_cleared_while_it_is_switched_off() -> None:
    """F1: of a storefront's product that could not be read, only the id is known."""
    action = the_action(
        plan_of(listed(product()), Known(attempted=Product("7")), switched_off("brand", "images"))
    )
    assert set(action.changed) == ALL - {"brand", "images"}


@pytest.mark.parametrize("before", [None, product(quantity=Decimal(5))])
def test_p7_a_product_in_doubt_that_is_gone_is_sent_whole_with_quantity_0(before: Product | None) -> None:
    """P7"""
    tried = product(price=Decimal(31), brand=None)
    plan = make_plan([], {"7": Known(product=before, attempted=tried)})
    action = the_action(plan)
    assert (action.kind, action.before) == ("zero", before)
    assert action.product == replace(tried, quantity=Decimal(0))
    assert set(action.changed) == ALL
    assert action.state.reasons == ("gone-from-pos",)
    assert plan.forgotten == ()


def test_p7_a_product_in_doubt_that_is_withheld_now_is_sent_with_quantity_0() -> None:
    """P7"""
    action = the_action(plan_of(withheld(), Known(attempted=product())))
    assert (action.kind, action.product.quantity, set(action.changed)) == ("zero", Decimal(0), ALL)


def test_p7_in_doubt_even_a_quantity_of_0_is_sent_again() -> None:
    """P7, step 6: the storefront may still hold the 10 pieces of before."""
    before = Known(product=product(), attempted=product(quantity=Decimal(0)))
    assert the_action(make_plan([], {"7": before})).kind == "zero"


def test_f1_in_doubt_and_gone_what_was_switched_off_meanwhile_does_not_change() -> None:
    """F1: the attempt carried a new price; then prices were switched off; then the item went."""
    before = Known(product=product(), attempted=product(price=Decimal(31)))
    action = the_action(make_plan([], {"7": before}, switched_off("price")))
    assert set(action.changed) == ALL - {"price", "price_type", "tiers"}
    assert action.product.price == 30


def test_a_rejected_product_is_sent_again_by_the_next_run() -> None:
    """Step 6: what was rejected did not change what is known."""
    new = product(price=Decimal(31))
    before = known(product())
    assert plan_of(listed(new), before).actions == plan_of(listed(new), before).actions
    never = Known(state=state(listed(new)))
    action = the_action(plan_of(listed(new), never))
    assert (action.kind, action.before) == ("create", None)


def test_a_rejected_new_product_that_is_gone_is_forgotten() -> None:
    """P6: it never was on the menu."""
    plan = make_plan([], {"7": Known(state=state(listed(product())))})
    assert (plan.actions, plan.forgotten) == ((), ("7",))


# -- order ---------------------------------------------------------------------------------------------------


def test_what_leaves_the_menu_goes_first_then_changes_then_new_products() -> None:
    """Until it has left, a shopper can buy it. Ids in the order of their numbers."""
    nothing = {"quantity": Decimal(0)}
    items = [
        listed(product("100")),
        listed(product("11", **nothing)),
        listed(product("3", price=Decimal(9))),
        listed(product("20", price=Decimal(9))),
        listed(product("5", **nothing)),
        withheld("30"),
    ]
    before = {key: known(product(key)) for key in ("3", "5", "20", "30", "40", "60")}
    before["50"] = Known(attempted=product("50"))
    plan = make_plan(items, before)
    order = [action.product.pos_product_id for action in plan.actions]
    assert order == ["5", "30", "40", "50", "60", "3", "20", "11", "100"]
    assert (plan.count("zero"), plan.count("update"), plan.count("create")) == (4, 3, 2)


# -- the brake (step 5 of a run) -----------------------------------------------------------------------------

HALF = Decimal("0.5")


def run(listed_before: int, leaving: int, hidden: int = 0) -> Plan:
    """A run in which `leaving` of the listed products are sold out."""
    before = {str(key): known(product(str(key))) for key in range(1, listed_before + 1)}
    before |= {str(key): known(product(str(key), quantity=Decimal(0))) for key in range(1000, 1000 + hidden)}
    now = [
        listed(replace(one.product, quantity=Decimal(0) if int(key) <= leaving else one.product.quantity))
        for key, one in before.items()
        if one.product
    ]
    return make_plan(now, before)


def braked(listed_before: int, leaving: int, max_drop: str = "0.5", rows: int = 100) -> bool:
    return must_brake(run(listed_before, leaving), rows=rows, max_drop=Decimal(max_drop))


def test_the_brake_counts_what_is_listed_and_what_would_leave() -> None:
    """Step 5"""
    plan = run(10, 4, hidden=3)
    assert (plan.listed_before, plan.leaving) == (10, 4)


def test_every_way_off_the_menu_counts_and_staying_does_not() -> None:
    """Step 5: sold out, withheld, gone; in doubt or not. Half a gram is on the menu, too."""
    before = {
        "1": known(product("1", quantity=Decimal("0.5"))),
        "2": known(product("2")),
        "3": known(product("3")),
        "4": Known(attempted=product("4")),
        "5": Known(product=product("5"), attempted=product("5", quantity=Decimal(0))),
        "6": Known(product=product("6", quantity=Decimal(0)), attempted=product("6")),
        "7": known(product("7")),
        "8": known(product("8", quantity=Decimal(0))),
        "9": Known(attempted=product("9", quantity=Decimal(0))),
        "10": Known(state=state(withheld("10"))),
    }
    now = [
        listed(product("1", quantity=Decimal(0))),
        withheld("2"),
        listed(product("7", quantity=Decimal("0.5"))),
        withheld("8"),
    ]
    plan = make_plan(now, before)
    assert plan.listed_before == 7
    assert plan.leaving == 6  # 1 sold out, 2 withheld, 3 to 6 gone; 7 stays; 8 to 10 were not there


@pytest.mark.parametrize(
    ("listed_before", "leaving", "max_drop", "braked_then"),
    [
        (10, 5, "0.5", False),
        (10, 6, "0.5", True),
        (5, 3, "0.5", True),
        (5, 2, "0.5", False),
        (4, 4, "0.5", False),
        (1, 1, "0", False),
        (5, 1, "0", True),
        (5, 0, "0", False),
        (20, 20, "1", False),
        (3, 1, "0.33", False),
        (100, 33, "0.33", False),
        (100, 34, "0.33", True),
    ],
)
def test_the_brake_holds_when_more_than_its_share_of_at_least_5_would_leave(
    listed_before: int, leaving: int, max_drop: str, *, braked_then: bool
) -> None:
    """Step 5"""
    assert braked(listed_before, leaving, max_drop) is braked_then


@pytest.mark.parametrize("listed_before", [1, 4, 5, 100])
@pytest.mark.parametrize("max_drop", ["0", "0.5", "1"])
def test_no_rows_at_all_while_anything_is_listed_is_always_an_accident(
    listed_before: int, max_drop: str
) -> None:
    """Step 5"""
    before = {str(key): known(product(str(key))) for key in range(listed_before)}
    assert must_brake(make_plan([], before), rows=0, max_drop=Decimal(max_drop))


def test_no_rows_while_only_an_attempt_may_be_listed_is_one_too() -> None:
    """Step 5, step 6"""
    assert must_brake(make_plan([], {"7": Known(attempted=product())}), rows=0, max_drop=HALF)


@pytest.mark.parametrize("before", [EMPTY, {"7": known(product(quantity=Decimal(0)))}])
def test_empty_to_empty_is_silent(before: Mapping[str, Known]) -> None:
    """Step 5"""
    assert not must_brake(make_plan([], before), rows=0, max_drop=Decimal(0))


def test_a_first_run_has_nothing_to_lose() -> None:
    """Step 5"""
    assert not must_brake(make_plan([listed(product())], {}), rows=1, max_drop=Decimal(0))


def test_products_that_come_do_not_make_up_for_those_that_leave() -> None:
    """Step 5: five left, five others came."""
    before = {str(key): known(product(str(key))) for key in range(1, 6)}
    now = [listed(product(str(key))) for key in range(11, 16)]
    assert must_brake(make_plan(now, before), rows=5, max_drop=HALF)


STAYING = [
    mapped(row(id_item=1)),
    mapped(row(id_item=2, available=0)),
    mapped(
        row(id_item=3, available=2, location_threshold_low_quantity_value=5), row(id_item=3, id_batch=4001)
    ),
    mapped(row(id_item=4, is_product=False)),
    mapped(row(id_item=5, category="Snacks")),
    mapped(row(id_item=6, category="")),
]


def test_what_stays_counts_as_if_it_had_been_decided_about_again() -> None:
    """C4, P7 and the brake: an item that is not looked at again is in every figure and every warning."""
    whole, short = Planner(), Planner()
    for item in STAYING:
        unmapped = item.product is not None and item.product.product_category is None
        whole.add(
            item, Known(item.product, state=replace(state(item), warnings=item.warnings, unmapped=unmapped))
        )
        short.add_same(
            item.id_item,
            item.status,
            item.reasons,
            item.warnings,
            item.pos_category if unmapped else None,
            has_product=item.product is not None,
        )
    assert short.plan() == whole.plan()
    assert (short.plan().listed_before, short.plan().unmapped) == (4, {"(no category)": 1, "Snacks": 1})


def test_p6_what_is_still_gone_counts_as_when_it_left() -> None:
    whole, short = Planner(), Planner()
    whole.add_gone("7", Known(product(quantity=Decimal(0)), state=GONE))
    short.add_still_gone()
    assert short.plan() == whole.plan()
