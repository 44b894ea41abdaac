"""Logins of POS accounts: one for all locations of an account, within one command.

The POS gives a token to a user, not to a location (`POST /auth` names none; every call says which location it
is about). So a chain of 200 stores logs in once, and a wrong password is tried once: accounts lock.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING

from alleaves_sync.errors import OutOfTime, ServiceError
from alleaves_sync.transport import Answer, Budget

if TYPE_CHECKING:
    from alleaves_sync.config.settings import AlleavesSettings

_LOOK_SECONDS = 0.25


class Login:
    """What is known of one account's login. Read and changed only within `turn`."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.renew_at: datetime | None = None
        self.refused: Answer | None = None
        self.basic = False
        self._lock = threading.Lock()
        self._failures = 0
        self._trouble: ServiceError | None = None

    @contextmanager
    def turn(self, budget: Budget, service: str, endpoint: str) -> Iterator[None]:
        """One after the other: whoever waits finds what the one before has brought, its trouble too.

        Raises OutOfTime, and the ServiceError that ended the login which was waited for.
        """
        failures = self._failures
        while not self._lock.acquire(timeout=_LOOK_SECONDS):
            if budget.remaining() <= 0:
                raise OutOfTime(service, endpoint, budget.seconds, "another location was logging in")
        try:
            if self._trouble is not None and self._failures != failures:
                raise copy(self._trouble)
            try:
                yield
            except OutOfTime:
                raise  # the time of one location says nothing about another
            except ServiceError as error:
                self._failures += 1
                self._trouble = copy(error)
                raise
            self._trouble = None
        finally:
            self._lock.release()


class Logins:
    """The logins by account: address, user name and the secrets that are sent with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logins: dict[tuple[str, ...], Login] = {}

    def of(self, settings: "AlleavesSettings") -> Login:
        """The login of an account. Another password is another login: it may be the right one."""
        secrets = (settings.password, settings.pin)
        texts = ("" if secret is None else secret.get_secret_value() for secret in secrets)
        with self._lock:
            return self._logins.setdefault((settings.base_url, settings.username, *texts), Login())


_SHARED: ContextVar[Logins | None] = ContextVar("logins", default=None)


def login_of(settings: "AlleavesSettings") -> Login:
    """The login of an account that is shared in this context, or a new one."""
    return (_SHARED.get() or Logins()).of(settings)


@contextmanager
def shared_logins() -> Iterator[None]:
    """From here on, and to the end of this, clients made in this context share their logins."""
    token = _SHARED.set(Logins())
    try:
        yield
    finally:
        _SHARED.reset(token)
