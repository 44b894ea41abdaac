"""`push-order`, `orders` and `lookup-patient` as a person meets them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from alleaves_sync.sandbox import Sandbox
from tests.cli.conftest import Program
from tests.flows.pushing import STRANGER, location_of, order_of, strangers_order


@pytest.fixture
def shop(program: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox(items=60, orders=0, history=0) as sandbox:
        location_of(sandbox, program.folder)
        monkeypatch.setenv("PASSWORD", sandbox.password)
        monkeypatch.setenv("PIN", sandbox.pin)
        monkeypatch.setenv("KEY", sandbox.api_key)
        yield sandbox


def test_push_order_tells_each_order_in_json(program: Program, shop: Sandbox) -> None:
    order, bad = order_of(shop), order_of(shop, "unfillable")
    ran = program("push-order", "--confirmed", "--json")
    assert ran.code == 1
    first, second = ran.document["orders"]
    assert set(first) == {
        "order_id",
        "location",
        "outcome",
        "id_order",
        "id_customer",
        "matched_by",
        "candidates",
        "lines",
        "reason",
    }
    assert (first["order_id"], first["outcome"]) == (order["id"], "pushed")
    assert (second["order_id"], second["outcome"], second["reason"]) == (bad["id"], "failed", "no-stock")


def test_a_good_push_says_nothing_with_quiet(program: Program, shop: Sandbox) -> None:
    order_of(shop)
    ran = program("--quiet", "push-order", "--confirmed")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_what_waits_is_mailed_once_and_said_to_whoever_asks(program: Program, shop: Sandbox) -> None:
    """Every two minutes by cron: a mail each time would soon be read by nobody."""
    orders = [order_of(shop, "shipping"), order_of(shop, "unfillable")]
    first = program("--quiet", "push-order", "--confirmed")
    assert first.code == 3
    assert all(order["id"] in first.out for order in orders)
    again = program("--quiet", "push-order", "--confirmed")
    assert (again.code, again.out, again.err) == (3, "", "")
    assert all(order["id"] in program("push-order", "--confirmed").out for order in orders)
    assert all(order["id"] in program("orders", "--waiting").out for order in orders)


def test_orders_come_from_files_and_a_bad_one_is_told_by_its_path(program: Program, shop: Sandbox) -> None:
    order = order_of(shop)
    envelope = {"type": "order.updated", "data": order}
    (program.folder / "order.json").write_text(json.dumps(envelope))
    assert program("push-order", "order.json").code == 0
    (program.folder / "bad.json").write_text('[{"id": "x", "status": "CONFIRMED"}]')
    ran = program("push-order", "bad.json", "--json")
    assert ran.code == 65
    assert "items" in ran.err
    assert len(shop.store.pos_orders()) == 1
    assert program("push-order", "missing.json").code == 65


def test_nothing_named_is_wrong_usage(program: Program, shop: Sandbox) -> None:
    assert program("push-order").code == 2
    assert shop.store.pos_orders() == []


def test_orders_shows_waits_retries_and_gives_up(program: Program, shop: Sandbox) -> None:
    good, shipping = order_of(shop), order_of(shop, "shipping")
    assert program("push-order", "--confirmed").code == 3
    listed = program("orders", "--json").document["orders"]
    assert [(one["order_id"], one["state"]) for one in listed] == [
        (good["id"], "pushed"),
        (shipping["id"], "needs-attention"),
    ]
    assert program("orders", good["id"], "--json").document["orders"][0]["steps"][-1]["step"] == "status"
    assert good["id"] in program("orders", good["id"]).out
    assert program("orders", "--retry", shipping["id"]).code == 3
    assert program("orders", "--give-up", shipping["id"]).code == 2
    assert program("orders", "--give-up", shipping["id"], "--reason", "sent by post").code == 0
    assert program("orders", "--waiting", "--json").document == {"orders": []}
    assert program("orders", "abc").code == 2


def test_orders_refresh_reads_the_pos(program: Program, shop: Sandbox) -> None:
    order_of(shop)
    program("push-order", "--confirmed")
    shop.store.set_pos_order(shop.store.pos_orders()[0]["id_order"], packed=True)
    (one,) = program("orders", "--refresh", "--json").document["orders"]
    assert one["storefront_status"] == "READY_FOR_PICKUP"


def test_lookup_patient_never_creates_unless_told_to(program: Program, shop: Sandbox) -> None:
    before = len(shop.store.pos_customers())
    phone = str(STRANGER["phone"])
    assert program("lookup-patient", "--phone", phone).code == 1
    assert program("lookup-patient", "--phone", phone, "--create").code == 2
    names = ("--first-name", "Wilhelmina", "--last-name", "Quackenbush")
    assert program("lookup-patient", "--phone", phone, "--create", *names).code == 2  # no terminal to ask on
    assert len(shop.store.pos_customers()) == before
    ran = program("lookup-patient", "--phone", phone, "--create", "--yes", *names, "--json")
    assert (ran.code, ran.document["outcome"]) == (0, "created")
    assert program("lookup-patient", "--phone", "2125550187").code == 0
    shop.store.add_customer("W", "Q", phone2="+12125550187")
    assert program("lookup-patient").code == 2


def test_u6_nothing_of_a_person_or_a_secret_is_told_or_written(program: Program, shop: Sandbox) -> None:
    address = {"address1": "77 Hidden Lane", "city": "Albany", "state": "NY", "postalCode": "12203"}
    user = dict(STRANGER) | {"medicalId": "QUACK-771"}
    changes = {
        "pickUpType": "DELIVERY",
        "deliveryAddress": address,
        "menuType": "MEDICAL",
        "pickUpWindow": None,
    }
    strangers_order(shop, user=user, **changes)
    shop.store.faults.add("error-after:1@POST /api/customer$", "drop-after:1@POST /api/order$")
    said = ""
    for _ in range(3):
        ran = program("-vv", "push-order", "--confirmed", "--json")
        said += ran.out + ran.err
    said += program("orders").out + program("-vv", "lookup-patient", "--phone", str(STRANGER["phone"])).err
    written = b"".join(
        path.read_bytes()
        for path in Path(program.folder).rglob("*")
        if path.is_file() and path.suffix != ".yaml"
    )
    tokens = [shop.password, shop.pin, shop.api_key]
    people = ["Wilhelmina", "Quackenbush", "555-0187", "2125550187", "QUACK", "1971-02-28", "Hidden Lane"]
    for secret in (*people, *tokens):
        assert secret not in said
        assert secret.encode() not in written
    assert len(shop.store.pos_orders()) == 1


def test_u3_profiles_of_somebody_else_are_told_on_stderr_by_their_ids(
    program: Program, shop: Sandbox
) -> None:
    made = shop.store.add_customer("W", "Q", phone="+12125550187", date_of_birth="1950-01-01")
    arguments = ("lookup-patient", "--phone", "2125550187", "--birth-date", "1971-02-28", "--json")
    ran = program(*arguments)
    assert ran.code == 1
    assert ran.document == {
        "outcome": "not-found",
        "matched_by": None,
        "id_customer": None,
        "candidates": [],
    }
    assert str(made) in ran.err
    assert "1950" not in ran.err
    assert "555" not in ran.err


def _second_location(program: Program, *, venue: str, sync: bool = True) -> None:
    """`uptown`, on the same POS, as `downtown` but for its venue."""
    path = program.folder / "config.yaml"
    document = yaml.safe_load(path.read_text())
    downtown = document["locations"]["downtown"]
    aiq = downtown["aiq"] | {"venue_id": venue}
    document["state"] = "./{location}.db"
    document["locations"]["uptown"] = downtown | {"aiq": aiq, "orders": {"sync": sync}}
    path.write_text(yaml.safe_dump(document))


def test_orders_from_files_go_to_the_location_of_their_venue(program: Program, shop: Sandbox) -> None:
    _second_location(program, venue="ffff000011112222")
    here, there, nowhere = order_of(shop), order_of(shop), order_of(shop)
    (program.folder / "two.json").write_text(json.dumps([here, there | {"venue": "ffff000011112222"}]))
    ran = program("push-order", "two.json", "--json")
    assert [(one["order_id"], one["location"], one["outcome"]) for one in ran.document["orders"]] == [
        (here["id"], "downtown", "pushed"),
        (there["id"], "uptown", "pushed"),
    ]
    for venue in ("0000", None):
        (program.folder / "one.json").write_text(json.dumps([here, nowhere | {"venue": venue}]))
        ran = program("push-order", "one.json")
        assert ran.code == 2
        assert "--location, one of: downtown, uptown" in ran.err
    assert program("push-order", here["id"]).code == 2
    assert len(shop.store.pos_orders()) == 2
    (program.folder / "none.json").write_text("[]")
    assert program("push-order", "none.json").code == program("push-order", "none.json", "-l", "uptown").code


def test_two_locations_of_one_venue_never_push_the_same_order(program: Program, shop: Sandbox) -> None:
    order_of(shop)
    _second_location(program, venue=shop.venue_id)
    ran = program("push-order", "--confirmed")
    assert ran.code == 2
    assert "downtown" in ran.err
    assert "uptown" in ran.err
    assert shop.store.pos_orders() == []
    assert program("push-order", "--confirmed", "--location", "uptown").code == 0


def test_one_venue_is_fine_where_only_one_location_pushes(program: Program, shop: Sandbox) -> None:
    order_of(shop)
    _second_location(program, venue=shop.venue_id, sync=False)
    assert program("push-order", "--confirmed").code == 0
    assert len(shop.store.pos_orders()) == 1


def test_orders_for_a_disabled_location_are_skipped(program: Program, shop: Sandbox) -> None:
    order = order_of(shop)
    (program.folder / "order.json").write_text(json.dumps(order))
    path = program.folder / "config.yaml"
    path.write_text(path.read_text().replace("    areas:", "    enabled: false\n    areas:"))
    ran = program("push-order", "order.json", "--json")
    (one,) = ran.document["orders"]
    assert (ran.code, one["order_id"], one["outcome"], one["reason"]) == (
        0,
        order["id"],
        "skipped",
        "disabled",
    )
    assert shop.store.pos_orders() == []
