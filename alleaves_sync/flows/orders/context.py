"""What the pushes of one run share, how a push ends, and what may end it early."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any, Literal
from zoneinfo import ZoneInfo

from alleaves_sync.alleaves.orders import OrdersApi
from alleaves_sync.config import Location
from alleaves_sync.flows.orders.pos_orders import PosOrderList
from alleaves_sync.flows.orders.stock import Shelf
from alleaves_sync.flows.patients.finder import PatientFinder
from alleaves_sync.state import AccountLock, OrderRecord, StateFile

Outcome = Literal["pushed", "already-pushed", "skipped", "failed", "needs-attention", "locked"]

# Waits before each look whether an order that is read back has caught up, in seconds.
SETTLING = (0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Shop:
    """One location during one run. `zone` is None where the POS names none; `dry`: nothing is written.

    `making` is held while a profile is made; `remaining` gives the seconds that are left of the run.
    """

    location: Location
    zone: ZoneInfo | None
    orders: OrdersApi
    listed: PosOrderList
    finder: PatientFinder
    shelf: Shelf
    state: StateFile
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    making: AccountLock
    remaining: Callable[[], float] = lambda: inf
    dry: bool = False
    distrust_index: bool = False


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of one order. `lines` is as in the JSON result; `reason` is a code word, or empty.

    `order_id` is empty where it is about the location, not an order. `unfinished`: a later push goes on.
    `as_before`: it waits for a person, was told of by an earlier push, and nothing was done.
    """

    order_id: str
    location: str
    outcome: Outcome
    reason: str = ""
    number: str | None = None
    id_order: int | None = None
    id_customer: int | None = None
    matched_by: str | None = None
    candidates: tuple[int, ...] = ()
    lines: tuple[dict[str, Any], ...] = field(default=())
    unfinished: bool = False
    dry: bool = False
    as_before: bool = False


def result_of(record: OrderRecord, outcome: Outcome, reason: str = "", **more: Any) -> PushResult:
    """A result, with what the ledger knows of the order."""
    return PushResult(
        record.order_id,
        record.location,
        outcome,
        reason,
        number=record.number,
        id_order=record.id_order,
        id_customer=record.id_customer,
        matched_by=record.matched_by,
        candidates=record.candidates,
        **{"lines": tuple(json.loads(record.lines)), **more},
    )


@dataclass
class NeedsPerson(Exception):
    """The order waits for a person; the POS is left as it is. `detail` names ids and words, nobody."""

    reason: str
    candidates: tuple[int, ...] = ()
    detail: str = ""


@dataclass
class CannotBeFilled(Exception):
    """All lines or none (O5): what is in the POS of it is voided."""

    reason: str
    detail: str = ""


@dataclass
class InDoubt(Exception):
    """Something was sent and nobody knows whether it was done: the next push looks first."""

    reason: str = "in-doubt"
