"""Being logged in: the one place that knows the credentials and the token."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from alleaves_sync.alleaves.logins import login_of
from alleaves_sync.errors import LoginRefused, WrongAnswer
from alleaves_sync.transport import Answer, Transport, server_message

if TYPE_CHECKING:
    from alleaves_sync.config.settings import AlleavesSettings

SERVICE = "Alleaves"

_AUTH = "/auth"
_ENDPOINT = f"POST {_AUTH}"
# What `/auth` may answer to credentials that it does not take. Anything else, a 404 say, is not about them.
_REFUSALS = frozenset({400, 401, 403, 422, 423})
_LOGIN_ENDED = frozenset({401, 403})
_WANTS_BASIC = b"missing authorization header"
# A token is replaced this long before its end, so that it does not end on the way.
_MARGIN = timedelta(seconds=60)


class Session:
    """Calls with a valid token, for any number of threads. `now` gives aware times in UTC.

    The token lives in memory only, and may be shared with other locations of the account (`logins.py`). It is
    renewed a minute before its `exp`, and once when a call is answered 401 or 403. Credentials are tried
    once: refused ones are never sent a second time, since accounts lock.
    """

    def __init__(
        self, settings: "AlleavesSettings", transport: Transport, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._now = now
        self._login = login_of(settings)

    def call(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool,
        params: Mapping[str, str | int] | None = None,
        json_body: object = None,
        show_message: bool = True,
    ) -> Answer:
        """Send one call (see `Transport.send`) with the token, logging in where needed.

        Raises LoginRefused, and what `Transport.send` raises.
        """

        def send(token: str) -> Answer:
            return self._transport.send(
                method,
                path,
                repeatable=repeatable,
                params=params,
                json_body=json_body,
                headers={"Authorization": f"Bearer {token}"},
                accept_statuses=_LOGIN_ENDED,
                show_message=show_message,
            )

        token = self._valid_token()
        answer = send(token)
        if answer.status in _LOGIN_ENDED:  # refused before anything was done, so it may be sent again
            answer = send(self._valid_token(instead_of=token))
        if answer.status in _LOGIN_ENDED:
            raise self._refusal(answer)
        return answer

    def _valid_token(self, instead_of: str | None = None) -> str:
        # One thread logs in while the others wait here and then find what it brought.
        login = self._login
        with login.turn(self._transport.budget, SERVICE, _ENDPOINT):
            if login.refused is not None:
                raise self._refusal(login.refused)
            token = login.token
            ending = login.renew_at is not None and self._now() >= login.renew_at
            if token is None or token == instead_of or ending:
                token = self._log_in()
                login.token = token
                login.renew_at = _renewal(token, self._now())
            return token

    def _log_in(self) -> str:
        answer = self._authenticate()
        if answer.status in _REFUSALS and not self._login.basic and _WANTS_BASIC in answer.body.lower():
            self._login.basic = True
            answer = self._authenticate()
        if answer.status in _REFUSALS:
            self._login.refused = answer
            raise self._refusal(answer)
        return _token_in(answer)

    def _authenticate(self) -> Answer:
        settings = self._settings
        password = settings.password.get_secret_value()
        headers: dict[str, str] = {}
        body: dict[str, str] | None = None
        if self._login.basic:
            pair = base64.b64encode(f"{settings.username}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        else:
            body = {"username": settings.username, "password": password}
            if settings.pin is not None and settings.pin.get_secret_value():
                body["pin"] = settings.pin.get_secret_value()
        return self._transport.send(
            "POST", _AUTH, repeatable=True, json_body=body, headers=headers, accept_statuses=_REFUSALS
        )

    def _refusal(self, answer: Answer) -> LoginRefused:
        message = server_message(answer.body)
        secrets = (self._settings.password, self._settings.pin)
        if any(s is not None and s.get_secret_value() and s.get_secret_value() in message for s in secrets):
            message = ""  # a server that repeats the password back does not get it printed
        return LoginRefused(SERVICE, self._settings.username, self._settings.base_url, message)


def _token_in(answer: Answer) -> str:
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        data = None
    token = data.get("token") if isinstance(data, dict) else None
    # Only what can stand in a header: anything else would break the next call in a way nobody understands.
    if isinstance(token, str) and token and token.isascii() and token.isprintable() and " " not in token:
        return token
    raise WrongAnswer(SERVICE, _ENDPOINT, "token", "is missing or cannot be used")


def _renewal(token: str, now: datetime) -> datetime | None:
    """When to log in again; None when the token does not say, or says it has ended already.

    A token that is new and yet at its end means that one of the two clocks is wrong. Then the server's 401
    decides: logging in before every call would get the account locked.
    """
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        ends = datetime.fromtimestamp(claims["exp"], UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError, binascii.Error):
        return None
    renew_at = ends - _MARGIN
    return renew_at if renew_at > now else None
