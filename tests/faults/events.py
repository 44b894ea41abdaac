"""Every call and every write of the program, counted, and what goes wrong at one of them.

An event is one HTTP call as urllib3 makes it, or one transaction of the state file. A kill before a call
leaves the service as it was; after it, the service has done what it was asked and nobody knows. The waits of
a run, and timeouts, take no time: what is cut off here is cut off at once.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Literal

import pytest
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import ReadTimeoutError

from alleaves_sync.errors import WriteFailed
from alleaves_sync.state import StateFile

What = Literal["kill", "fail", "meanwhile"]
_WRITES = (
    "note_sent",
    "record",
    "adopt",
    "save_run",
    "save_order",
    "set_watermark",
    "link_customers",
    "unlink_customer",
    "replace_links",
    "forget_links",
    "drop_runs",
)


class Killed(BaseException):
    """The program ends here and now; nothing in it may catch this for good."""


@dataclass(frozen=True)
class Trouble:
    """What happens at the event number `at` (from 0), before or `after` it is done.

    `kill`: the program dies. `fail`: a call is not answered in time, a write finds the disk full; so often as
    `times` says, one after the other. `meanwhile`: something else happens, and the program goes on.
    """

    what: What
    at: int
    after: bool = False
    times: int = 1


@dataclass
class Events:
    """Counts, and strikes. `really`: a kill is a SIGKILL of this process. `seen` counts what struck, ever."""

    seen: Counter[str] = field(default_factory=Counter)
    really: bool = False
    _trouble: Trouble | None = None
    _meanwhile: Callable[[], None] = lambda: None
    _number: int = 0

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """From now on, until `patch` is undone."""
        patch.setattr(HTTPConnectionPool, "urlopen", self._calling(HTTPConnectionPool.urlopen))
        for name in _WRITES:
            patch.setattr(StateFile, name, self._writing(getattr(StateFile, name)))

    def arm(self, trouble: Trouble | None, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Count anew, with this trouble ahead."""
        self._trouble, self._meanwhile, self._number = trouble, meanwhile, 0

    def _calling(self, urlopen: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(urlopen)
        def call(pool: HTTPConnectionPool, method: str, url: str, *args: Any, **more: Any) -> Any:
            late = ReadTimeoutError(pool, url, "Read timed out.")
            number = self._next()
            self._strike(number, late, after=False)
            answer = urlopen(pool, method, url, *args, **more)
            try:
                self._strike(number, late, after=True)
            except BaseException:
                answer.close()
                raise
            return answer

        return call

    def _writing(self, write: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(write)
        def transaction(state: StateFile, *args: Any, **more: Any) -> Any:
            number = self._next()
            self._strike(number, WriteFailed(state.path, "database or disk is full"), after=False)
            done = write(state, *args, **more)
            self._strike(number, None, after=True)  # what is on the disk is on the disk
            return done

        return transaction

    def _next(self) -> int:
        self._number += 1
        return self._number - 1

    def _strike(self, number: int, failure: Exception | None, *, after: bool) -> None:
        trouble = self._trouble
        if trouble is None or trouble.after != after:
            return
        if not trouble.at <= number < trouble.at + trouble.times:
            return
        if trouble.what == "meanwhile":
            self._trouble = None  # what happens meanwhile has events of its own
            self.seen["meanwhile"] += 1
            self._meanwhile()
        elif trouble.what == "kill":
            self.seen["kill"] += 1
            if self.really:
                os.kill(os.getpid(), signal.SIGKILL)
            raise Killed
        elif failure is not None:
            self.seen["failed call or write"] += 1
            raise failure
