"""One person in the POS, looked up or created by hand (U1-U5)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from alleaves_sync.aiq.order_models import User
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config import Location
from alleaves_sync.errors import OptionsConflict
from alleaves_sync.flows.patients import Found, Look, PatientFinder, Several
from alleaves_sync.flows.pos import Clock
from alleaves_sync.flows.push_shop import FLOW, Sleep
from alleaves_sync.state import PatientLinks, RunLock, StateFile
from alleaves_sync.transport import Budget

# How long a creation waits for a push that is at work, in tries of a second.
_TRIES = 30


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was found. `contradicting`: profiles with the phone, but of somebody else (U3)."""

    outcome: Literal["found", "created", "not-found", "several"]
    matched_by: Literal["medical_id", "phone", "created"] | None = None
    id_customer: int | None = None
    candidates: tuple[int, ...] = ()
    contradicting: tuple[int, ...] = ()


def look_up(
    location: Location,
    user: User,
    clock: Clock,
    *,
    may_create: Callable[[], bool] | None = None,
    sleep: Sleep | None = None,
) -> Lookup:
    """Look for `user` by medical ID, then by phone. `may_create` is asked where nobody is found.

    Raises OptionsConflict (nothing to look for; a push at work), LoginRefused, ServiceError, StateUnusable,
    WriteFailed.
    """
    budget = Budget(location.time_budget_seconds)
    wait = sleep or budget.wait
    with (
        StateFile.open(location.state) as state,
        AlleavesClient(location.settings.alleaves, budget, sleep=sleep) as client,
    ):
        links = PatientLinks(state, location.name)
        finder = PatientFinder(client.customers, links, location.settings.patients, clock, wait)
        if may_create is None:
            return _looked(finder, user)
        with _locked(location, wait):
            return _looked(finder, user, may_create)


@contextmanager
def _locked(location: Location, wait: Sleep) -> Iterator[None]:
    """The lock under which profiles are made: looking and creating must not happen twice at once."""
    lock = RunLock(location.state, location.name, FLOW)
    for _ in range(_TRIES):
        if lock.try_acquire():
            break
        wait(1.0)
    else:
        raise OptionsConflict("a push of this location is at work", "Run this again when it has ended")
    try:
        yield
    finally:
        lock.release()


def _looked(finder: PatientFinder, user: User, may_create: Callable[[], bool] | None = None) -> Lookup:
    kinds = finder.kinds(user, medical=True)
    if not kinds:
        raise OptionsConflict(
            "neither a medical ID nor a whole phone number to look for", "Give --medical-id or --phone"
        )
    # Whoever creates does not trust the index: a profile may have been made since, and the answer lost.
    look = finder.find(user, kinds, distrust=may_create is not None)
    found = _lookup(look)
    if found.outcome != "not-found" or may_create is None or not may_create():
        return found
    return _lookup(finder.create(user, kinds))


def _lookup(look: Look) -> Lookup:
    match look:
        case Found(id_customer, matched_by, contradicting):
            outcome: Literal["found", "created"] = "created" if matched_by == "created" else "found"
            return Lookup(outcome, matched_by, id_customer, (), contradicting)
        case Several(candidates, matched_by):
            return Lookup("several", matched_by, None, candidates)
        case _:
            return Lookup("not-found", contradicting=look.contradicting)
