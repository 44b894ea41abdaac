"""The audit finds each fault that is planted, and invents none."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from pydantic import JsonValue

from alleaves_sync.alleaves.models import Fetched, InventoryRow, Item
from alleaves_sync.alleaves.wire import INVENTORY, ITEMS, decode_saved
from alleaves_sync.rules.audit import MEANINGS, Code, Fault, audit
from alleaves_sync.rules.mapping import Rules
from tests import builders, strategies

GOOD_ROW: dict[str, JsonValue] = {
    "brand": "Northwind",
    "weight_useable": 3.5,
    "weight_useable_uom": "Grams",
    "compounds": [{"compound": "THC", "result": "20%"}, {"compound": "Limonene", "result": "1%"}],
    "price_retail": 30,
}
GOOD_RECORD: dict[str, JsonValue] = {
    "strain_type": "Hybrid",
    "product_description": "Calm and round.",
    "media_list": [{"content": "https://pictures.example/1.jpg"}],
}
VAULT: dict[str, JsonValue] = {
    "id_area": builders.VAULT_ID,
    "area": "Vault",
    "area_path": "V",
    "area_type": "Vault",
}


def row(id_item: JsonValue = 8, **changes: JsonValue) -> InventoryRow:
    named: dict[str, JsonValue] = {
        "id_item": id_item,
        "id_batch": id_item,
        "item": f"No. {id_item} 3.5g",
    }
    return builders.row(**(GOOD_ROW | named | changes))


def record(id_item: JsonValue = 8, **changes: JsonValue) -> Item:
    return builders.item(**(GOOD_RECORD | {"id_item": id_item} | changes))


def audited(rows: list[InventoryRow], records: list[Item], **rules: Any) -> list[Fault]:
    """The faults of a store of two good items and these."""
    good = (1, 2)
    return audit(
        Fetched((*map(row, good), *rows)), Fetched((*map(record, good), *records)), builders.rules(**rules)
    )


def found(
    rows: list[InventoryRow], records: list[Item] | None = None, **rules: Any
) -> list[tuple[Code, int]]:
    faults = audited(rows, [record()] if records is None else records, **rules)
    return [(fault.code, fault.id_item) for fault in faults]


def test_a_store_without_faults_has_none() -> None:
    assert found([row()]) == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("expired-batch", {"date_expire": "2026-01-31"}),
        ("no-price", {"price_retail": None, "price_retail_adult_use": 0, "price_otd_adult_use": None}),
        ("area-not-selected", VAULT),
        ("threshold-hides", {"location_threshold_low_quantity_value": 10}),
        ("weight-contradicts-name", {"item": "Tarn Gummies 100mg", "weight_useable": 100}),
        ("weight-contradicts-name", {"weight_useable_uom": "Ounces"}),
        ("weight-unit-unknown", {"weight_useable_uom": "Pints"}),
        ("price-columns-differ", {"price_retail": 31}),
        ("category-unmapped", {"category": "Category > Wellness Teas"}),
        ("no-potency", {"compounds": [{"compound": "CBN", "result": "1%"}]}),
        ("no-brand", {"brand": "  "}),
    ],
)
def test_a_fault_of_a_row_is_found_and_nothing_else(code: Code, changes: dict[str, JsonValue]) -> None:
    assert found([row(**changes)]) == [(code, 8)]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("strain-type-unknown", {"strain_type": "Moonrock"}),
        ("strain-type-unknown", {"strain_type": None}),
        ("no-picture", {"media_list": []}),
        ("no-picture", {"media_list": [{"content": "ftp://pictures.example/1.tif"}]}),
        ("no-description", {"product_description": "<p> </p>"}),
    ],
)
def test_a_fault_of_a_catalogue_record_is_found_and_nothing_else(
    code: Code, changes: dict[str, JsonValue]
) -> None:
    assert found([row()], [record(**changes)]) == [(code, 8)]


def test_a_compound_that_is_nearly_a_terpene_is_told_with_the_one_that_is_meant() -> None:
    compounds: list[JsonValue] = [
        {"compound": "THC", "result": "20%"},
        {"compound": "Delta-3 Carene %", "result": "0.2"},
        {"compound": "beta pinene", "result": "0.4%"},
        {"compound": "House Blend Ester", "result": "1%"},
    ]

    faults = audited([row(compounds=compounds)], [record()])

    assert [fault.message for fault in faults] == [
        "'Delta-3 Carene', is it 3-Carene?",
        "'beta pinene', is it Beta Pinene?",
    ]
    assert {fault.code for fault in faults} == {"terpene-misspelt"}


def test_items_of_the_same_name_name_each_other() -> None:
    faults = audited([row(8, item="Opal  Sedge"), row(9, item="opal sedge ")], [record(8), record(9)])

    assert [(fault.code, fault.id_item, fault.message) for fault in faults] == [
        ("duplicate-name", 8, "also item 9"),
        ("duplicate-name", 9, "also item 8"),
    ]


def test_an_otd_price_that_is_off_is_a_fault_only_where_it_is_not_the_rule() -> None:
    plain = [row(number, price_otd_adult_use=None) for number in range(10, 16)]
    records = [record(number) for number in range(10, 16)]

    assert found([row(), *plain], [record(), *records]) == [
        ("otd-price-unused", number) for number in (1, 2, 8)
    ]
    assert found([row()]) == []  # all of the store's items have one
    assert found([row(), *plain], [record(), *records], otd_pricing="never") == []
    on = [row(number, use_otd_price=True, price_otd=33.9) for number in range(10, 16)]
    assert found([row(), *on], [record(), *records]) == [("otd-price-unused", number) for number in (1, 2, 8)]


def test_an_item_that_only_an_unused_otd_price_could_sell_is_told_so() -> None:
    assert found([row(price_retail=0, price_retail_adult_use=0)]) == [
        ("no-price", 8),
        ("otd-price-unused", 8),
    ]


def test_a_threshold_that_shows_as_much_as_it_hides_is_none_of_our_business() -> None:
    rows = [row(8, location_threshold_low_quantity_value=10)]
    rows.append(row(9, location_threshold_low_quantity_value=10, available=11))

    assert found(rows, [record(8), record(9)]) == []


def test_names_that_tell_a_weight_and_a_content_do_not_contradict() -> None:
    for name, weight, unit in (
        ("Tarn Gummies 100mg, 50g", 50, "Grams"),
        ("Cola 10mg", 1, "Grams"),
        ("Chocolate 0.1g", 100, "Milligrams"),
        ("Pack 5 x 0.5g", 2.5, "Grams"),
        ("Half 1/2 oz", 14, "Grams"),
        ("10pk", 10, "Each"),
    ):
        assert found([row(item=name, weight_useable=weight, weight_useable_uom=unit)]) == [], name


def test_without_stock_missing_labs_are_no_fault() -> None:
    assert found([row(available=0, compounds=[])]) == []


def test_what_is_held_back_anyway_is_not_told_as_expired_or_elsewhere() -> None:
    for changes in ({"qc_hold": True}, {"deleted": True}, {"status": "closed"}):
        held: dict[str, JsonValue] = dict(changes)
        assert found([row(date_expire="2026-01-31", **held)]) == []
        assert found([row(**(VAULT | held))]) == []


def test_stock_in_two_places_is_not_all_elsewhere() -> None:
    assert found([row(), row(**(VAULT | {"id_batch": 1000}))]) == []


def test_what_is_no_accessory_of_this_menu_or_does_not_fit_is_left_out() -> None:
    other = row(is_adult_use=False, brand=None)
    no_product = row(9, is_product=False, brand=None)
    assert found([other, no_product]) == []
    accessory = builders.accessory(id_item=8, item="Tray", brand="Northwind", strain="Hybrid")
    assert found([accessory]) == []


def test_labs_are_looked_at_also_where_they_are_switched_off() -> None:
    assert found([row()], labs=False, terpenes=False) == []


def test_the_worst_comes_first_and_the_listed_before_the_hidden() -> None:
    rows = [row(8, brand=None, available=0), row(9, brand=None), row(10, price_retail=31), row(11, **VAULT)]

    assert found(rows, [record(number) for number in range(8, 12)]) == [
        ("area-not-selected", 11),
        ("price-columns-differ", 10),
        ("no-brand", 9),
        ("no-brand", 8),
    ]


@strategies.fast
@given(strategies.rows(), strategies.items(), strategies.all_rules())
def test_an_audit_never_raises_and_speaks_only_of_what_it_knows(
    rows: list[InventoryRow], record: Item | None, rules: Rules
) -> None:
    records = () if record is None else (record,)
    for fault in audit(Fetched(tuple(rows)), Fetched(records), rules):
        assert fault.code in MEANINGS
        assert fault.message


def test_the_faults_of_the_sample_store_are_those_counted_by_hand() -> None:
    """Counted from the columns themselves: which rows have stock, what their profiles and columns say."""
    data = Path(__file__).parent / "data"
    rows = decode_saved(INVENTORY, (data / "inventory_search.json").read_bytes())
    items = decode_saved(ITEMS, (data / "inventory_item_search.json").read_bytes())

    faults = audit(rows, items, builders.rules())

    assert Counter(fault.code for fault in faults) == {
        "no-potency": 28,
        "terpene-misspelt": 1,
        "strain-type-unknown": 11,
        "no-picture": 15,
        "no-description": 7,
        "no-brand": 2,
    }
    assert [fault.id_item for fault in faults if fault.code in {"terpene-misspelt", "no-brand"}] == [
        4046,
        4003,
        4019,
    ]


def test_the_acids_are_potency_too() -> None:
    for name in ("THCA %", "CBDA"):
        assert found([row(compounds=[{"compound": name, "result": "20"}])]) == []
