"""Sending a call until there is an answer, or no use in going on.

A call is *repeatable* when doing it twice is as good as doing it once. Such a call is tried again after
anything that time may mend. Any other call is tried again only when it cannot have been done: the connection
was never made, or the server says so itself (429).
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping
from http.cookiejar import DefaultCookiePolicy
from itertools import count
from types import TracebackType
from typing import Self

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, MaxRetryError

from alleaves_sync import __version__
from alleaves_sync.errors import OutOfTime, ServiceError, Unreachable, WrongAnswer
from alleaves_sync.transport.answer import Answer
from alleaves_sync.transport.budget import Budget
from alleaves_sync.transport.call import RETRY, Call, Failure, Params, as_json, judge, path_of
from alleaves_sync.transport.deadline import DeadlineAdapter
from alleaves_sync.transport.faults import fault_of
from alleaves_sync.transport.hosts import Host, hosts

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
# Far above any honest answer (20,000 rows in one piece are 70 MB), and small enough to be held.
LARGEST_BODY = 256 * 1024 * 1024
LARGEST_REFUSAL = 64 * 1024  # of an answer that is none, only its words are wanted
_CHUNK = 64 * 1024

_log = logging.getLogger("alleaves_sync.http")
# urllib3 writes whole addresses into its own log, and a query can name a patient.
logging.getLogger("urllib3").setLevel(logging.ERROR)


class _HeadersAsGiven(AuthBase):
    """Without an `auth`, requests would put the password of a ~/.netrc over the Authorization header."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Redirects are told, never followed: requests must not read their bodies either."""


