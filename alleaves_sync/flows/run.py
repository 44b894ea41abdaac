"""Which run this thread is working for, so that every log line can say so."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

ORDERS_FLOW = "orders"  # how pushes of orders are called in locks and runs


@dataclass(frozen=True, slots=True)
class RunContext:
    """The location that is worked for, and the id of the run."""

    location: str
    run_id: str


_current: ContextVar[RunContext | None] = ContextVar("run", default=None)


def current_run() -> RunContext | None:
    """The run that this thread works for; None outside of runs."""
    return _current.get()


@contextmanager
def within_run(location: str, run_id: str) -> Iterator[None]:
    """What is logged meanwhile belongs to this run; threads that it starts have to be given the context."""
    token = _current.set(RunContext(location, run_id))
    try:
        yield
    finally:
        _current.reset(token)


def new_run_id(started_at: datetime) -> str:
    """An id that nothing else has, and that sorts by time: `20260102T030405Z-0a1b2c`."""
    return f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
