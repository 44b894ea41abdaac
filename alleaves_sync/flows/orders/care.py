"""What a person may do with the ledger: read what became of orders, and give one up."""

from contextlib import ExitStack

from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config import Location
from alleaves_sync.errors import OptionsConflict
from alleaves_sync.flows.orders import status as order_status
from alleaves_sync.flows.orders.ledger import Ledger
from alleaves_sync.flows.orders.push_shop import FLOW, Sleep, open_feed, open_shop
from alleaves_sync.flows.orders.run import PushRun
from alleaves_sync.flows.pos import Clock
from alleaves_sync.state import OrderRecord, RunLock, StateFile
from alleaves_sync.transport import Budget


def refresh_statuses(location: Location, clock: Clock, *, sleep: Sleep | None = None) -> PushRun | None:
    """Only read what became of pushed orders, and report it. None: another run of this kind is at it."""
    with RunLock(location.state, location.name, FLOW) as taken:
        if not taken:
            return None
        with StateFile.open(location.state) as state:
            return _refresh(location, state, clock, sleep)


def _refresh(location: Location, state: StateFile, clock: Clock, sleep: Sleep | None) -> PushRun:
    budget = Budget(location.time_budget_seconds)
    with ExitStack() as stack:
        feed = open_feed(location, budget, sleep)
        if feed is not None:
            stack.enter_context(feed)
        statuses: list[order_status.StatusChange] = []
        if order_status.open_orders(state, location.name):
            client = stack.enter_context(AlleavesClient(location.settings.alleaves, budget, sleep=sleep))
            shop = open_shop(client, location, state, clock, sleep or budget.wait)
            statuses += order_status.refresh(shop, feed)
        errors = [] if feed is None else order_status.report(state, location, feed, clock)
    return PushRun((), tuple(errors), tuple(statuses))


def give_up(location: Location, order_id: str, why: str, clock: Clock) -> OrderRecord | None:
    """A person says that nothing more is to happen with the order; None where the ledger does not have it.

    Raises OptionsConflict while a push is at work, StateUnusable, WriteFailed.
    """
    with RunLock(location.state, location.name, FLOW) as taken:
        if not taken:
            raise OptionsConflict("a push of this location is at work", "Run this again when it has ended")
        with StateFile.open(location.state) as state:
            record = state.order(location.name, order_id)
            if record is None:
                return None
            ledger = Ledger(state, record, clock)
            ledger.done("given-up", why, state="given-up", reason="given-up")
            return ledger.record
