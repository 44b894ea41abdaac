"""`history`: one item over time, or one run."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alleaves_sync.sandbox import Sandbox
from alleaves_sync.state import ChangeRecord, ItemRecord, RunRecord, StateFile
from tests.cli.conftest import Program, write_config

NOON = datetime(2026, 7, 4, 12, 0, 5, tzinfo=UTC)
NAMES = {"50": "Blue Dream 3.5g", "51": "Sour Diesel 1g"}


def remember(
    path: Path, location: str, run_id: str, at: datetime, fields: dict[str, dict[str, object]]
) -> None:
    run = RunRecord(run_id, location, "inventory", at, "ok", at)
    items = [ItemRecord(key, name, "listed", product="{}") for key, name in NAMES.items()]
    changes = [ChangeRecord(run_id, key, "update", json.dumps(one), at) for key, one in fields.items()]
    with StateFile.open(path) as state:
        state.record(location, run, items, changes)


@pytest.fixture
def past(program: Program, store: Sandbox) -> Program:  # noqa: ARG001 - it writes the configuration
    """Three runs of one location, one of another."""
    path = program.folder / "state.db"
    remember(path, "downtown", "r1", NOON, {"50": {"price": [None, 5], "quantity": [None, 3]}, "51": {}})
    remember(path, "downtown", "r2", NOON + timedelta(hours=1), {"50": {"price": [5, 6.5]}})
    remember(path, "downtown", "r3", NOON + timedelta(hours=2), {})
    remember(path, "up", "u1", NOON, {"50": {"labs": [None, {"THC": 20, "unit": "%"}]}})
    return program


def test_json_tells_every_change_of_an_item_oldest_first_in_utc(past: Program) -> None:
    ran = past("history", "50", "--json")

    assert (ran.code, ran.err) == (0, "")
    assert ran.document == {
        "changes": [
            {
                "location": "downtown",
                "run_id": "r1",
                "at": "2026-07-04T12:00:05+00:00",
                "posProductId": "50",
                "action": "update",
                "fields": {"price": [None, 5], "quantity": [None, 3]},
            },
            {
                "location": "downtown",
                "run_id": "r2",
                "at": "2026-07-04T13:00:05+00:00",
                "posProductId": "50",
                "action": "update",
                "fields": {"price": [5, 6.5]},
            },
        ]
    }


def test_an_item_is_found_by_its_whole_name_and_told_with_local_times(past: Program) -> None:
    ran = past("history", "blue dream 3.5G")

    local = f"{NOON.astimezone():%Y-%m-%d %H:%M:%S}"
    assert ran.code == 0
    assert local in ran.out
    assert "price: - -> 5; quantity: - -> 3" in ran.out
    assert "price: 5 -> 6.5" in ran.out


def test_a_run_is_told_item_by_item(past: Program) -> None:
    changes = past("history", "--run", "r1", "--json").document["changes"]

    assert [change["posProductId"] for change in changes] == ["50", "51"]


def test_a_run_that_changed_nothing_is_no_mistake(past: Program) -> None:
    assert "Nothing has changed." in past("history", "--run", "r3").out
    assert past("history", "--run", "r3", "--json").document == {"changes": []}


def test_several_locations_are_told_apart(past: Program, store: Sandbox) -> None:
    write_config(past.folder, store, names=("downtown", "up"))

    ran = past("history", "50")

    assert "downtown" in ran.out
    assert '{"THC": 20, "unit": "%"}' in ran.out
    assert len(past("history", "50", "--json", "-l", "up").document["changes"]) == 1


@pytest.mark.parametrize(
    ("asked", "near"),
    [(["Blue Dreem 3.5g"], "Blue Dream 3.5g"), (["--run", "r9"], "r"), (["49"], "Give the id")],
)
def test_what_is_not_known_is_2_with_the_nearest(past: Program, asked: list[str], near: str) -> None:
    ran = past("history", *asked)

    assert ran.code == 2
    assert near in ran.err


def test_an_item_or_a_run_never_both_never_neither(past: Program) -> None:
    assert past("history").code == 2
    assert past("history", "50", "--run", "r1").code == 2


@pytest.mark.usefixtures("store")
def test_looking_back_creates_no_file(program: Program) -> None:
    assert program("history", "50").code == 2
    assert [path.name for path in program.folder.iterdir()] == ["config.yaml"]


def test_a_change_that_cannot_be_read_is_told_as_damage(past: Program) -> None:
    run = RunRecord("r4", "downtown", "inventory", NOON, "ok", NOON)
    with StateFile.open(past.folder / "state.db") as state:
        state.record("downtown", run, [], [ChangeRecord("r4", "50", "update", "[1]", NOON)])

    ran = past("history", "50", "--json")

    assert ran.code == 78
    assert ran.document["changes"] == []
    assert ran.document["error"]["code"] == "state-unusable"
