"""Products as the storefront's JSON, and back: the contract, T1, F2, I1."""

import json
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from jsonschema import Draft202012Validator
from pydantic import JsonValue

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.models import CANNABINOIDS, CATEGORIES, TERPENES, LabValue, Product
from alleaves_sync.rules.actions import Known
from alleaves_sync.rules.mapping import MappedItem
from alleaves_sync.rules.plan import make_plan
from tests import strategies
from tests.builders import LIMONENE, THC, product, tiers
from tests.strategies import fast

CONTRACT: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "docs" / "contract" / "aiq.openapi.yaml").read_text()
)
SCHEMA: dict[str, Any] = CONTRACT["components"]["schemas"]["Product"]
AS_CONTRACTED = Draft202012Validator(
    {"components": CONTRACT["components"], "$ref": "#/components/schemas/Product"}
)

FULL: dict[str, JsonValue] = {
    "posProductId": "7",
    "name": "Opal Sedge 3.5g",
    "description": "<b>Calm</b>",
    "brand": {"name": "Northwind"},
    "sku": "NW-7",
    "productCategory": "FLOWER",
    "subType": "Flower",
    "cannabisType": "HYBRID",
    "cannabisStrain": "Opal Sedge",
    "price": 30,
    "priceType": "REGULAR",
    "quantity": 10,
    "weight": 3.5,
    "weightUnit": "GRAMS",
    "images": [
        {"fileUrl": "https://pictures.example/1.jpg", "order": 1},
        {"fileUrl": "https://pictures.example/2.jpg", "order": 2},
    ],
    "labs": {"thc": 27.63, "thcContentUnit": "%", "limonene": 1.2, "limoneneContentUnit": "%"},
}
BARE = Product("7")


def parsed(**changes: JsonValue) -> Product:
    return wire.parse(json.dumps({"posProductId": "7", **changes}))


# -- out -----------------------------------------------------------------------------------------------------


def test_every_field_has_its_name_of_the_contract() -> None:
    """F2"""
    assert set(wire.FIELD_NAMES) == {field.name for field in fields(Product)}
    assert set(wire.FIELD_NAMES.values()) == SCHEMA["properties"].keys()


def test_the_words_are_those_of_the_contract() -> None:
    """C2, L1, L3"""
    assert {*CATEGORIES, None} == set(SCHEMA["properties"]["productCategory"]["enum"])
    assert " ".join((*CANNABINOIDS, *TERPENES)) in " ".join(
        SCHEMA["properties"]["labs"]["description"].split()
    )


def test_a_product_goes_out_as_the_contract_says() -> None:
    """F2, I1"""
    assert wire.all_fields(product()) == FULL
    assert AS_CONTRACTED.is_valid(FULL)


def test_what_has_no_value_is_left_out_of_menu_export_and_feed() -> None:
    """F2"""
    assert wire.all_fields(BARE) == {"posProductId": "7", "quantity": 0}


@pytest.mark.parametrize(
    ("field", "value"), [("images", []), ("labs", None), ("tiers", None), ("brand", None), ("weight", None)]
)
def test_what_has_no_value_is_sent_as_null_and_pictures_as_an_empty_list(
    field: str, value: JsonValue
) -> None:
    """F2"""
    assert wire.changed_fields(BARE, [field]) == {"posProductId": "7", wire.FIELD_NAMES[field]: value}


def test_only_the_fields_that_are_named_go_out() -> None:
    """F2"""
    assert wire.changed_fields(product(), ("quantity", "brand")) == {
        "posProductId": "7",
        "quantity": 10,
        "brand": {"name": "Northwind"},
    }
    assert wire.changed_fields(product(), ()) == {"posProductId": "7"}


def test_weight_tiers_are_written_in_grams() -> None:
    """T1"""
    by_weight = product(price_type="WEIGHT_TIER", tiers=tiers(("1", "10"), ("28.349523125", "200.5")))
    assert wire.field_value(by_weight, "tiers") == [
        {"price": 10, "weight": 1, "weightUnit": "GRAMS"},
        {"price": 200.5, "weight": 28.349523125, "weightUnit": "GRAMS"},
    ]


def test_count_tiers_are_written_in_pieces() -> None:
    """T1"""
    by_piece = product(price_type="PRICE_TIER", tiers=tiers(("1", "10"), ("3", "24")))
    assert wire.field_value(by_piece, "tiers") == [
        {"price": 10, "purchaseQuantity": 1},
        {"price": 24, "purchaseQuantity": 3},
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("30", "30"),
        ("30.00", "30"),
        ("23.1481", "23.1481"),
        ("0.1", "0.1"),
        ("0", "0"),
        ("1E+3", "1000"),
        ("28.349523125", "28.349523125"),
        ("100000000000000000001", "100000000000000000001"),
    ],
)
def test_numbers_go_out_with_the_digits_that_they_have(value: str, text: str) -> None:
    """M4"""
    assert json.dumps(wire.field_value(product(price=Decimal(value)), "price")) == text


def test_equal_products_give_the_same_text_on_one_line() -> None:
    """F2"""
    one = wire.dump(product(price=Decimal("30.0"), name="Ñandú\n🌿"))
    assert one == wire.dump(product(price=Decimal(30), name="Ñandú\n🌿"))
    assert "\n" not in one
    assert "Ñandú\\n🌿" in one


