"""What transports share about a host: places at it, and that it is down."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from alleaves_sync.errors import OutOfTime, Unreachable
from alleaves_sync.transport import Budget, Transport, hosts, shared_hosts
from alleaves_sync.transport.hosts import AT_ONCE, Host
from tests.loopback import Asked, FakeTime, Loopback, Reply, reply

from .support import closed_port, error_of


class Counting:
    """Answers that wait until `wanted` of them are asked for at once; `most` is how many ever were."""

    def __init__(self, wanted: int) -> None:
        self.most = 0
        self._now = 0
        self._wanted = wanted
        self._lock = threading.Lock()
        self._full = threading.Event()

    def __call__(self, _asked: Asked) -> Reply:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            if self._now >= self._wanted:
                self._full.set()
        self._full.wait(10)
        with self._lock:
            self._now -= 1
        return reply([])


def in_threads(calls: int, work: Callable[[], object]) -> None:
    """`work` in so many threads of this context at once."""
    with ThreadPoolExecutor(calls) as pool:
        for future in [pool.submit(copy_context().run, work) for _ in range(calls)]:
            future.result()


def test_all_transports_together_call_one_host_no_more_than_so_often_at_once() -> None:
    counting = Counting(AT_ONCE)
    with Loopback(counting) as server, shared_hosts():

        def ask() -> None:
            with Transport("Alleaves", server.url, Budget(30)) as transport:
                transport.send("GET", "/x", repeatable=True)

        in_threads(AT_ONCE * 2, ask)
    assert counting.most == AT_ONCE


def test_places_are_given_in_the_order_in_which_they_were_asked_for() -> None:
    host, came, queued = Host(places=1), list[int](), threading.Semaphore(0)

    class Watched(Budget):
        def remaining(self) -> float:
            queued.release()  # asked for the first time when its place in the queue is taken
            return super().remaining()

    def enter(number: int) -> None:
        with host.place(Watched(30)):
            came.append(number)

    with host.place(Budget(30)):
        threads = [threading.Thread(target=enter, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
            assert queued.acquire(timeout=10)
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4]


def test_a_place_is_waited_for_within_the_budget_only() -> None:
    with Loopback(lambda _: reply([])) as server, shared_hosts():
        host = hosts.hosts().of(server.url)
        with Transport("Alleaves", server.url, Budget(0.05)) as transport:
            held = [host.place(Budget(1)) for _ in range(AT_ONCE)]
            for one in held:
                one.__enter__()
            error_of(OutOfTime, lambda: transport.send("GET", "/x", repeatable=True))
            for one in held:
                one.__exit__(None, None, None)
        assert server.asked == []
        in_threads(AT_ONCE, lambda: host.place(Budget(1)).__enter__())  # none was lost


def test_an_interrupt_while_waiting_leaves_the_queue() -> None:
    host = Host(places=1)

    class Interrupted(Budget):
        def remaining(self) -> float:
            raise KeyboardInterrupt

    with host.place(Budget(1)), pytest.raises(KeyboardInterrupt), host.place(Interrupted(1)):
        pass
    with host.place(Budget(0)):
        assert host._free == 0


def tries(url: str) -> int:
    """How often a call to a closed port was tried before it was given up."""
    time = FakeTime()
    with Transport("Alleaves", url, Budget(480, time.clock), sleep=time.sleep) as transport:
        return error_of(Unreachable, lambda: transport.send("GET", "/x", repeatable=True)).attempts


def test_a_host_that_is_down_is_waited_for_once_and_not_by_every_location() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    with shared_hosts():
        assert [tries(url) for _ in range(3)] == [5, 1, 1]
    assert tries(url) == 5


def test_a_host_that_answers_again_is_not_down_any_more() -> None:
    with Loopback(lambda _: reply([])) as server, shared_hosts():
        host = hosts.hosts().of(server.url)
        host.is_down = True
        with Transport("Alleaves", server.url, Budget(30)) as transport:
            transport.send("GET", "/x", repeatable=True)
        assert not host.is_down


def test_a_host_is_known_by_name_and_port() -> None:
    known = hosts.Hosts()
    assert known.of("https://POS.example/api/x") is known.of("https://pos.example/other?y=1")
    assert known.of("https://pos.example") is not known.of("https://pos.example:8443")
    assert known.of("http://[broken") is known.of("")
