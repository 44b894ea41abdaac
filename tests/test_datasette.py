"""The state file in the real Datasette, with the metadata that is shipped: the pages and questions work.

Datasette runs as a process, by the command of docs/connecting.md, on a state file that is named otherwise and
that a run goes on writing to.
"""

import json
import re
import shlex
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import yaml

from alleaves_sync.state import OrderRecord, PatientLinks, RunRecord, StateFile, StepRecord
from tests.state.support import HERE, change, item, product

ROOT = Path(__file__).resolve().parents[1]
METADATA = ROOT / "docs" / "datasette.yaml"
DATABASE = "alleaves-sync"
COMMAND = f"datasette {DATABASE}.db -m docs/datasette.yaml"
PHONE = "+15185550143"
NOW = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)  # far from midnight
TODAY = f"{NOW:%Y-%m-%d}"
HIDDEN = {"patient_links", "patient_scans", "profiles_made", "_sqlite_migrations"}

SHIPPED = yaml.safe_load(METADATA.read_text(encoding="utf-8"))["databases"][DATABASE]
TABLES = SHIPPED["tables"]
# What each question is asked, and what is in its first row.
ANSWERS: dict[str, tuple[dict[str, str], dict[str, object]]] = {
    "menu_now": ({"location": HERE}, {"product": "Product 1", "brand": "Fern", "price": 6.5, "quantity": 3}),
    "changed_in_a_day": (
        {"day": TODAY},
        {"product": "Product 3", "field": "quantity", "old": 4, "new": 0, "action": "update"},
    ),
    "price_history": ({"item": "product 1"}, {"old": 5, "new": 6.5, "difference": 1.5}),
    "why_hidden": (
        {"location": ""},
        {"reason": "out-of-stock", "items": 2, "such as": "Product 2 / Product 3"},
    ),
    "sold_out_by_day": (
        {"location": HERE, "days": ""},
        {"day": TODAY, "sold out": 1, "came back": 0, "products moved": 1},
    ),
    "orders_that_wait": ({}, {"order": "10004", "waits for": "a person", "reason": "no-stock"}),
    "story_of_an_order": ({"order": "10004"}, {"step": "add-line", "result": "refused"}),
    "run_durations": (
        {"location": ""},
        {"day": TODAY, "runs": 2, "mean s": 0.75, "longest s": 1.0, "not good": 1},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Pages:
    """Datasette as it is served: every page is asked for over HTTP; an error page raises."""

    url: str
    state: Path

    def text(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=30) as answer:  # noqa: S310 - loopback
            found: bytes = answer.read()
        return found.decode()

    def json(self, path: str, **parameters: str) -> Any:
        return json.loads(self.text(f"{path}.json?{urlencode(parameters | {'_shape': 'objects'})}"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = tmp_path_factory.mktemp("explored")
    state = folder / "uptown.db"
    fill(state)
    (folder / "docs").symlink_to(METADATA.parent)
    (folder / f"{DATABASE}.db").symlink_to(state)
    # A free port; plugins and settings of a person's own have no place here.
    command = [sys.executable, "-m", *shlex.split(COMMAND), "--port", "0"]
    served = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        yield Pages(_address(served), state)
    finally:
        served.terminate()
        served.communicate()


def _address(served: subprocess.Popen[str]) -> str:
    assert served.stderr is not None
    said = ""
    for line in served.stderr:
        if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
            return found[1]
        said += line
    raise AssertionError(said)


def fill(path: Path) -> None:
    """A shop's state: products in all three states, two runs, an order that waits, a known patient."""
    runs = (
        RunRecord("run-1", HERE, "inventory", NOW - timedelta(seconds=2), "failed", NOW, 1.0, error="x"),
        RunRecord("run-2", HERE, "inventory", NOW - timedelta(seconds=1), "ok", NOW, 0.5, updated=2),
    )
    items = (
        item(1, json_text=product(1, price=6.5, brand={"name": "Fern"})),
        item(2, "hidden", ("out-of-stock",), quantity=0),
        item(3, "hidden", ("out-of-stock",), quantity=0),
        item(4, "withheld", ("no-price",), None),
    )
    changes = (
        change(1, '{"price": [5, 6.5]}', run_id="run-2"),
        change(3, '{"quantity": [4, 0]}', run_id="run-2"),
    )
    order = OrderRecord(
        HERE, "abc4", "failed", "f" * 64, NOW, NOW, number="10004", reason="no-stock",
        ordered_at=NOW - timedelta(hours=2), pick_up_type="IN_STORE",
    )  # fmt: skip
    with StateFile.open(path) as state:
        state.save_run(runs[0])
        state.record(HERE, runs[1], items, (_today(one) for one in changes))
        state.save_order(order, StepRecord(HERE, "abc4", "add-line", "refused", NOW))
        PatientLinks(state, HERE).add("phone", PHONE, 7001)


def _today(record: Any) -> Any:
    return type(record)(record.run_id, record.pos_product_id, record.action, record.fields, NOW)


def test_the_command_is_that_of_the_documentation() -> None:
    assert f"\n{COMMAND}\n" in (ROOT / "docs" / "connecting.md").read_text(encoding="utf-8")


def test_every_table_view_and_column_of_the_file_has_its_words_and_there_are_no_others(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    StateFile.open(path).close()
    with closing(sqlite3.connect(path)) as file:
        names = file.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        there = {
            name: [column for (column,) in file.execute("SELECT name FROM pragma_table_info(?)", (name,))]
            for (name,) in names
        }
    assert {name: list(table["columns"]) for name, table in TABLES.items()} == there
    assert all(table["title"] and table["description"] for table in TABLES.values())
    assert {name for name, table in TABLES.items() if table.get("hidden")} == HIDDEN


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_and_view_has_a_page_with_its_title(pages: Pages, name: str) -> None:
    assert f"<title>{DATABASE}: {name}" in pages.text(f"/{DATABASE}/{name}")
    page = pages.text(f"/{DATABASE}/{name}")
    assert TABLES[name]["title"] in page
    assert not (set(TABLES[name]["columns"]) - set(re.findall(r"<dt>(\w+)</dt>", page)))


def test_tables_that_answer_no_question_of_a_shop_are_not_in_the_list(pages: Pages) -> None:
    listed = pages.json(f"/{DATABASE}")["tables"]
    assert {table["name"] for table in listed if table["hidden"]} == HIDDEN
    front = pages.text(f"/{DATABASE}")
    assert SHIPPED["title"] in front
    assert all(query["title"] in front for query in SHIPPED["queries"].values())


def test_the_newest_run_comes_first_and_its_seconds_have_their_unit(pages: Pages) -> None:
    assert [run["id"] for run in pages.json(f"/{DATABASE}/runs")["rows"]][:2] == ["run-2", "run-1"]
    assert "500.0&nbsp;ms" in pages.text(f"/{DATABASE}/runs")


def test_every_question_is_tested() -> None:
    assert set(ANSWERS) == set(SHIPPED["queries"])


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_every_question_is_answered(pages: Pages, name: str) -> None:
    parameters, first = ANSWERS[name]
    answer = pages.json(f"/{DATABASE}/{name}", **parameters)
    assert answer["error"] is None
    assert {key: answer["rows"][0][key] for key in first} == first
    page = pages.text(f"/{DATABASE}/{name}?{urlencode(parameters)}")
    assert SHIPPED["queries"][name]["title"].replace("?", "") in page


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_every_question_takes_empty_and_foolish_parameters(pages: Pages, name: str) -> None:
    for value in ("", "nonsense", "'; DROP TABLE runs; --", "2026-99-99"):
        answer = pages.json(f"/{DATABASE}/{name}", **dict.fromkeys(ANSWERS[name][0], value))
        assert answer["error"] is None


def test_what_a_run_writes_meanwhile_is_seen_and_datasette_hinders_nobody(pages: Pages) -> None:
    later = RunRecord("run-3", "uptown", "inventory", NOW, "ok", NOW, 0.1)
    with StateFile.open(pages.state, busy_seconds=0) as state:
        state.record("uptown", later, (item(9),), ())
        rows = pages.json(f"/{DATABASE}/menu_now", location="uptown")["rows"]
        state.compact()
    assert [row["product"] for row in rows] == ["Product 9"]
    with StateFile.open_for_reading(pages.state) as state:
        assert state.faults() == []


def test_no_page_shows_who_a_patient_is(pages: Pages) -> None:
    """U6"""
    page = pages.text(f"/{DATABASE}/patient_links")
    assert "7001" in page
    assert PHONE[2:] not in page
    assert quote(PHONE) not in page
