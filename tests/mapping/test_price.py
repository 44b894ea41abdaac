"""What it costs: M1-M6."""

from decimal import Decimal

import pytest
from pydantic import JsonValue

from tests.builders import accessory, codes, mapped, product, product_of, row, tier, tiered, tiers

SIX: dict[str, JsonValue] = {
    "price_retail": 10.01,
    "price_retail_adult_use": 10,
    "price_retail_medical_use": 9,
    "price_otd": 13.01,
    "price_otd_adult_use": 13,
    "price_otd_medical_use": 12,
}


@pytest.mark.parametrize(
    ("setting", "flags", "price"),
    [
        ("follow", {}, "10"),
        ("follow", {"use_otd_price": True}, "13"),
        ("follow", {"use_location_otd_price": True}, "13"),
        ("follow", {"use_otd_price": True, "use_location_otd_price": True}, "13"),
        ("always", {}, "13"),
        ("always", {"use_otd_price": True}, "13"),
        ("never", {}, "10"),
        ("never", {"use_otd_price": True, "use_location_otd_price": True}, "10"),
    ],
)
def test_m1_otd_prices_follow_the_setting_and_the_flags_and_never_the_column(
    setting: str, flags: dict[str, JsonValue], price: str
) -> None:
    """M1: a filled OTD column says nothing."""
    assert product_of(row(**SIX, **flags), otd_pricing=setting).price == Decimal(price)


@pytest.mark.parametrize(
    ("menu", "otd", "column", "price"),
    [
        ("adult_use", False, "price_retail_adult_use", "10"),
        ("adult_use", True, "price_otd_adult_use", "13"),
        ("medical", False, "price_retail_medical_use", "9"),
        ("medical", True, "price_otd_medical_use", "12"),
    ],
)
def test_m2_the_column_is_of_the_menu_and_of_the_kind(
    menu: str, *, otd: bool, column: str, price: str
) -> None:
    """M2"""
    found = mapped(row(**SIX, use_otd_price=otd), menu=menu)
    assert found.product is not None
    assert found.product.price == Decimal(price)
    assert dict(found.sources)["price"] == column


@pytest.mark.parametrize("menu", ["adult_use", "medical"])
@pytest.mark.parametrize(("otd", "price"), [(False, "10.01"), (True, "13.01")])
def test_m2_an_accessory_takes_the_generic_column(menu: str, *, otd: bool, price: str) -> None:
    """M2"""
    found = product_of(accessory(**SIX, use_otd_price=otd), menu=menu)
    assert found.price == Decimal(price)


def test_m2_an_accessory_without_a_generic_price_does_not_borrow_the_menus() -> None:
    """M2, M3"""
    assert mapped(accessory(**{**SIX, "price_retail": 0})).reasons == ("no-price",)


def test_m2_an_accessory_that_is_for_the_use_has_the_menus_column() -> None:
    """M2: only items that are not for that use take the generic one."""
    assert product_of(accessory(**SIX, is_adult_use=True)).price == 10
    assert product_of(accessory(**SIX, is_medical_use=True)).price == Decimal("10.01")
    assert product_of(accessory(**SIX, is_medical_use=True), menu="medical").price == 9


@pytest.mark.parametrize("unset", [0, None, -1, 0.0, -0.01])
@pytest.mark.parametrize(("otd", "price"), [(False, "10.01"), (True, "13.01")])
def test_m3_an_unset_menu_column_falls_back_to_the_generic_one_of_its_kind(
    unset: float | None, *, otd: bool, price: str
) -> None:
    """M3"""
    columns = {**SIX, "price_retail_adult_use": unset, "price_otd_adult_use": unset}
    assert product_of(row(**columns, use_otd_price=otd)).price == Decimal(price)


@pytest.mark.parametrize("unset", [0, None, -1])
@pytest.mark.parametrize("otd", [False, True])
def test_m3_otd_and_retail_never_stand_in_for_each_other(unset: float | None, *, otd: bool) -> None:
    """M3"""
    kind = "otd" if otd else "retail"
    columns = {**SIX, f"price_{kind}_adult_use": unset, f"price_{kind}": unset}
    assert mapped(row(**columns, use_otd_price=otd)).reasons == ("no-price",)


def test_m3_the_other_menus_price_never_stands_in() -> None:
    """M3"""
    assert mapped(row(price_retail_adult_use=None)).reasons == ("no-price",)
    assert mapped(row(price_retail_medical_use=None), menu="medical").reasons == ("no-price",)


@pytest.mark.parametrize("price", ["23.1481", "0.01", "19.999999", "1000000000", "0.1", "33.333333333333336"])
def test_m4_a_price_goes_through_as_it_came(price: str) -> None:
    """M4"""
    found = product_of(row(price_retail_adult_use=float(price)))
    assert found.price == Decimal(price)


