"""`show-mapping`: the rules in force, every field with its column, every status with its reasons."""

import json

import pytest

from tests.cli.conftest import Program
from tests.conftest import OpenShop
from tests.shop import NAME, Shop
from tests.state.support import folder


@pytest.fixture
def store(program: Program, open_shop: OpenShop) -> Shop:
    shop = open_shop()
    assert shop.folder == program.folder
    return shop


@pytest.mark.usefixtures("store")
def test_the_document_has_exactly_the_keys_of_the_design(program: Program) -> None:
    ran = program("show-mapping", "--json")

    assert (ran.code, ran.err) == (0, "")
    assert list(ran.document) == ["locations"]
    (entry,) = ran.document["locations"]
    assert list(entry) == ["location", "rules", "items"]
    assert entry["rules"]["areas"] == ["Retail"]
    for item in entry["items"]:
        assert list(item) == ["id_item", "name", "status", "reasons", "product", "sources", "warnings"]
        assert item["status"] in {"listed", "hidden", "withheld"}
        assert bool(item["reasons"]) == (item["status"] != "listed")
        if item["product"] is None:
            assert item["status"] == "withheld"
        else:
            assert item["product"].keys() - {"posProductId"} <= item["sources"].keys() | {"priceType"}
            assert item["product"]["posProductId"] == str(item["id_item"])
        assert all(list(warning) == ["code", "message"] for warning in item["warnings"])


def test_it_shows_what_a_run_then_makes(program: Program, store: Shop) -> None:
    shown = program("show-mapping", "--json").document["locations"][0]["items"]
    program("sync-inventory")
    assert store.products() == {str(item["id_item"]): item["product"] for item in shown if item["product"]}


@pytest.mark.usefixtures("store")
def test_it_writes_nothing(program: Program) -> None:
    program("sync-inventory")
    before = folder(program.folder)
    for args in ([], ["--json"], ["--unmapped"], ["Cola 10mg"]):
        assert program("show-mapping", *args).code == 0
    assert folder(program.folder) == before


def test_one_item_is_shown_in_full(program: Program, store: Shop) -> None:
    cola = store.sandbox.store.special("beverage")
    ran = program("show-mapping", str(cola))
    assert ran.code == 0
    for text in ("rules in force", "Cola 10mg", "[Category > Beverages]", "listed", "price_retail_adult_use"):
        assert text in ran.out
    assert f"{NAME}: rules in force" in ran.out
    withheld = program("show-mapping", "Not priced yet 1g")
    assert "why: no-price" in withheld.out


@pytest.mark.parametrize("status", ["listed", "hidden", "withheld"])
@pytest.mark.usefixtures("store")
def test_items_of_one_status(program: Program, status: str) -> None:
    items = program("show-mapping", "--status", status, "--json").document["locations"][0]["items"]
    assert {item["status"] for item in items} == {status}


def test_unmapped_products_are_those_without_a_category(program: Program, store: Shop) -> None:
    items = program("show-mapping", "--unmapped", "--json").document["locations"][0]["items"]
    tea = store.sandbox.store.special("unmapped")
    assert tea in [item["id_item"] for item in items]
    assert not any("productCategory" in item["product"] for item in items)


@pytest.mark.usefixtures("store")
def test_an_unknown_item_is_2_and_the_nearest_is_named(program: Program) -> None:
    ran = program("show-mapping", "Cola 10m", "--json")
    assert ran.code == 2
    assert "Cola 10mg" in ran.err
    assert ran.document["error"]["code"] == "unknown-item"
    assert program("show-mapping", "--status", "sold").code == 2


def test_saved_rows_need_no_pos(program: Program, store: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLEAVES_PASSWORD", "wrong")
    rows = store.sandbox.store.rows()
    content = [row | {"total_rows": len(rows)} for row in rows]
    (program.folder / "rows.json").write_text(
        json.dumps({"rows": content, "items": store.sandbox.store.items()})
    )
    ran = program("show-mapping", "--rows", "rows.json", "--json")
    assert ran.code == 0
    assert len(ran.document["locations"][0]["items"]) > 60
    assert not store.sandbox.store.journal.requests


@pytest.mark.parametrize("content", [None, "{", "{}", '{"rows": 5}'])
@pytest.mark.usefixtures("store")
def test_a_bad_file_of_rows_is_65(program: Program, content: str | None) -> None:
    if content is not None:
        (program.folder / "rows.json").write_text(content)
    ran = program("show-mapping", "--rows", "rows.json", "--json")
    assert ran.code == 65
    assert "rows.json" in ran.err
    assert ran.document["error"]["code"]


def test_a_location_that_fails_is_told_and_the_others_are_shown(program: Program, store: Shop) -> None:
    good = store.entry(aiq={"venue_id": "", "publish_url": None}, feed=None)
    store.write({"one": {**good, "areas": ["Retial"]}, "two": good})
    ran = program("show-mapping", "--json")
    assert ran.code == 1
    first, second = ran.document["locations"]
    assert (first["location"], first["items"]) == ("one", [])
    assert "Sales Floor (id" in first["error"]
    assert len(second["items"]) > 60
    store.write({"one": {**good, "areas": ["Retial"]}})
    assert program("show-mapping").code == 78
