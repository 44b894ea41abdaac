"""Orders reach the POS once and all of them, whatever the clock of this machine says (O2)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alleaves_sync.config import Location
from alleaves_sync.flows.orders.run import PushRun, Wanted, push_orders
from alleaves_sync.flows.pos import utc_now
from alleaves_sync.sandbox import Sandbox
from tests.flows.pushing import location_of, lose_state, no_sleep, order_of, outcomes


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(items=60, orders=0, history=0) as served:
        yield served


@pytest.fixture
def location(sandbox: Sandbox, tmp_path: Path) -> Location:
    return location_of(sandbox, tmp_path)


def push_at(location: Location, wrong_by: timedelta) -> PushRun:
    return push_orders(location, Wanted(confirmed=True), lambda: utc_now() + wrong_by, sleep=no_sleep)


@pytest.mark.parametrize("days", [1, 400])
def test_o2_no_order_is_passed_over_by_a_machine_whose_clock_is_ahead(
    sandbox: Sandbox, location: Location, days: int
) -> None:
    for _ in range(3):
        order = order_of(sandbox)
        assert outcomes(push_at(location, timedelta(days=days)))[order["id"]] == "pushed"


def test_o2_no_order_is_passed_over_when_the_first_runs_of_a_clock_ahead_found_none(
    sandbox: Sandbox, location: Location
) -> None:
    for _ in range(2):
        assert outcomes(push_at(location, timedelta(days=1))) == {}
    order = order_of(sandbox)
    assert outcomes(push_at(location, timedelta(days=1))) == {order["id"]: "pushed"}


@pytest.mark.parametrize("days", [-1, -3, -400])
def test_o2_no_order_is_pushed_twice_by_a_machine_whose_clock_is_behind_and_whose_state_is_lost(
    sandbox: Sandbox, location: Location, days: int
) -> None:
    order = order_of(sandbox)
    for _ in range(2):
        push_at(location, timedelta(days=days))
        lose_state(location)
    assert [one["id_external"] for one in sandbox.store.pos_orders()] == [order["id"]]
