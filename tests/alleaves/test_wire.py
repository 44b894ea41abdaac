"""From bytes to models: what fits is taken as it is, what does not is told without hurting the rest."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.alleaves.models import Compound, InvalidRecord, InventoryRow, Item, Media, PosLocation
from alleaves_sync.alleaves.wire import INVENTORY, ITEMS, Page, decode_list, decode_page
from alleaves_sync.errors import WrongAnswer
from tests.alleaves.pos import row

BROKEN = row(99, available="plenty", total_rows=3)


def encoded(*records: object) -> bytes:
    return json.dumps(records).encode()


def invalid(page: Page[Any]) -> list[InvalidRecord]:
    return [entry for _, entry in page.entries if isinstance(entry, InvalidRecord)]


def the_invalid(**changes: Any) -> InvalidRecord:
    [record] = invalid(decode_page(INVENTORY, encoded(row(1, **changes))))
    return record


def test_a_page_comes_as_models_under_their_keys_with_the_totals() -> None:
    page = decode_page(
        INVENTORY, encoded(row(1, total_rows=2, id_area=None), row(2, total_rows=2, surprise=[1]))
    )
    assert [key for key, _ in page.entries] == [(1, None), (2, 7)]
    assert page.totals == {2}
    record = page.entries[0][1]
    assert isinstance(record, InventoryRow)
    assert (record.available, record.on_hand) == (Decimal("1.5"), Decimal(2))


def test_a_broken_row_leaves_the_others_as_they_are() -> None:
    """Lesson: one bad record stopped the run, or hid in a batch error without a name (P6a)."""
    good = [row(n, total_rows=3, price_retail=23.1481, compounds=[{"compound": "THC"}]) for n in (1, 2)]
    page = decode_page(INVENTORY, encoded(good[0], BROKEN, good[1]))
    alone = decode_page(INVENTORY, encoded(*good))
    assert [entry for entry in page.entries if not isinstance(entry[1], InvalidRecord)] == list(alone.entries)
    assert page.totals == {3}
    assert page.entries[1] == (
        (99, 7),
        InvalidRecord(4099, "item 99", "available", 'is not a number: "plenty"'),
    )


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"available": None}, "available", "is not a number: null"),
        ({"available": "12,50"}, "available", 'is not a number: "12,50"'),
        ({"available": {"of": 1}}, "available", "is not a number"),
        ({"available": float("nan")}, "available", "is not a number: NaN"),
        ({"price_retail": float("inf")}, "price_retail", "is not a number: Infinity"),
        ({"id_batch": 1.5}, "id_batch", "is not a whole number: 1.5"),
        ({"item": None}, "item", "is not a text: null"),
        ({"deleted": 1}, "deleted", "is not true or false: 1"),
        ({"compounds": {"a": 1}}, "compounds", "is not a list"),
        ({"compounds": [{}, 5]}, "compounds.1", "is not an object: 5"),
        ({"compounds": [{"compound": 5}]}, "compounds.0.compound", "is not a text: 5"),
        ({"compounds": [{"result": True}]}, "compounds.0.result", "is neither a text nor a number: true"),
        ({"compounds": [{"result": []}]}, "compounds.0.result", "is neither a text nor a number"),
        ({"date_expire": "31.12.2026"}, "date_expire", 'is not valid: "31.12.2026"'),
        ({"brand": ["x" * 99]}, "brand", "is not a text"),
        ({"brand": 7, "deleted": "no"}, "brand", "is not a text: 7"),
    ],
)
def test_a_fault_is_told_with_its_field_and_its_value(
    changes: dict[str, Any], field: str, problem: str
) -> None:
    record = the_invalid(**changes)
    assert (record.field, record.problem) == (field, problem)


def test_a_missing_field_is_told() -> None:
    record = {name: value for name, value in row(1).items() if name != "on_hand"}
    assert invalid(decode_page(INVENTORY, encoded(record))) == [
        InvalidRecord(4001, "item 1", "on_hand", "is missing")
    ]


def test_a_long_value_is_cut_and_shown_on_one_line() -> None:
    assert the_invalid(available="a\n" + "x" * 99).problem == 'is not a number: "a\\n' + "x" * 35 + "…"


@pytest.mark.parametrize("name", [5, None, "  Blue\x1b[31m\n Dream "])
def test_the_name_of_a_broken_row_is_shown_plainly(name: object) -> None:
    record = the_invalid(item=name, available="x")
    assert record.name == ("Blue [31m Dream" if isinstance(name, str) else "")


@pytest.mark.parametrize("id_item", ["4001", True, None, 1.5, []])
def test_an_item_number_that_cannot_be_read_is_not_guessed(id_item: object) -> None:
    assert the_invalid(id_item=id_item).id_item is None


def test_broken_rows_count_by_their_keys_and_else_by_what_they_hold() -> None:
    page = decode_page(
        INVENTORY,
        encoded(
            BROKEN,
            row(1, id_batch="1"),
            row(1, id_batch=None),
            row(2, id_batch=None),
            row(1, id_area="7"),
            None,
            None,
            5,
            [],
            "x",
        ),
    )
    keys = [key for key, _ in page.entries]
    assert len(set(keys)) == len(keys) == 10
    again = decode_page(INVENTORY, encoded(row(1, id_batch="1"), None))
    assert {key for key, _ in again.entries} <= set(keys)
    assert invalid(page)[5] == InvalidRecord(None, "", "record", "is not an object: null")


@pytest.mark.parametrize("text", [rb'"Caf\ud83d"', b'"Caf\xe9"', b'"Caf\xc3"'])
def test_half_a_character_spoils_nothing_but_itself(text: bytes) -> None:
    page = decode_page(ITEMS, b'[{"id_item": 1, "item": ' + text + b'}, {"id_item": 2, "item": "ok"}]')
    names = [entry.item for _, entry in page.entries if isinstance(entry, Item)]
    assert names[0].startswith("Caf")
    assert len(names[0]) == 4
    assert names[1] == "ok"


def test_a_byte_order_mark_is_no_matter() -> None:
    assert len(decode_page(ITEMS, b'\xef\xbb\xbf[{"id_item": 1}]').entries) == 1
    assert decode_list(PosLocation, b'\xef\xbb\xbf[{"id_location": 1}]', "GET /location")[0].id_location == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"0": {"id_item": 1}}', "is not a list"),
        (b"null", "is not a list"),
        (b"[{]", "is not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "is not JSON"),
    ],
)
def test_a_page_of_another_shape_is_a_wrong_answer(body: bytes, problem: str) -> None:
    """Lesson: a list came as an object keyed "0", "1", ... and zero records were found."""
    with pytest.raises(WrongAnswer) as caught:
        decode_page(ITEMS, body)
    assert caught.value == WrongAnswer("Alleaves", "POST /inventory/item/search", "answer", problem)


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        (b'{"id_location": 1}', "answer", "is not a list"),
        (b'[{"id_location": "s3cret"}]', "0.id_location", "is not a whole number"),
        (b'[{"id_location": 1}, {"location": "s3cret"}]', "1.id_location", "is missing"),
        (b"[s3cret]", "answer", "is not JSON"),
    ],
)
def test_a_list_of_another_shape_is_told_with_the_field_and_without_the_value(
    body: bytes, field: str, problem: str
) -> None:
    with pytest.raises(WrongAnswer) as caught:
        decode_list(PosLocation, body, "GET /location")
    assert caught.value == WrongAnswer("Alleaves", "GET /location", field, problem)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_pictures_and_descriptions_of_items_are_read() -> None:
    page = decode_page(
        ITEMS, encoded({"id_item": 1, "media_list": [{"content": "https://x/1.png", "id": 3}]})
    )
    assert page.entries == (((1,), Item(1, media_list=(Media("https://x/1.png"),))),)
    assert page.totals == frozenset()


# -- properties ----------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*InventoryRow.__dataclass_fields__])
ROWS = st.builds(
    lambda n, changes: row(n) | changes, st.integers(0, 9), st.dictionaries(FIELDS, JSON, max_size=3)
)


@given(st.lists(ROWS | JSON, max_size=4))
def test_no_list_of_records_stops_the_reading_and_none_is_lost(records: list[object]) -> None:
    assert len(decode_page(INVENTORY, json.dumps(records).encode()).entries) == len(records)


@given(st.lists(ROWS, max_size=4))
def test_a_record_is_judged_the_same_alone_and_beside_a_broken_one(records: list[object]) -> None:
    beside = decode_page(INVENTORY, encoded(*records, BROKEN)).entries[:-1]
    alone = [decode_page(INVENTORY, encoded(record)).entries[0] for record in records]
    assert [entry for _, entry in beside] == [entry for _, entry in alone]


def test_numbers_keep_their_digits_on_both_ways() -> None:
    text = b'[{"id_batch":1,"id_item":2,"item":"","available":0.1,"on_hand":23.1481,"total_rows":1%s}%s]'
    compounds = b',"compounds":[{"compound":"THC","result":12345678901234567890}]'
    fast = decode_page(INVENTORY, text % (compounds, b"")).entries[0]
    slow = decode_page(INVENTORY, text % (compounds, b",null")).entries[0]
    assert fast == slow
    assert isinstance(fast[1], InventoryRow)
    assert (str(fast[1].available), str(fast[1].on_hand)) == ("0.1", "23.1481")
    assert fast[1].compounds == (Compound("THC", Decimal(12345678901234567890)),)
