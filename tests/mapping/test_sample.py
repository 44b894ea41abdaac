"""A whole answer of the POS, in its real shape with invented data, against a menu worked out by hand."""

from pathlib import Path

import pytest
from pydantic import JsonValue, TypeAdapter

from alleaves_sync.aiq import wire
from alleaves_sync.alleaves.models import Area, Fetched, InventoryRow, Item
from alleaves_sync.rules.mapping import AreaSelection, MappedItem, map_menu
from tests.builders import rules

DATA = Path(__file__).parents[1] / "data"
AREAS = TypeAdapter(tuple[Area, ...]).validate_json((DATA / "inventory_area.json").read_bytes())
ROWS = TypeAdapter(tuple[InventoryRow, ...]).validate_json((DATA / "inventory_search.json").read_bytes())
ITEMS = TypeAdapter(tuple[Item, ...]).validate_json((DATA / "inventory_item_search.json").read_bytes())


def menu(*selectors: str, **changes: str) -> dict[int, MappedItem]:
    selection = AreaSelection.of(selectors, AREAS, ROWS)
    assert selection.unmatched == ()
    inventory, catalogue = Fetched(ROWS, (), len(ROWS)), Fetched(ITEMS, (), len(ITEMS))
    return {
        found.id_item: found for found in map_menu(inventory, catalogue, rules(areas=selection, **changes))
    }


EXPECTED: dict[int, dict[str, JsonValue]] = {
    4040: {  # T1-T5: weight tiers, one of them in ounces; Q5: grams
        "posProductId": "4040",
        "name": "Bulk Flower - Opal Sedge",
        "brand": {"name": "Northwind"},
        "productCategory": "FLOWER",
        "subType": "Flower",
        "cannabisType": "HYBRID",
        "cannabisStrain": "Opal Sedge",
        "price": 10,
        "priceType": "WEIGHT_TIER",
        "tiers": [
            {"price": 10, "weight": 1, "weightUnit": "GRAMS"},
            {"price": 28, "weight": 3.5, "weightUnit": "GRAMS"},
            {"price": 200, "weight": 28.349523125, "weightUnit": "GRAMS"},
        ],
        "quantity": 112.5,
    },
    4041: {  # T1: count tiers; W1: milligrams
        "posProductId": "4041",
        "name": "Tarn Gummies - 10pk",
        "brand": {"name": "Northwind"},
        "productCategory": "EDIBLES",
        "subType": "Edibles",
        "price": 10,
        "priceType": "PRICE_TIER",
        "tiers": [
            {"price": 10, "purchaseQuantity": 1},
            {"price": 18, "purchaseQuantity": 2},
            {"price": 24, "purchaseQuantity": 3},
        ],
        "quantity": 24,
        "weight": 100,
        "weightUnit": "MILLIGRAMS",
    },
    4042: {  # M1: OTD
        "posProductId": "4042",
        "name": "OTD Vape 1g",
        "brand": {"name": "Northwind"},
        "productCategory": "VAPORIZERS",
        "subType": "Vapes",
        "price": 45.2,
        "priceType": "REGULAR",
        "quantity": 6,
        "weight": 3.5,
        "weightUnit": "GRAMS",
    },
    4043: {  # M2: an accessory has the generic price; M4: not rounded
        "posProductId": "4043",
        "name": "Glass Tray",
        "brand": {"name": "Northwind"},
        "productCategory": "ACCESSORIES",
        "subType": "Accessories",
        "price": 23.1481,
        "priceType": "REGULAR",
        "quantity": 9,
    },
    4045: {
        "posProductId": "4045",
        "name": "Cola 10mg",
        "brand": {"name": "Northwind"},
        "productCategory": "BEVERAGES",
        "subType": "Beverages",
        "price": 5,
        "priceType": "REGULAR",
        "quantity": 5,
        "weight": 3.5,
        "weightUnit": "GRAMS",
    },
    4046: {  # P2: the batch in quarantine does not count; Q2: nothing subtracted; L1-L3
        "posProductId": "4046",
        "name": "Split stock 3.5g",
        "brand": {"name": "Northwind"},
        "productCategory": "FLOWER",
        "subType": "Flower",
        "price": 35,
        "priceType": "REGULAR",
        "quantity": 32,
        "weight": 3.5,
        "weightUnit": "GRAMS",
        "labs": {
            "thc": 27.63,
            "thcContentUnit": "%",
            "limonene": 1.2,
            "limoneneContentUnit": "%",
            "betaMyrcene": 4.5,
            "betaMyrceneContentUnit": "mg",
        },
    },
    4047: {  # Q2: 5 of 5 is not above the threshold; C2: the singular
        "posProductId": "4047",
        "name": "At the threshold 1g",
        "brand": {"name": "Northwind"},
        "productCategory": "CONCENTRATES",
        "subType": "Concentrate",
        "price": 20,
        "priceType": "REGULAR",
        "quantity": 0,
        "weight": 3.5,
        "weightUnit": "GRAMS",
    },
}


@pytest.mark.parametrize("id_item", EXPECTED)
def test_the_interesting_items_come_out_as_worked_out_by_hand(id_item: int) -> None:
    """P1-P5, Q1-Q5, M1-M5, T1-T5, C1-C4, W1, S1, B1, L1-L4"""
    found = menu("Retail")[id_item]
    assert found.product is not None
    assert wire.all_fields(found.product) == EXPECTED[id_item]


def test_the_gift_card_is_withheld_and_nothing_else_of_the_eight() -> None:
    """P4, P7"""
    found = menu("Retail")
    assert found[4044].reasons == ("not-a-product",)
    assert {key: found[key].status for key in range(4040, 4048)} == {
        **dict.fromkeys((4040, 4041, 4042, 4043, 4045, 4046), "listed"),
        4044: "withheld",
        4047: "hidden",
    }
    assert found[4047].reasons == ("below-threshold",)


def test_the_misspelled_terpene_is_told_with_the_right_name() -> None:
    """L1"""
    assert [(warning.code, warning.message) for warning in menu("Retail")[4046].warnings] == [
        ("compound-unknown", "'Delta-3 Carene' is not a terpene of the menu, did you mean 3-Carene?")
    ]


def test_quarantined_stock_counts_only_where_that_area_is_selected() -> None:
    """P2, Q1"""
    found = menu("sales floor", "1001")[4046].product
    assert found is not None
    assert found.quantity == 33


def test_the_medical_menu_has_the_medical_prices() -> None:
    """M1, M2, P5"""
    found = menu("Retail", menu="medical")
    prices = {key: str(one.product.price) for key, one in found.items() if key >= 4040 and one.product}
    assert prices == {
        4040: "9",
        4041: "9",
        4042: "43",
        4043: "23.1481",
        4045: "5",
        4046: "33",
        4047: "19",
    }


def test_every_item_of_the_answer_ends_in_one_state() -> None:
    """P7"""
    found = menu("Retail")
    assert len(found) == 48
    assert {row.id_item for row in ROWS} == found.keys()
    assert not [one for one in found.values() if (one.product is None) != (one.status == "withheld")]
