"""Within the budget, whatever the server does."""

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from time import monotonic
from typing import IO

import pytest
import requests_mock

from alleaves_sync.aiq.order_source import OrdersFeed
from alleaves_sync.aiq.storefront import Storefront
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.errors import OutOfTime, ServiceError, Unreachable
from alleaves_sync.transport import Budget, Transport
from tests.alleaves.pos import settings
from tests.loopback import FakeTime, Loopback, Reply, reply
from tests.transport.support import FAILED, OK, connected, error_of


def test_a_wait_longer_than_the_budget_is_not_begun() -> None:
    """Lesson: a retry loop took more than the interval."""
    with connected(lambda _: reply({}, 429, Retry_After="600")) as (transport, server, time):
        told = error_of(OutOfTime, lambda: transport.send("GET", "/x", repeatable=True))
    assert told == OutOfTime("Alleaves", "GET /x", 480, "answered 429, asking to wait 600 s")
    assert (len(server.asked), time.slept) == (1, [])


def test_without_time_left_nothing_is_sent() -> None:
    with connected(lambda _: OK, seconds=10) as (transport, server, time):
        time.sleep(10)
        told = error_of(OutOfTime, lambda: transport.send("GET", "/x", repeatable=True))
    assert told == OutOfTime("Alleaves", "GET /x", 10, "")
    assert server.asked == []


def test_time_that_runs_out_while_waiting_is_told_with_its_cause() -> None:
    with connected(lambda _: FAILED, seconds=10) as (transport, server, time):
        transport._sleep = lambda _: time.sleep(11)
        told = error_of(OutOfTime, lambda: transport.send("GET", "/x", repeatable=True))
    assert told.cause == "answered 503"
    assert len(server.asked) == 1


def dripping(out: IO[bytes]) -> None:
    out.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    for _ in range(2000):
        out.write(b"[")
        out.flush()


@pytest.mark.parametrize(
    ("repeatable", "error"),
    [
        (True, OutOfTime("Alleaves", "GET /x", 20, "the answer was still coming in")),
        (False, Unreachable("Alleaves", "GET /x", "the answer was still coming in", 1, sent=True)),
    ],
)
def test_an_answer_that_drips_does_not_outlast_the_budget(repeatable: bool, error: ServiceError) -> None:
    with connected(lambda _: Reply(raw=dripping), seconds=20, tick=4) as (transport, _, time):
        told = error_of(type(error), lambda: transport.send("GET", "/x", repeatable=repeatable))
    assert told == error
    assert time.seconds < 1000 + 20 + 12  # less than three looks at the clock, 4 s each, beyond its end


def test_a_server_that_says_nothing_is_left_when_the_budget_ends() -> None:
    done = threading.Event()

    def silent(_out: IO[bytes]) -> None:
        done.wait(5)

    with ExitStack() as stack:
        server = stack.enter_context(Loopback(lambda _: Reply(raw=silent)))
        stack.callback(done.set)
        transport = stack.enter_context(Transport("AIQ", server.url, Budget(0.15)))
        told = error_of(OutOfTime, lambda: transport.send("GET", "/x", repeatable=True))
    assert told.cause.startswith("timed out after 0.1")


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("beginning", [b"", HEAD, HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;"])
def test_headers_and_chunk_lengths_that_drip_do_not_outlast_the_budget(beginning: bytes) -> None:
    done = threading.Event()

    def drip(out: IO[bytes]) -> None:
        out.write(beginning)
        while not done.wait(0.02):
            out.write(b"H")
            out.flush()

    with ExitStack() as stack:
        server = stack.enter_context(Loopback(lambda _: Reply(raw=drip)))
        stack.callback(done.set)
        transport = stack.enter_context(Transport("AIQ", server.url, Budget(0.3)))
        began = monotonic()
        error_of(OutOfTime, lambda: transport.send("GET", "/x", repeatable=True))
    assert monotonic() - began < 2


def test_timeouts_are_five_and_thirty_seconds_and_never_more_than_what_is_left() -> None:
    time = FakeTime()
    budget = Budget(40, time.clock)
    with requests_mock.Mocker() as mock, Transport("AIQ", "https://x.invalid", budget) as transport:
        mock.get("https://x.invalid/x", text="[]")
        transport.send("GET", "/x", repeatable=True)
        time.sleep(20)
        transport.send("GET", "/x", repeatable=True)
        time.sleep(17)
        transport.send("GET", "/x", repeatable=True)
    assert [request.timeout for request in mock.request_history] == [(5, 30), (5, 20), (3, 3)]


def test_waits_take_their_time() -> None:
    budget, began = Budget(480), monotonic()
    budget.wait(0.02)
    assert monotonic() - began >= 0.02
    assert 479 < budget.remaining() < 480


def alleaves(server: Loopback) -> AlleavesClient:
    return AlleavesClient(settings(server), Budget(30))


def storefront(server: Loopback) -> Storefront:
    return Storefront(server.url, "venue", "key", Budget(30))


def orders(server: Loopback) -> OrdersFeed:
    return OrdersFeed(server.url, "venue", "key", Budget(30))


@pytest.mark.parametrize("service", [alleaves, storefront, orders])
def test_an_interrupt_in_the_middle_of_a_pool_does_not_hold_the_end_back(
    service: Callable[[Loopback], AlleavesClient | Storefront | OrdersFeed],
) -> None:
    """Struck there, it leaves the lock of the pool's queue shut; closing the pool would wait for it."""
    ended, shut = threading.Event(), list[threading.Lock]()

    def work(server: Loopback) -> None:
        with suppress(KeyboardInterrupt), service(server) as client:
            client._transport.send("GET", "/x", repeatable=True)
            pools = client._transport._adapter.poolmanager.pools
            shut.extend(pools[key].pool.mutex for key in pools.keys())  # noqa: SIM118 - cannot be iterated
            for lock in shut:
                lock.acquire()
            raise KeyboardInterrupt
        ended.set()

    with Loopback(lambda _: OK) as server:
        worker = threading.Thread(target=work, args=(server,))
        worker.start()
        in_time = ended.wait(10)
        for lock in shut:
            lock.release()
        worker.join()
    assert in_time