class Transport:
    """Calls to one service (`service` is its name in errors), all within one `budget` of time.

    Up to `pool_size` threads may use it at once. `sleep` takes seconds. No cookies are kept, no redirects
    followed, no passwords taken from ~/.netrc; proxies and CA bundles are taken from the environment.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        budget: Budget,
        *,
        sleep: Callable[[float], None] | None = None,
        pool_size: int = 4,
    ) -> None:
        self.service = service
        self.base_url = base_url.rstrip("/")
        self.budget = budget
        self._hosts = hosts()
        self._sleep = sleep or budget.wait
        self._session = _Session()
        self._session.headers["User-Agent"] = f"alleaves-sync/{__version__}"
        self._session.headers["Accept"] = "application/json"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._adapter = DeadlineAdapter(budget, READ_SECONDS, pool_size)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._adapter)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # An interrupt may have struck where a pool takes out a connection, and left its lock shut: closing
        # would wait for it for ever. The process ends, and its connections with it.
        if not isinstance(error, KeyboardInterrupt):
            self.close()

    def close(self) -> None:
        """Close the connections."""
        # The session itself only lets go of its pools. They close when the last reference is gone, and an
        # error that someone keeps is such a reference.
        for manager in (self._adapter.poolmanager, *self._adapter.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 - they cannot be iterated
                manager.pools[key].close()
        self._session.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        repeatable: bool,
        params: Params | None = None,
        json_body: object = None,
        headers: Mapping[str, str] | None = None,
        accept_statuses: Collection[int] = (),
        json_answer: bool = True,
        show_message: bool = True,
    ) -> Answer:
        """Send one call and return its answer: a 2xx, or a status of `accept_statuses`.

        `path` starts with a slash and is added to the base address, or is a whole address of its own.
        `json_body` is put into JSON, `bytes` go out as they are, as JSON. A 2xx whose body is not JSON counts
        as a failure unless `json_answer` is off. `show_message=False` keeps the server's own words out of
        `RequestRefused`, for calls that carry patients' data.

        Raises RequestRefused (4xx), WrongAnswer (redirect, not JSON, too large), ServerFailed (5xx, 429),
        Unreachable and OutOfTime. For a call that is not `repeatable`, OutOfTime, RequestRefused and
        Unreachable with `sent` False say that it was not done; the others leave that open.
        """
        call = Call(
            service=self.service,
            method=method,
            url=path if "://" in path else self.base_url + path,
            endpoint=f"{method} {path_of(path) or '/'}",
            params=params,
            body=as_json(json_body),
            headers=headers or {},
            repeatable=repeatable,
            accept_statuses=accept_statuses,
            json_answer=json_answer,
            show_message=show_message,
        )
        return self._persist(call)

    def _persist(self, call: Call) -> Answer:
        retry, cause = RETRY, ""
        host = self._hosts.of(call.url)
        for number in count(1):
            outcome = self._placed(host, call, number, cause)
            if isinstance(outcome, Answer):
                return outcome
            if not outcome.mendable or not (call.repeatable or outcome.not_done) or host.is_down:
                raise outcome.error
            try:
                retry = retry.increment(call.method)
            except MaxRetryError:
                host.is_down = isinstance(outcome.error, Unreachable)
                raise outcome.error from None
            cause = outcome.cause
            wait = outcome.wait or retry.get_backoff_time()
            if wait >= self.budget.remaining():
                raise self._out_of_time(call, cause)
            self._sleep(wait)
        raise AssertionError  # pragma: no cover - count() never ends

    def _placed(self, host: Host, call: Call, number: int, cause: str) -> Answer | Failure:
        with host.place(self.budget):
            remaining = self.budget.remaining()
            if remaining <= 0:
                raise self._out_of_time(call, cause)
            outcome = self._attempt(call, number, remaining)
        if isinstance(outcome, Answer):
            host.is_down = False
        return outcome

    def _attempt(self, call: Call, number: int, remaining: float) -> Answer | Failure:
        connect, read = min(CONNECT_SECONDS, remaining), min(READ_SECONDS, remaining)
        started = time.perf_counter()
        try:
            with self._request(call, (connect, read)) as response:
                answer = Answer(response.status_code, response.headers, self._read(call, response))
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            fault = fault_of(error, connect, read)
            _note(call, fault.reason, started, number)
            unreachable = Unreachable(self.service, call.endpoint, fault.reason, number, fault.sent)
            return Failure(unreachable, fault.reason, not fault.sent, fault.mendable)
        _note(call, f"{answer.status}, {len(answer.body)} bytes", started, number)
        return judge(call, answer, number)

    def _request(self, call: Call, timeout: tuple[float, float]) -> requests.Response:
        kind = {} if call.body is None else {"Content-Type": "application/json"}
        return self._session.request(
            call.method,
            call.url,
            params=call.params,
            data=call.body,
            headers={**call.headers, **kind},
            auth=_HeadersAsGiven(),
            timeout=timeout,
            allow_redirects=False,
            stream=True,
        )

    def _read(self, call: Call, response: requests.Response) -> bytes:
        chunks, size = [], 0
        while chunk := self._look(call, response):
            chunks.append(chunk)
            size += len(chunk)
            if not response.ok and size > LARGEST_REFUSAL:
                break
            if size > LARGEST_BODY:
                raise WrongAnswer(
                    self.service, call.endpoint, "answer", f"is larger than {LARGEST_BODY // 1024**2} MiB"
                )
            if self.budget.remaining() <= 0:
                raise self._cut_short(call)
        return b"".join(chunks)

    def _look(self, call: Call, response: requests.Response) -> bytes:
        # read1 returns what one look at the network brought. read would wait for a full chunk, and a server
        # that sends a byte now and then would keep it waiting far beyond the budget.
        try:
            found: bytes = response.raw.read1(_CHUNK, decode_content=True)
        except (HTTPError, OSError) as error:
            if self.budget.remaining() > 0:
                raise
            raise self._cut_short(call) from error
        return found

    def _out_of_time(self, call: Call, cause: str) -> OutOfTime:
        return OutOfTime(self.service, call.endpoint, self.budget.seconds, cause)

    def _cut_short(self, call: Call) -> ServiceError:
        cause = "the answer was still coming in"
        if call.repeatable:
            return self._out_of_time(call, cause)
        return Unreachable(self.service, call.endpoint, cause)


def _note(call: Call, outcome: str, started: float, number: int) -> None:
    milliseconds = (time.perf_counter() - started) * 1000
    _log.debug("%s: %s, %.0f ms, attempt %d", call.endpoint, outcome, milliseconds, number)
