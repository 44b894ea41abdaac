"""What is told when it goes wrong below HTTP, and what is not."""

import logging
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from urllib3 import exceptions as urllib3

from alleaves_sync.errors import (
    Unreachable,
)
from alleaves_sync.transport import Budget, Transport, faults
from tests.loopback import FakeTime, Reply, drop, in_turn, reply
from tests.transport.support import FAILED, OK, SECRET, connected, error_of, failing


def test_the_log_holds_the_call_and_no_query_body_or_header(caplog: pytest.LogCaptureFixture) -> None:
    """U6."""
    caplog.set_level(logging.DEBUG)
    with connected(in_turn(FAILED, drop(), reply([SECRET]))) as (transport, server, _):
        transport.send(
            "POST",
            "/customer/search",
            repeatable=True,
            params={"query": SECRET},
            json_body={"query": SECRET},
            headers={"Authorization": SECRET},
        )
    lines = [record.getMessage() for record in caplog.records if record.name == "alleaves_sync.http"]
    assert [line.partition(",")[0] for line in lines] == [
        "POST /customer/search: 503",
        "POST /customer/search: connection dropped",
        "POST /customer/search: 200",
    ]
    assert lines[2].endswith("attempt 3")
    assert "14 bytes" in lines[2]
    assert SECRET not in caplog.text
    assert server.url not in caplog.text


def chained(error: Exception, *inner: Exception) -> Exception:
    """`error` wrapped as requests wraps it, with the whole address in every text."""
    for link in inner:
        link.__context__ = error
        error = link
    return error


def certificate_error() -> Exception:
    error = ssl.SSLCertVerificationError(1, f"certificate verify failed ?query={SECRET}")
    error.verify_message = "certificate has expired"
    reason = urllib3.MaxRetryError(None, f"/x?query={SECRET}", urllib3.SSLError(error))  # type: ignore[arg-type]
    return requests.exceptions.SSLError(reason)


URL = f"https://x.invalid/x?query={SECRET}"


@pytest.mark.parametrize(
    ("error", "reason", "sent", "attempts"),
    [
        (certificate_error(), "certificate not valid: certificate has expired", False, 1),
        (requests.exceptions.InvalidURL(URL), "request not valid", False, 1),
        (requests.exceptions.InvalidHeader(SECRET), "request not valid", False, 1),
        (requests.ConnectTimeout(URL), "no connection after 5 s", False, 5),
        (requests.ReadTimeout(urllib3.ReadTimeoutError(None, URL, "")), "timed out after 30 s", True, 5),  # type: ignore[arg-type]
        (requests.exceptions.ProxyError(URL), "proxy failed", False, 5),
        (requests.exceptions.SSLError(ssl.SSLError(1, URL)), "TLS failed", True, 5),
        (requests.ConnectionError(URL), "connection dropped", True, 5),
        (requests.ConnectionError(urllib3.NewConnectionError(None, URL)), "no connection", False, 5),  # type: ignore[arg-type]
        (chained(socket.gaierror(-2, URL), requests.ConnectionError(URL)), "name not found", False, 5),
        (ValueError(URL), "connection dropped", True, 5),
    ],
)
def test_faults_are_told_in_few_words_without_the_texts_of_the_libraries(
    error: Exception, reason: str, sent: bool, attempts: int
) -> None:
    with failing(error) as (transport, _), pytest.raises(Unreachable) as caught:
        transport.send("GET", "/x", repeatable=True, params={"query": SECRET})
    assert caught.value == Unreachable("AIQ", "GET /x", reason, attempts, sent)
    assert caught.value.__cause__ is None
    assert SECRET not in repr(caught.value.__context__)


def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_more: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    time = FakeTime()
    budget = Budget(480, time.clock)
    with Transport("AIQ", "http://nowhere.invalid", budget, sleep=time.sleep) as transport:
        told = error_of(Unreachable, lambda: transport.send("GET", "/x", repeatable=False))
    assert (told.reason, told.sent) == ("name not found", False)


def test_an_address_that_cannot_be_read_is_told_and_not_tried_again() -> None:
    with Transport("AIQ", "https://x.invalid", Budget(10)) as transport, pytest.raises(Unreachable) as caught:
        transport.send("GET", "http://[bad/?query=" + SECRET, repeatable=True)
    assert caught.value == Unreachable("AIQ", "GET /", "request not valid", 1, sent=False)


def test_a_fault_that_refers_to_itself_is_followed_once() -> None:
    error = requests.ConnectionError("x")
    error.__context__ = inner = OSError("y")
    inner.__context__ = error
    assert faults.fault_of(error, 5, 30).reason == "connection dropped"


def test_four_threads_share_a_transport() -> None:
    every = threading.Barrier(4, timeout=5)

    def answers(_: object) -> Reply:
        every.wait()
        return OK

    bodies: list[bytes] = []
    with connected(answers) as (transport, server, _):
        send: Callable[[], None] = lambda: bodies.append(transport.send("GET", "/x", repeatable=True).body)  # noqa: E731
        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert bodies == [b"[1]"] * 4
    assert server.connections == 4
