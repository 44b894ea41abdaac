"""What holds for every row that the contract allows."""

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.models import Product
from alleaves_sync.alleaves.models import InventoryRow, Item
from alleaves_sync.rules.mapping import MappedItem, Rules, map_item
from tests import strategies
from tests.builders import TODAY
from tests.strategies import WILD, fast

WITHHELD = {"not-a-product", "other-menu-type", "no-price", "invalid"}
HIDDEN = {"out-of-stock", "below-threshold"}
PRICES = (
    "price_retail",
    "price_retail_adult_use",
    "price_retail_medical_use",
    "price_otd",
    "price_otd_adult_use",
    "price_otd_medical_use",
)
GRAMS = {"g": Decimal(1), "mg": Decimal("0.001"), "oz": Decimal("28.349523125")}


def check_state(found: MappedItem) -> None:
    """P7"""
    assert len(found.reasons) == len(set(found.reasons))
    if found.status == "withheld":
        assert found.product is None
        assert found.reasons
        assert set(found.reasons) <= WITHHELD
        return
    assert found.product is not None
    assert found.product.name
    assert found.product.price is not None
    if found.status == "hidden":
        assert found.product.quantity == 0
        assert found.reasons
        assert set(found.reasons) <= HIDDEN
    else:
        assert found.product.quantity > 0
        assert found.reasons == ()


@fast
@given(
    strategies.rows(WILD),
    strategies.items(WILD),
    strategies.all_rules(),
    st.none() | strategies.products(),
)
def test_p7_the_mapping_never_raises_and_every_item_ends_in_one_state(
    rows: list[InventoryRow], item: Item | None, rules: Rules, held: Product | None
) -> None:
    """P7, M6"""
    check_state(map_item(rows, item, rules, held))


@fast
@given(strategies.rows(), strategies.items(), strategies.all_rules(), st.none() | strategies.products())
def test_p7_every_item_of_a_store_ends_in_one_state(
    rows: list[InventoryRow], item: Item | None, rules: Rules, held: Product | None
) -> None:
    """P7"""
    check_state(map_item(rows, item, rules, held))


@fast
@given(st.data(), strategies.rows(), strategies.items(), strategies.all_rules())
def test_the_order_of_the_rows_does_not_matter(
    data: st.DataObject, rows: list[InventoryRow], item: Item | None, rules: Rules
) -> None:
    """P3a"""
    assert map_item(data.draw(st.permutations(rows)), item, rules) == map_item(rows, item, rules)


def sum_of(rows: Sequence[InventoryRow], product: Product) -> Decimal:
    counting = [
        row
        for row in rows
        if row.area_type == "Retail"
        and not (row.deleted or row.qc_hold)
        and row.status.strip().lower() == "open"
        and not (row.date_expire and row.date_expire < TODAY)
    ]
    factors = GRAMS if product.price_type == "WEIGHT_TIER" else {}
    weighed = product.price_type == "WEIGHT_TIER"
    return sum(
        (
            row.available * factors.get(row.uom_short.strip().lower(), Decimal(0 if weighed else 1))
            for row in counting
        ),
        Decimal(0),
    )


@fast
@given(strategies.rows(), strategies.items(), strategies.all_rules())
def test_q1_q5_the_quantity_is_never_more_than_what_is_available_and_never_a_piece_less(
    rows: list[InventoryRow], item: Item | None, rules: Rules
) -> None:
    """Q1, Q2, Q5"""
    product = map_item(rows, item, rules).product
    if product is None:
        return
    total = max(sum_of(rows, product), Decimal(0))
    step = Decimal("0.001") if product.price_type == "WEIGHT_TIER" else Decimal(1)
    assert 0 <= product.quantity <= total
    assert product.quantity == 0 or total - product.quantity < step
    assert product.quantity % step == 0


@fast
@given(strategies.rows(WILD), strategies.items(WILD), strategies.all_rules())
def test_m3_m4_a_price_is_always_one_that_the_pos_has(
    rows: list[InventoryRow], item: Item | None, rules: Rules
) -> None:
    """M3, M4, T2: never computed, but for tiers that are priced per unit."""
    product = map_item(rows, item, rules).product
    if product is None or rules.tier_price == "per_unit":
        return
    of_rows = {getattr(row, name) for row in rows for name in PRICES}
    of_tiers = {getattr(tier, name) for tier in (item.price_tier_list if item else ()) for name in PRICES}
    assert product.price in (of_tiers if product.tiers else of_rows)
    assert {tier.price for tier in product.tiers} <= of_tiers
    assert all(tier.price > 0 for tier in product.tiers)


@fast
@given(strategies.rows(), strategies.items(), strategies.all_rules())
def test_t3_t4_tiers_grow_and_the_smallest_gives_the_price(
    rows: list[InventoryRow], item: Item | None, rules: Rules
) -> None:
    """T3, T4"""
    product = map_item(rows, item, rules).product
    if product is None or not product.tiers:
        return
    sizes = [tier.size for tier in product.tiers]
    assert sizes == sorted(set(sizes))
    assert sizes[0] > 0
    assert product.price == product.tiers[0].price
    assert product.price_type != "REGULAR"


@fast
@given(strategies.rows(), strategies.items(), strategies.all_rules(), strategies.products())
def test_m6_a_held_price_is_never_touched(
    rows: list[InventoryRow], item: Item | None, rules: Rules, held: Product
) -> None:
    """M6"""
    found = map_item(rows, item, rules, held)
    assert "no-price" not in found.reasons
    if found.product is not None:
        kept = (found.product.price, found.product.price_type, found.product.tiers)
        assert kept == (held.price, held.price_type, held.tiers)


@fast
@given(strategies.rows(WILD), strategies.items(WILD), strategies.all_rules())
def test_f2_what_is_sent_comes_back_from_json_as_it_was(
    rows: list[InventoryRow], item: Item | None, rules: Rules
) -> None:
    """F2: a number that JSON cannot carry would be a change for ever."""
    product = map_item(rows, item, rules).product
    if product is not None:
        assert wire.parse(wire.dump(product)) == product
