"""Cannabinoids and terpenes: L1-L5."""

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from pydantic import JsonValue

from alleaves_sync.aiq.models import LabValue
from alleaves_sync.alleaves.models import InventoryRow
from tests.builders import VAULT_ID, codes, mapped, product_of, row

PAGE = {
    "3-Carene": "threeCarene",
    "Alpha Pinene": "alphaPinene",
    "Beta Caryophyllene": "betaCaryophyllene",
    "Beta Eudesmol": "betaEudesmol",
    "Beta Myrcene": "betaMyrcene",
    "Beta Pinene": "betaPinene",
    "Bisabolol": "bisabolol",
    "Caryophyllene Oxide": "caryophylleneOxide",
    "Guaiol": "guaiol",
    "Humulene": "humulene",
    "Limonene": "limonene",
    "Linalool": "linalool",
    "Ocimene": "ocimene",
    "Terpinolene": "terpinolene",
    "Terpinene": "terpinene",
    "Trans-Nerolidol": "transNerolidol",
}


def profile(*entries: tuple[str, JsonValue], **changes: JsonValue) -> InventoryRow:
    """A row with a chemical profile."""
    return row(compounds=[{"compound": name, "result": result} for name, result in entries], **changes)


def labs(*rows: InventoryRow, **rules: Any) -> list[str]:
    """What is sent, as "name value unit"."""
    return [f"{value.compound} {value.value} {value.unit}" for value in product_of(*rows, **rules).labs]


def messages(*entries: tuple[str, JsonValue], **rules: Any) -> list[str]:
    found = mapped(profile(*entries), **rules)
    return [warning.message for warning in found.warnings if warning.code != "no-catalogue-record"]


@pytest.mark.parametrize(("written", "name"), PAGE.items())
def test_l1_the_16_names_of_the_page_match_as_they_are_written_there(written: str, name: str) -> None:
    """L1"""
    assert labs(profile((written, "1.2%"))) == [f"{name} 1.2 %"]


@pytest.mark.parametrize("written", PAGE)
def test_l1_the_same_name_in_another_case_is_not_sent_but_reported_with_the_right_one(written: str) -> None:
    """L1"""
    for other in (written.upper(), written.swapcase()):
        assert labs(profile((other, "1.2%"))) == []
        assert messages((other, "1.2%")) == [
            f"{other!r} is not a terpene of the menu, did you mean {written}?"
        ]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Delta-3 Carene", "3-Carene"),
        ("Beta-Pinene", "Beta Pinene"),
        ("Myrcene", "Beta Myrcene"),
        ("Limonen", "Limonene"),
        ("Trans Nerolidol", "Trans-Nerolidol"),
    ],
)
def test_l1_a_name_that_is_close_is_reported_with_the_nearest(name: str, near: str) -> None:
    """L1"""
    assert labs(profile((name, "1.2%"))) == []
    assert messages((name, "1.2%")) == [f"{name!r} is not a terpene of the menu, did you mean {near}?"]


@pytest.mark.parametrize("name", ["CBC", "Water", "Total Yeast", "☢"])
def test_l1_a_name_like_none_of_them_is_reported_without_a_guess(name: str) -> None:
    """L1"""
    assert messages((name, "1.2%")) == [f"{name!r} is not a terpene of the menu"]


@pytest.mark.parametrize(
    "name", [" Limonene", "Limonene\t", "Limonene\x00", "Limonene %", "Limonene  (%)", " Limonene% "]
)
def test_l1_names_are_compared_after_trimming_and_without_a_unit(name: str) -> None:
    """L1, L2, B1"""
    assert labs(profile((name, "1.2%"))) == ["limonene 1.2 %"]
    assert messages((name, "1.2%")) == []


def test_l1_an_entry_without_a_name_is_none() -> None:
    """L1"""
    assert labs(profile(("", "1.2%"), ("%", "3"))) == []
    assert messages(("", "1.2%"), ("%", "3")) == []


def test_l1_the_same_unknown_name_is_told_once() -> None:
    """L1"""
    rows = (profile(("Water", "1"), id_batch=1), profile(("Water", "2"), id_batch=2))
    assert codes(mapped(*rows)) == ["compound-unknown"]


@pytest.mark.parametrize(
    ("result", "read"),
    [
        ("1.2%", "1.2 %"),
        ("1.2 %", "1.2 %"),
        (" 1.2\t% ", "1.2 %"),
        ("12mg", "12 mg"),
        ("12 mg", "12 mg"),
        ("12 MG", "12 mg"),
        ("3 mg/g", "3 mg/g"),
        ("3MG/G", "3 mg/g"),
        ("0.70000000", "0.7 mg"),
        ("27.63000000", "27.63 mg"),
        (".5", "0.5 mg"),
        ("5.", "5 mg"),
        ("+5", "5 mg"),
        ("007", "7 mg"),
        (1.25, "1.25 mg"),
        (3, "3 mg"),
    ],
)
def test_l2_a_result_is_read_with_its_unit_and_without_one_it_is_mg(result: JsonValue, read: str) -> None:
    """L2"""
    value, unit = read.split()
    (found,) = product_of(profile(("Limonene", result))).labs
    assert (found.value, found.unit) == (Decimal(value), unit)


