"""Which items are on the menu, and why the others are not: P4, P5, P7."""

import pytest
from pydantic import JsonValue

from tests.builders import accessory, codes, mapped, product, row


def test_p4_what_is_not_a_product_is_withheld() -> None:
    """P4"""
    found = mapped(row(is_product=False))
    assert (found.status, found.reasons, found.product) == ("withheld", ("not-a-product",), None)
    assert found.sources == ()


@pytest.mark.parametrize(
    ("menu", "flags", "reasons"),
    [
        ("adult_use", {"is_adult_use": True, "is_medical_use": False}, ()),
        ("adult_use", {"is_adult_use": False, "is_medical_use": True}, ("other-menu-type",)),
        ("medical", {"is_adult_use": False, "is_medical_use": True}, ()),
        ("medical", {"is_adult_use": True, "is_medical_use": False}, ("other-menu-type",)),
        ("medical", {"is_adult_use": False, "is_medical_use": False}, ("other-menu-type",)),
        ("adult_use", {"is_adult_use": True, "is_medical_use": True}, ()),
    ],
)
def test_p5_cannabis_must_be_meant_for_the_menu(
    menu: str, flags: dict[str, JsonValue], reasons: tuple[str, ...]
) -> None:
    """P5"""
    found = mapped(row(price_retail=30, **flags), menu=menu)
    assert found.reasons == reasons
    assert found.status == ("withheld" if reasons else "listed")


@pytest.mark.parametrize("menu", ["adult_use", "medical"])
def test_p5_what_is_not_cannabis_is_on_both_menus(menu: str) -> None:
    """P5"""
    assert mapped(accessory(), menu=menu).status == "listed"


def test_p7_a_withheld_item_has_all_its_reasons_at_once() -> None:
    """P7"""
    nothing = {"price_retail_adult_use": None, "price_retail_medical_use": 0}
    found = mapped(row(is_product=False, is_adult_use=False, **nothing))
    assert found.reasons == ("not-a-product", "other-menu-type", "no-price")


def test_p7_a_withheld_item_names_only_why_it_is_withheld() -> None:
    """P7: not that it is out of stock too."""
    assert mapped(row(is_product=False, available=0)).reasons == ("not-a-product",)
    few = row(is_product=False, available=1, location_threshold_low_quantity_value=5)
    assert mapped(few).reasons == ("not-a-product",)


def test_p7_a_withheld_item_keeps_its_name_and_category_for_the_reports() -> None:
    """P7, C4"""
    found = mapped(row(is_product=False, item=" Gift\tCard ", category=" Category > Gift Cards "))
    assert (found.name, found.pos_category) == ("Gift Card", "Category > Gift Cards")


def test_p7_in_stock_is_listed_without_a_reason() -> None:
    """P7"""
    found = mapped(row(available=1))
    assert (found.status, found.reasons) == ("listed", ())


@pytest.mark.parametrize(
    ("available", "threshold", "reasons"),
    [
        (0, None, ("out-of-stock",)),
        (-3, None, ("out-of-stock",)),
        (0.999, None, ("out-of-stock",)),
        (0, 5, ("out-of-stock",)),
        (-1, 5, ("out-of-stock",)),
        (1, 5, ("below-threshold",)),
        (5, 5, ("below-threshold",)),
        (0.5, 5, ("out-of-stock", "below-threshold")),
        (0.5, 0.25, ("out-of-stock",)),
    ],
)
def test_p7_hidden_says_whether_it_is_sold_out_or_too_few(
    available: float, threshold: float | None, reasons: tuple[str, ...]
) -> None:
    """P7: `out-of-stock` is 0 or less or under one piece, `below-threshold` is above 0 and not above it."""
    found = mapped(row(available=available, location_threshold_low_quantity_value=threshold))
    assert (found.status, found.reasons) == ("hidden", reasons)
    assert found.product is not None
    assert found.product.quantity == 0


@pytest.mark.parametrize("name", ["", "   ", "\x00\x1f"])
def test_p7_an_item_without_a_name_is_invalid_and_says_why(name: str) -> None:
    """P6a, B1: empty text is absent, and a product cannot be without a name."""
    found = mapped(row(item=name, available=0, is_product=False, category="Category > Flower"))
    assert (found.status, found.reasons, found.product) == ("withheld", ("invalid",), None)
    assert codes(found) == ["invalid"]
    assert found.warnings[0].message == "item: is empty"
    assert (found.name, found.pos_category) == ("", "Category > Flower")


def test_p5_m6_a_held_price_does_not_bring_an_item_onto_the_wrong_menu() -> None:
    """P5, M6"""
    found = mapped(row(is_adult_use=False, price_retail=9), held=product())
    assert found.reasons == ("other-menu-type",)
