"""Category, weight and strain: C1-C4, W1, S1."""

from decimal import Decimal

import pytest

from alleaves_sync.aiq.models import CannabisType, Category
from alleaves_sync.rules.mapping.category import map_key
from tests.builders import codes, item, mapped, product_of, row


def category_of(
    path: str, configured: dict[str, Category] | None = None, *, defaults: bool = True
) -> str | None:
    """The AIQ category of a POS path."""
    keys = {map_key(key): category for key, category in (configured or {}).items()}
    found = product_of(row(category=path), category_map=keys, use_default_categories=defaults)
    return found.product_category


@pytest.mark.parametrize(
    ("path", "sub_type"),
    [
        ("Category > Flower", "Flower"),
        ("Category > Vapes > 510 CARTS ", "510 CARTS"),
        (" Flower ", "Flower"),
        ("Store > A>B", "A>B"),
        ("Category >  Pre-Rolls", "Pre-Rolls"),
        ("Category > Flower\x00s", "Flowers"),
        ("Category > Fleur d'été 🌿", "Fleur d'été 🌿"),
        ("Uncategorized", None),
        ("Category > Flower > uncategorized ", None),
        ("", None),
        ("   ", None),
        ("Category > ", None),
    ],
)
def test_c1_the_sub_type_is_the_last_segment_as_the_pos_spells_it(path: str, sub_type: str | None) -> None:
    """C1"""
    assert product_of(row(category=path)).sub_type == sub_type


@pytest.mark.parametrize(
    ("names", "category"),
    [
        (["Flower", "flowers", "FLOWER", " Flower "], "FLOWER"),
        (["Pre rolls", "Pre-Rolls", "PreRoll", "pre_roll", "PRE ROLL", "pre - rolls"], "PRE_ROLLS"),
        (["Vapes", "Vape", "Vaporizers", "vaporizer", "Cartridges", "cartridge"], "VAPORIZERS"),
        (["Concentrates", "Concentrate", "Extracts", "extract"], "CONCENTRATES"),
        (["Edibles", "edible"], "EDIBLES"),
        (["Tinctures", "Tincture"], "TINCTURES"),
        (["Topicals", "topical"], "TOPICALS"),
        (["Accessories", "Accessory", "ACCESSORYS", "Gear", "gears"], "ACCESSORIES"),
        (["Beverages", "Beverage", "Drinks", "drink"], "BEVERAGES"),
        (["Merchandise", "Apparel"], "MERCHANDISE"),
        (["CBD", "cbd"], "CBD_PRODUCTS"),
        (["Gift Cards", "gift-card", "GiftCard"], "GIFT_CARDS"),
        (["Capsules", "capsule"], "CAPSULES"),
        (["Seeds", "seed"], "SEEDS"),
    ],
)
def test_c2_the_default_map_ignores_case_blanks_dashes_and_plurals(names: list[str], category: str) -> None:
    """C2"""
    assert {name: category_of(f"Category > {name}") for name in names} == dict.fromkeys(names, category)


@pytest.mark.parametrize("name", ["Flow er x", "Flowerss", "Vapen", "Pre.rolls", "Edible gifts", "s", "ies"])
def test_c2_a_name_that_is_only_like_one_is_unmapped(name: str) -> None:
    """C2, C4"""
    assert category_of(name) is None


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("Vapes > Flower", "FLOWER"),
        ("Vapes > 510 > Live Resin", "VAPORIZERS"),
        ("Edibles > Beverages > Cola", "BEVERAGES"),
        ("Category > Flower > Uncategorized", "FLOWER"),
        ("Flower > ", "FLOWER"),
        ("Category > Cola", None),
        ("Uncategorized", None),
        ("", None),
    ],
)
def test_c2_the_last_segment_is_tried_first_then_its_parents(path: str, category: str | None) -> None:
    """C2, C1"""
    assert category_of(path) == category


def test_c3_the_configuration_wins_over_the_default() -> None:
    """C3"""
    assert category_of("Category > Flower", {"Flower": "SEEDS"}) == "SEEDS"


@pytest.mark.parametrize(
    "key", ["Category > Cola", " category > COLA ", "Cola", "cola ", "Category  >  cola"]
)
def test_c3_a_full_path_or_a_last_segment_maps_trimmed_and_without_case(key: str) -> None:
    """C3"""
    assert category_of(" Category > Cola ", {key: "BEVERAGES"}) == "BEVERAGES"


def test_c3_the_full_path_comes_before_the_segment() -> None:
    """C3"""
    both: dict[str, Category] = {"Cola": "EDIBLES", "Category > Cola": "BEVERAGES"}
    assert category_of("Category > Cola", both) == "BEVERAGES"
    assert category_of("Other > Cola", both) == "EDIBLES"


@pytest.mark.parametrize("key", ["Category", "Colas", "Co-la", "Vapes > Cola"])
def test_c3_a_parent_a_plural_or_another_path_is_no_match(key: str) -> None:
    """C3: compared trimmed and without case, no more."""
    assert category_of("Category > Cola", {key: "BEVERAGES"}) is None


def test_c3_without_the_defaults_only_the_configuration_counts() -> None:
    """C3"""
    assert category_of("Category > Flower", defaults=False) is None
    assert category_of("Category > Flower", {"Flower": "FLOWER"}, defaults=False) == "FLOWER"


