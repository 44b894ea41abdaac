"""How the faults strike: before a request is done, or on its answer."""

import contextlib
import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

from flask import Response, request

from alleaves_sync.sandbox.api.wire import json_answer
from alleaves_sync.sandbox.faults.faults import Fault, Faults

Strike = Callable[[Fault, threading.Event], Response]
Twist = Callable[[Any, Fault], Any]

#: How often a held-back answer looks whether the client is still there, in seconds.
WATCH: Final = 0.05
PAGE: Final = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>One moment.</body></html>"


def connection() -> socket.socket:
    """The raw socket of the request that is being served."""
    found: socket.socket = request.environ["werkzeug.socket"]
    return found


def hang_up(line: socket.socket) -> Response:
    """Close the connection for real; the answer that is returned goes nowhere."""
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    return Response(b"", status=500)


def _drop(_: Fault, __: threading.Event) -> Response:
    return hang_up(connection())


def _hold_back(fault: Fault, stopping: threading.Event) -> Response:
    """Say nothing until the client gives up or the seconds are over, then hang up."""
    line = connection()
    until = time.monotonic() + fault.value
    while time.monotonic() < until and not stopping.is_set():
        readable, _, _ = select.select([line], [], [], min(WATCH, fault.value))
        if readable:
            break
    return hang_up(line)


def _retry_after(value: str) -> Response:
    answer = json_answer({"message": "Too many requests"}, 429)
    answer.headers["Retry-After"] = value
    return answer


def _rate_limit(fault: Fault, _: threading.Event) -> Response:
    return _retry_after(f"{fault.value:g}")


def _rate_limit_date(fault: Fault, _: threading.Event) -> Response:
    return _retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=fault.value), usegmt=True))


def _unavailable(_: Fault, __: threading.Event) -> Response:
    return json_answer({"message": "Service Unavailable"}, 503)


def _error(_: Fault, __: threading.Event) -> Response:
    return json_answer({"message": "Internal Server Error"}, 500)


def _html(_: Fault, __: threading.Event) -> Response:
    return Response(PAGE, mimetype="text/html")


BEFORE: Final[Mapping[str, Strike]] = {
    "rate-limit": _rate_limit,
    "rate-limit-date": _rate_limit_date,
    "unavailable": _unavailable,
    "error": _error,
    "drop": _drop,
    "html": _html,
    "drop-before": _drop,
    "error-before": _error,
    "timeout-before": _hold_back,
}
AFTER: Final[Mapping[str, Strike]] = {
    "drop-after": _drop,
    "error-after": _error,
    "timeout-after": _hold_back,
}


def _emptied(answer: Any, _: Fault) -> Any:
    if isinstance(answer, dict) and "data" in answer:
        return answer | {"count": 0, "pageCount": 0, "data": []}
    return {} if isinstance(answer, dict) else []


def _shortened(answer: Any, fault: Fault) -> Any:
    """Rows are gone from the middle: `total_rows` and the rows around them are as they were."""
    if not isinstance(answer, list):
        return answer
    gone = min(int(fault.value), max(len(answer) - 1, 0))
    start = (len(answer) - gone) // 2
    return answer[:start] + answer[start + gone :]


def _wrapped(answer: Any, _: Fault) -> Any:
    return {"message": "ok", "rows": answer} if isinstance(answer, list) else [answer]


def _broken(answer: Any, fault: Fault) -> Any:
    for row in answer[: int(fault.value)] if isinstance(answer, list) else ():
        row["available"] = "plenty"
    return answer


def _left_out(answer: Any, fault: Fault) -> Any:
    results = answer["results"]
    return answer | {"results": results[: max(len(results) - int(fault.value), 0)]}


TWISTS: Final[Mapping[str, Twist]] = {
    "empty": _emptied,
    "short-page": _shortened,
    "wrong-shape": _wrapped,
    "broken-row": _broken,
    "unanswered": _left_out,
}


def before(faults: Faults, target: str, stopping: threading.Event) -> Response | None:
    """Let faults strike before a request is done; an answer means that it must not be done."""
    if slow := faults.strike(target, "slow"):
        stopping.wait(slow.value)
    fault = faults.strike(target, *BEFORE)
    return BEFORE[fault.name](fault, stopping) if fault else None


def after(faults: Faults, target: str, answer: Response, stopping: threading.Event) -> Response:
    """Let faults strike at the answer to a request that was done."""
    if fault := faults.strike(target, *AFTER):
        return AFTER[fault.name](fault, stopping)
    if fault := faults.strike(target, *TWISTS):
        twisted = TWISTS[fault.name](json.loads(answer.get_data()), fault)
        answer = json_answer(twisted, answer.status_code)
    if faults.strike(target, "cut-json"):
        body = answer.get_data()
        answer.set_data(body[: len(body) // 2])
    if faults.strike(target, "drop-body"):
        body = answer.get_data()
        answer = Response(_half(body, connection()), answer.status_code, mimetype=answer.mimetype)
        answer.headers["Content-Length"] = str(len(body))
    return answer


def _half(body: bytes, line: socket.socket) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    hang_up(line)
