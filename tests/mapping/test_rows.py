"""Which rows count, and which of them decide: P1-P3a."""

from decimal import Decimal
from itertools import permutations

import pytest
from pydantic import JsonValue

from alleaves_sync.aiq import wire
from alleaves_sync.rules.mapping import AreaSelection
from tests.builders import RETAIL_ID, VAULT_ID, area, codes, item, mapped, product_of, row, select

VAULT = area(id_area=VAULT_ID, name="Vault", path="Back Room/Vault", area_type="Storage")


def in_vault(**changes: JsonValue) -> dict[str, JsonValue]:
    return {
        "id_area": VAULT_ID,
        "area": "Vault",
        "area_path": "Back Room/Vault",
        "area_type": "Storage",
        **changes,
    }


def test_p1_the_product_is_named_by_its_item_and_never_by_a_batch_or_group() -> None:
    """P1"""
    found = mapped(row(id_item=4040, id_batch=9), row(id_item=4040, id_batch=8))
    assert found.id_item == 4040
    assert found.product is not None
    assert found.product.pos_product_id == "4040"


def test_p1_every_field_that_has_a_value_names_the_column_that_it_came_from() -> None:
    """P1: what `show-mapping` tells of a product."""
    whole = row(
        brand="Northwind",
        sku="NW-7",
        strain="Opal",
        weight_useable=3.5,
        compounds=[{"compound": "THC", "result": "9%"}],
    )
    record = item(
        product_description="Calm", strain_type="Hybrid", media_list=[{"content": "https://p.example/a"}]
    )
    found = mapped(whole, item=record)
    assert found.product is not None
    assert dict(found.sources).keys() == wire.all_fields(found.product).keys()
    assert [dict(found.sources)[name] for name in ("posProductId", "quantity")] == ["id_item", "available"]


@pytest.mark.parametrize(
    "selector",
    [
        "1002",
        " 1002 ",
        "Vault",
        "vault",
        "VAULT ",
        "Back Room/Vault",
        "back room/vault",
        "Storage",
        " sTORAGE",
    ],
)
def test_p2_a_selector_matches_id_name_path_or_type_trimmed_and_without_case(selector: str) -> None:
    """P2"""
    by_record = select(selector, areas=(area(), VAULT))
    assert by_record.unmatched == ()
    assert by_record.holds_area(VAULT)
    assert not by_record.holds_area(area())
    assert by_record.holds(row(**in_vault()))
    assert not by_record.holds(row())


@pytest.mark.parametrize("selector", ["1002", "vault", "back room/vault", "STORAGE"])
def test_p2_a_selector_matches_a_row_where_there_is_no_area_record(selector: str) -> None:
    """P2"""
    there = row(**in_vault())
    selection = select(selector, rows=(row(), there))
    assert selection.unmatched == ()
    assert selection.holds(there)
    assert not selection.holds(row())


def test_p2_the_pos_may_write_a_blank_behind_an_areas_name() -> None:
    """P2"""
    assert select("sales floor", areas=(area(),)).holds(row(area="SALES FLOOR  ", area_path=None))


def test_p2_a_record_that_matches_brings_its_rows_even_where_they_say_only_the_id() -> None:
    """P2"""
    selection = select("Vault", areas=(VAULT,))
    assert selection.holds(row(id_area=VAULT_ID, area=None, area_path=None, area_type=None))


def test_p2_part_of_a_name_is_no_match() -> None:
    """P2"""
    selection = select("Sales", "Floor", areas=(area(),), rows=(row(),))
    assert selection.unmatched == ("Sales", "Floor")
    assert not selection.holds(row())


def test_p2_only_the_selectors_that_match_nothing_are_named_as_they_were_written() -> None:
    """P2"""
    selection = select("Retial ", "Retail", " Valut", "Vault", areas=(area(), VAULT), rows=(row(),))
    assert selection.unmatched == ("Retial ", " Valut")


def test_p2_every_selector_is_looked_for_in_the_rows_too() -> None:
    """P2"""
    rows = (row(), row(**in_vault()), row(area="Express Case"))
    assert select("Retail", "Storage", "Express Case", "Nowhere", rows=rows).unmatched == ("Nowhere",)


def test_p2_a_deleted_area_record_selects_nothing() -> None:
    """P2"""
    gone = area(name="Old Floor", path=None, area_type=None, deleted=True)
    selection = select("Old Floor", areas=(gone,))
    assert selection.unmatched == ("Old Floor",)
    assert not selection.holds_area(gone)


def test_p2_several_selectors_add_up() -> None:
    """P2"""
    rows = (row(id_batch=1, available=3), row(id_batch=2, available=4, **in_vault()))
    selection = select("Retail", "Vault", areas=(area(), VAULT), rows=rows)
    assert product_of(*rows, areas=selection).quantity == 7


def test_p2_rows_of_other_areas_and_of_no_area_do_not_count() -> None:
    """P2"""
    nowhere = row(id_batch=3, id_area=None, area=None, area_path=None, area_type=None, available=50)
    assert product_of(row(available=3), row(id_batch=2, available=4, **in_vault()), nowhere).quantity == 3


def test_p2_nothing_matches_where_nothing_is_there() -> None:
    """P2"""
    assert AreaSelection.of(["Retail"], [], []).unmatched == ("Retail",)


