"""What a run opens to push orders: the storefront's orders, and all that the pushes share."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import inf

from alleaves_sync.aiq.order_source import OrdersFeed
from alleaves_sync.aiq.order_wire import OrderWire
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config import Location
from alleaves_sync.flows.orders.context import Shop
from alleaves_sync.flows.orders.ledger import Ledger
from alleaves_sync.flows.orders.pos_orders import PosOrderList
from alleaves_sync.flows.orders.stock import Shelf
from alleaves_sync.flows.patients.account import account_of
from alleaves_sync.flows.patients.finder import PatientFinder
from alleaves_sync.flows.patients.links import MemoryLinks, links_of
from alleaves_sync.flows.pos import Clock, find_location, zone_of
from alleaves_sync.flows.run import ORDERS_FLOW
from alleaves_sync.state import AccountLock, StateFile
from alleaves_sync.transport import Budget

FLOW = ORDERS_FLOW
# With these nothing goes on by itself (O7a).
ENDED = frozenset({"pushed", "failed", "given-up"})

Sleep = Callable[[float], None]


def open_shop(
    client: AlleavesClient,
    location: Location,
    state: StateFile,
    clock: Clock,
    sleep: Sleep,
    *,
    dry: bool = False,
    since: datetime | None = None,
    budget: Budget | None = None,
) -> Shop:
    """All that the pushes of a run share. Raises LoginRefused, ServiceError, PosLocationUnknown."""
    zone = zone_of(find_location(client, location))
    remaining = (lambda: inf) if budget is None else budget.remaining
    links = MemoryLinks() if dry else links_of(state, location)
    where = zone or UTC
    return Shop(
        location=location,
        zone=zone,
        orders=client.orders,
        listed=PosOrderList(client.orders, where, since or clock(), clock, sleep, remaining),
        finder=PatientFinder(client.customers, links, location.settings.patients, clock, sleep),
        shelf=Shelf(client, location, lambda: clock().astimezone(where).date()),
        state=state,
        clock=clock,
        sleep=sleep,
        making=AccountLock(location.state, account_of(location.settings.alleaves)),
        remaining=remaining,
        dry=dry,
        distrust_index=_creation_in_doubt(state, location.name, clock),
    )


def _creation_in_doubt(state: StateFile, location: str, clock: Clock) -> bool:
    """Whether a profile may have been made that the index does not know, since a push was cut off."""
    return any(
        Ledger(state, record, clock, dry=True).in_doubt("create-customer")
        for record in state.orders(location)
        if record.state not in ENDED
    )


def open_feed(location: Location, budget: Budget, sleep: Sleep | None) -> OrdersFeed | None:
    aiq = location.settings.aiq
    if aiq.api_key is None or not aiq.venue_id:
        return None
    wire = OrderWire(location.settings.wire)
    return OrdersFeed(
        aiq.base_url, aiq.venue_id, aiq.api_key.get_secret_value(), budget, wire=wire, sleep=sleep
    )
