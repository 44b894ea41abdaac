"""`audit` against the sandbox, whose special items have planted faults."""

import csv
import io
import json

import pytest

from tests.cli.conftest import Program
from tests.conftest import OpenShop
from tests.shop import Shop

PLANTED = {
    "expired-batch": {"expired", "part-expired"},
    "no-price": {"otd-unset", "no-price"},
    "area-not-selected": {"quarantine-only", "vault-only"},
    "weight-unit-unknown": {"pints"},
    "category-unmapped": {"unmapped", "uncategorized"},
    "terpene-misspelt": {"split-areas", "lab-units"},
}


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A store with all special items, and some others."""
    return open_shop(items=80)


def test_every_planted_fault_of_the_store_is_found(program: Program, shop: Shop) -> None:
    ran = program("audit", "--json")

    (entry,) = ran.document["locations"]
    assert (ran.code, ran.err) == (0, "")
    for code, keys in PLANTED.items():
        ids = {fault["id_item"] for fault in entry["faults"] if fault["code"] == code}
        planted = {int(shop.item(key)) for key in keys}
        assert planted <= ids, code
        if code != "terpene-misspelt":  # the other items of the store have some as well
            assert planted == ids, code
    assert entry["counts"] == {
        code: sum(fault["code"] == code for fault in entry["faults"]) for code in entry["counts"]
    }
    assert list(entry["counts"])[:3] == ["expired-batch", "no-price", "area-not-selected"]


def test_people_get_the_counts_and_then_each_item(program: Program, shop: Shop) -> None:
    ran = program("audit")

    assert ran.out.splitlines()[0] == "downtown"
    assert "expired-batch" in ran.out
    assert "'Pints' is none of" in ran.out
    assert shop.item("pints") in ran.out


def test_csv_is_one_table_of_all_faults(program: Program, shop: Shop) -> None:
    rows = list(csv.DictReader(io.StringIO(program("audit", "--csv").out)))

    assert list(rows[0]) == ["location", "code", "id_item", "name", "status", "message"]
    assert shop.item("unmapped") in {row["id_item"] for row in rows if row["code"] == "category-unmapped"}


def test_a_fault_to_fail_on_ends_with_3(program: Program, shop: Shop) -> None:
    assert program("audit", "--fail-on", "no-price").code == 3
    assert program("audit", "--fail-on", "duplicate-name", "--fail-on", "no-price").code == 3
    assert program("audit", "--fail-on", "weight-contradicts-name").code == 0
    assert shop.sent() == []


def test_saved_rows_need_no_pos_and_nothing_is_written(program: Program, shop: Shop) -> None:
    rows = [row | {"total_rows": 1} for row in shop.sandbox.store.rows()]
    (program.folder / "rows.json").write_text(json.dumps({"rows": rows, "items": shop.sandbox.store.items()}))
    asked = shop.calls("POST /api/auth")
    before = sorted(program.folder.iterdir())

    ran = program("audit", "--rows", "rows.json", "--json", "--fail-on", "no-price")

    assert ran.code == 3
    assert ran.document["locations"][0]["counts"]["no-price"] == 2
    assert shop.calls("POST /api/auth") == asked
    assert sorted(program.folder.iterdir()) == before


@pytest.mark.usefixtures("store")
def test_a_store_without_faults_says_so(program: Program) -> None:
    (program.folder / "rows.json").write_text("[]")

    assert "No fault was found." in program("audit", "--rows", "rows.json").out


@pytest.mark.usefixtures("store")
def test_wrong_usage_is_2(program: Program) -> None:
    ran = program("audit", "--fail-on", "no-pictures")
    assert ran.code == 2
    assert "Did you mean no-picture?" in ran.err
    assert program("audit", "--fail-on", "xyz").code == 2
    assert program("audit", "--csv", "--json").code == 2
    assert program("audit", "--rows", "nowhere.json").code == 65


def test_csv_runs_nothing_in_a_spreadsheet(program: Program, shop: Shop) -> None:
    shop.sandbox.store.set_columns(int(shop.item("unmapped")), item="@SUM(1+1)*cmd|' /C calc'!A0")
    table = list(csv.DictReader(io.StringIO(program("audit", "--csv").out)))
    assert {row["name"] for row in table if row["id_item"] == shop.item("unmapped")} == {
        "'@SUM(1+1)*cmd|' /C calc'!A0"
    }
    assert not [cell for row in table for cell in row.values() if cell[:1] in set("=+-@\t\r")]
    faults = program("audit", "--json").document["locations"][0]["faults"]
    assert "@SUM(1+1)*cmd|' /C calc'!A0" in {fault["name"] for fault in faults}
