"""Threads that call services side by side, for as long as somebody wants their answers."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Protocol, TypeVar

Given = TypeVar("Given")
Result = TypeVar("Result")


class Begin(Protocol):
    """Begins `work` in one of the threads, in a copy of the context of whoever asks."""

    def __call__(self, work: Callable[[Given], Result], given: Given, /) -> Future[Result]: ...


@contextmanager
def threads(at_once: int, name: str) -> Iterator[Begin]:
    """At most `at_once` threads, called `name`; at the end none of them works any more.

    An interrupt does not wait for them: nobody will read what they bring.
    """
    pool = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix=name)

    def begin(work: Callable[[Given], Result], given: Given, /) -> Future[Result]:
        return pool.submit(copy_context().run, work, given)

    wait = True
    try:
        yield begin
    except KeyboardInterrupt:
        wait = False
        raise
    finally:
        pool.shutdown(wait=wait, cancel_futures=True)
