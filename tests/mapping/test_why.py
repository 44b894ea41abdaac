"""The explanation of an item says what the mapping did, and nothing else."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from alleaves_sync.aiq.models import Product
from alleaves_sync.alleaves.models import InventoryRow, Item
from alleaves_sync.rules.mapping import MappedItem, Rules, map_item
from alleaves_sync.rules.mapping.labs import labs_of
from alleaves_sync.rules.mapping.stock import counts, sort_out
from alleaves_sync.rules.mapping.why import Explanation, explain, explain_rows
from tests import builders, strategies
from tests.strategies import WILD, fast


def check_rows(found: Explanation, rows: Sequence[InventoryRow], rules: Rules) -> None:
    """P2, P3, P3a"""
    counting = {(row.id_batch, row.id_area) for row in rows if counts(row, rules)}
    assert len(found.rows) == len(rows)
    assert {(row.id_batch, row.id_area) for row in found.rows if row.counts} == counting
    assert all(bool(row.refused) != row.counts for row in found.rows)
    deciding = {(row.id_batch, row.id_area) for row in sort_out(rows, rules).deciding}
    assert {(row.id_batch, row.id_area) for row in found.rows if row.decides} == deciding
    assert [row.decides for row in found.rows if row.is_main] == [True]


def check_product(found: Explanation, item: MappedItem, product: Product) -> None:
    """Q1-Q5, M1-M6, T1-T4, C1-C4, W1, S1, I1"""
    assert found.quantity
    assert found.price
    assert found.category
    assert found.weight
    assert found.strain
    assert found.quantity.quantity == product.quantity
    assert found.quantity.hidden_because == item.reasons
    hides = found.quantity.threshold is not None and 0 < found.quantity.compared <= found.quantity.threshold
    assert found.quantity.threshold_hides == hides == ("below-threshold" in item.reasons)
    assert found.price.price == product.price
    assert found.price.price_type == product.price_type
    assert found.price.column == dict(item.sources)["price"]
    if not found.price.kept:
        used = sorted((tier.size, tier.price) for tier in found.price.tiers if tier.used)
        assert used == [(tier.size, tier.price) for tier in product.tiers]
    assert (found.category.category, found.category.sub_type) == (product.product_category, product.sub_type)
    assert (found.weight.weight, found.weight.weight_unit) == (product.weight, product.weight_unit)
    assert found.strain.cannabis_type == product.cannabis_type
    if found.strain.named_by:
        assert found.strain.named_by == dict(item.sources)["cannabisType"]
    assert [one.address for one in found.pictures if one.used] == list(product.images)
    assert {part.value for part in found.labs if part.outcome == "sent"} == set(product.labs)


@fast
@given(
    strategies.rows(WILD),
    strategies.items(WILD),
    strategies.all_rules(),
    st.none() | strategies.products(),
)
def test_it_never_disagrees_with_the_mapping(
    rows: list[InventoryRow], item: Item | None, rules: Rules, held: Product | None
) -> None:
    mapped = map_item(rows, item, rules, held)
    found = explain(rows, item, rules, held)
    check_rows(found, rows, rules)
    assert found.price is not None
    assert (found.price.price is None) == ("no-price" in mapped.reasons) or mapped.reasons == ("invalid",)
    if mapped.product is not None:
        check_product(found, mapped, mapped.product)


@fast
@given(strategies.rows(), strategies.items(), strategies.all_rules(), st.none() | strategies.products())
def test_it_never_disagrees_with_the_mapping_of_a_store_as_there_are(
    rows: list[InventoryRow], item: Item | None, rules: Rules, held: Product | None
) -> None:
    mapped = map_item(rows, item, rules, held)
    if mapped.product is not None:
        check_product(explain(rows, item, rules, held), mapped, mapped.product)


@fast
@given(strategies.rows(), strategies.all_rules())
def test_every_compound_and_column_is_told_once(rows: list[InventoryRow], rules: Rules) -> None:
    """L1-L5"""
    found = explain(rows, None, rules).labs
    entries = sum(len(row.compounds) for row in rows)
    assert sum(part.source == "compounds" for part in found) == entries
    assert all((part.outcome == "sent") != bool(part.because) for part in found)
    labs = labs_of(sort_out(rows, rules).stocked, labs=rules.labs, terpenes=rules.terpenes)
    refused = {part.because.removeprefix("L1, L2: ") for part in found if part.outcome == "refused"}
    assert refused == {warning.message for warning in labs.warnings}


def test_what_keeps_a_row_from_counting_is_told_with_its_rule() -> None:
    """P2, P3"""
    changes: list[dict[str, JsonValue]] = [
        {},
        {"id_area": builders.VAULT_ID, "area": "Vault", "area_path": "V", "area_type": "Storage"},
        {"id_area": None, "area": None, "area_path": None, "area_type": None},
        {"deleted": True},
        {"qc_hold": True, "status": " "},
        {"date_expire": "2026-01-31", "status": "closed"},
    ]
    rows = [builders.row(id_batch=number, **change) for number, change in enumerate(changes)]
    found = explain(rows, None, builders.rules()).rows
    assert [(row.id_batch, [(one.rule, one.text) for one in row.refused]) for row in found] == [
        (0, []),
        (1, [("P2", "its area is not selected")]),
        (2, [("P2", "in no area")]),
        (3, [("P3", "deleted")]),
        (4, [("P3", "on quality hold"), ("P3", "its status is empty, not open")]),
        (5, [("P3", "its status is closed, not open"), ("P3", "expired 2026-01-31")]),
    ]
    assert [row.is_main for row in found] == [True, False, False, False, False, False]


def test_price_columns_are_told_in_the_order_in_which_they_were_tried() -> None:
    """M1, M2, M3, M5"""
    rows = [
        builders.row(id_batch=1, price_retail_adult_use=0, price_retail=31),
        builders.row(id_batch=2),
        builders.row(id_batch=3, price_retail_adult_use=None),
    ]
    price = explain(rows, None, builders.rules()).price
    assert price is not None
    assert [[(one.column, one.value) for one in row.tried] for row in price.rows] == [
        [("price_retail_adult_use", Decimal(0)), ("price_retail", Decimal(31))],
        [("price_retail_adult_use", Decimal(30))],
        [("price_retail_adult_use", None), ("price_retail", None)],
    ]
    assert (price.price, price.column, price.otd) == (Decimal(31), "price_retail", False)
    assert price.otd_because == "no deciding row has an OTD flag"
    assert {one.column for one in price.not_tried} == {
        "price_retail_medical_use",
        "price_otd_adult_use",
        "price_otd_medical_use",
    }


def test_it_is_told_why_otd_prices_are_on() -> None:
    """M1"""
    row = builders.row(use_otd_price=True, use_location_otd_price=True)
    on = explain([row], None, builders.rules()).price
    never = explain([row], None, builders.rules(otd_pricing="never")).price
    assert on is not None
    assert never is not None
    assert on.otd_because == "use_otd_price and use_location_otd_price on a deciding row"
    assert (never.otd, never.otd_because) == (False, "otd_pricing is never")


def test_a_tier_that_is_dropped_says_why() -> None:
    """T1, T3"""
    item = builders.tiered(
        builders.tier(qty=1),
        builders.tier(qty=1, price_retail_adult_use=9),
        builders.tier(qty=2, price_retail_adult_use=0),
        builders.tier(uom_short="ea"),
        builders.tier(qty=0),
    )
    price = explain([builders.row(uom_type="weight", uom_short="g")], item, builders.rules()).price
    assert price is not None
    assert [tier.dropped_because for tier in price.tiers] == [
        None,
        "the same size stands there before",
        "no price in price_retail_adult_use or price_retail",
        "not a unit of a WEIGHT_TIER",
        "no size",
    ]
    assert (price.price, price.column) == (Decimal(10), "price_tier_list.price_retail_adult_use")


def test_a_price_that_is_kept_stands_beside_what_the_pos_says() -> None:
    """M6"""
    held = builders.product(price=Decimal(25))
    price = explain([builders.row()], None, builders.rules(), held).price
    assert price is not None
    assert (price.kept, price.price, price.rows[0].price) == (True, Decimal(25), Decimal(30))


def test_the_category_is_looked_up_in_the_order_of_the_rules() -> None:
    """C1-C4"""
    rules = builders.rules(category_map={"snacks": "EDIBLES"})

    def tried(path: str, rules: Rules) -> list[tuple[str, str, str | None]]:
        part = explain([builders.row(category=path)], None, rules).category
        assert part is not None
        return [(one.text, one.where, one.found) for one in part.tried]

    assert tried("Shop > Snacks", rules) == [
        ("Shop > Snacks", "map: whole path", None),
        ("Snacks", "map: last segment", "EDIBLES"),
    ]
    assert tried("Vapes > 510", builders.rules()) == [
        ("510", "default map", None),
        ("Vapes", "default map", "VAPORIZERS"),
    ]
    assert tried("Flower", builders.rules(use_default_categories=False)) == []


def test_the_threshold_is_told_of_each_deciding_row() -> None:
    """Q2-Q4"""
    rows = [
        builders.row(id_batch=1, location_threshold_low_quantity_value=5),
        builders.row(
            id_batch=2,
            location_threshold_low_quantity_value=30,
            location_threshold_low_quantity_selected=True,
        ),
    ]
    quantity = explain(rows, None, builders.rules(threshold_needs_checkbox=True)).quantity
    assert quantity is not None
    assert [(one.value, one.applies) for one in quantity.thresholds] == [
        (Decimal(5), False),
        (Decimal(30), True),
    ]
    assert (quantity.sum, quantity.threshold, quantity.threshold_hides) == (Decimal(20), Decimal(30), True)


def test_weight_is_compared_with_the_threshold_in_the_unit_of_the_pos() -> None:
    """Q2, Q5"""
    item = builders.tiered(builders.tier())
    row = builders.row(uom_type="weight", uom_short="oz", available=2)
    quantity = explain([row], item, builders.rules()).quantity
    assert quantity is not None
    assert (quantity.unit, quantity.compared, quantity.compared_unit) == ("grams", Decimal(2), "oz")
    assert quantity.quantity == Decimal("56.699")


@pytest.mark.parametrize(
    ("entry", "rules", "outcome", "because"),
    [
        ({"compound": "THC", "result": "20%"}, {}, "sent", ""),
        ({"compound": "THC", "result": "30 mg"}, {}, "other-value", "L4"),
        ({"compound": "THC", "result": "ND"}, {}, "nothing", "L2"),
        ({"compound": "THC", "result": "lots"}, {}, "refused", "L1, L2: THC: 'lots' is no content"),
        ({"compound": "Delta-3 Carene", "result": "1%"}, {}, "refused", "did you mean 3-Carene?"),
        ({"compound": "Limonene", "result": "1%"}, {"terpenes": False}, "switched-off", "L5"),
        ({"compound": "Water", "result": "1%"}, {"terpenes": False}, "switched-off", "L5"),
    ],
)
def test_a_compound_that_is_not_sent_says_why(
    entry: dict[str, JsonValue], rules: dict[str, bool], outcome: str, because: str
) -> None:
    """L1-L5"""
    rows = [builders.row(compounds=[entry, {"compound": "thc %", "result": "20"}])]
    part = explain(rows, None, builders.rules(**rules)).labs[0]
    assert part.outcome == outcome
    assert because in part.because


def test_the_columns_say_whether_they_served() -> None:
    """L3, L4"""

    def outcomes(*rows: InventoryRow, **rules: bool) -> list[tuple[str, str]]:
        found = explain(rows, None, builders.rules(**rules)).labs
        return [(part.source, part.outcome) for part in found if part.source != "compounds"]

    columns: dict[str, JsonValue] = {"thc": 20, "thc_mg": 7, "cbd": 0}
    assert outcomes(builders.row(**columns)) == [
        ("thc", "sent"),
        ("thc_mg", "other-value"),
        ("cbd", "nothing"),
    ]
    assert outcomes(builders.row(thc=20), labs=False) == [("thc", "switched-off")]
    stated = builders.row(thc=20, compounds=[{"compound": "CBD", "result": "ND"}])
    assert outcomes(stated) == [("thc", "not-read")]
    empty = builders.row(id_batch=1, available=0, thc=20)
    assert outcomes(builders.row(thc=21), empty) == [("thc", "sent"), ("thc", "not-read")]


def test_pictures_that_are_left_out_say_why() -> None:
    """I1"""
    media: list[JsonValue] = [
        {"content": "https://pictures.example/1"},
        {"content": None},
        {"content": "ftp://pictures.example/1"},
        {"content": "https://pictures.example/1"},
    ]
    found = explain([builders.row()], builders.item(media_list=media), builders.rules()).pictures
    assert [(one.used, one.dropped_because) for one in found] == [
        (True, ""),
        (False, "no picture in this place"),
        (False, "its address is not http(s)"),
        (False, "the same stands there before"),
    ]


def test_an_item_that_could_not_be_mapped_has_at_most_its_rows() -> None:
    """P6a"""
    assert explain_rows((), builders.rules()) == Explanation(())
    found = explain_rows((builders.row(),), builders.rules())
    assert [row.counts for row in found.rows] == [True]
    assert (found.quantity, found.price, found.category) == (None, None, None)
