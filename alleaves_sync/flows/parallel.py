"""Several locations at once: a failing one never stops another, and the order of results is theirs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from alleaves_sync.alleaves.logins import shared_logins
from alleaves_sync.config import Location
from alleaves_sync.transport import shared_hosts, threads

Result = TypeVar("Result")


@contextmanager
def together() -> Iterator[None]:
    """What locations have in common within one command: logins of accounts, and places at each host."""
    with shared_hosts(), shared_logins():
        yield


def side_by_side(
    work: Callable[[Location], Result],
    locations: Sequence[Location],
    *,
    at_once: int,
    begin: Sequence[Location] | None = None,
) -> list[Result]:
    """`work` for every location, at most `at_once` at a time; one alone runs in this thread.

    `begin`: the same locations in the order in which they are to begin. An interrupt does not wait for those
    under way: their transactions are whole, and their locks end with the process.
    """
    with together():
        if len(locations) <= 1:
            return [work(location) for location in locations]
        with threads(at_once, "location") as begun:
            futures = {location.name: begun(work, location) for location in begin or locations}
            return [futures[location.name].result() for location in locations]
