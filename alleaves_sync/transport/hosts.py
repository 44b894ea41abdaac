"""What transports share about the hosts they call: how many calls at once, and which host is down.

Within `shared_hosts()` all transports of this context share; without it each has its own. Threads that are to
share run in a copy of the context (`contextvars.copy_context`).
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlsplit

from alleaves_sync.transport.budget import Budget

# Calls to one host at the same moment, of all locations together: enough to hide the way there and back, few
# enough that no service takes a chain of stores for an attack.
AT_ONCE = 8


class Host:
    """One host: its places, given in the order in which they were asked for. For any number of threads.

    `is_down`: a call was given up there without an answer, and none has come since. Others then try once, so
    that what was waited for once is not waited for by every location again.
    """

    def __init__(self, places: int = AT_ONCE) -> None:
        self.is_down = False
        self._lock = threading.Lock()
        self._free = places
        self._queue: deque[threading.Event] = deque()

    @contextmanager
    def place(self, budget: Budget) -> Iterator[None]:
        """A place for one call, waited for while `budget` lasts; after that there is none to be had."""
        taken = self._enter(budget)
        try:
            yield
        finally:
            if taken:
                self._leave()

    def _enter(self, budget: Budget) -> bool:
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Event()
            self._queue.append(turn)
        try:
            if not turn.wait(max(budget.remaining(), 0.0)):
                return not self._withdraw(turn)
        except BaseException:
            if not self._withdraw(turn):
                self._leave()
            raise
        return True

    def _withdraw(self, turn: threading.Event) -> bool:
        """Leave the queue; False where the place was given at the last moment."""
        with self._lock:
            if turn.is_set():
                return False
            self._queue.remove(turn)
            return True

    def _leave(self) -> None:
        with self._lock:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._free += 1


class Hosts:
    """The hosts by name and port."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hosts: dict[str, Host] = {}

    def of(self, url: str) -> Host:
        """The host of an address."""
        try:
            name = urlsplit(url).netloc.rpartition("@")[2].lower()
        except ValueError:
            name = ""
        with self._lock:
            return self._hosts.setdefault(name, Host())


_SHARED: ContextVar[Hosts | None] = ContextVar("hosts", default=None)


def hosts() -> Hosts:
    """Those of this context, or new ones."""
    return _SHARED.get() or Hosts()


@contextmanager
def shared_hosts() -> Iterator[None]:
    """From here on, and to the end of this, transports made in this context share what they know."""
    token = _SHARED.set(Hosts())
    try:
        yield
    finally:
        _SHARED.reset(token)
