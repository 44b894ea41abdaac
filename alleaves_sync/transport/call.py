"""One call, and what the answer to it means."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from alleaves_sync.errors import RequestRefused, ServerFailed, ServiceError, WrongAnswer
from alleaves_sync.transport.answer import Answer, json_fault, plain_text, server_message

Params = Mapping[str, str | int]

# Four more tries after waits of 0, 1, 2 and 4 seconds and up to half a second of jitter, where the server
# names no time itself.
RETRY = Retry(total=4, backoff_factor=0.5, backoff_jitter=0.5)

_NO_CONTENT = 204
_FIRST_REDIRECT = 300
_FIRST_REFUSAL = 400
_TOO_MANY_REQUESTS = 429
_FIRST_FAILURE = 500


@dataclass(frozen=True, slots=True)
class Call:
    """What `Transport.send` was asked to send; `endpoint` is its name in errors and logs."""

    service: str
    method: str
    url: str
    endpoint: str
    params: Params | None
    body: bytes | None
    headers: Mapping[str, str]
    repeatable: bool
    accept_statuses: Collection[int]
    json_answer: bool
    show_message: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """One attempt that failed; `wait` is how many seconds the server asks to wait (0: it does not say).

    `not_done`: the server cannot have done what it was asked. `mendable`: another attempt may go better.
    """

    error: ServiceError
    cause: str
    not_done: bool
    mendable: bool = True
    wait: float = 0.0


def judge(call: Call, answer: Answer, number: int) -> Answer | Failure:
    """The answer to attempt `number` if it is a good one, else what is wrong. Raises what no time mends."""
    status = answer.status
    if status in call.accept_statuses:
        return answer
    if status == _TOO_MANY_REQUESTS or status >= _FIRST_FAILURE:
        wait = _asked_wait(answer)
        cause = f"answered {status}" + (f", asking to wait {wait:.0f} s" if wait else "")
        failed = ServerFailed(call.service, call.endpoint, status, number)
        return Failure(failed, cause, not_done=status == _TOO_MANY_REQUESTS, wait=wait)
    if status >= _FIRST_REFUSAL:
        message = server_message(answer.body) if call.show_message else ""
        raise RequestRefused(call.service, call.endpoint, status, message)
    if status >= _FIRST_REDIRECT:
        target = plain_text(path_of(answer.headers.get("Location", ""))) or "?"
        raise WrongAnswer(call.service, call.endpoint, "Location", f"redirects ({status}) to {target}")
    problem = json_fault(answer) if call.json_answer and status != _NO_CONTENT else None
    if problem is not None:
        wrong = WrongAnswer(call.service, call.endpoint, "answer", problem)
        return Failure(wrong, f"the answer {problem}", not_done=False)
    return answer


def path_of(address: str) -> str:
    """The path alone: hosts and queries stay out of errors and logs."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def as_json(value: object) -> bytes | None:
    """`value` as JSON; `bytes` are that already, None is no body at all."""
    if value is None or isinstance(value, bytes):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _asked_wait(answer: Answer) -> float:
    try:
        return float(RETRY.parse_retry_after(answer.headers["Retry-After"]))
    except (KeyError, InvalidHeader, ValueError, OverflowError):
        return 0.0