def test_m5_of_different_prices_the_highest_counts_and_it_is_reported() -> None:
    """M5"""
    found = mapped(
        row(id_batch=1, price_retail_adult_use=40),
        row(id_batch=2, price_retail_adult_use=9.5),
        row(id_batch=3, price_retail_adult_use=30),
    )
    assert found.product is not None
    assert found.product.price == 40
    assert codes(found) == ["rows-disagree"]
    assert "(40)" in found.warnings[0].message


def test_m5_the_fall_back_is_applied_to_each_row_before_they_are_compared() -> None:
    """M5: row 1 gives its generic 50, row 2 its own 30."""
    found = mapped(
        row(id_batch=1, price_retail_adult_use=0, price_retail=50),
        row(id_batch=2, price_retail_adult_use=30, price_retail=99),
    )
    assert found.product is not None
    assert found.product.price == 50
    assert dict(found.sources)["price"] == "price_retail"
    assert codes(found) == ["rows-disagree"]


def test_m5_a_row_without_a_price_disagrees_and_does_not_count() -> None:
    """M5"""
    found = mapped(row(id_batch=2, price_retail_adult_use=None), row(id_batch=1, price_retail_adult_use=30))
    assert found.product is not None
    assert found.product.price == 30
    assert codes(found) == ["rows-disagree"]


def test_m5_rows_that_all_have_no_price_agree_about_that() -> None:
    """M5, M3"""
    nothing: dict[str, JsonValue] = {"price_retail_adult_use": None}
    found = mapped(row(id_batch=2, **nothing), row(id_batch=1, **nothing))
    assert found.reasons == ("no-price",)
    assert codes(found) == []


def test_m5_the_same_price_from_two_columns_is_no_difference_in_any_order() -> None:
    """M5"""
    one = row(id_batch=1, price_retail_adult_use=0, price_retail=30)
    two = row(id_batch=2, price_retail_adult_use=30.0)
    assert codes(mapped(one, two)) == []
    assert mapped(one, two) == mapped(two, one)


def test_m5_p3a_a_price_of_a_sold_out_batch_has_no_say() -> None:
    """M5, P3a"""
    found = mapped(row(id_batch=1), row(id_batch=2, available=0, price_retail_adult_use=99))
    assert found.product is not None
    assert found.product.price == 30
    assert codes(found) == []


def test_m6_an_item_that_is_on_the_menu_keeps_its_price_whatever_the_pos_says() -> None:
    """M6"""
    held = product(price=Decimal("12.5"))
    found = mapped(row(price_retail_adult_use=99), held=held)
    assert found.product is not None
    assert (found.product.price, found.product.price_type, found.product.tiers) == (
        Decimal("12.5"),
        "REGULAR",
        (),
    )
    assert {dict(found.sources)[name] for name in ("price", "priceType")} == {"(kept: fields.price is off)"}
    assert codes(found) == []


def test_m6_also_when_the_pos_price_is_now_unset() -> None:
    """M6"""
    assert product_of(row(price_retail_adult_use=0), held=product()).price == 30


def test_m6_also_when_it_became_tiered() -> None:
    """M6"""
    found = mapped(row(), item=tiered(tier(uom_short="ea"), tier(uom_short="lb")), held=product())
    assert found.product is not None
    assert (found.product.price_type, found.product.tiers) == ("REGULAR", ())
    assert codes(found) == []


def test_m6_also_when_it_is_tiered_no_more() -> None:
    """M6"""
    held = product(price_type="PRICE_TIER", price=Decimal(10), tiers=tiers(("1", "10"), ("3", "24")))
    found = mapped(row(), held=held)
    assert found.product is not None
    assert found.product.price == 10
    assert found.product.price_type == "PRICE_TIER"
    assert found.product.tiers == held.tiers
    assert dict(found.sources)["tiers"] == "(kept: fields.price is off)"


def test_m6_also_when_the_batches_have_different_prices() -> None:
    """M6"""
    rows = (row(id_batch=1, price_retail_adult_use=40), row(id_batch=2))
    found = mapped(*rows, held=product())
    assert found.product is not None
    assert found.product.price == 30
    assert codes(found) == []


def test_m6_one_that_never_had_a_price_gets_it_like_a_new_one() -> None:
    """M6"""
    held = product(price=None, price_type=None)
    assert product_of(row(price_retail_adult_use=8), held=held).price == 8
    assert mapped(row(price_retail_adult_use=0), held=held).reasons == ("no-price",)


def test_m6_a_price_of_which_the_type_is_not_known_is_for_one_piece() -> None:
    """M6, Q5"""
    found = product_of(row(available=2.9), held=product(price_type=None))
    assert (found.price, found.price_type, found.quantity) == (Decimal(30), "REGULAR", Decimal(2))
