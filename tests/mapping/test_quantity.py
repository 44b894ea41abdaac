"""How much there is: Q1-Q5."""

from decimal import Decimal

import pytest
from pydantic import JsonValue

from tests.builders import codes, mapped, product, product_of, row, tier, tiered, tiers

BULK = tiered(tier(qty=1, uom_short="g"))


def bulk(**changes: JsonValue) -> dict[str, JsonValue]:
    return {"uom_type": "weight", "uom_short": "g", **changes}


def few(value: float | None, **changes: JsonValue) -> dict[str, JsonValue]:
    return {"location_threshold_low_quantity_value": value, **changes}


def test_q1_the_quantity_is_the_sum_of_available_and_not_of_on_hand() -> None:
    """Q1"""
    rows = (row(id_batch=1, available=3, on_hand=100), row(id_batch=2, available=4, on_hand=0))
    assert product_of(*rows).quantity == 7


def test_q1_an_oversold_batch_is_taken_off_the_sum() -> None:
    """Q1"""
    found = mapped(row(id_batch=1, available=10), row(id_batch=2, available=-3))
    assert found.product is not None
    assert found.product.quantity == 7
    assert codes(found) == []


def test_q1_a_sum_below_0_becomes_0_and_is_reported() -> None:
    """Q1"""
    found = mapped(row(id_batch=1, available=2), row(id_batch=2, available=-3))
    assert found.product is not None
    assert found.product.quantity == 0
    assert next((warning.code, warning.message) for warning in found.warnings) == (
        "negative-stock",
        "available is -1 in all, taken as 0",
    )


def test_q1_a_sum_of_exactly_0_is_no_news() -> None:
    """Q1"""
    assert codes(mapped(row(id_batch=1, available=3), row(id_batch=2, available=-3))) == []


@pytest.mark.parametrize(
    ("available", "threshold", "quantity"),
    [
        (5, 5, 0),
        (4, 5, 0),
        (6, 5, 6),
        (5.5, 5, 5),
        (5.5, 5.5, 0),
        (5.5, 5.4, 5),
        (32, 5, 32),
        (1, 0, 1),
        (3, -1, 3),
        (3, None, 3),
    ],
)
def test_q2_not_above_the_threshold_is_0_and_above_it_the_full_quantity_shows(
    available: float, threshold: float | None, quantity: int
) -> None:
    """Q2: compared before any rounding, never subtracted."""
    assert product_of(row(available=available, **few(threshold))).quantity == quantity


def test_q2_the_threshold_is_compared_with_the_sum_of_all_rows() -> None:
    """Q2"""
    assert (
        product_of(row(id_batch=1, available=3, **few(5)), row(id_batch=2, available=3, **few(5))).quantity
        == 6
    )


def test_q2_the_threshold_is_in_the_pos_own_unit_where_stock_is_weighed_in_ounces() -> None:
    """Q2: 5 oz against 5 is too few, though it is 141.7 g; 5.5 oz are listed."""
    at = mapped(row(available=5, **bulk(uom_short="oz"), **few(5)), item=BULK)
    assert at.reasons == ("below-threshold",)
    above = product_of(row(available=5.5, **bulk(uom_short="oz"), **few(5)), item=BULK)
    assert above.quantity == Decimal("155.922")  # 5.5 x 28.349523125 = 155.9223771875


def test_q2_milligrams_are_not_taken_for_grams_beside_a_threshold() -> None:
    """Q2: 4000 mg against 4000 is too few; 4001 mg are 4.001 g."""
    assert product_of(row(available=4000, **bulk(uom_short="mg"), **few(4000)), item=BULK).quantity == 0
    above = product_of(row(available=4001, **bulk(uom_short="mg"), **few(4000)), item=BULK)
    assert above.quantity == Decimal("4.001")


def test_q2_mixed_units_are_compared_in_the_unit_of_the_highest_batch() -> None:
    """Q2, P3a: 28.349523125 g and 1 oz are 2 oz."""
    rows = (
        row(id_batch=1, available=28.349523125, **bulk(uom_short="g"), **few(2)),
        row(id_batch=2, available=1, **bulk(uom_short="oz"), **few(2)),
    )
    assert mapped(*rows, item=BULK).reasons == ("below-threshold",)


def test_q2_where_the_highest_batch_has_no_weight_the_threshold_is_in_grams() -> None:
    """Q2, Q5: 4 g are more than 3."""
    rows = (
        row(id_batch=1, available=4, **bulk(uom_short="g"), **few(3)),
        row(id_batch=2, available=1, **bulk(uom_short="ea"), **few(3)),
    )
    assert product_of(*rows, item=BULK).quantity == 4


@pytest.mark.parametrize(("selected", "needs", "quantity"), [
    (False, False, 0), (True, False, 0), (True, True, 0), (False, True, 3),
])  # fmt: skip
def test_q3_the_checkbox_is_ignored_unless_the_configuration_asks_for_it(
    *, selected: bool, needs: bool, quantity: int
) -> None:
    """Q3"""
    one = row(available=3, **few(5, location_threshold_low_quantity_selected=selected))
    assert product_of(one, threshold_needs_checkbox=needs).quantity == quantity


def test_q4_of_different_thresholds_the_highest_counts_and_it_is_reported() -> None:
    """Q4"""
    found = mapped(row(id_batch=2, available=4, **few(2)), row(id_batch=1, available=4, **few(8)))
    assert found.reasons == ("below-threshold",)
    assert codes(found) == ["rows-disagree"]
    assert "8 counts" in found.warnings[0].message


