"""status: how each location is doing, from the state file alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alleaves_sync.config import Location
from alleaves_sync.flows.inventory import FLOW
from alleaves_sync.flows.pos import Clock, utc_now
from alleaves_sync.state import RunRecord, StateFile

STALE_INTERVALS = 3  # a good run older than this many intervals needs a person

# States of an order that no further push ends by itself; a pushed one waits when it has a reason to.
_FOR_A_PERSON = frozenset({"failed", "needs-attention", "pushed"})


@dataclass(frozen=True, slots=True)
class LocationStatus:
    """One location: its last run and its last good one, how old that is, and what waits.

    `pending` are products whose last answer from the storefront is not known; `waiting_orders` are orders
    that wait for a person.
    """

    location: Location
    last_run: RunRecord | None
    last_good_run: RunRecord | None
    age: timedelta | None
    stale: bool
    pending: int
    waiting_orders: int

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody must look: stale, never run, or orders that wait."""
        return self.location.settings.enabled and (self.stale or self.waiting_orders > 0)


def status_of(location: Location, clock: Clock = utc_now) -> LocationStatus:
    """The status of one location. Raises StateUnusable."""
    with StateFile.open_for_reading(location.state) as state:
        last = state.last_run(location.name, FLOW)
        good = state.last_good_run(location.name, FLOW)
        pending = sum(item.attempted is not None for item in state.items(location.name))
        orders = state.orders(location.name, waiting=True)
        waiting = sum(order.state in _FOR_A_PERSON for order in orders)
    age = None if good is None else _age(good, clock())
    limit = timedelta(minutes=float(location.interval_minutes) * STALE_INTERVALS)
    return LocationStatus(location, last, good, age, age is None or age > limit, pending, waiting)


def _age(run: RunRecord, now: datetime) -> timedelta:
    # A clock that was set back must not make a run look young for ever: the future counts as now.
    return max(now - (run.ended_at or run.started_at), timedelta())
