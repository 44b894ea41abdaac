"""The views answer what a person asks in Datasette."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from alleaves_sync.state import StateFile

from .support import HERE, NOW, change, item, product, run


@pytest.fixture
def datasette(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "state.db"
    flower: dict[str, object] = {
        "brand": {"name": "Acme"},
        "productCategory": "FLOWER",
        "subType": "Eighths",
        "price": 23.1481,
        "priceType": "REGULAR",
        "quantity": 7,
        "cannabisType": "INDICA",
        "cannabisStrain": "Kush",
        "weight": 3.5,
        "weightUnit": "GRAMS",
    }
    with StateFile.open(path) as state:
        items = [
            item(1, json_text=product(1, **flower)),
            item(2, "hidden", ("out-of-stock",), quantity=0),
            item(3, "withheld", ("no-price", "other-menu-type"), json_text=None),
            replace(item(4, "withheld", ("no-price",), quantity=0), pos_category="Gear"),
            replace(item(5), pos_category="Gear"),
            replace(item(6), pos_category="Gear"),
            replace(item(7, json_text=None), attempted=product(7)),
        ]
        changes = [
            change(1, '{"price": [null, 20], "quantity": [null, 7]}', "create"),
            change(1, '{"price": [20, 23.1481]}'),
            change(2, '{"quantity": [3, 0], "name": ["a", "b"]}', "zero"),
            change(8, '{"price": [5, null]}'),
        ]
        state.record(HERE, run(), items, changes)
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def rows(connection: sqlite3.Connection, sql: str) -> list[dict[str, object]]:
    return [dict(row) for row in connection.execute(sql)]


def test_menu_shows_every_product_with_its_fields(datasette: sqlite3.Connection) -> None:
    menu = rows(datasette, "SELECT * FROM menu ORDER BY pos_product_id")
    assert [row["pos_product_id"] for row in menu] == ["1", "2", "4", "5", "6"]
    assert menu[0] == {
        "location": HERE,
        "pos_product_id": "1",
        "name": "Product 1",
        "brand": "Acme",
        "category": "FLOWER",
        "sub_type": "Eighths",
        "price": 23.1481,
        "price_type": "REGULAR",
        "quantity": 7,
        "cannabis_type": "INDICA",
        "cannabis_strain": "Kush",
        "weight": 3.5,
        "weight_unit": "GRAMS",
        "status": "listed",
        "reasons": "",
        "updated_at": "2026-07-04T12:00:00.123456Z",
    }


def test_withheld_tells_what_is_not_on_the_menu_and_why(datasette: sqlite3.Connection) -> None:
    found = rows(datasette, "SELECT pos_product_id, name, reasons, pos_category FROM withheld ORDER BY 1")
    assert found == [
        {
            "pos_product_id": "3",
            "name": "Product 3",
            "reasons": "no-price,other-menu-type",
            "pos_category": "Category > Flower",
        },
        {"pos_product_id": "4", "name": "Product 4", "reasons": "no-price", "pos_category": "Gear"},
    ]


def test_unmapped_categories_are_counted_under_their_full_path(datasette: sqlite3.Connection) -> None:
    """C4."""
    assert rows(datasette, "SELECT * FROM unmapped_categories ORDER BY items") == [
        {"location": HERE, "pos_category": "Category > Flower", "items": 1},
        {"location": HERE, "pos_category": "Gear", "items": 2},
    ]


def test_price_changes_tell_old_and_new(datasette: sqlite3.Connection) -> None:
    found = rows(datasette, "SELECT pos_product_id, name, old_price, new_price, action FROM price_changes")
    assert [tuple(row.values()) for row in found] == [
        ("1", "Product 1", None, 20, "create"),
        ("1", "Product 1", 20, 23.1481, "update"),
        ("8", None, 5, None, "update"),
    ]


def test_quantity_changes_tell_old_and_new(datasette: sqlite3.Connection) -> None:
    assert rows(datasette, "SELECT * FROM quantity_changes WHERE action = 'zero'") == [
        {
            "at": NOW.isoformat().replace("+00:00", "Z"),
            "location": HERE,
            "pos_product_id": "2",
            "name": "Product 2",
            "old_quantity": 3,
            "new_quantity": 0,
            "action": "zero",
            "run_id": "run-1",
        }
    ]
    assert len(rows(datasette, "SELECT * FROM quantity_changes")) == 2


def test_the_usual_questions_use_an_index(datasette: sqlite3.Connection) -> None:
    for sql, index in (
        (
            "SELECT * FROM changes WHERE location = 'x' AND pos_product_id = '1' ORDER BY id",
            "changes_of_a_product",
        ),
        ("SELECT * FROM changes WHERE run_id = 'x'", "changes_of_a_run"),
        ("SELECT * FROM runs WHERE location = 'x' AND flow = 'y' ORDER BY started_at DESC", "runs_of_a_flow"),
        (
            "SELECT rowid FROM runs WHERE location = 'x' AND flow = 'y' ORDER BY rowid DESC LIMIT 1",
            "runs_in_order",
        ),
    ):
        plan = rows(datasette, "EXPLAIN QUERY PLAN " + sql)
        assert len(plan) == 1
        assert index in str(plan[0]["detail"])