# -- and back ------------------------------------------------------------------------------------------------


def test_a_product_comes_back_as_it_went() -> None:
    """F2"""
    assert wire.parse(json.dumps(FULL)) == product()
    assert wire.parse(json.dumps(FULL).encode()) == product()
    assert wire.parse(wire.dump(BARE)) == BARE


@fast
@given(strategies.products())
def test_nothing_is_lost_on_the_way_through_json(found: Product) -> None:
    """F2"""
    assert wire.parse(wire.dump(found)) == found
    assert wire.dump(wire.parse(wire.dump(found))) == wire.dump(found)
    assert AS_CONTRACTED.is_valid(wire.all_fields(found))


@fast
@given(strategies.menus(frozenset()))
def test_every_sync_call_is_as_the_contract_says(run: tuple[list[MappedItem], dict[str, Known]]) -> None:
    """F2: no null where the contract has none."""
    now, before = run
    for action in make_plan(now, before).actions:
        body = wire.changed_fields(action.product, action.changed)
        assert [error.message for error in AS_CONTRACTED.iter_errors(json.loads(json.dumps(body)))] == []


def test_null_and_absent_are_the_same_when_read() -> None:
    """F2"""
    assert parsed(**dict.fromkeys(FULL.keys() - {"posProductId"})) == BARE
    assert parsed(brand={"name": None}, labs={}, tiers=[], images=[]) == BARE


def test_fields_that_this_program_does_not_know_are_left_out() -> None:
    """The storefront's own product has more of them."""
    more: dict[str, JsonValue] = {
        "id": "ab12",
        "discounts": [{"x": 1}],
        "brand": {"id": 9, "name": "Northwind"},
    }
    assert wire.parse(json.dumps({**FULL, **more})) == product()


@pytest.mark.parametrize("field", ["productCategory", "cannabisType", "priceType", "weightUnit"])
def test_words_that_this_program_does_not_know_are_left_out(field: str) -> None:
    """They would not be of the contract."""
    assert parsed(**{field: "SOMETHING_NEW"}) == BARE


def test_pictures_come_back_in_their_order() -> None:
    """I1"""
    found = parsed(
        images=[{"fileUrl": "b", "order": 2}, {"fileUrl": "c", "order": 10}, {"fileUrl": "a", "order": 1}]
    )
    assert found.images == ("a", "b", "c")


def test_tiers_come_back_by_weight_or_by_piece_and_one_without_a_size_is_none() -> None:
    """T1"""
    found = parsed(
        tiers=[
            {"price": 10, "weight": 1, "weightUnit": "GRAMS"},
            {"price": 24, "purchaseQuantity": 3},
            {"price": 5, "weight": 0, "purchaseQuantity": 7},
            {"price": 1},
        ]
    )
    assert found.tiers == tiers(("1", "10"), ("3", "24"), ("0", "5"))


@pytest.mark.parametrize(
    ("labs", "read"),
    [
        ({"thc": 27.63, "thcContentUnit": "%"}, (THC,)),
        ({"limonene": 1.2, "limoneneContentUnit": "%", "thc": 27.63, "thcContentUnit": "%"}, (THC, LIMONENE)),
        ({"thcA": 3, "thcAContentUnit": "mg/g"}, (LabValue("thcA", Decimal(3), "mg/g"),)),
        ({"thc": 27.63}, ()),
        ({"thc": 27.63, "thcContentUnit": "PERCENT"}, ()),
        ({"thc": 27.63, "thcContentUnit": None}, ()),
        ({"thc": None, "thcContentUnit": "%"}, ()),
        ({"total": 27.63, "totalContentUnit": "%"}, ()),
    ],
)
def test_labs_come_back_in_the_order_of_the_contract_where_they_have_a_number_and_a_unit(
    labs: JsonValue, read: tuple[LabValue, ...]
) -> None:
    """L1-L3"""
    assert parsed(labs=labs).labs == read


@pytest.mark.parametrize("quantity", [0, None])
def test_a_product_without_a_quantity_is_off_the_menu(quantity: int | None) -> None:
    """P7"""
    assert parsed(quantity=quantity).quantity == 0


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("", "Invalid JSON"),
        ("[]", "an object"),
        ("{}", "posProductId: "),
        ('{"posProductId": 7}', "posProductId: "),
        ('{"posProductId": "7", "price": "dear"}', "price: "),
        ('{"posProductId": "7", "price": NaN}', "price: "),
        ('{"posProductId": "7", "images": [{"order": "x"}]}', "images.0.order: "),
        ('{"posProductId": "7", "tiers": [{"weight": 1}]}', "tiers.0.price: "),
        (b"\xff", "Invalid JSON"),
    ],
)
def test_what_is_no_product_is_told_with_its_place_and_without_its_value(
    document: str | bytes, told: str
) -> None:
    """Step 6: the state file or the feed is broken, or the storefront's list has another shape."""
    with pytest.raises(ValueError, match=told) as caught:
        wire.parse(document)
    assert "dear" not in str(caught.value)
    assert caught.value.__cause__ is None
