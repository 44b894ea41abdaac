"""What the tests of the transport share. Nobody sleeps: time is injected."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

import pytest
import requests_mock

from alleaves_sync.errors import (
    ServiceError,
)
from alleaves_sync.transport import Budget, Transport
from tests.loopback import Answers, FakeTime, Loopback, reply

E = TypeVar("E", bound=ServiceError)

OK = reply([1])
FAILED = reply({"message": "busy"}, 503)
SECRET = "5185550100"


@contextmanager
def connected(
    answers: Answers, seconds: float = 480, tick: float = 0
) -> Iterator[tuple[Transport, Loopback, FakeTime]]:
    time = FakeTime(tick)
    with ExitStack() as stack:
        server = stack.enter_context(Loopback(answers))
        budget = Budget(seconds, time.clock)
        transport = stack.enter_context(Transport("Alleaves", server.url + "/api/", budget, sleep=time.sleep))
        yield transport, server, time


@contextmanager
def failing(error: Exception, seconds: float = 480) -> Iterator[tuple[Transport, requests_mock.Mocker]]:
    """A transport whose every attempt raises `error`, as requests would."""
    time = FakeTime()
    with (
        requests_mock.Mocker() as mock,
        Transport("AIQ", "https://x.invalid", Budget(seconds, time.clock), sleep=time.sleep) as transport,
    ):
        mock.get(requests_mock.ANY, exc=error)
        yield transport, mock


def error_of(kind: type[E], send: Callable[[], object]) -> E:
    with pytest.raises(kind) as caught:
        send()
    return caught.value


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