@pytest.mark.parametrize(
    "changes",
    [
        {"deleted": True},
        {"qc_hold": True},
        {"status": "closed"},
        {"status": ""},
        {"status": "opening"},
        {"date_expire": "2026-01-31"},
        {"date_expire": "2026-01-31T23:59:59"},
    ],
)
def test_p3_a_row_that_may_not_be_sold_does_not_count(changes: dict[str, JsonValue]) -> None:
    """P3"""
    held_back = row(id_batch=5000, available=99, **changes)
    assert product_of(held_back, row(available=2)).quantity == 2
    alone = mapped(held_back)
    assert (alone.status, alone.reasons) == ("hidden", ("out-of-stock",))


@pytest.mark.parametrize("last_day", ["2026-02-01", "2026-02-01T00:00:00", "2026-02-02", None, ""])
def test_p3_a_row_counts_up_to_and_with_the_day_it_expires(last_day: str | None) -> None:
    """P3"""
    assert product_of(row(available=4, date_expire=last_day)).quantity == 4


@pytest.mark.parametrize("status", ["open", "Open", " OPEN "])
def test_p3_an_open_row_counts_however_it_is_spelled(status: str) -> None:
    """P3"""
    assert product_of(row(available=4, status=status)).quantity == 4


def test_p3_an_item_of_which_no_row_counts_is_a_whole_product_with_quantity_0() -> None:
    """P3"""
    found = product_of(row(deleted=True, brand="Northwind"))
    assert (found.name, found.brand, found.price, found.quantity) == (
        "Opal Sedge 3.5g",
        "Northwind",
        Decimal(30),
        Decimal(0),
    )


def test_p3a_the_highest_batch_with_stock_gives_the_single_values() -> None:
    """P3a"""
    rows = (
        row(id_batch=1, item="old", available=5),
        row(id_batch=3, item="newest", available=1),
        row(id_batch=4, item="sold out", available=0),
        row(id_batch=5, item="on hold", available=9, qc_hold=True),
        row(id_batch=2, item="older", available=5),
    )
    for order in permutations(rows):
        assert mapped(*order).name == "newest"


def test_p3a_a_number_counts_as_a_number_where_batches_are_compared() -> None:
    """P3a: 10 is higher than 9."""
    assert mapped(row(id_batch=9, item="nine"), row(id_batch=10, item="ten")).name == "ten"


def test_p3a_without_stock_the_counting_rows_decide() -> None:
    """P3a"""
    rows = (
        row(id_batch=1, item="counting", available=0),
        row(id_batch=2, item="oversold", available=-1),
        row(id_batch=3, item="deleted", deleted=True),
    )
    assert mapped(*rows).name == "oversold"


def test_p3a_where_no_row_counts_all_rows_decide() -> None:
    """P3a"""
    rows = (row(id_batch=1, item="deleted", deleted=True), row(id_batch=2, item="held", qc_hold=True))
    assert mapped(*rows).name == "held"


def test_p3a_one_batch_in_two_areas_gives_the_same_whatever_order_its_rows_came_in() -> None:
    """P3a"""
    rows = (
        row(item="floor", id_area=RETAIL_ID),
        row(item="case", id_area=1004),
        row(item="none", id_area=None),
        row(item="one", id_area=1),
        row(item="zero", id_area=0),
    )
    assert {mapped(*order).name for order in permutations(rows)} == {"zero"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("item", "Another name"),
        ("brand", "Northwind"),
        ("category", "Category > Vapes"),
        ("sku", "NW-1"),
        ("strain", "Opal"),
        ("is_product", False),
        ("is_cannabis", False),
        ("is_adult_use", False),
        ("is_medical_use", False),
        ("use_otd_price", True),
        ("use_location_otd_price", True),
        ("uom_type", "weight"),
        ("uom_short", "g"),
        ("weight_useable", 3.5),
        ("weight_useable_uom", "Grams"),
    ],
)
def test_p3a_deciding_rows_that_differ_are_reported(column: str, value: JsonValue) -> None:
    """P3a"""
    found = mapped(row(id_batch=1, **{column: value}), row(id_batch=2))
    assert f"batches differ in {column}" in [warning.message for warning in found.warnings]
    assert set(codes(found)) == {"rows-disagree"}


def test_p3a_a_difference_in_a_row_that_does_not_decide_is_none() -> None:
    """P3a"""
    rows = (
        row(id_batch=1),
        row(id_batch=2, item="sold out", available=0),
        row(id_batch=3, item="x", deleted=True),
    )
    assert codes(mapped(*rows)) == []


def test_p3a_blanks_and_control_characters_make_no_difference() -> None:
    """P3a, B1"""
    rows = (
        row(id_batch=1, item=" Opal Sedge 3.5g", brand=""),
        row(id_batch=2, item="Opal Sedge\x00 3.5g ", brand=None),
    )
    assert codes(mapped(*rows)) == []


def test_p3a_three_rows_that_agree_say_nothing() -> None:
    """P3a"""
    assert codes(mapped(row(id_batch=1), row(id_batch=2), row(id_batch=3))) == []


def test_p3a_an_otd_flag_of_any_deciding_row_counts() -> None:
    """P3a, M1"""
    rows = (row(id_batch=1, use_otd_price=True), row(id_batch=2))
    assert product_of(*rows).price == Decimal("33.9")


def test_p3a_an_otd_flag_of_a_row_that_does_not_decide_does_not_count() -> None:
    """P3a, M1"""
    rows = (row(id_batch=3, use_otd_price=True, available=0), row(id_batch=2))
    assert product_of(*rows).price == 30
