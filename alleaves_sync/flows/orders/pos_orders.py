"""Which orders the POS has already: asked before one is created, and after an unclear answer (O2)."""

import re
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta, tzinfo
from itertools import accumulate
from math import inf

from alleaves_sync.alleaves.order_models import PosOrder
from alleaves_sync.alleaves.orders import OrdersApi

# One page of the POS's list. As many known orders in a row end a look at what is new.
_PAGE = 100
# Waits before each question after an unclear answer, in seconds: a POS may show a new order late.
PATIENCE = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
# The most of what is left of a run's time that the waits for one order may take: the others need theirs.
_SHARE = 0.5
_DAY = timedelta(days=1)


def note_of(order_id: str, words: str | None = None) -> str:
    """The note that every pushed order carries, with the customer's own words below it."""
    mark = f"AIQ {order_id}"
    return f"{mark}\n{words.strip()}" if words and words.strip() else mark


def carries(order: PosOrder, order_id: str) -> bool:
    """Whether the POS order is the storefront's `order_id`: by `id_external`, else by the note."""
    if order.id_external:
        return order.id_external.strip() == order_id
    return re.search(rf"\bAIQ {re.escape(order_id)}(?!\w)", order.notes or "") is not None


def is_marked(order: PosOrder) -> bool:
    """Whether the POS order says that it is some storefront's order."""
    return bool(order.id_external) or re.search(r"\bAIQ \w+", order.notes or "") is not None


class PosOrderList:
    """The POS's orders from some day on, for one run. Not for threads.

    `since` is the earliest creation (aware) of the orders that this run is about: the list begins on the day
    before it, in the location's time. `remaining` gives the seconds that are left of the run. Every method
    raises what `OrdersApi.list` raises.
    """

    def __init__(
        self,
        api: OrdersApi,
        zone: tzinfo,
        since: datetime,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        remaining: Callable[[], float] = lambda: inf,
    ) -> None:
        self._api = api
        self._zone = zone
        self._clock = clock
        self._sleep = sleep
        self._remaining = remaining
        self._start = self._day(since) - _DAY
        self._orders: dict[int, PosOrder] = {}
        self._was_read = False

    def find(self, order_id: str, created: datetime) -> tuple[PosOrder, ...]:
        """The orders that carry `order_id`, voided ones left out; what is new in the POS is read first."""
        start = self._day(created) - _DAY
        if start < self._start:
            self._start, self._was_read = start, False
        self._read(whole=not self._was_read)
        return self._carrying(order_id)

    def find_again(self, order_id: str, tried: datetime) -> tuple[PosOrder, ...] | None:
        """As `find`, asked over and over until `PATIENCE` has passed since it was `tried` to create it:
        something may have been created and not be shown yet.

        Asked at least once. None: nothing yet, and this run has no time to wait until that is certain.
        """
        end = self._remaining() * _SHARE
        passed = max(0.0, (self._clock() - tried).total_seconds())
        waited = 0.0
        for due in [at - passed for at in accumulate(PATIENCE) if at > passed] or [0.0]:
            until = max(waited, min(due, end))
            if until > waited:
                self._sleep(until - waited)
            self._read(whole=True)
            if found := self._carrying(order_id):
                return found
            if due > end:
                return None
            waited = until
        return ()

    def voided(self, order_id: str) -> tuple[int, ...]:
        """The voided orders that carry `order_id`, as far as the list was read."""
        return tuple(one.id_order for one in self._orders.values() if one.void and carries(one, order_id))

    @property
    def shows_ids(self) -> bool:
        """Whether the POS tells in its list which storefront's order an order is. True where it has none."""
        return not self._orders or any(order.id_external or order.notes for order in self._orders.values())

    def of_customer(
        self, id_customer: int, since: datetime, *, finished_too: bool, but: Collection[int] = ()
    ) -> tuple[PosOrder, ...]:
        """The orders of a customer from the day before `since` on, not voided, open unless `finished_too`.

        `date_created` of a list has no known zone, so a day more is looked at than a date would say.
        """
        first = self._day(since) - _DAY
        return tuple(
            order
            for order in self._orders.values()
            if order.id_customer == id_customer
            and not order.void
            and (finished_too or order.is_open)
            and order.id_order not in but
            and not _is_before(order, first)
        )

    def known(self, id_order: int) -> PosOrder | None:
        """The order as the list showed it, without lines; None where it is not in it."""
        return self._orders.get(id_order)

    def read(self, since: datetime) -> None:
        """Read the whole list anew, from the day before `since` on."""
        self._start = min(self._start, self._day(since) - _DAY)
        self._read(whole=True)

    def _carrying(self, order_id: str) -> tuple[PosOrder, ...]:
        return tuple(order for order in self._orders.values() if not order.void and carries(order, order_id))

    def _read(self, *, whole: bool) -> None:
        known_in_a_row = 0
        # Without an end: to a clock that is behind, orders of today would be of the future.
        for order in self._api.list(self._start):
            known_in_a_row = known_in_a_row + 1 if order.id_order in self._orders else 0
            self._orders[order.id_order] = order
            if not whole and known_in_a_row >= _PAGE:
                break
        self._was_read = True

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()


def _is_before(order: PosOrder, day: date) -> bool:
    try:
        return date.fromisoformat((order.date_created or "")[:10]) < day
    except ValueError:
        return False  # unknown is not before: rather a person looks than a second order is made
