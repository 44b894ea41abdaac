"""What is written is what is read: items, products, runs, changes."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.state import ChangeRecord, ItemRecord, RunRecord, StateFile
from alleaves_sync.state.text import read_time, spelled, storable, storable_json

from .support import HERE, NOW, change, item, product, run


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFile]:
    with StateFile.open(tmp_path / "state.db") as opened:
        yield opened


def known(state: StateFile, location: str = HERE) -> dict[str, ItemRecord]:
    return {found.pos_product_id: found for found in state.items(location)}


# -- items ---------------------------------------------------------------------------------------------------


def test_items_come_back_as_they_were_recorded(state: StateFile) -> None:
    items = [
        item(1),
        item(2, "hidden", ("out-of-stock", "rows-disagree")),
        item(3, "withheld", ("no-price",), json_text=None),
        ItemRecord("10", "", "listed"),
        ItemRecord("11", "Attempted", "listed", attempted=product(11), updated_at=NOW),
    ]
    state.record(HERE, run(), items, [])
    assert sorted(state.items(HERE), key=lambda found: int(found.pos_product_id)) == items


def test_locations_in_one_file_do_not_see_each_other(state: StateFile) -> None:
    state.record(HERE, run(), [item(1)], [change(1, "{}")])
    state.record("uptown", replace(run("run-2"), location="uptown"), [item(1, "hidden")], [])
    assert known(state)["1"].status == "listed"
    assert known(state, "uptown")["1"].status == "hidden"
    assert not list(state.history("uptown", "1"))
    assert not known(state, "elsewhere")
    assert not state.menu_is_known("elsewhere")


def test_an_item_is_updated_in_place(state: StateFile) -> None:
    state.record(HERE, run(), [item(1), item(2)], [])
    state.record(HERE, run("run-2"), [item(1, "hidden", ("gone-from-pos",), quantity=0)], [])
    assert known(state) == {"1": item(1, "hidden", ("gone-from-pos",), quantity=0), "2": item(2)}


def test_an_unchanged_run_writes_no_row_but_its_own(state: StateFile) -> None:
    """F2."""
    items = [item(number) for number in range(50)]
    state.record(HERE, run(), items, [])
    before = state.rows_written
    later = [replace(found, updated_at=NOW + timedelta(minutes=10)) for found in items]
    state.record(HERE, run("run-2"), later, [])
    assert state.rows_written - before == 1
    assert known(state)["7"].updated_at == NOW


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Other"},
        {"status": "hidden"},
        {"reasons": ("out-of-stock",)},
        {"pos_category": None},
        {"product": product(1, price=6)},
        {"product": None},
        {"attempted": product(1)},
    ],
)
def test_any_other_difference_is_written(state: StateFile, changed: dict[str, object]) -> None:
    later = replace(item(1), updated_at=NOW + timedelta(minutes=10), **changed)  # type: ignore[arg-type]
    state.record(HERE, run(), [item(1)], [])
    state.record(HERE, run(), [later], [])
    assert known(state) == {"1": later}


def test_products_come_in_the_order_of_their_ids_as_numbers(state: StateFile) -> None:
    keys = ["10", "9", "x", "0100", "100", "2"]
    state.record(HERE, run(), [replace(item(0), pos_product_id=key, product=key) for key in keys], [])
    state.record(HERE, run(), [item(5, json_text=None)], [])
    assert list(state.products(HERE)) == ["2", "9", "10", "0100", "100", "x"]


def test_items_that_the_pos_no_longer_has_are_forgotten_unless_the_storefront_may_have_them(
    state: StateFile,
) -> None:
    withheld = item(1, "withheld", ("no-price",), json_text=None)
    doubtful = replace(item(3, json_text=None), attempted=product(3))
    state.record(HERE, run(), [withheld, item(2), doubtful], [])
    state.record(HERE, run("run-2"), [], [], forgotten=["1", "2", "3", "4"])
    assert known(state).keys() == {"2", "3"}


# -- what is in doubt ----------------------------------------------------------------------------------------


def test_what_is_sent_is_noted_beside_what_is_known(state: StateFile) -> None:
    state.record(HERE, run(), [item(1)], [])
    sent = product(1, price=6)
    state.note_sent(HERE, run("run-2", 10, "running"), [("1", sent), ("2", product(2))])
    assert known(state) == {
        "1": replace(item(1), attempted=sent),
        "2": ItemRecord("2", "", "hidden", attempted=product(2), updated_at=NOW + timedelta(minutes=10)),
    }
    assert list(state.products(HERE)) == [product(1)]
    last = state.last_run(HERE, "inventory")
    assert last
    assert (last.id, last.outcome) == ("run-2", "running")


def test_noting_does_not_make_a_menu_known(state: StateFile) -> None:
    state.note_sent(HERE, run(), [("1", product(1))])
    assert not state.menu_is_known(HERE)


def test_an_answer_ends_the_doubt(state: StateFile) -> None:
    state.note_sent(HERE, run(), [("1", product(1))])
    state.record(HERE, run(), [item(1)], [])
    assert known(state) == {"1": item(1)}
    assert state.menu_is_known(HERE)


# -- a menu that is rebuilt ----------------------------------------------------------------------------------


def known_since(state: StateFile) -> object:
    return state._db.execute("SELECT menu_known_since FROM locations").fetchall()


def test_an_empty_menu_is_known_too(state: StateFile) -> None:
    state.adopt(HERE, [], NOW)
    assert state.menu_is_known(HERE)
    assert not known(state)


def test_an_adopted_menu_replaces_all_that_was_known(state: StateFile) -> None:
    state.record(HERE, run(), [item(1), item(2)], [])
    state.record("uptown", run("run-2"), [item(1)], [])
    state.adopt(HERE, [item(2, price=9), item(3)], NOW + timedelta(days=1))
    assert known(state) == {"2": item(2, price=9), "3": item(3)}
    assert known(state, "uptown") == {"1": item(1)}


def test_the_menu_is_known_since_it_was_built_or_rebuilt(state: StateFile) -> None:
    state.record(HERE, run(), [item(1)], [])
    state.record(HERE, run("run-2", 10), [item(1)], [])
    assert known_since(state) == [("2026-07-04T12:00:00.123456Z",)]
    state.adopt(HERE, [], NOW + timedelta(days=1))
    assert known_since(state) == [("2026-07-05T12:00:00.123456Z",)]


# -- runs and changes ----------------------------------------------------------------------------------------


def test_a_run_comes_back_as_it_was_saved(state: StateFile) -> None:
    full = RunRecord(
        "run-1", HERE, "inventory", NOW, "partial", NOW, 1.25, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, "rejected"
    )
    state.save_run(replace(run(), outcome="running"))
    assert state.last_run(HERE, "inventory") == replace(run(), outcome="running")
    state.save_run(full)
    assert state.last_run(HERE, "inventory") == full


def test_the_last_run_is_the_one_noted_last_of_its_flow(state: StateFile) -> None:
    for saved in (run("a", 15), run("b", 10, "failed"), run("c", 20, flow="orders")):
        state.save_run(saved)
    state.save_run(replace(run("d", 30), location="uptown"))
    assert state.last_run(HERE, "inventory") == run("b", 10, "failed")
    assert state.last_run(HERE, "orders") == run("c", 20, flow="orders")
    assert state.last_run(HERE, "patients") is None


def test_the_last_good_run_did_its_work(state: StateFile) -> None:
    outcomes = ["ok", "partial", "refused", "failed", "locked", "running"]
    for minutes, outcome in enumerate(outcomes):
        state.save_run(run(outcome, minutes, outcome))
    assert state.last_good_run(HERE, "inventory") == run("partial", 1, "partial")


def test_of_two_runs_that_began_at_once_the_later_one_is_the_last(state: StateFile) -> None:
    state.save_run(run("b"))
    state.save_run(run("a"))
    assert state.last_run(HERE, "inventory") == run("a")


def test_the_history_of_a_product_is_told_in_order(state: StateFile) -> None:
    first = change(1, '{"price": [null, 5]}', "create")
    second = replace(change(1, '{"quantity": [3, 0]}', "zero", "run-2"), at=NOW + timedelta(minutes=10))
    state.record(HERE, run(), [], [first, change(2, "{}")])
    state.record(HERE, run("run-2"), [], [second])
    assert list(state.history(HERE, "1")) == [first, second]
    assert isinstance(next(state.history(HERE, "2")), ChangeRecord)


def test_nothing_written_waits_in_an_open_transaction(tmp_path: Path) -> None:
    """Lesson: with sqlite-utils a write after a lookup stayed in an implicit transaction and was lost."""
    path = tmp_path / "state.db"
    with StateFile.open(path) as state, StateFile.open(path) as other:
        assert state.last_run(HERE, "inventory") is None
        state.save_run(run())
        assert other.last_run(HERE, "inventory") == run()
        list(state.items(HERE))
        state.record(HERE, run(), [item(1)], [change(1, "{}")])
        assert len(list(other.items(HERE))) == 1
        state.note_sent(HERE, run(), [("1", product(1, price=6))])
        assert next(other.items(HERE)).attempted
        state.adopt(HERE, [], NOW)
        assert not list(other.items(HERE))
        assert not state._db.conn.in_transaction


def test_a_file_that_is_closed_is_the_callers_mistake_and_not_damage(state: StateFile) -> None:
    state.close()
    state.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        state.items(HERE)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        state.save_run(run())


# -- text and times ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Crème brûlée", "大麻 🍃", "quote ' \" \\", "", "\u2028", "e\u0301"])
def test_every_text_survives(state: StateFile, name: str) -> None:
    named = replace(item(1, name=name, json_text=product(1, name=name)), name=name, pos_category=name)
    state.record(HERE, run(), [named], [])
    assert known(state) == {"1": named}
    assert state._db.execute("SELECT name FROM menu").fetchone() == (name,)


def test_a_null_character_is_text_like_any_other(state: StateFile) -> None:
    named = replace(item(1, name="a\0b"), name="a\0b")
    state.record(HERE, run(), [named], [])
    assert known(state) == {"1": named}


@pytest.mark.parametrize("half", ["\ud83c", "x\ud800y", "\udf43\ud83c"], ids=ascii)
def test_half_a_character_is_replaced_and_stops_nobody(state: StateFile, half: str) -> None:
    named = replace(item(1, json_text='{"name": "' + half + '"}'), name=half, pos_category=half)
    state.record(HERE, run(), [named, item(2)], [change(1, product(1, name=half))])
    state.note_sent(HERE, run(), [("1", product(1, name=half))])
    whole = half.translate(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
    found = known(state)
    assert found.keys() == {"1", "2"}
    assert (found["1"].name, found["1"].pos_category) == (whole, whole)
    assert state._db.execute("SELECT name FROM menu WHERE pos_product_id = '1'").fetchone() == (whole,)
    assert len(list(state.history(HERE, "1"))) == 1


def test_half_a_character_escaped_in_json_does_not_break_the_views(state: StateFile) -> None:
    text = r'{"name": "a\ud83c", "brand": {"name": "\udf43\ud83c\udf43"}, "subType": "\\ud800 \\\ud800"}'
    state.record(HERE, run(), [item(1, json_text=text)], [])
    row = state._db.execute("SELECT name, brand, sub_type FROM menu").fetchone()
    assert row == ("a\ufffd", "\ufffd🍃", "\\ud800 \\\ufffd")


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_can_be_stored_and_good_text_is_left_alone(text: str) -> None:
    storable(text).encode()
    storable_json(text).encode()
    sound = text.encode("utf-8", "ignore").decode()
    assert storable(sound) == sound
    assert storable(None) is storable_json(None) is None


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=-7)))))
def test_times_come_back_in_utc(at: datetime) -> None:
    if at.year in {1, 9999}:
        return
    assert read_time(spelled(at)) == at
    assert len(spelled(at)) == len("2026-07-04T12:00:00.000000Z")


def test_a_time_without_a_zone_is_a_mistake(state: StateFile) -> None:
    with pytest.raises(ValueError, match="time zone"):
        state.save_run(replace(run(), started_at=datetime(2026, 7, 4, 12)))  # noqa: DTZ001  # the point
    assert spelled(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"
