"""Orders that an earlier run left in doubt, half voided, or forgotten (O2, O5, O7a)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alleaves_sync.config import Location
from alleaves_sync.flows.orders import Wanted, push_orders
from alleaves_sync.flows.pos import utc_now
from alleaves_sync.sandbox import Sandbox
from tests.flows.pushing import ledger, location_of, lose_state, order_of, outcomes, push


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(items=60, orders=0, history=0) as served:
        yield served


@pytest.fixture
def location(sandbox: Sandbox, tmp_path: Path) -> Location:
    return location_of(sandbox, tmp_path)


def test_o2_what_is_in_doubt_is_waited_for_once_and_never_for_more_than_half_of_the_time_left(
    sandbox: Sandbox, location: Location
) -> None:
    order = order_of(sandbox)
    short = location.model_copy(update={"time_budget_seconds": 20.0})
    sandbox.store.faults.add("drop:1@POST /api/order$")
    waits: list[float] = []
    for _ in range(2):  # the second run comes at once: too early to be certain
        waits.clear()
        assert outcomes(push(short, sleep=waits.append)) == {order["id"]: "failed:in-doubt"}
        assert 0 < sum(waits) <= 10
    waits.clear()
    later = lambda: utc_now() + timedelta(minutes=10)  # noqa: E731
    run = push_orders(short, Wanted(confirmed=True), later, sleep=waits.append)
    assert outcomes(run) == {order["id"]: "pushed"}
    assert waits == []
    assert len(sandbox.store.pos_orders()) == 1


@pytest.mark.parametrize("retry", [False, True])
def test_o7a_an_order_voided_in_the_pos_stays_so_also_when_the_state_is_lost(
    sandbox: Sandbox, location: Location, retry: bool
) -> None:
    order = order_of(sandbox)
    push(location)
    sandbox.store.set_pos_order(sandbox.store.pos_orders()[0]["id_order"], void=True)
    lose_state(location)
    for _ in range(2):
        assert outcomes(push(location)) == {order["id"]: "failed:voided-in-pos"}
    assert ledger(location, order["id"]).state == "failed"
    assert len(sandbox.store.pos_orders()) == 1
    assert outcomes(push(location, Wanted(ids=(order["id"],), retry=retry))) == {order["id"]: "pushed"}
    assert [one["void"] for one in sandbox.store.pos_orders()] == [True, False]


def test_o7a_a_named_push_over_a_voided_order_goes_on_when_it_was_cut_off(
    sandbox: Sandbox, location: Location
) -> None:
    order = order_of(sandbox)
    push(location)
    sandbox.store.set_pos_order(sandbox.store.pos_orders()[0]["id_order"], void=True)
    lose_state(location)
    sandbox.store.faults.add("error:20@POST /api/order$")
    run = push(location, Wanted(ids=(order["id"],)))
    assert {one.unfinished for one in run.results} == {True}
    sandbox.store.faults.clear()
    assert outcomes(push(location)) == {order["id"]: "pushed"}
    assert [one["void"] for one in sandbox.store.pos_orders()] == [True, False]


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("in_aiq", ["gone", "CANCELLED", "CONFIRMED"])
def test_o5_a_void_that_was_cut_off_is_finished_whatever_aiq_says(
    sandbox: Sandbox, location: Location, in_aiq: str, named: bool
) -> None:
    order = order_of(sandbox)
    sandbox.store.faults.add("stock-taken:1+1", "error:20@PUT /api/order/")
    rows = sandbox.store.rows(int(order["items"][1]["product"]["posProductId"]))
    for row in rows[1:]:
        sandbox.store.remove_row(row["id_batch"], row["id_area"])
    push(location)
    assert ledger(location, order["id"]).state == "voiding"
    sandbox.store.faults.clear()
    if in_aiq == "gone":
        sandbox.store.storefront.orders.pop(order["id"])
    else:
        sandbox.store.add_aiq_order(order | {"status": in_aiq})
    ended = "skipped:not-confirmed" if in_aiq == "CANCELLED" else "failed:no-stock"
    run = push(location, Wanted(ids=(order["id"],)) if named else None)
    assert outcomes(run) == {order["id"]: ended}
    assert len(run.results) == 1
    assert [one["void"] for one in sandbox.store.pos_orders()] == [True]
    assert ledger(location, order["id"]).state == ("given-up" if in_aiq == "CANCELLED" else "failed")
