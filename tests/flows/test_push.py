"""Orders into the POS, exactly once (O1-O8), against the stand-in for both services."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alleaves_sync.config import Location
from alleaves_sync.flows.orders.care import give_up, refresh_statuses
from alleaves_sync.flows.orders.run import Wanted
from alleaves_sync.flows.pos import utc_now
from alleaves_sync.sandbox import Sandbox
from alleaves_sync.state import RunLock, StateFile
from tests.flows.pushing import (
    ledger,
    location_of,
    lose_state,
    no_sleep,
    order_of,
    outcomes,
    push,
    strangers_order,
    wrongs,
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(items=60, orders=0, history=0) as served:
        yield served


@pytest.fixture
def location(sandbox: Sandbox, tmp_path: Path) -> Location:
    return location_of(sandbox, tmp_path)


def test_o2_an_order_is_pushed_once_however_often_it_is_run(sandbox: Sandbox, location: Location) -> None:
    before = len(sandbox.store.pos_customers())
    order = strangers_order(sandbox)
    assert outcomes(push(location)) == {order["id"]: "pushed"}
    assert outcomes(push(location)) == {order["id"]: "already-pushed"}
    assert outcomes(push(location, Wanted(ids=(order["id"],)))) == {order["id"]: "already-pushed"}
    assert wrongs(sandbox, order, before) == []


def test_o2_a_lost_state_file_makes_no_second_order_and_no_second_customer(
    sandbox: Sandbox, location: Location
) -> None:
    before = len(sandbox.store.pos_customers())
    order = strangers_order(sandbox)
    push(location)
    lose_state(location)
    assert outcomes(push(location, dry_run=True)) == {order["id"]: "already-pushed"}
    assert outcomes(push(location)) == {order["id"]: "already-pushed"}
    assert ledger(location, order["id"]).state == "pushed"
    assert len(sandbox.store.pos_orders()) == 1
    assert wrongs(sandbox, order, before) == []


@pytest.mark.parametrize("fault", ["drop-after:1", "error-after:1", "drop:1", "error:1"])
@pytest.mark.parametrize("target", ["POST /api/customer$", "POST /api/order$", "/item$"])
@pytest.mark.parametrize("more", ["slow-orders=3", "query-ignored"])
def test_o2_u5_an_unclear_answer_makes_nothing_twice(
    sandbox: Sandbox, location: Location, fault: str, target: str, more: str
) -> None:
    before = len(sandbox.store.pos_customers())
    order = strangers_order(sandbox)
    sandbox.store.faults.add(f"{fault}@{target}", more)
    for _ in range(3):
        push(location)
    assert wrongs(sandbox, order, before) == []


def test_o2_a_pos_that_names_no_storefront_order_makes_it_wait_for_a_person(
    sandbox: Sandbox, location: Location
) -> None:
    order = order_of(sandbox)
    push(location)
    pos = sandbox.store.pos_orders()[0]
    sandbox.store.set_pos_order(pos["id_order"], id_external=None, notes=None)
    lose_state(location)
    assert outcomes(push(location)) == {order["id"]: "needs-attention:maybe-duplicate"}
    sandbox.store.set_pos_order(pos["id_order"], complete=True)
    for wanted in (Wanted(confirmed=True), Wanted(ids=(order["id"],))):
        assert outcomes(push(location, wanted)) == {order["id"]: "needs-attention:maybe-duplicate"}
    assert len(sandbox.store.pos_orders()) == 1
    assert outcomes(push(location, Wanted(ids=(order["id"],), retry=True))) == {order["id"]: "pushed"}


def test_o2_the_same_id_with_other_contents_is_refused(sandbox: Sandbox, location: Location) -> None:
    order = order_of(sandbox)
    push(location)
    items = [order["items"][0] | {"quantity": 1}, *order["items"][1:]]
    sandbox.store.add_aiq_order(order | {"items": items})
    assert outcomes(push(location)) == {order["id"]: "needs-attention:contents-changed"}
    assert ledger(location, order["id"]).state == "pushed"
    sandbox.store.add_aiq_order(order)
    assert outcomes(push(location)) == {order["id"]: "already-pushed"}
    assert ledger(location, order["id"]).reason is None


def test_o5_an_order_that_cannot_be_filled_leaves_nothing_in_the_pos(
    sandbox: Sandbox, location: Location
) -> None:
    customers = len(sandbox.store.pos_customers())
    order = strangers_order(sandbox)
    for line in order["items"]:
        sandbox.store.set_stock(int(line["product"]["posProductId"]), 0)
    assert outcomes(push(location)) == {order["id"]: "failed:no-stock"}
    assert sandbox.store.pos_orders() == []
    assert len(sandbox.store.pos_customers()) == customers


def test_o5_stock_taken_while_pushing_is_voided_and_o7a_goes_on_only_when_named(
    sandbox: Sandbox, location: Location
) -> None:
    order = order_of(sandbox)
    sandbox.store.faults.add("stock-taken:1+1")
    rows = sandbox.store.rows(int(order["items"][1]["product"]["posProductId"]))
    for row in rows[1:]:
        sandbox.store.remove_row(row["id_batch"], row["id_area"])
    assert outcomes(push(location)) == {order["id"]: "failed:no-stock"}
    assert [one["void"] for one in sandbox.store.pos_orders()] == [True]
    sandbox.store.set_stock(rows[0]["id_item"], 20)
    with StateFile.open(location.state) as state:
        assert [one.order_id for one in state.orders(location.name, waiting=True)] == [order["id"]]
    assert outcomes(push(location)) == {order["id"]: "failed:no-stock"}
    assert outcomes(push(location, Wanted(ids=(order["id"],)))) == {order["id"]: "pushed"}
    assert [one["void"] for one in sandbox.store.pos_orders()] == [True, False]


def test_o1_what_is_not_confirmed_is_left_alone(sandbox: Sandbox, location: Location) -> None:
    order = order_of(sandbox, "pending")
    assert outcomes(push(location, Wanted(ids=(order["id"],)))) == {order["id"]: "skipped:not-confirmed"}
    assert sandbox.store.pos_orders() == []


def test_o1_nothing_is_pushed_where_orders_sync_is_off(sandbox: Sandbox, tmp_path: Path) -> None:
    order_of(sandbox)
    location = location_of(sandbox, tmp_path, "    orders: {sync: false}\n")
    (result,) = push(location).results
    assert (result.outcome, result.reason) == ("skipped", "orders-sync-off")
    assert not sandbox.store.journal.requests


@pytest.mark.parametrize(
    "address", [None, {}, {"address1": None, "city": None}, {"address1": " ", "city": " "}, {"city": "Troy"}]
)
def test_o3_a_delivery_to_nowhere_waits(
    sandbox: Sandbox, location: Location, address: dict[str, str | None] | None
) -> None:
    """O3: missing, empty or blank."""
    order = order_of(sandbox, "delivery", deliveryAddress=address)
    assert outcomes(push(location)) == {order["id"]: "needs-attention:no-address"}
    assert sandbox.store.pos_orders() == []


def test_o1a_an_order_of_another_venue_is_refused_before_anything_is_sent(
    sandbox: Sandbox, location: Location
) -> None:
    """O1a"""
    order = order_of(sandbox, "delivery", venue="fedcba9876543210")
    assert outcomes(push(location)) == {order["id"]: "needs-attention:other-venue"}
    assert sandbox.store.pos_orders() == []
    order_of(sandbox, "delivery", venue=None)
    assert "pushed" in outcomes(push(location)).values()


def test_o3_shipping_waits_for_a_person(sandbox: Sandbox, location: Location) -> None:
    order = order_of(sandbox, "shipping")
    assert outcomes(push(location)) == {order["id"]: "needs-attention:shipping"}


def test_a_run_that_finds_the_lock_taken_sends_nothing(sandbox: Sandbox, location: Location) -> None:
    order_of(sandbox)
    with RunLock(location.state, location.name, "orders") as taken:
        assert taken
        assert [one.outcome for one in push(location).results] == ["locked"]
        assert [one.outcome for one in push(location, dry_run=True).results] == ["locked"]
    assert sandbox.store.pos_orders() == []


def test_a_dry_run_writes_nothing_anywhere(sandbox: Sandbox, location: Location) -> None:
    before = len(sandbox.store.pos_customers())
    strangers_order(sandbox)
    (result,) = push(location, dry_run=True).results
    assert (result.outcome, result.matched_by, result.id_order) == ("pushed", "created", None)
    assert sum(line["qty"] for line in result.lines) == 3
    assert sandbox.store.pos_orders() == []
    assert len(sandbox.store.pos_customers()) == before
    assert sorted(path.name for path in location.state.parent.iterdir()) == ["config.yaml"]


def test_one_order_that_fails_does_not_stop_the_others(sandbox: Sandbox, location: Location) -> None:
    bad, good = order_of(sandbox, "unfillable"), order_of(sandbox)
    assert outcomes(push(location)) == {bad["id"]: "failed:no-stock", good["id"]: "pushed"}


@pytest.mark.parametrize(
    ("flags", "kind", "status"),
    [
        ({"packed": True}, "pickup", "READY_FOR_PICKUP"),
        ({"packed": True}, "delivery", None),
        ({"complete": True}, "pickup", "CLOSED"),
        ({"cancel": True}, "pickup", "CANCELLED"),
        ({"void": True}, "pickup", "CANCELLED"),
    ],
)
def test_statuses_come_back_from_the_pos(
    sandbox: Sandbox, location: Location, flags: dict[str, bool], kind: str, status: str | None
) -> None:
    order = order_of(sandbox, kind)
    push(location)
    sandbox.store.set_pos_order(sandbox.store.pos_orders()[0]["id_order"], **flags)
    refresh_statuses(location, utc_now, sleep=no_sleep)
    assert ledger(location, order["id"]).storefront_status == status
    (told,) = sandbox.store.aiq_orders()
    assert told["status"] == (status or "CONFIRMED")


def test_an_order_cancelled_in_aiq_after_its_push_waits_until_the_pos_has_cancelled_it_too(
    sandbox: Sandbox, location: Location
) -> None:
    order = order_of(sandbox)
    push(location)
    sandbox.store.add_aiq_order(order | {"status": "CANCELLED"})
    push(location)
    assert ledger(location, order["id"]).reason == "cancelled-in-aiq"
    sandbox.store.set_pos_order(sandbox.store.pos_orders()[0]["id_order"], cancel=True)
    push(location)
    assert ledger(location, order["id"]).reason is None


def test_a_report_that_fails_changes_no_outcome_and_is_made_by_the_next_run(
    sandbox: Sandbox, location: Location
) -> None:
    order = order_of(sandbox)
    sandbox.store.faults.add("error:5@/pos$")
    assert outcomes(push(location)) == {order["id"]: "pushed"}
    assert ledger(location, order["id"]).reported is None
    push(location)
    assert sandbox.store.aiq_orders()[0]["posOrderId"] == ledger(location, order["id"]).reported


def test_an_order_that_was_given_up_stays_so(sandbox: Sandbox, location: Location) -> None:
    order = order_of(sandbox, "shipping")
    push(location)
    assert give_up(location, order["id"], "sent by post", utc_now) is not None
    assert outcomes(push(location)) == {order["id"]: "skipped:given-up"}


def test_o8_what_differs_when_read_back_waits_for_a_person(sandbox: Sandbox, location: Location) -> None:
    order = order_of(sandbox)
    push(location)
    record = ledger(location, order["id"])
    with StateFile.open(location.state) as state:
        state.save_order(replace(record, state="lines"))
    other = sandbox.store.pos_orders()[0]["items"][0] | {"id_item": 1, "id_inventory_item": 999}
    sandbox.store.orders.orders[record.id_order or 0]["items"].append(other)
    assert outcomes(push(location)) == {order["id"]: "needs-attention:verify-mismatch"}
