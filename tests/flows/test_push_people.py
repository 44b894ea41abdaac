"""The customer of an order (U1-U6), against the stand-in for the POS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alleaves_sync.aiq.order_models import User
from alleaves_sync.config import Location
from alleaves_sync.errors import OptionsConflict
from alleaves_sync.flows.patients.lookup import Lookup, look_up
from alleaves_sync.flows.pos import utc_now
from alleaves_sync.sandbox import Sandbox
from alleaves_sync.state import StateFile
from tests.flows.pushing import STRANGER, location_of, no_sleep, order_of, outcomes, push, strangers_order


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(items=60, orders=0, history=0) as served:
        yield served


@pytest.fixture
def location(sandbox: Sandbox, tmp_path: Path) -> Location:
    return location_of(sandbox, tmp_path)


def searches(sandbox: Sandbox) -> int:
    return sum(one.path.endswith("/customer/search") for one in sandbox.store.journal.requests)


def lookup(location: Location, **known: Any) -> Lookup:
    return look_up(location, User(**known), utc_now, sleep=no_sleep)


@pytest.mark.parametrize("fault", ["", "query-ignored"])
@pytest.mark.parametrize("phone", ["212.555.0187", "+1 212-555-0187", "2125550187"])
def test_u2_a_phone_is_found_however_it_is_spelled(
    sandbox: Sandbox, location: Location, phone: str, fault: str
) -> None:
    profile = sandbox.store.add_customer("Wilhelmina", "Quackenbush", phone=None, phone2=phone)
    sandbox.store.faults.add(*filter(None, [fault]))
    order = strangers_order(sandbox)
    (result,) = push(location).results
    assert (result.order_id, result.id_customer, result.matched_by) == (order["id"], profile, "phone")


def test_u3_a_phone_of_somebody_born_on_another_day_is_no_match(sandbox: Sandbox, location: Location) -> None:
    mother = sandbox.store.add_customer(
        "Augusta", "Quackenbush", phone=STRANGER["phone"], date_of_birth="1944-01-01"
    )
    strangers_order(sandbox)
    (result,) = push(location).results
    assert result.matched_by == "created"
    assert result.id_customer != mother


@pytest.mark.parametrize(
    ("theirs", "user"),
    [
        ({"name": ("Bram", "Keel"), "phone": STRANGER["phone"]}, {}),
        (
            {"name": ("Bram", "Keel"), "phone": "(212) 555-0111", "patient_number": "QX-5521"},
            {"medicalId": "qx5521"},
        ),
    ],
)
def test_u3_who_may_be_somebody_else_is_neither_taken_nor_made_again(
    sandbox: Sandbox, location: Location, theirs: dict[str, Any], user: dict[str, str]
) -> None:
    """U3: the order waits with the profile's id, and goes on once a person has corrected it."""
    name = theirs.pop("name")
    profile = sandbox.store.add_customer(*name, **{"phone": None} | theirs)
    people = len(sandbox.store.pos_customers())
    order = strangers_order(sandbox, user=dict(STRANGER) | user, menuType="MEDICAL")
    (result,) = push(location).results
    assert (result.outcome, result.reason) == ("needs-attention", "identity-contradicts")
    assert result.candidates == (profile,)
    assert (len(sandbox.store.pos_customers()), sandbox.store.pos_orders()) == (people, [])
    corrected = {"name_first": STRANGER["firstName"], "name_last": STRANGER["lastName"]}
    sandbox.store.customers.profiles[profile].update(corrected)
    assert outcomes(push(location)) == {order["id"]: "pushed"}


def test_u3a_placeholders_are_not_written_into_a_new_profile(sandbox: Sandbox, location: Location) -> None:
    strangers_order(sandbox, user=dict(STRANGER) | {"medicalId": "applied for"}, menuType="MEDICAL")
    (result,) = push(location).results
    assert (result.outcome, result.matched_by) == ("pushed", "created")
    assert result.id_customer is not None
    assert not sandbox.store.customers.profiles[result.id_customer].get("patient_number")


def test_u4_several_profiles_wait_and_go_on_once_they_are_one(sandbox: Sandbox, location: Location) -> None:
    ids = [sandbox.store.add_customer("Wilma", "Q", phone=STRANGER["phone"]) for _ in range(2)]
    order = strangers_order(sandbox)
    (result,) = push(location).results
    assert (result.outcome, result.reason) == ("needs-attention", "several-profiles")
    assert list(result.candidates) == ids
    del sandbox.store.customers.profiles[ids[1]]
    assert outcomes(push(location)) == {order["id"]: "pushed"}


@pytest.mark.parametrize(("rule", "chosen"), [("newest", 1), ("oldest", 0)])
def test_u4_when_several_decides(sandbox: Sandbox, tmp_path: Path, rule: str, chosen: int) -> None:
    location = location_of(sandbox, tmp_path, f"    patients: {{when_several: {rule}}}\n")
    ids = [
        sandbox.store.add_customer("Wilma", "Q", phone=STRANGER["phone"], date_created=f"202{n}-01-01")
        for n in range(2)
    ]
    strangers_order(sandbox)
    assert push(location).results[0].id_customer == ids[chosen]


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ({"phone": None}, "no-identifier"),
        ({"phone": "000 000 0000"}, "no-identifier"),
        ({"lastName": None}, "no-name"),
    ],
)
def test_u1a_who_cannot_be_told_waits(
    sandbox: Sandbox, location: Location, missing: dict[str, None], reason: str
) -> None:
    order = strangers_order(sandbox, user=dict(STRANGER) | missing)
    assert outcomes(push(location)) == {order["id"]: f"needs-attention:{reason}"}
    assert sandbox.store.pos_orders() == []


