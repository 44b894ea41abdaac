"""One person in the POS, looked up or created by hand (U1-U5)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from alleaves_sync.aiq.order_models import User
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config import Location
from alleaves_sync.errors import OptionsConflict, OutOfTime
from alleaves_sync.flows.orders.push_shop import FLOW, Sleep
from alleaves_sync.flows.patients.account import account_of
from alleaves_sync.flows.patients.finder import PatientFinder
from alleaves_sync.flows.patients.links import links_of
from alleaves_sync.flows.patients.looks import Found, Look, Nobody, Several, Unclear
from alleaves_sync.flows.pos import Clock
from alleaves_sync.rules.matching import By
from alleaves_sync.state import AccountLock, RunLock, StateFile
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
        links = links_of(state, location)
        finder = PatientFinder(client.customers, links, location.settings.patients, clock, wait)
        # Whoever creates does not trust the index: a profile may have been made since, and the answer lost.
        if may_create is None:
            return _lookup(finder.find(user, _kinds(finder, user)))
        with _locked(location, wait):
            look = finder.find(user, _kinds(finder, user), distrust=True)
            if isinstance(look, Nobody) and may_create():
                look = _made(finder, user, location, budget, wait)
            return _lookup(look)


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


def _kinds(finder: PatientFinder, user: User) -> tuple[By, ...]:
    kinds = finder.kinds(user, medical=True)
    if not kinds:
        raise OptionsConflict(
            "neither a medical ID nor a whole phone number to look for", "Give --medical-id or --phone"
        )
    return kinds


def _made(finder: PatientFinder, user: User, location: Location, budget: Budget, wait: Sleep) -> Look:
    """Under the lock of the account, as any push makes profiles."""
    lock = AccountLock(location.state, account_of(location.settings.alleaves))
    with lock.waited_for(budget.remaining, wait) as waited:
        if waited is None:
            cause = "another push was making profiles"
            raise OutOfTime("Alleaves", "POST /customer", budget.seconds, cause)
        kinds = _kinds(finder, user)
        look = finder.find_anew(user, kinds)
        return finder.create(user, kinds) if isinstance(look, Nobody) else look


def _lookup(look: Look) -> Lookup:
    match look:
        case Found(id_customer, matched_by, contradicting):
            outcome: Literal["found", "created"] = "created" if matched_by == "created" else "found"
            return Lookup(outcome, matched_by, id_customer, (), contradicting)
        case Several(candidates, matched_by) | Unclear(candidates, matched_by):
            return Lookup("several", matched_by, None, candidates)
        case _:
            return Lookup("not-found", contradicting=look.contradicting)
