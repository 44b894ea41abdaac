"""Several locations at once: a failing one never stops another, and the order of results is theirs."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from alleaves_sync.config import Location

Result = TypeVar("Result")


def side_by_side(
    work: Callable[[Location], Result], locations: Sequence[Location], *, at_once: int
) -> list[Result]:
    """`work` for every location, at most `at_once` at a time; one alone runs in this thread.

    An interrupt does not wait for those under way: their transactions are whole, and their locks end with the
    process.
    """
    if len(locations) <= 1:
        return [work(location) for location in locations]
    pool = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="location")
    wait = True
    try:
        return [future.result() for future in [pool.submit(work, location) for location in locations]]
    except KeyboardInterrupt:
        wait = False
        raise
    finally:
        pool.shutdown(wait=wait, cancel_futures=True)
