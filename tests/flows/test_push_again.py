"""Orders that an earlier run left in doubt, half voided, or forgotten (O2, O5, O7a)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alleaves_sync.alleaves.order_models import PosOrder
from alleaves_sync.alleaves.orders import OrdersApi
from alleaves_sync.config import Location
from alleaves_sync.errors import RequestRefused
from alleaves_sync.flows.orders.run import Wanted, push_orders
from alleaves_sync.flows.pos import Clock, utc_now
from alleaves_sync.sandbox import Sandbox
from tests.flows.pushing import Json, ledger, location_of, lose_state, no_sleep, order_of, outcomes, push


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


# -- cancelled in AIQ after a push was cut off ---------------------------------------------------------------


def cut_off(sandbox: Sandbox, location: Location, fault: str) -> Json:
    """An order of which a push was cut off by a fault, and that the customer then cancels."""
    order = order_of(sandbox)
    sandbox.store.faults.add(*re.findall(r"error.*?(?= error|$)", fault))
    assert {one.unfinished for one in push(location).results} == {True}
    sandbox.store.faults.clear()
    sandbox.store.add_aiq_order(order | {"status": "CANCELLED"})
    return order


@pytest.mark.parametrize(
    "fault",
    [
        "error:20@POST /api/order$",  # nothing is in the POS
        "error-after:1@POST /api/order$ error:40+1@GET /api/order",  # it is, and nobody said so
        "error:40@/item",  # it is, without its lines
        "error:40+1@/item",  # with some of them
        "error:20@PUT /api/order/",  # with all of them, and without its time
    ],
)
def test_o5_an_order_cancelled_after_its_push_was_cut_off_is_voided_and_told(
    sandbox: Sandbox, location: Location, fault: str
) -> None:
    order = cut_off(sandbox, location, fault)
    assert outcomes(push(location, dry_run=True)) == {order["id"]: "skipped:called-off"}
    assert outcomes(push(location)) == {order["id"]: "skipped:called-off"}
    assert all(one["void"] for one in sandbox.store.pos_orders())
    assert ledger(location, order["id"]).state == "given-up"
    assert outcomes(push(location)) == {}


@pytest.mark.parametrize("flags", [{"packed": True}, {"complete": True}, {"id_external": "another"}])
def test_an_order_that_somebody_has_worked_on_is_not_voided_but_waits_for_a_person(
    sandbox: Sandbox, location: Location, flags: dict[str, Any]
) -> None:
    order = cut_off(sandbox, location, "error:40@/item")
    sandbox.store.orders.orders[sandbox.store.pos_orders()[0]["id_order"]] |= flags
    assert outcomes(push(location)) == {order["id"]: "needs-attention:cancelled-in-aiq"}
    assert not sandbox.store.pos_orders()[0]["void"]


def test_a_void_of_a_cancelled_order_that_the_pos_refuses_waits_for_a_person(
    sandbox: Sandbox, location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = cut_off(sandbox, location, "error:40@/item")

    def refuse(_api: OrdersApi, id_order: int, _reason: str) -> PosOrder:
        raise RequestRefused("Alleaves", f"PUT /order/{id_order}", 422)

    monkeypatch.setattr(OrdersApi, "void", refuse)
    assert outcomes(push(location)) == {order["id"]: "needs-attention:void-refused"}


def test_o8_an_order_that_is_voided_at_the_till_while_it_is_pushed_says_so(
    sandbox: Sandbox, location: Location
) -> None:
    """Told as a difference nobody would know what to do: voided, it can be pushed anew."""
    order = order_of(sandbox)

    def voiding_clock() -> datetime:
        for one in sandbox.store.pos_orders():
            if one["items"]:
                sandbox.store.set_pos_order(one["id_order"], void=True)
        return utc_now()

    def pushed(clock: Clock) -> dict[str, str]:
        return outcomes(push_orders(location, Wanted(confirmed=True), clock, sleep=no_sleep))

    assert pushed(voiding_clock) == {order["id"]: "needs-attention:voided-in-pos"}
    assert [one["void"] for one in sandbox.store.pos_orders()] == [True]
    again = push(location, Wanted(ids=(order["id"],), retry=True))
    assert outcomes(again) == {order["id"]: "pushed"}
