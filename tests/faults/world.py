"""A shop in which anything may go wrong: both services, a clock, a folder, and the runs of the program."""

import logging
import os
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest

from alleaves_sync.config import Location
from alleaves_sync.flows.state_care import Checker
from alleaves_sync.sandbox import PLANTED_SECRETS, Sandbox
from alleaves_sync.state import RunLock
from alleaves_sync.transport import Budget
from tests.faults.events import Events, Killed, Trouble
from tests.shop import Shop

T = TypeVar("T")
Json = dict[str, Any]

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
# So many rows a page: every read of the POS has several.
_PAGE = 40
_CHILD_FAILED = 99

#: What all worlds of this process have seen together; the long form prints it.
SEEN: Counter[str] = Counter()


class World(Shop):
    """A shop, its clock, and what goes wrong. Close it, or the sandbox stays.

    `now` is the true time, which both services go by. `skew` is how wrong the clock is on the machine where
    the program runs. Waits move the true time and take none.
    """

    really_kill = False

    def __init__(self, *, customers: int = 0, **settings: Any) -> None:
        self._temporary = TemporaryDirectory(prefix="alleaves-faults-")
        self.now, self.skew = START, timedelta()
        box = Sandbox(
            items=60, customers=customers, orders=0, history=0, max_take=_PAGE, clock=lambda: self.now
        )
        super().__init__(Path(self._temporary.name) / "shop", box.start())
        self.folder.mkdir()
        self.settings = settings
        self.backup: dict[str, bytes] = {}
        self.gone: list[tuple[Json, list[Json]]] = []  # items that the POS has no more, with their rows
        self.events = Events(SEEN)
        self.secrets = [box.password, box.pin, box.api_key, *PLANTED_SECRETS.values()]
        self._patch = pytest.MonkeyPatch()
        self._patch.setenv("ALLEAVES_PASSWORD", box.password)
        self._patch.setenv("ALLEAVES_PIN", box.pin)
        self._patch.setenv("AIQ_API_KEY", box.api_key)
        self._patch.setattr(Budget, "wait", lambda _budget, seconds: self.sleep(seconds))
        self.events.install(self._patch)
        self._talk = _Talk()
        self._level = logging.getLogger("alleaves_sync").level
        logging.getLogger("alleaves_sync").addHandler(self._talk)
        logging.getLogger("alleaves_sync").setLevel(logging.DEBUG)
        self.configure()

    def close(self) -> None:
        logging.getLogger("alleaves_sync").removeHandler(self._talk)
        logging.getLogger("alleaves_sync").setLevel(self._level)
        self._patch.undo()
        self.sandbox.stop()
        self._temporary.cleanup()

    # -- time and settings -----------------------------------------------------------------------------------

    def clock(self) -> datetime:
        """What the machine takes for the time."""
        return self.now + self.skew

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def configure(self, **settings: Any) -> None:
        """Write the configuration, with these settings over those so far."""
        self.settings |= settings
        self.write(**self.settings)
        self._location = super().location

    @property
    def location(self) -> Location:
        """As `configure` wrote it."""
        return self._location

    # -- a run that something happens to ---------------------------------------------------------------------

    def attempt(
        self,
        story: Callable[[], T],
        trouble: Trouble | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> T | None:
        """Do it, with this trouble; None where it was killed."""
        self.now += timedelta(minutes=5)
        SEEN["runs"] += 1
        struck = self.sandbox.store.faults.struck
        self.events.arm(trouble, meanwhile)
        try:
            if self.really_kill and trouble is not None and trouble.what == "kill":
                return self._in_a_process(story)
            return story()
        except Killed:
            return None
        finally:
            self.events.arm(None)
            SEEN["faults of the sandbox"] += self.sandbox.store.faults.struck - struck
            self.sandbox.store.faults.clear()

    def _in_a_process(self, story: Callable[[], T]) -> T | None:
        """A process that is killed for good, by SIGKILL. One that the trouble missed does all of it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the sandbox's threads are not needed there
            child = os.fork()
        if child == 0:
            code = 0
            try:
                self.events.really = True
                story()
            except BaseException:  # noqa: BLE001  the child must end here
                traceback.print_exc(file=sys.stderr)
                code = _CHILD_FAILED
            os._exit(code)
        _, status = os.waitpid(child, 0)
        SEEN["SIGKILL"] += os.WIFSIGNALED(status)
        assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
        return None

    # -- what happens to files -------------------------------------------------------------------------------

    def lose(self, pattern: str = "state.db*") -> None:
        """Files beside the configuration are gone."""
        for path in self.folder.glob(pattern):
            path.unlink()

    def save_copy(self) -> None:
        """Somebody keeps a copy of the state file and its key."""
        self.backup = {path.name: path.read_bytes() for path in self.folder.glob("state.db*")}

    def put_copy_back(self) -> bool:
        """The copy is back in place; False where there is none."""
        if self.backup:
            self.lose()
            for name, content in self.backup.items():
                (self.folder / name).write_bytes(content)
                (self.folder / name).chmod(0o600)
        return bool(self.backup)

    @contextmanager
    def nothing_written(self) -> Iterator[None]:
        """Neither a file nor a service is changed within."""
        before = self._everything()
        yield
        assert self._everything() == before, "something was written"

    def _everything(self) -> object:
        store = self.sandbox.store
        files = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        return files, store.products(), store.pos_orders(), store.pos_customers(), store.aiq_orders()

    # -- what holds at any time ------------------------------------------------------------------------------

    def check_files(self) -> None:
        """The state file is sound, nothing holds a lock, and nothing private is in a file or a log line."""
        location = self.location
        if self.state.exists():
            Checker().check(location)
        for flow in ("inventory", "orders"):
            assert not RunLock(location.state, location.name, flow).is_held(), flow
        texts = {path.name: path.read_bytes() for path in self.folder.iterdir() if path != self.config}
        texts["log"] = "\n".join(self._talk.lines).encode()
        self._talk.lines.clear()
        for secret in self.secrets:
            for name, content in texts.items():
                assert secret.encode() not in content, f"{secret!r} is in {name}"


class _Talk(logging.Handler):
    """All that the program says to its log."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
