"""The ledger of orders (O2): one row per order, every step, what waits, how far the storefront was read."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import get_args

import pytest

from alleaves_sync.errors import WriteFailed
from alleaves_sync.state import OrderRecord, OrderState, StateFile, StepRecord

from .support import HERE, NOW, answer_of, item, run

LATER = NOW + timedelta(minutes=7)
SEEN = OrderRecord(HERE, "abc1", "seen", "f" * 64, NOW, NOW)
FULL = OrderRecord(
    location=HERE,
    order_id="abc2",
    state="needs-attention",
    fingerprint="e" * 64,
    seen_at=LATER,
    updated_at=LATER,
    number="10002",
    id_order=9001,
    id_customer=7000,
    matched_by="phone",
    candidates=(7000, 7003),
    reason="several-profiles",
    lines='[{"posProductId": "4001", "qty": 2}]',
    pick_up_type="DELIVERY",
    ordered_at=NOW - timedelta(hours=1),
    attempts=2,
    pos_status="open",
    storefront_status="CONFIRMED",
    reported="READY_FOR_PICKUP",
)


def step(name: str, result: str = "done", minutes: int = 0, detail: str | None = None) -> StepRecord:
    return StepRecord(HERE, "abc1", name, result, NOW + timedelta(minutes=minutes), detail)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def state(path: Path) -> Iterator[StateFile]:
    with StateFile.open(path) as opened:
        yield opened


def test_an_order_that_was_never_seen_is_not_there(state: StateFile) -> None:
    assert state.order(HERE, "abc1") is None
    assert state.orders(HERE) == state.orders(HERE, waiting=True) == ()
    assert state.steps(HERE, "abc1") == ()


@pytest.mark.parametrize("record", [SEEN, FULL])
def test_an_order_comes_back_as_it_was_saved(state: StateFile, record: OrderRecord) -> None:
    state.save_order(record)
    assert state.order(HERE, record.order_id) == record


def test_there_is_one_row_for_an_order_of_a_location(state: StateFile) -> None:
    state.save_order(SEEN)
    state.save_order(replace(SEEN, state="created", id_order=9001))
    state.save_order(replace(SEEN, location="uptown"))
    assert [(one.state, one.id_order) for one in state.orders(HERE)] == [("created", 9001)]
    assert [one.state for one in state.orders("uptown")] == ["seen"]


def test_when_an_order_was_first_seen_never_moves(state: StateFile) -> None:
    state.save_order(SEEN)
    state.save_order(replace(SEEN, seen_at=LATER, updated_at=LATER))
    assert state.order(HERE, "abc1") == replace(SEEN, updated_at=LATER)


def test_times_are_kept_in_utc(state: StateFile) -> None:
    local = datetime(2026, 11, 1, 1, 30, tzinfo=timezone(timedelta(hours=-4)))
    state.save_order(replace(SEEN, ordered_at=local))
    saved = state.order(HERE, "abc1")
    assert saved is not None
    assert saved.ordered_at == local
    assert saved.ordered_at.tzinfo == UTC


def test_the_ledger_is_in_the_order_of_being_seen(state: StateFile) -> None:
    state.save_order(FULL)
    state.save_order(SEEN)
    assert [one.order_id for one in state.orders(HERE)] == ["abc1", "abc2"]


def test_every_step_is_kept_in_its_order_with_the_order_itself(state: StateFile) -> None:
    state.save_order(SEEN, step("seen"))
    state.save_order(
        replace(SEEN, state="creating"),
        step("create", "trying", 1),
        step("create", "unclear", 1, "timed out after 30 s"),
    )
    state.save_order(replace(SEEN, order_id="other"), replace(step("seen"), order_id="other"))
    assert [(one.step, one.result, one.detail) for one in state.steps(HERE, "abc1")] == [
        ("seen", "done", None),
        ("create", "trying", None),
        ("create", "unclear", "timed out after 30 s"),
    ]
    assert state.steps(HERE, "abc1")[1].at == NOW + timedelta(minutes=1)


def test_an_order_and_its_steps_are_saved_together_or_not_at_all(state: StateFile) -> None:
    state.save_order(SEEN)
    with pytest.raises(WriteFailed):
        state.save_order(replace(SEEN, state="pushed"), step("verify"), step("push", "perhaps"))
    assert state.order(HERE, "abc1") == SEEN
    assert state.steps(HERE, "abc1") == ()


def test_a_state_that_there_is_not_is_refused(state: StateFile) -> None:
    with pytest.raises(WriteFailed):
        state.save_order(replace(SEEN, state="lost"))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", get_args(OrderState))
def test_what_waits_is_all_that_is_not_settled(state: StateFile, name: OrderState) -> None:
    state.save_order(replace(SEEN, state=name))
    waits = name not in {"pushed", "given-up"}
    assert [one.state for one in state.orders(HERE, waiting=True)] == [name] * waits


def test_a_pushed_order_waits_when_there_is_a_reason(state: StateFile) -> None:
    state.save_order(replace(SEEN, state="pushed", reason="cancelled-in-aiq"))
    assert [one.reason for one in state.orders(HERE, waiting=True)] == ["cancelled-in-aiq"]


def test_the_view_says_who_has_to_act(state: StateFile, path: Path) -> None:
    state.save_order(SEEN)
    state.save_order(FULL)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT order_id, state, waits_for FROM orders_waiting ORDER BY seen_at")
        assert rows.fetchall() == [
            ("abc1", "seen", "the next push"),
            ("abc2", "needs-attention", "a person"),
        ]


def test_what_is_saved_is_on_the_disk_when_the_call_returns(state: StateFile, path: Path) -> None:
    state.save_order(replace(SEEN, state="creating"), step("create", "trying"))
    killed = (
        "state = StateFile.open(path); print(state.order(HERE, 'abc1').state, len(state.steps(HERE, 'abc1')))"
    )
    assert answer_of(killed, path) == "creating 1"


def test_half_a_character_does_not_stop_the_ledger(state: StateFile) -> None:
    state.save_order(replace(SEEN, number="1\ud800", lines='["\\ud800"]'), step("seen", detail="\udfff"))
    saved = state.order(HERE, "abc1")
    assert saved is not None
    assert (saved.number, saved.lines) == ("1\ufffd", '["\\ufffd"]')


def test_the_watermark_is_of_one_location_and_moves(state: StateFile) -> None:
    assert state.watermark(HERE) is None
    state.set_watermark(HERE, NOW)
    state.set_watermark(HERE, LATER)
    assert state.watermark(HERE) == LATER
    assert state.watermark("uptown") is None


def test_the_watermark_and_the_menu_leave_each_other_alone(state: StateFile) -> None:
    state.set_watermark(HERE, NOW)
    assert not state.menu_is_known(HERE)
    state.record(HERE, run(), [item(1)], [])
    assert state.menu_is_known(HERE)
    assert state.watermark(HERE) == NOW


def test_the_ledger_of_no_file_is_empty_and_none_is_made(path: Path) -> None:
    with StateFile.open_for_reading(path) as state:
        assert state.orders(HERE) == ()
        assert state.watermark(HERE) is None
        with pytest.raises(WriteFailed):
            state.save_order(SEEN)
    assert not path.exists()
