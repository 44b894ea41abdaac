"""Where the links from a medical ID or a phone to profiles are kept during a run."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from alleaves_sync.config import Location
from alleaves_sync.flows.patients.account import account_of
from alleaves_sync.rules.matching import By
from alleaves_sync.state import PatientLinks, StateFile


def links_of(state: StateFile, location: Location) -> PatientLinks:
    """The links of the location's account, shared by all that read phones in the same country."""
    region = location.settings.patients.region
    return PatientLinks(state, f"{account_of(location.settings.alleaves)}-{region}")


class Links(Protocol):
    """Where known links are kept: `state.PatientLinks`, or for a dry run `MemoryLinks`."""

    def find(self, kind: By, value: str) -> tuple[int, ...]:
        """The profiles that had the value."""

    def add(self, kind: By, value: str, id_customer: int) -> None:
        """Note that the profile has the value."""

    def drop(self, id_customer: int) -> None:
        """Forget the profile."""

    def replace_all(self, links: Iterable[tuple[By, str, int]], at: datetime) -> None:
        """All that there is, as of `at`."""

    def indexed_at(self) -> datetime | None:
        """When everybody was last scanned."""

    def made_lately(self, person: str, now: datetime) -> int | None:
        """The profile that was made for exactly this `person`, in this run or shortly before it."""

    def note_made(self, person: str, id_customer: int, now: datetime) -> None:
        """Note that the profile was made for `person`."""


class MemoryLinks:
    """Links that are forgotten with the run: nothing is written."""

    def __init__(self) -> None:
        self._links: set[tuple[By, str, int]] = set()
        self._at: datetime | None = None

    def find(self, kind: By, value: str) -> tuple[int, ...]:
        """The profiles that had the value."""
        return tuple(sorted(one[2] for one in self._links if one[:2] == (kind, value)))

    def add(self, kind: By, value: str, id_customer: int) -> None:
        """Note that the profile has the value."""
        self._links.add((kind, value, id_customer))

    def drop(self, id_customer: int) -> None:
        """Forget the profile."""
        self._links = {one for one in self._links if one[2] != id_customer}

    def replace_all(self, links: Iterable[tuple[By, str, int]], at: datetime) -> None:
        """All that there is, as of `at`."""
        self._links, self._at = set(links), at

    def indexed_at(self) -> datetime | None:
        """When everybody was last scanned."""
        return self._at

    def made_lately(self, _person: str, _now: datetime) -> int | None:
        """Nobody: a dry run makes no profile."""
        return None

    def note_made(self, _person: str, _id_customer: int, _now: datetime) -> None:
        """Nothing: a dry run makes no profile."""
