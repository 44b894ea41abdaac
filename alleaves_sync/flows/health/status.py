"""status: how each location is doing, from the state file and its locks alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alleaves_sync.config import Location
from alleaves_sync.flows.menu.sync_location import FLOW
from alleaves_sync.flows.pos import Clock, utc_now
from alleaves_sync.flows.run import ORDERS_FLOW
from alleaves_sync.state import RunLock, RunRecord, StateFile

STALE_INTERVALS = 3  # a good run older than this many intervals needs a person

# States of an order that no further push ends by itself; a pushed one waits when it has a reason to.
_FOR_A_PERSON = frozenset({"failed", "needs-attention", "pushed"})


@dataclass(frozen=True, slots=True)
class LocationStatus:
    """One location: its last run and its last good one, how old that is, and what waits.

    `pending` are products that wait for the next run: those whose last answer from the storefront is not
    known, and those that it rejected; `waiting_orders` are orders that wait for a person. `from_the_future`:
    the last good run has a date that is still to come, so that its age says nothing. `running`: a run of
    sync-inventory is going on now. `last_push` is the last push of confirmed orders, `last_good_push` when
    the last one began that dealt with all of them.
    """

    location: Location
    last_run: RunRecord | None
    last_good_run: RunRecord | None
    age: timedelta | None
    stale: bool
    pending: int
    waiting_orders: int
    from_the_future: bool = False
    running: bool = False
    last_push: RunRecord | None = None
    last_good_push: datetime | None = None

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody must look: stale, never run, or orders that wait."""
        return self.location.settings.enabled and (self.stale or self.waiting_orders > 0)


def status_of(location: Location, clock: Clock = utc_now) -> LocationStatus:
    """The status of one location. Raises StateUnusable."""
    name = location.name
    with StateFile.open_for_reading(location.state) as state:
        last = state.last_run(name, FLOW)
        good = state.last_good_run(name, FLOW)
        pending = state.in_doubt(name) + _rejected(last, good)
        orders = state.orders(name, waiting=True)
        last_push, last_good_push = state.last_run(name, ORDERS_FLOW), state.watermark(name)
    ahead = timedelta() if good is None else (good.ended_at or good.started_at) - clock()
    interval = timedelta(minutes=float(location.interval_minutes))
    # A clock that was set back must not make a run look young for ever. A little ahead is no reason to worry.
    future = ahead > interval
    age = None if good is None else max(-ahead, timedelta())
    return LocationStatus(
        location,
        last,
        good,
        age,
        stale=age is None or future or age > interval * STALE_INTERVALS,
        pending=pending,
        waiting_orders=sum(order.state in _FOR_A_PERSON for order in orders),
        from_the_future=future,
        running=RunLock(location.state, name, FLOW).is_held(),
        last_push=last_push,
        last_good_push=last_good_push,
    )


def _rejected(last: RunRecord | None, good: RunRecord | None) -> int:
    """Products that wait after a rejection: a run that did not come to sending changed nothing about them."""
    if last is not None and last.rejected:
        return last.rejected
    return good.rejected if good is not None else 0
