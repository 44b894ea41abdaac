"""Tiered ("deli style") pricing: T1-T5."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import JsonValue

from tests.builders import accessory, codes, item, mapped, product_of, row, tier, tiered, tiers

BULK: dict[str, JsonValue] = {"uom_type": "weight", "uom_short": "g"}


def messages(*tier_list: JsonValue, **changes: JsonValue) -> list[str]:
    """The warnings of a weight tiered item."""
    found = mapped(row(**{**BULK, **changes}), item=tiered(*tier_list))
    return [f"{warning.code}: {warning.message}" for warning in found.warnings]


def test_t1_a_weighed_item_has_tiers_in_grams() -> None:
    """T1"""
    found = product_of(row(**BULK), item=tiered(tier(), tier(qty=3.5, price_retail_adult_use=28)))
    assert found.price_type == "WEIGHT_TIER"
    assert found.tiers == tiers(("1", "10"), ("3.5", "28"))


@pytest.mark.parametrize("uom_type", ["weight", "Weight", " WEIGHT "])
def test_t1_weight_is_weight_however_it_is_spelled(uom_type: str) -> None:
    """T1"""
    assert product_of(row(uom_type=uom_type, uom_short="g"), item=tiered(tier())).price_type == "WEIGHT_TIER"


@pytest.mark.parametrize("uom_type", ["count", "", "volume"])
def test_t1_everything_else_is_counted(uom_type: str) -> None:
    """T1"""
    found = product_of(row(uom_type=uom_type), item=tiered(tier(qty=2, uom_short="ea")))
    assert (found.price_type, found.tiers) == ("PRICE_TIER", tiers(("2", "10")))


def test_t1_an_item_without_the_flag_has_no_tiers_even_where_a_list_stands_there() -> None:
    """T1"""
    found = product_of(row(), item=item(use_tiered_pricing=False, price_tier_list=[tier(uom_short="ea")]))
    assert (found.price_type, found.tiers, found.price) == ("REGULAR", (), Decimal(30))


def test_t1_an_item_without_a_catalogue_record_has_no_tiers() -> None:
    """T1"""
    found = mapped(row(**BULK))
    assert found.product is not None
    assert (found.product.price_type, found.product.tiers) == ("REGULAR", ())
    assert [warning.code for warning in found.warnings] == ["no-catalogue-record"]


def test_t1_a_tier_in_the_other_kind_of_unit_is_dropped_and_reported() -> None:
    """T1"""
    found = mapped(row(**BULK), item=tiered(tier(qty=2, uom_short="ea"), tier()))
    assert found.product is not None
    assert found.product.tiers == tiers(("1", "10"))
    assert codes(found) == ["tier-dropped"]
    counted = mapped(row(), item=tiered(tier(qty=2, uom_short="ea"), tier()))
    assert counted.product is not None
    assert counted.product.tiers == tiers(("2", "10"))
    assert codes(counted) == ["tier-dropped"]


@pytest.mark.parametrize("unit", [None, "", "  "])
def test_t1_a_tier_without_a_unit_is_in_the_items_own(unit: str | None) -> None:
    """T1, B1: empty text is absent."""
    assert product_of(row(), item=tiered(tier(qty=2, uom_short=unit))).tiers == tiers(("2", "10"))
    by_weight = product_of(row(uom_type="weight", uom_short="mg"), item=tiered(tier(qty=500, uom_short=unit)))
    assert by_weight.tiers == tiers(("0.5", "10"))


def test_t2_a_tiers_price_is_the_total() -> None:
    """T2: 3.5 g for $28, not $8 a gram."""
    found = product_of(row(**BULK), item=tiered(tier(qty=3.5, price_retail_adult_use=28)))
    assert found.tiers == tiers(("3.5", "28"))


@pytest.mark.parametrize(
    ("qty", "unit", "price", "size", "total"),
    [(3.5, "g", 8, "3.5", "28"), (1, "oz", 200, "28.349523125", "200"), (500, "mg", 0.02, "0.5", "10")],
)
def test_t2_a_price_per_unit_is_multiplied_by_the_tiers_own_quantity(
    qty: float, unit: str, price: float, size: str, total: str
) -> None:
    """T2"""
    one = tier(qty=qty, uom_short=unit, price_retail_adult_use=price)
    found = product_of(row(**BULK), item=tiered(one), tier_price="per_unit")
    assert found.tiers == tiers((size, total))
    assert found.price == Decimal(total)


def test_t2_a_price_per_piece_is_multiplied_too() -> None:
    """T2"""
    one = tier(qty=3, uom_short="ea", price_retail_adult_use=8.1)
    assert product_of(row(), item=tiered(one), tier_price="per_unit").tiers == tiers(("3", "24.3"))


SIX: dict[str, JsonValue] = {
    "price_retail": 10.01,
    "price_retail_adult_use": 10,
    "price_retail_medical_use": 9,
    "price_otd": 13.01,
    "price_otd_adult_use": 13,
    "price_otd_medical_use": 12,
}


@pytest.mark.parametrize(
    ("rules", "flags", "price"),
    [
        ({}, {}, "10"),
        ({}, {"use_otd_price": True}, "13"),
        ({"menu": "medical"}, {}, "9"),
        ({"menu": "medical", "otd_pricing": "always"}, {}, "12"),
        ({"otd_pricing": "never"}, {"use_otd_price": True}, "10"),
    ],
)
def test_t3_the_column_of_a_tier_is_chosen_as_that_of_a_row(
    rules: dict[str, Any], flags: dict[str, JsonValue], price: str
) -> None:
    """T3, M1, M2"""
    found = product_of(row(**BULK, **flags), item=tiered(tier(**SIX)), **rules)
    assert found.tiers == tiers(("1", price))


def test_t3_an_accessorys_tiers_have_the_generic_column() -> None:
    """T3, M2"""
    assert product_of(accessory(), item=tiered(tier(**{**SIX, "uom_short": "ea"}))).tiers == tiers(
        ("1", "10.01")
    )


def test_t3_an_unset_price_of_a_tier_falls_back_within_its_kind() -> None:
    """T3, M3"""
    found = mapped(row(**BULK), item=tiered(tier(**{**SIX, "price_retail_adult_use": 0})))
    assert found.product is not None
    assert found.product.tiers == tiers(("1", "10.01"))
    assert dict(found.sources)["price"] == "price_tier_list.price_retail"


def test_t3_tiers_are_sorted_by_size_and_not_by_number() -> None:
    """T3, T5: 1 oz is more than 3.5 g; 500 mg are less than 1 g."""
    found = product_of(
        row(**BULK),
        item=tiered(
            tier(qty=1, uom_short="oz", price_retail_adult_use=200),
            tier(qty=3.5, price_retail_adult_use=28),
            tier(qty=500, uom_short="mg", price_retail_adult_use=6),
        ),
    )
    assert found.tiers == tiers(("0.5", "6"), ("3.5", "28"), ("28.349523125", "200"))


@pytest.mark.parametrize("price", [0, None, -5])
def test_t3_a_tier_without_a_price_is_dropped_and_reported(price: float | None) -> None:
    """T3"""
    found = mapped(row(**BULK), item=tiered(tier(qty=2, price_retail_adult_use=price), tier()))
    assert found.product is not None
    assert found.product.tiers == tiers(("1", "10"))
    assert codes(found) == ["tier-dropped"]
    assert "no price in price_retail_adult_use or price_retail" in found.warnings[0].message


@pytest.mark.parametrize("size", [0, -1, 0.0])
def test_t3_a_tier_without_a_size_is_dropped_and_reported(size: float) -> None:
    """T3"""
    found = mapped(row(**BULK), item=tiered(tier(qty=size), tier()))
    assert found.product is not None
    assert found.product.tiers == tiers(("1", "10"))
    assert codes(found) == ["tier-dropped"]
    assert "no size" in found.warnings[0].message


def test_t3_of_the_same_size_twice_the_first_counts_in_whatever_unit() -> None:
    """T3, T5"""
    found = mapped(
        row(**BULK),
        item=tiered(
            tier(qty=1, price_retail_adult_use=10),
            tier(qty=1000, uom_short="mg", price_retail_adult_use=5),
            tier(qty=1.0, price_retail_adult_use=7),
        ),
    )
    assert found.product is not None
    assert found.product.tiers == tiers(("1", "10"))
    assert codes(found) == ["tier-dropped", "tier-dropped"]


def test_t3_a_dropped_tier_does_not_stand_before_a_good_one_of_its_size() -> None:
    """T3"""
    found = product_of(
        row(**BULK), item=tiered(tier(price_retail_adult_use=0), tier(price_retail_adult_use=9))
    )
    assert found.tiers == tiers(("1", "9"))


def test_t4_the_price_is_that_of_the_smallest_tier_and_not_of_the_row() -> None:
    """T4"""
    found = mapped(
        row(**BULK),
        item=tiered(tier(qty=3.5, price_retail_adult_use=5), tier(qty=1, price_retail_adult_use=9)),
    )
    assert found.product is not None
    assert found.product.price == 9
    assert dict(found.sources)["price"] == "price_tier_list.price_retail_adult_use"
    assert dict(found.sources)["tiers"] == "price_tier_list"


def test_t4_a_tiered_item_needs_no_price_of_its_own() -> None:
    """T4"""
    assert mapped(row(**BULK, price_retail_adult_use=None), item=tiered(tier())).status == "listed"


def test_t4_batches_of_a_tiered_item_may_have_different_prices() -> None:
    """T4, M5: they are not what the menu shows."""
    rows = (row(id_batch=1, **BULK), row(id_batch=2, price_retail_adult_use=1, **BULK))
    assert codes(mapped(*rows, item=tiered(tier()))) == []


@pytest.mark.parametrize(
    "tier_list", [(), (tier(uom_short="ea"),), (tier(qty=0), tier(price_retail_adult_use=0))]
)
def test_t4_without_a_usable_tier_it_is_as_an_untiered_item_and_reported(
    tier_list: tuple[JsonValue, ...],
) -> None:
    """T4"""
    found = mapped(row(available=2.5, **BULK), item=tiered(*tier_list))
    assert found.product is not None
    assert (found.product.price, found.product.price_type, found.product.tiers) == (
        Decimal(30),
        "REGULAR",
        (),
    )
    assert found.product.quantity == 2
    assert codes(found) == ["tier-dropped"] * len(tier_list) + ["no-usable-tier"]


def test_t4_without_a_usable_tier_and_a_price_it_is_withheld() -> None:
    """T4, M3"""
    found = mapped(row(**BULK, price_retail_adult_use=0), item=tiered())
    assert found.reasons == ("no-price",)
    assert codes(found) == ["no-usable-tier"]


def test_t4_both_the_tiers_and_the_prices_are_reported() -> None:
    """T4, M5"""
    rows = (row(id_batch=1, price_retail_adult_use=40), row(id_batch=2))
    assert codes(mapped(*rows, item=tiered())) == ["no-usable-tier", "rows-disagree"]


@pytest.mark.parametrize(
    ("qty", "unit", "grams"),
    [
        (1, "oz", "28.349523125"),
        (0.5, "oz", "14.1747615625"),
        (0.125, "OZ", "3.543690390625"),
        (250, "mg", "0.25"),
        (3.5, "g", "3.5"),
        (3.5, " G ", "3.5"),
    ],
)
def test_t5_milligrams_grams_and_ounces_convert_exactly(qty: float, unit: str, grams: str) -> None:
    """T5"""
    assert product_of(row(**BULK), item=tiered(tier(qty=qty, uom_short=unit))).tiers == tiers((grams, "10"))


@pytest.mark.parametrize("unit", ["lb", "kg", "ml", "ea", "g/ea", "fl oz", "m g", "0"])
def test_t5_any_other_unit_is_dropped_and_reported(unit: str) -> None:
    """T5"""
    assert messages(tier(uom_short=unit), tier()) == [
        f"tier-dropped: tier of 1 {unit}: not a unit of a WEIGHT_TIER"
    ]
