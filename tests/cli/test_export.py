"""`export`: the menu as last synced, and nothing else."""

import csv
import io
import json
import stat

import pytest

from tests.cli.conftest import Program
from tests.conftest import OpenShop
from tests.shop import NAME, Shop, mapped
from tests.state.support import folder


@pytest.fixture
def synced(program: Program, open_shop: OpenShop) -> Shop:
    store = open_shop()
    assert store.folder == program.folder
    store.run()
    store.sandbox.store.journal.forget()
    return store


def test_json_is_the_feed_jsonl_one_product_a_line(program: Program, synced: Shop) -> None:
    expected = mapped(synced)
    synced.sandbox.store.journal.forget()
    ran = program("export")
    assert (ran.code, ran.out, ran.err) == (0, synced.feed.read_text(), "")
    assert {product["posProductId"]: product for product in ran.document} == expected
    assert any(product["quantity"] == 0 for product in ran.document)
    lines = program("export", "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == ran.document
    assert not synced.sandbox.store.journal.requests


@pytest.mark.usefixtures("synced")
def test_csv_is_a_table_of_all_fields(program: Program) -> None:
    rows = list(csv.DictReader(io.StringIO(program("export", "--format", "csv").out)))
    products = {product["posProductId"]: product for product in program("export").document}
    assert len(rows) == len(products)
    cola = next(row for row in rows if row["name"] == "Cola 10mg")
    assert (cola["brand"], cola["price"], cola["quantity"], cola["tiers"]) == ("Northwind", "5", "50", "")
    tiered = next(row for row in rows if row["tiers"])
    assert json.loads(tiered["tiers"]) == products[tiered["posProductId"]]["tiers"]


def test_a_file_is_replaced_at_once(program: Program, synced: Shop) -> None:
    target = program.folder / "out" / "menu.json"
    ran = program("export", "--output", str(target))
    assert (ran.code, ran.out) == (0, "")
    assert target.read_text() == synced.feed.read_text()
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert [path.name for path in target.parent.iterdir()] == ["menu.json"]


@pytest.mark.usefixtures("synced")
def test_a_file_that_cannot_be_written_is_3(program: Program) -> None:
    ran = program("export", "--output", str(program.folder))
    assert ran.code == 3
    assert "could not be written" in ran.err


@pytest.mark.usefixtures("synced")
def test_exporting_leaves_no_trace(program: Program) -> None:
    before = folder(program.folder)
    program("export")
    assert folder(program.folder) == before


def test_a_menu_that_was_never_synced_is_3_with_what_to_do(program: Program, open_shop: OpenShop) -> None:
    open_shop()
    ran = program("export")
    assert (ran.code, ran.out) == (3, "")
    assert f"alleaves-sync sync-inventory --location {NAME}" in ran.err


def test_several_locations_are_refused_until_one_is_named(program: Program, synced: Shop) -> None:
    entry = synced.entry(aiq={"venue_id": "", "publish_url": None}, feed=None)
    synced.write({NAME: entry, "uptown": entry})
    ran = program("export")
    assert ran.code == 2
    assert NAME in ran.err
    assert "uptown" in ran.err
    assert program("export", "-l", NAME).code == 0


def test_csv_runs_nothing_in_a_spreadsheet_and_json_stays_as_it_is(
    program: Program, open_shop: OpenShop
) -> None:
    store = open_shop()
    cola = store.sandbox.store.special("beverage")
    name = '=HYPERLINK("https://evil.example";"Cola")'
    store.sandbox.store.set_columns(cola, item=name)
    store.run()

    products = {product["posProductId"]: product for product in program("export").document}
    rows = list(csv.DictReader(io.StringIO(program("export", "--format", "csv").out)))

    assert products[str(cola)]["name"] == name
    (row,) = (row for row in rows if row["posProductId"] == str(cola))
    assert row["name"] == f"'{name}"
    assert {row["quantity"][:1] for row in rows}.isdisjoint("'=")
