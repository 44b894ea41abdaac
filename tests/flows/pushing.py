"""A sandbox, a configuration for it, and an order by somebody new: what tests and benchmarks share."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from alleaves_sync.config import Location, load
from alleaves_sync.flows.orders.run import PushRun, Wanted, push_orders
from alleaves_sync.flows.pos import utc_now
from alleaves_sync.sandbox import Sandbox
from alleaves_sync.state import OrderRecord, StateFile

Json = dict[str, Any]


def no_sleep(_seconds: float) -> None:
    """Time does not matter here."""


def location_of(sandbox: Sandbox, folder: Path, extra: str = "") -> Location:
    """The sandbox's location, configured in `folder`; `extra` is more YAML of the location, indented by 4."""
    path = folder / "config.yaml"
    path.write_text(
        f"""
state: ./state.db
locations:
  downtown:
    areas: [Retail]
    alleaves:
      base_url: {sandbox.alleaves_url}
      location_id: {sandbox.location_id}
      username: {sandbox.username}
      password: ${{PASSWORD}}
      pin: ${{PIN}}
    aiq:
      base_url: {sandbox.aiq_url}
      venue_id: {sandbox.venue_id}
      api_key: ${{KEY}}
      order_status_url: {sandbox.aiq_url}/orders/{{id}}/pos
{extra}"""
    )
    secrets = {"PASSWORD": sandbox.password, "PIN": sandbox.pin, "KEY": sandbox.api_key}
    return load(path, secrets).locations[0]


def push(
    location: Location,
    wanted: Wanted | None = None,
    *,
    dry_run: bool = False,
    sleep: Callable[[float], None] = no_sleep,
) -> PushRun:
    """One run, all confirmed orders unless told otherwise, without waiting."""
    return push_orders(location, wanted or Wanted(confirmed=True), utc_now, dry_run=dry_run, sleep=sleep)


def outcomes(run: PushRun) -> dict[str, str]:
    """What became of each order: `outcome`, or `outcome:reason`."""
    return {one.order_id: f"{one.outcome}:{one.reason}" if one.reason else one.outcome for one in run.results}


def order_of(sandbox: Sandbox, kind: str = "pickup", **changes: Any) -> Json:
    """A new confirmed order in the storefront, with these fields of it changed."""
    order = sandbox.store.next_aiq_order(kind) | changes
    sandbox.store.add_aiq_order(order)
    return order


STRANGER: Mapping[str, Any] = {
    "id": "aa00bb11ffffffff",
    "firstName": "Wilhelmina",
    "lastName": "Quackenbush",
    "phone": "(212) 555-0187",
    "email": "w.quackenbush@mail.invalid",
    "birthday": "1971-02-28",
    "medicalId": None,
    "medicalState": None,
    "medicalExpirationYear": None,
    "medicalExpirationMonth": None,
    "medicalExpirationDay": None,
}


def strangers_order(sandbox: Sandbox, **changes: Any) -> Json:
    """Two products, one of them discounted, picked up in a window by somebody whom the POS does not know."""
    window = {"start": "2026-07-04T20:00:00Z", "end": "2026-07-04T21:00:00Z"}
    changes = {"user": dict(STRANGER), "pickUpType": "CURB_SIDE", "pickUpWindow": window} | changes
    return order_of(sandbox, "pickup", **changes)


def wrongs(sandbox: Sandbox, order: Json, customers_before: int, *, new: int = 1) -> list[str]:
    """What is not as it must be after a push: one open order, its lines, its prices, its customer."""
    found = [
        one for one in sandbox.store.pos_orders() if one["id_external"] == order["id"] and not one["void"]
    ]
    if len(found) != 1:
        return [f"{len(found)} open orders"]
    pos, problems = found[0], []
    wanted: Counter[tuple[int, float]] = Counter()
    for line in order["items"]:
        wanted[int(line["product"]["posProductId"]), line["priceWithDiscounts"]] += line["quantity"]
    paid = (
        (
            line["id_inventory_item"],
            line["price"] if line["price_override"] is None else line["price_override"],
        )
        for line in pos["items"]
    )
    if Counter(paid) != wanted:
        problems.append("lines or prices differ")
    customers = sandbox.store.pos_customers()
    if len(customers) - customers_before != new:
        problems.append(f"{len(customers) - customers_before} new customers")
    phone = _digits(order["user"]["phone"])
    owner = next((one for one in customers if one["id_customer"] == pos["id_customer"]), None)
    if owner is None or _digits(owner["phone"]) != phone:
        problems.append("another customer")
    if order["pickUpWindow"] and not pos["pickup_time"]:
        problems.append("no pickup time")
    return problems


def _digits(text: str | None) -> str:
    return "".join(filter(str.isdigit, text or ""))[-10:]


def ledger(location: Location, order_id: str) -> OrderRecord:
    with StateFile.open_for_reading(location.state) as state:
        record = state.order(location.name, order_id)
    assert record is not None
    return record


def lose_state(location: Location) -> None:
    for path in location.state.parent.glob(f"{location.state.name}*"):
        path.unlink()