def test_u2_the_second_order_of_a_person_costs_one_call(sandbox: Sandbox, location: Location) -> None:
    order = order_of(sandbox)
    push(location)
    before = searches(sandbox)
    order_of(sandbox, user=order["user"])
    push(location)
    assert searches(sandbox) - before == 1


def test_u2_a_link_that_the_pos_contradicts_is_dropped(sandbox: Sandbox, location: Location) -> None:
    order = strangers_order(sandbox)
    first = push(location).results[0].id_customer
    assert first is not None
    sandbox.store.customers.profiles[first]["phone"] = "(212) 555-0111"
    second = sandbox.store.add_customer("Wilma", "Q", phone=STRANGER["phone"])
    order_of(sandbox, user=order["user"])
    assert push(location).results[-1].id_customer == second


def test_u1_a_medical_order_goes_by_the_medical_id_first(sandbox: Sandbox, location: Location) -> None:
    by_id = sandbox.store.add_customer("W", "Q", patient_number="ny 12-34", phone="(212) 555-0111")
    sandbox.store.add_customer("W", "Q", phone=STRANGER["phone"])
    user = dict(STRANGER) | {"medicalId": "NY1234"}
    strangers_order(sandbox, user=user, menuType="MEDICAL")
    (result,) = push(location).results
    assert (result.id_customer, result.matched_by) == (by_id, "medical_id")


def test_lookup_finds_creates_and_tells_nothing_from_several(sandbox: Sandbox, location: Location) -> None:
    known = {"phone": STRANGER["phone"], "first_name": "Wilhelmina", "last_name": "Quackenbush"}
    assert lookup(location, **known).outcome == "not-found"
    made = look_up(location, User(**known), utc_now, may_create=lambda: True, sleep=no_sleep)
    assert made.outcome == "created"
    found = lookup(location, phone="2125550187")
    assert (found.outcome, found.matched_by, found.id_customer) == ("found", "phone", made.id_customer)
    sandbox.store.add_customer("W", "Q", phone2="+12125550187")
    assert look_up(location, User(**known), utc_now, may_create=lambda: True, sleep=no_sleep).outcome in {
        "several",
        "found",
    }
    with pytest.raises(OptionsConflict):
        lookup(location, first_name="Wilhelmina")


@pytest.mark.parametrize("fault", ["drop-after:1", "error-after:1", "drop-before:1"])
def test_u5_an_unclear_creation_is_looked_up_first(sandbox: Sandbox, location: Location, fault: str) -> None:
    before = len(sandbox.store.pos_customers())
    strangers_order(sandbox)
    sandbox.store.faults.add(f"{fault}@POST /api/customer$", "query-ignored")
    for _ in range(3):
        push(location)
    assert len(sandbox.store.pos_customers()) == before + 1
    assert len(sandbox.store.pos_orders()) == 1


def test_u6_nothing_of_a_person_is_written(sandbox: Sandbox, location: Location) -> None:
    strangers_order(sandbox, user=dict(STRANGER) | {"medicalId": "QUACK-771"}, menuType="MEDICAL")
    sandbox.store.faults.add("error-after:1@POST /api/customer$")
    for _ in range(2):
        push(location)
    written = b"".join(path.read_bytes() for path in location.state.parent.glob("state.db*"))
    for secret in ("Wilhelmina", "Quackenbush", "555-0187", "2125550187", "QUACK", "1971-02-28"):
        assert secret.lower().encode() not in written.lower()


def test_u5_two_orders_of_a_person_whose_creation_is_in_doubt_make_one_profile(
    sandbox: Sandbox, location: Location
) -> None:
    before = len(sandbox.store.pos_customers())
    for _ in range(2):
        strangers_order(sandbox)
    sandbox.store.faults.add("error-before:1@POST /api/customer$")
    assert set(outcomes(push(location)).values()) == {"failed:in-doubt"}
    assert set(outcomes(push(location)).values()) == {"pushed"}
    assert len(sandbox.store.pos_customers()) == before + 1
    assert len(sandbox.store.pos_orders()) == 2


def test_an_order_that_goes_on_waiting_gets_no_new_steps(sandbox: Sandbox, location: Location) -> None:
    """A push every two minutes: nobody's ledger may grow by what is said again."""
    order = strangers_order(sandbox, user=dict(STRANGER) | {"phone": None})
    push(location)
    with StateFile.open_for_reading(location.state) as state:
        before = state.steps(location.name, order["id"])
    for _ in range(3):
        assert outcomes(push(location)) == {order["id"]: "needs-attention:no-identifier"}
    with StateFile.open_for_reading(location.state) as state:
        assert state.steps(location.name, order["id"]) == before
        record = state.order(location.name, order["id"])
    assert record is not None
    assert (record.attempts, record.state) == (4, "needs-attention")
