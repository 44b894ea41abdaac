"""Locations of one POS account share its customers: nobody is made or scanned for twice (U2, U5)."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alleaves_sync.alleaves.customers import CustomersApi
from alleaves_sync.alleaves.order_models import Customer, NewCustomer
from alleaves_sync.config import Location
from alleaves_sync.flows.orders.run import PushRun, Wanted, read_orders
from alleaves_sync.flows.patients.account import account_of
from alleaves_sync.sandbox import Sandbox
from alleaves_sync.state import AccountLock, StateFile
from tests.flows.pushing import STRANGER, Json, location_of, no_sleep, push, strangers_order


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(items=60, orders=0, history=0, locations=2) as served:
        yield served


def stores(sandbox: Sandbox, folder: Path, *, one_file: bool = False) -> tuple[Location, Location]:
    """Two locations of the sandbox's account, each with a state file of its own, or with one for both."""
    made = []
    for number in range(2):
        (folder / f"{number}").mkdir()
        place = location_of(sandbox, folder / f"{number}")
        account = place.settings.alleaves.model_copy(update={"location_id": sandbox.location_id + number})
        settings = place.settings.model_copy(update={"alleaves": account})
        state = folder / "state.db" if one_file else place.state
        changes = {"name": f"store-{number}", "settings": settings, "state": state}
        made.append(place.model_copy(update=changes))
    return made[0], made[1]


def wanted(sandbox: Sandbox, location: Location, **user: Any) -> Wanted:
    """An order by the stranger, of things that this location has."""
    order: Json = strangers_order(sandbox, user={**STRANGER, **user})
    row = next(
        entry
        for entry in sandbox.store.inventory.rows[location.settings.alleaves.location_id]
        if entry["available"] > 5 and entry["area_type"] == "Retail" and entry["is_product"]
    )
    line = order["items"][0]
    line["product"] = line["product"] | {"posProductId": str(row["id_item"])}
    return Wanted(orders=read_orders(json.dumps([order | {"items": [line]}]).encode(), location, "test"))


def profiles(sandbox: Sandbox) -> list[int]:
    """The stranger's profiles."""
    every = sandbox.store.customers.profiles.values()
    return [one["id_customer"] for one in every if one["name_last"] == STRANGER["lastName"]]


def test_two_locations_that_meet_make_one_profile(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second push begins while the first is about to make the profile; their state lies apart."""
    first, second = stores(sandbox, tmp_path)
    orders = [wanted(sandbox, first), wanted(sandbox, second)]
    second_came, ended = threading.Event(), list[PushRun]()

    def push_second() -> None:
        try:
            ended.append(push(second, orders[1], sleep=lambda _: second_came.set()))
        finally:
            second_came.set()

    other = threading.Thread(target=push_second)
    create = CustomersApi.create

    def create_slowly(api: CustomersApi, new: NewCustomer) -> Customer:
        if not other.ident:
            other.start()
            assert second_came.wait(20)
        return create(api, new)

    monkeypatch.setattr(CustomersApi, "create", create_slowly)
    results = [*push(first, orders[0]).results]
    other.join()
    results += ended[0].results
    (profile,) = profiles(sandbox)
    assert [(one.outcome, one.id_customer) for one in results] == [("pushed", profile)] * 2
    with StateFile.open_for_reading(second.state) as state:
        steps = [one.detail for one in state.steps(second.name, results[1].order_id) if one.step == "wait"]
    assert len(steps) == 1
    assert "another push of this account" in str(steps[0])


def test_a_push_that_cannot_wait_makes_nobody_and_goes_on_later(sandbox: Sandbox, tmp_path: Path) -> None:
    first, second = stores(sandbox, tmp_path)
    order = wanted(sandbox, first)
    lock = AccountLock(second.state, account_of(second.settings.alleaves))
    hurried = first.model_copy(update={"time_budget_seconds": 3.0})
    with lock.waited_for(lambda: 0.0, no_sleep):
        (result,) = push(hurried, order).results
    assert (result.outcome, result.reason, result.unfinished) == ("failed", "out-of-time", True)
    assert profiles(sandbox) == []
    (result,) = push(first, order).results
    assert result.outcome == "pushed"
    assert len(profiles(sandbox)) == 1


def hide_what_is_new(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the POS shows no profile that is made."""
    customers = sandbox.store.customers
    known, search = set(customers.profiles), customers.search

    def shown(query: str, page: int, size: int) -> dict[str, Any]:
        found = [one for one in search(query, 1, 10_000).values() if one["id_customer"] in known]
        return {str(number): one for number, one in enumerate(found[(page - 1) * size : page * size])}

    monkeypatch.setattr(customers, "search", shown)


def test_a_profile_that_the_pos_shows_late_is_found_by_the_next_location_and_the_next_run(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stores(sandbox, tmp_path, one_file=True)
    hide_what_is_new(sandbox, monkeypatch)
    spelled = {"phone": "+1 212 555 0187"}
    runs = [
        push(first, wanted(sandbox, first)),
        push(second, wanted(sandbox, second, **spelled)),
        push(first, wanted(sandbox, first)),
    ]
    (profile,) = profiles(sandbox)
    assert [run.results[0].id_customer for run in runs] == [profile] * 3


def test_u3_a_relative_with_the_same_phone_is_not_the_one_that_was_made_lately(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stores(sandbox, tmp_path, one_file=True)
    hide_what_is_new(sandbox, monkeypatch)
    push(first, wanted(sandbox, first))
    push(second, wanted(sandbox, second, firstName="Wilbur", birthday="2001-05-05"))
    assert len(profiles(sandbox)) == 2


def test_a_profile_that_the_pos_does_not_take_is_forgotten(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = stores(sandbox, tmp_path, one_file=True)
    hide_what_is_new(sandbox, monkeypatch)
    push(first, wanted(sandbox, first))
    (made,) = profiles(sandbox)
    del sandbox.store.customers.profiles[made]  # merged into another by the staff
    order = wanted(sandbox, second)
    (result,) = push(second, order).results
    assert (result.outcome, result.reason) == ("failed", "refused-by-pos")
    (result,) = push(second, order).results
    assert result.outcome == "pushed"


def test_u2_one_scan_serves_all_locations_of_an_account(sandbox: Sandbox, tmp_path: Path) -> None:
    first, second = stores(sandbox, tmp_path, one_file=True)

    def scans(location: Location, phone: str) -> int:
        sandbox.store.journal.forget()
        push(location, wanted(sandbox, location, phone=phone, lastName=f"Of {location.name}"))
        asked = sandbox.store.journal.asked("/customer/search")
        return sum("query" not in one.body and one.body["page"] == 1 for one in asked)

    assert [scans(first, "(212) 555-0187"), scans(second, "(212) 555-0186")] == [1, 0]