def test_q4_a_row_without_a_threshold_disagrees_with_one_that_has_one() -> None:
    """Q4"""
    found = mapped(row(id_batch=2, available=4), row(id_batch=1, available=1, **few(5)))
    assert found.reasons == ("below-threshold",)
    assert codes(found) == ["rows-disagree"]


def test_q4_only_deciding_rows_have_a_say() -> None:
    """Q4, P3a"""
    rows = (row(id_batch=1, available=4, **few(2)), row(id_batch=2, available=0, **few(50)))
    found = mapped(*rows)
    assert found.status == "listed"
    assert codes(found) == []


def test_q4_an_unchecked_threshold_is_none_where_the_checkbox_counts() -> None:
    """Q3, Q4"""
    rows = (
        row(id_batch=1, available=4, **few(8)),
        row(id_batch=2, available=4, **few(2, location_threshold_low_quantity_selected=True)),
    )
    found = mapped(*rows, threshold_needs_checkbox=True)
    assert found.status == "listed"
    assert codes(found) == ["rows-disagree"]


def test_q4_equal_thresholds_in_another_spelling_agree() -> None:
    """Q4"""
    assert codes(mapped(row(id_batch=1, **few(5)), row(id_batch=2, **few(5.0)))) == []


@pytest.mark.parametrize(
    ("available", "quantity"), [(7.999, 7), (7, 7), (0.4, 0), (10_000_000_000.5, 10_000_000_000)]
)
def test_q5_pieces_are_rounded_down_to_whole_ones(available: float, quantity: int) -> None:
    """Q5"""
    assert product_of(row(available=available)).quantity == quantity


def test_q5_pieces_are_rounded_after_they_were_added() -> None:
    """Q5: 1.5 and 1.5 are 3, not 2."""
    assert product_of(row(id_batch=1, available=1.5), row(id_batch=2, available=1.5)).quantity == 3


def test_q5_an_item_without_tiers_is_in_pieces_even_where_the_pos_weighs_it() -> None:
    """Q5"""
    found = product_of(row(available=7.6, **bulk()))
    assert (found.price_type, found.quantity) == ("REGULAR", Decimal(7))


def test_q5_count_tiers_are_in_pieces() -> None:
    """Q5"""
    found = product_of(row(available=7.6), item=tiered(tier(qty=2, uom_short="ea")))
    assert (found.price_type, found.quantity) == ("PRICE_TIER", Decimal(7))


@pytest.mark.parametrize(
    ("available", "unit", "grams"),
    [
        (112.5, "g", "112.5"),
        (1.23456, "g", "1.234"),
        (2500, "mg", "2.5"),
        (1, "oz", "28.349"),
        (2, " OZ ", "56.699"),
        (0.9999, "mg", "0"),
    ],
)
def test_q5_weight_tiers_are_grams_to_three_decimals_rounded_down(
    available: float, unit: str, grams: str
) -> None:
    """Q5, T5"""
    found = product_of(row(available=available, **bulk(uom_short=unit)), item=BULK)
    assert (found.price_type, found.quantity) == ("WEIGHT_TIER", Decimal(grams))


def test_q5_each_row_is_converted_from_its_own_unit() -> None:
    """Q5: 500 mg, 1.5 g and 1 oz are 30.349523125 g."""
    rows = (
        row(id_batch=1, available=500, **bulk(uom_short="mg")),
        row(id_batch=2, available=1.5, **bulk(uom_short="g")),
        row(id_batch=3, available=1, **bulk(uom_short="oz")),
    )
    assert product_of(*rows, item=BULK).quantity == Decimal("30.349")


def test_q5_under_a_milligram_is_out_of_stock() -> None:
    """Q5, P7"""
    found = mapped(row(available=0.0009, **bulk()), item=BULK)
    assert (found.status, found.reasons) == ("hidden", ("out-of-stock",))


def test_q5_part_of_a_gram_is_listed() -> None:
    """Q5"""
    assert mapped(row(available=0.25, **bulk()), item=BULK).status == "listed"


def test_q5_t5_a_row_in_no_unit_of_weight_is_left_out_and_reported() -> None:
    """Q5, T5"""
    rows = (row(id_batch=1, available=3, **bulk()), row(id_batch=2, available=40, **bulk(uom_short="lb")))
    found = mapped(*rows, item=BULK)
    assert found.product is not None
    assert found.product.quantity == 3
    assert "unit-unknown" in codes(found)
    assert "batch 2: 40 'lb'" in " ".join(warning.message for warning in found.warnings)


def test_q5_t5_stock_in_pieces_alone_is_no_weight_at_all() -> None:
    """Q5, T5"""
    found = mapped(row(available=3, **bulk(uom_short="ea"), **few(5)), item=BULK)
    assert found.reasons == ("out-of-stock",)
    assert codes(found) == ["unit-unknown"]


def test_q5_m6_the_unit_follows_the_price_type_that_the_menu_keeps() -> None:
    """Q5, M6"""
    by_weight = product(price_type="WEIGHT_TIER", tiers=tiers(("1", "10")))
    kept = product_of(row(available=2.5, **bulk()), held=by_weight)
    assert (kept.price_type, kept.quantity) == ("WEIGHT_TIER", Decimal("2.5"))
    by_piece = product_of(row(available=2.5, **bulk()), item=BULK, held=product())
    assert (by_piece.price_type, by_piece.quantity) == ("REGULAR", Decimal(2))
