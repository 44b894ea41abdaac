"""Where the links from a medical ID or a phone to profiles are kept during a run."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from alleaves_sync.matching import By


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
