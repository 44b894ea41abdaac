"""`show-mapping`: the rules in force, every field with its column, every status with its reasons."""

import json
import re
from typing import get_args

import pytest

from alleaves_sync.flows.explain.item import Standing
from tests.cli.conftest import Program
from tests.conftest import OpenShop
from tests.fences import ROOT
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


PARTS = ["rows", "quantity", "price", "category", "weight", "strain", "pictures", "labs"]


def test_with_an_item_the_document_has_its_explanation_and_nothing_else_is_new(
    program: Program, store: Shop
) -> None:
    program("sync-inventory")
    cola = str(store.sandbox.store.special("beverage"))
    (plain,) = (
        item
        for item in program("show-mapping", "--json").document["locations"][0]["items"]
        if str(item["id_item"]) == cola
    )
    (item,) = program("show-mapping", cola, "--json").document["locations"][0]["items"]
    explanation = item.pop("explanation")
    assert item == plain
    assert list(explanation) == [*PARTS, "fields_off", "held_back", "aiq", "changes"]
    assert list(explanation["aiq"]) == ["standing", "product", "attempted", "decided", "next"]
    assert explanation["aiq"]["product"] == item["product"]
    assert explanation["quantity"]["quantity"] == item["product"]["quantity"]
    assert explanation["price"]["price"] == item["product"]["price"]
    assert explanation["price"]["column"] == item["sources"]["price"]
    assert explanation["category"]["category"] == item["product"]["productCategory"]
    assert sum(row["available"] for row in explanation["rows"] if row["counts"]) == 50
    assert [change["action"] for change in explanation["changes"]] == ["create"]


def test_the_runbook_names_every_part_of_an_explanation_and_every_standing() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for key in [*PARTS, "fields_off", "held_back", "aiq", "changes"]:
        assert f"`{key}`" in page, key
    for standing in get_args(Standing):
        assert f"| *{standing}* |" in page, standing


def test_an_item_that_is_gone_is_counted_and_can_be_explained(program: Program, store: Shop) -> None:
    """P6"""
    program("sync-inventory")
    cola = store.sandbox.store.special("beverage")
    store.sandbox.store.remove_item(cola)
    assert "(1 of them gone from the POS)" in program("show-mapping").out
    hidden = program("show-mapping", "--status", "hidden", "--json").document["locations"][0]["items"]
    (entry,) = (item for item in hidden if item["id_item"] == cola)
    assert entry["reasons"] == ["gone-from-pos"]
    assert entry["product"]["quantity"] == 0
    assert entry["product"].keys() == entry["sources"].keys()
    told = program("show-mapping", "Cola 10mg").out
    for text in (
        "why: gone-from-pos: Alleaves does not bring it any more (P6)",
        "quantity 50, price 5",
        "Rows: none",
        "no row of it came (P6)",
        "a run now takes it off the menu:",
        "quantity: 50 -> 0",
    ):
        assert text in told


@pytest.mark.usefixtures("store")
def test_the_overview_tears_no_word_apart_on_a_narrow_terminal(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    drawn = program("show-mapping", "--status", "withheld").out
    assert "Not priced yet 1g  withheld  no-price" in drawn
    assert not [line for line in drawn.splitlines() if len(line) > 50]


@pytest.mark.parametrize("columns", [50, 80])
@pytest.mark.usefixtures("store")
def test_an_explanation_fits_the_terminal_and_is_coloured_only_there(
    program: Program, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    names = [
        str(item["id_item"]) for item in program("show-mapping", "--json").document["locations"][0]["items"]
    ]
    piped = program("show-mapping", *names).out
    assert "\x1b" not in piped
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    drawn = program("show-mapping", *names).out
    assert "\x1b[1m" in drawn
    plain = re.sub(r"\x1b\[[0-9;]*m", "", drawn)
    # What has no blank in it (an address) is not torn apart by us, but by the terminal's edge.
    assert not [line for line in plain.splitlines() if len(line) > columns]
    assert "".join(plain.split()) == "".join(piped.split())


def test_every_kind_of_trouble_has_its_words(program: Program, store: Shop) -> None:
    program("sync-inventory")
    store.write(fields={"price": False, "labs": False}, categories={"map": {"Beverages": "EDIBLES"}})
    cola = store.sandbox.store.special("beverage")
    store.sandbox.store.set_price(cola, 7)
    store.sandbox.store.set_stock(cola, 49.5)
    ids = [
        str(item["id_item"]) for item in program("show-mapping", "--json").document["locations"][0]["items"]
    ]
    told = program("show-mapping", *ids).out
    for text in (
        "does not count: its area is not selected (P2)",
        "does not count: expired ",
        "so nothing is shown",
        "fields.price is off: what AIQ has stays",
        "Fields held back: fields.labs, fields.price off (F1)",
        "price: 5 stays, Alleaves says 7",
        "Beverages in the map: last segment: EDIBLES",
        "unmapped: sent without a category (C4)",
        "productCategory: BEVERAGES -> EDIBLES",
        "rounded down to",
        "not tried: ",
        "the highest counts (M5)",
        "AIQ keeps the tiers that it has (M6)",
        "dropped, not a unit of a WEIGHT_TIER",
        "L5: fields.labs or fields.terpenes is off",
    ):
        assert text in told, text


def test_a_state_file_that_cannot_be_read_is_told_and_the_rules_are_shown(
    program: Program, store: Shop
) -> None:
    store.state.write_bytes(b"no database at all" * 99)
    ran = program("show-mapping", "Cola 10mg")
    assert ran.code == 0
    assert "What AIQ has is left out." in ran.err
    assert "price_retail_adult_use 5" in ran.out


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


def test_a_threshold_that_is_not_ticked_and_a_product_in_doubt_are_told(
    program: Program, store: Shop
) -> None:
    """Q3"""
    store.write(inventory={"threshold_needs_checkbox": True})
    store.fault("unanswered=1:1")
    program("sync-inventory")
    (doubt,) = store.in_doubt()
    told = program("show-mapping", doubt, store.item("unticked-threshold")).out
    for text in (
        "is not ticked, so it does not matter (Q3)",
        "it was sent and not answered: a run now sends it whole",
        "sent, answer unknown: quantity",
        "a run now creates it:",
    ):
        assert text in told, text