@pytest.mark.parametrize(
    ("name", "result", "read"),
    [
        ("THC %", "27.63", "thc 27.63 %"),
        ("THC%", "27.63", "thc 27.63 %"),
        ("THC (mg/g)", "276", "thc 276 mg/g"),
        ("THC mg/g", "276", "thc 276 mg/g"),
        ("THC MG", "10", "thc 10 mg"),
        ("THC (mg)", 10, "thc 10 mg"),
        ("THC %", 27.63, "thc 27.63 %"),
        ("THC %", "12mg", "thc 12 mg"),
        ("THC mg", "1.2%", "thc 1.2 %"),
        ("THC mg/g", "3 mg", "thc 3 mg"),
        ("THC", "0.70000000", "thc 0.7 mg"),
    ],
)
def test_l2_the_unit_may_stand_in_the_name_and_the_values_wins(
    name: str, result: JsonValue, read: str
) -> None:
    """L2"""
    assert labs(profile((name, result))) == [read]


@pytest.mark.parametrize("result", ["0", "0%", "0.000 mg", "-0", "ND", "nd", " Nd ", "", "  ", None, 0, 0.0])
@pytest.mark.parametrize("name", ["Limonene", "THC", "Water"])
def test_l2_nothing_found_is_not_sent_and_no_news(name: str, result: JsonValue) -> None:
    """L2"""
    assert labs(profile((name, result))) == []
    assert messages((name, result)) == []


@pytest.mark.parametrize(
    "result",
    [
        "n/a",
        "<LOQ",
        "1,2%",
        "1.2 g",
        "1.2 %%",
        "12 mg/ml",
        "1e3",
        "--1",
        "1 2",
        "%",
        "-1",
        "-0.5%",
        -3,
        "ND%",
    ],
)
@pytest.mark.parametrize("name", ["Limonene", "thc"])
def test_l2_what_is_no_number_or_negative_is_not_sent_and_reported(name: str, result: JsonValue) -> None:
    """L2"""
    assert labs(profile((name, result))) == []
    assert messages((name, result)) == [f"{name}: {str(result)!r} is no content"]


def test_l2_a_bad_result_leaves_the_others_alone() -> None:
    """L2"""
    assert labs(profile(("Limonene", "?"), ("Linalool", "1%"))) == ["linalool 1 %"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("THC", "thc"),
        ("thc", "thc"),
        ("THCA", "thcA"),
        ("THCa", "thcA"),
        ("thcA %", "thcA"),
        ("CBD", "cbd"),
        ("Cbda", "cbdA"),
        ("CBN (%)", "cbn"),
        ("cbg mg", "cbg"),
    ],
)
def test_l3_cannabinoids_match_in_any_case_with_or_without_a_unit(written: str, name: str) -> None:
    """L3"""
    assert labs(profile((written, "1.5%"))) == [f"{name} 1.5 %"]


@pytest.mark.parametrize(
    ("columns", "read"),
    [
        ({"thc": 21.5}, ["thc 21.5 %"]),
        ({"cbd": 0.4}, ["cbd 0.4 %"]),
        ({"thc_mg": 100}, ["thc 100 mg"]),
        ({"cbd_mg": 5}, ["cbd 5 mg"]),
        ({"thc": 21.5, "thc_mg": 100, "cbd": 0.4, "cbd_mg": 5}, ["thc 21.5 %", "cbd 0.4 %"]),
        ({"thc": 0, "thc_mg": 100}, ["thc 100 mg"]),
        ({"thc": None, "cbd": 0, "cbd_mg": -1}, []),
    ],
)
def test_l3_the_columns_serve_where_no_profile_says_thc_or_cbd(
    columns: dict[str, JsonValue], read: list[str]
) -> None:
    """L3, L4"""
    assert labs(row(**columns)) == read
    others = labs(profile(("THCA", "1%"), ("Limonene", "2%"), **columns))
    assert sorted(others) == sorted([*read, "thcA 1 %", "limonene 2 %"])


@pytest.mark.parametrize(
    "entry", [("THC", "ND"), ("CBD %", "0"), ("thc", None), ("cbd", "?"), ("THC mg", "5")]
)
def test_l3_an_entry_for_either_of_them_is_one_even_where_it_is_nd(entry: tuple[str, JsonValue]) -> None:
    """L3"""
    read = labs(profile(entry, thc=21.5, cbd=0.4, thc_mg=9, cbd_mg=9))
    assert read == (["thc 5 mg"] if entry[1] == "5" else [])


