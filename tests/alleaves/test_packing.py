"""Packed records: as strict as the models, nothing lost, the same bytes for the same values."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, TypeAdapter, ValidationError

from alleaves_sync.alleaves.models import InvalidRecord, InventoryRow, Item
from alleaves_sync.alleaves.wire import INVENTORY, ITEMS, Packed, pack_page, unpack
from tests.alleaves.pos import row
from tests.strategies import WILD, fast, wire_rows

ROWS = TypeAdapter(InventoryRow)
ITEM_RECORDS = TypeAdapter(Item)
# What stands in a record in the place of another value.
OTHERS: list[JsonValue] = [None, True, False, -3, 0, 2, 2.5, "x", "", [], {}, [1]]


def packed(**columns: JsonValue) -> Packed | InvalidRecord:
    page = pack_page(INVENTORY, json.dumps([row(1, **columns)]).encode())
    ((_, entry),) = page.entries
    return entry


@fast
@given(wire_rows(WILD))
def test_what_comes_out_is_what_the_model_reads(columns: dict[str, JsonValue]) -> None:
    """P6a: a record that fits is kept whole, with every digit."""
    entry = packed(**columns)
    assert isinstance(entry, Packed)
    assert unpack(INVENTORY, entry.content) == ROWS.validate_json(json.dumps(row(1, **columns)))


@fast
@given(st.sampled_from(sorted(set(row(1)) | set(InventoryRow.__slots__))), st.sampled_from(OTHERS))
def test_a_record_is_refused_exactly_when_the_model_refuses_it(name: str, value: JsonValue) -> None:
    """P6a: strict as the contract."""
    if name == "total_rows":
        return
    entry = packed(**{name: value})
    try:
        wanted = ROWS.validate_json(json.dumps(row(1, **{name: value})))
    except ValidationError:
        assert isinstance(entry, InvalidRecord)
    else:
        assert isinstance(entry, Packed)
        assert unpack(INVENTORY, entry.content) == wanted


def test_catalogue_records_come_out_whole() -> None:
    record = {
        "id_item": 7,
        "item": "Opal Sedge",
        "product_description": None,
        "media_list": [{"content": "https://pictures.example/1"}, {"content": None}, {}],
        "use_tiered_pricing": True,
        "price_tier_list": [{"qty": 3.5, "uom_short": "g", "price_retail": 30, "price_otd": None}],
    }
    ((_, entry),) = pack_page(ITEMS, json.dumps([record]).encode()).entries
    assert isinstance(entry, Packed)
    assert unpack(ITEMS, entry.content) == ITEM_RECORDS.validate_json(json.dumps(record))


def test_the_same_values_are_the_same_bytes_in_whatever_order_and_beside_whatever_else() -> None:
    columns = row(1, compounds=[{"compound": "THC", "result": "20%"}], total_rows=1, on_hand=3)
    turned = {**dict(reversed(columns.items())), "surprise": [1], "total_rows": 2}
    first, second = (pack_page(INVENTORY, json.dumps([one]).encode()).entries[0] for one in (columns, turned))
    assert first == second


@pytest.mark.parametrize("changes", [{"available": 1.25}, {"brand": "Tarn"}, {"id_area": None}, {"thc": 0}])
def test_another_value_is_other_bytes(changes: dict[str, JsonValue]) -> None:
    before, after = packed(), packed(**changes)
    assert isinstance(before, Packed)
    assert isinstance(after, Packed)
    assert before.content != after.content


@pytest.mark.parametrize(
    ("written", "day"), [("2026-02-03T10:00:00", "2026-02-03"), ("", None), (None, None)]
)
def test_the_last_day_of_a_row_stands_beside_it(written: str | None, day: str | None) -> None:
    entry = packed(date_expire=written)
    assert isinstance(entry, Packed)
    assert entry.expires == day


def test_an_id_that_no_database_holds_is_a_fault_of_its_record() -> None:
    entry = packed(id_item=2**63)
    assert isinstance(entry, InvalidRecord)
    assert entry.field == "id_item"