def test_c3_even_uncategorized_can_be_mapped() -> None:
    """C3"""
    assert category_of("Uncategorized", {"Uncategorized": "MERCHANDISE"}) == "MERCHANDISE"


def test_c4_an_unmapped_category_is_left_out_and_the_product_goes_on() -> None:
    """C4"""
    found = mapped(row(category="Category > Snacks"))
    assert (found.status, found.pos_category) == ("listed", "Category > Snacks")
    assert found.product is not None
    assert found.product.product_category is None
    assert "productCategory" not in dict(found.sources)


def test_c4_b1_the_category_in_reports_is_cut_of_control_characters() -> None:
    """C4, B1: it is printed on a terminal."""
    assert mapped(row(category=" Category > \x1b[31mSnacks\x07 ")).pos_category == "Category > [31mSnacks"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (3.5, "Grams", ("3.5", "GRAMS")),
        (100, "Milligrams", ("100", "MILLIGRAMS")),
        (0.125, "Ounces", ("0.125", "OUNCES")),
        (2, "Each", ("2", "EACH")),
        (2, " each ", ("2", "EACH")),
        (2, "GRAMS", ("2", "GRAMS")),
        (2, None, ("2", "GRAMS")),
        (2, "", ("2", "GRAMS")),
        (2, "  ", ("2", "GRAMS")),
    ],
)
def test_w1_a_weight_has_one_of_the_menus_units(
    value: float, unit: str | None, expected: tuple[str, str]
) -> None:
    """W1"""
    found = mapped(row(weight_useable=value, weight_useable_uom=unit))
    assert found.product is not None
    assert (found.product.weight, found.product.weight_unit) == (Decimal(expected[0]), expected[1])
    assert codes(found) == []


@pytest.mark.parametrize("unit", ["Pounds", "g", "Gram", "Fluid Ounces", "?"])
def test_w1_a_unit_that_the_menu_does_not_have_is_unknown_and_reported(unit: str) -> None:
    """W1"""
    found = mapped(row(weight_useable=2, weight_useable_uom=unit))
    assert found.product is not None
    assert (found.product.weight, found.product.weight_unit) == (Decimal(2), "UNKNOWN")
    assert codes(found) == ["weight-unit-unknown"]
    assert repr(unit) in found.warnings[0].message


@pytest.mark.parametrize("unit", ["Grams", "Pounds", None])
@pytest.mark.parametrize("value", [None, 0, -1])
def test_w1_without_a_weight_both_are_left_out(value: float | None, unit: str | None) -> None:
    """W1"""
    found = mapped(row(weight_useable=value, weight_useable_uom=unit))
    assert found.product is not None
    assert (found.product.weight, found.product.weight_unit) == (None, None)
    assert codes(found) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Indica", "INDICA"),
        (" sativa ", "SATIVA"),
        ("HYBRID", "HYBRID"),
        ("cbd", "CBD"),
        ("Hybrid Indica", "HYBRID_INDICA"),
        ("Indica Hybrid", "HYBRID_INDICA"),
        ("indica/hybrid", "HYBRID_INDICA"),
        ("Hybrid - Sativa", "HYBRID_SATIVA"),
        ("SATIVA (HYBRID)", "HYBRID_SATIVA"),
        ("Indica-dominant", "HYBRID_INDICA"),
        ("Sativa Dominant", "HYBRID_SATIVA"),
        ("Indica Dominant Hybrid", "HYBRID_INDICA"),
        ("hybrid, sativa-dominant", "HYBRID_SATIVA"),
        ("Indica Sativa", None),
        ("Dominant", None),
        ("Hybrid dominant", None),
        ("CBD Hybrid", None),
        ("Indicas", None),
        ("Unknown", None),
        ("", None),
        (None, None),
        ("—", None),
    ],
)
def test_s1_the_kind_of_cannabis_is_read_from_the_catalogue(
    text: str | None, kind: CannabisType | None
) -> None:
    """S1"""
    assert product_of(item=item(strain_type=text)).cannabis_type == kind


@pytest.mark.parametrize(
    ("strain", "kind"),
    [
        ("Indica", "INDICA"),
        ("Sativa Hybrid", "HYBRID_SATIVA"),
        ("CBD", "CBD"),
        ("Opal Indica", None),
        (None, None),
    ],
)
def test_s1_else_from_a_strain_that_is_itself_one(strain: str | None, kind: CannabisType | None) -> None:
    """S1"""
    for record in (None, item(), item(strain_type="?")):
        found = product_of(row(strain=strain), item=record)
        assert (found.cannabis_type, found.cannabis_strain) == (kind, strain)


def test_s1_the_catalogue_comes_before_the_strain_and_the_strain_is_sent_all_the_same() -> None:
    """S1"""
    found = mapped(row(strain=" Sativa "), item=item(strain_type="Indica"))
    assert found.product is not None
    assert (found.product.cannabis_type, found.product.cannabis_strain) == ("INDICA", "Sativa")
    assert dict(found.sources)["cannabisType"] == "strain_type"
    assert dict(mapped(row(strain="Sativa"), item=item()).sources)["cannabisType"] == "strain"