def test_l3_one_row_that_says_thc_is_enough_for_all_rows_of_the_item() -> None:
    """L3"""
    rows = (row(id_batch=1, thc=30, cbd=1), profile(("THC %", "20"), id_batch=2))
    for order in permutations(rows):
        assert labs(*order) == ["thc 20 %"]


def test_l3_a_profile_of_a_row_without_stock_does_not_stop_the_columns() -> None:
    """L3, L4: only rows that L4 names have a say."""
    rows = (row(id_batch=1, thc=30), profile(("THC %", "20"), id_batch=2, available=0))
    assert labs(*rows) == ["thc 30 %"]


@pytest.mark.parametrize(
    "changes",
    [
        {"available": 0},
        {"available": -1},
        {"deleted": True},
        {"qc_hold": True},
        {"status": "closed"},
        {"date_expire": "2026-01-31"},
        {"id_area": VAULT_ID, "area": "Vault", "area_path": None, "area_type": "Storage"},
    ],
)
def test_l4_a_row_that_does_not_count_or_has_no_stock_says_nothing(changes: dict[str, JsonValue]) -> None:
    """L4: stale potency is worse than none."""
    gone = profile(("THC %", "20"), ("Limonene", "1%"), ("Water", "1"), thc=20, **changes)
    found = mapped(gone)
    assert found.product is not None
    assert found.product.labs == ()
    assert "compound-unknown" not in codes(found)


def test_l4_stock_that_is_only_hidden_by_the_threshold_keeps_its_labs() -> None:
    """L4"""
    found = mapped(profile(("THC %", "20"), available=2, location_threshold_low_quantity_value=5))
    assert found.product is not None
    assert found.product.labs == (LabValue("thc", Decimal(20), "%"),)


@pytest.mark.parametrize(
    ("results", "read"),
    [
        (["1%", "2%", "1.5%"], "2 %"),
        (["900 mg", "8 mg/g", "1%"], "1 %"),
        (["900 mg", "8 mg/g"], "8 mg/g"),
        (["900 mg", "901mg"], "901 mg"),
        (["9", "10"], "10 mg"),
        (["0.001%", "999"], "0.001 %"),
        (["0%", "5 mg"], "5 mg"),
    ],
)
def test_l4_of_values_that_conflict_the_highest_of_the_best_unit_is_sent(
    results: list[str], read: str
) -> None:
    """L4"""
    for order in permutations(results):
        rows = [profile(("Limonene", result), id_batch=batch) for batch, result in enumerate(order)]
        assert labs(*rows) == [f"limonene {read}"]
        assert labs(profile(*(("Limonene", result) for result in order))) == [f"limonene {read}"]


def test_l4_the_values_of_several_rows_come_together_in_the_order_of_the_contract() -> None:
    """L4"""
    rows = (
        profile(("Limonene", "1%"), ("CBD", "2%"), id_batch=2),
        profile(("Trans-Nerolidol", "3%"), ("3-Carene", "4%"), ("THC", "5%"), id_batch=1),
    )
    assert labs(*rows) == ["thc 5 %", "cbd 2 %", "threeCarene 4 %", "limonene 1 %", "transNerolidol 3 %"]


BOTH = profile(("THCA", "9%"), ("Limonene", "1%"), ("Water", "1"), ("Limonen", "?"), ("CBN", "?"), thc=20)


def test_l5_both_parts_are_sent_by_default() -> None:
    """L5"""
    assert labs(BOTH) == ["thc 20 %", "thcA 9 %", "limonene 1 %"]
    assert dict(mapped(BOTH).sources)["labs"] == "compounds, thc"
    assert codes(mapped(BOTH)) == ["compound-unknown", "compound-unknown", "result-unreadable"]


def test_l5_no_terpenes_where_they_are_off() -> None:
    """L5"""
    assert labs(BOTH, terpenes=False) == ["thc 20 %", "thcA 9 %"]
    assert codes(mapped(BOTH, terpenes=False)) == ["result-unreadable"]


def test_l5_no_cannabinoids_where_they_are_off() -> None:
    """L5"""
    assert labs(BOTH, labs=False) == ["limonene 1 %"]
    assert codes(mapped(BOTH, labs=False)) == ["compound-unknown", "compound-unknown"]
    assert dict(mapped(BOTH, labs=False).sources)["labs"] == "compounds"


def test_l5_nothing_where_both_are_off() -> None:
    """L5"""
    found = mapped(BOTH, labs=False, terpenes=False)
    assert found.product is not None
    assert found.product.labs == ()
    assert codes(found) == []
    assert "labs" not in dict(found.sources)


def test_l3_labs_from_the_columns_alone_name_only_the_columns() -> None:
    """L3"""
    assert dict(mapped(row(thc=20, cbd_mg=5)).sources)["labs"] == "cbd_mg, thc"
