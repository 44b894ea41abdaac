"""What is tried again, and what is not."""

from email.utils import formatdate

import pytest

from alleaves_sync.errors import (
    ServerFailed,
    ServiceError,
    Unreachable,
    WrongAnswer,
)
from alleaves_sync.transport import Budget, Transport
from tests.loopback import FakeTime, Reply, drop, in_turn, raw, reply
from tests.transport.support import FAILED, OK, closed_port, connected


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(FAILED, id="503"),
        pytest.param(reply({}, 500), id="500"),
        pytest.param(reply({}, 429), id="429"),
        pytest.param(drop(), id="dropped"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, "), id="dropped in the body"),
        pytest.param(
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[1, \r\n"),
            id="dropped in a chunk",
        ),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\n\r\n[1, 2"), id="cut off, nobody noticed"),
        pytest.param(raw(b"nonsense\r\n\r\n"), id="not HTTP"),
        pytest.param(Reply(body=b"<html>", headers={"Content-Type": "text/html"}), id="HTML"),
        pytest.param(Reply(body=b""), id="empty"),
        pytest.param(Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}), id="broken gzip"),
    ],
)
def test_a_repeatable_call_is_tried_again_after_what_time_may_mend(bad: Reply) -> None:
    with connected(in_turn(bad, bad, OK)) as (transport, server, time):
        assert transport.send("GET", "/x", repeatable=True).body == b"[1]"
    assert len(server.asked) == 3
    assert time.slept[0] == 0
    assert 1 <= time.slept[1] <= 1.5


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (FAILED, ServerFailed("Alleaves", "POST /x", 503, 1)),
        (drop(), Unreachable("Alleaves", "POST /x", "connection dropped", 1, sent=True)),
        (
            Reply(body=b"<html>", headers={"Content-Type": "text/html; charset=utf-8"}),
            WrongAnswer("Alleaves", "POST /x", "answer", "is not JSON but text/html"),
        ),
    ],
)
def test_a_call_that_may_have_been_done_is_not_sent_twice(bad: Reply, error: ServiceError) -> None:
    """Lesson: a request timed out, the order existed, the retry made a second one."""
    with connected(in_turn(bad, OK)) as (transport, server, time), pytest.raises(type(error)) as caught:
        transport.send("POST", "/x", repeatable=False, json_body={})
    assert caught.value == error
    assert (len(server.asked), time.slept) == (1, [])


def test_a_call_that_the_server_has_put_off_is_sent_again_even_when_it_is_not_repeatable() -> None:
    with connected(in_turn(reply({}, 429), OK)) as (transport, server, _):
        assert transport.send("POST", "/x", repeatable=False).status == 200
    assert len(server.asked) == 2


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_refused_connection_is_tried_again_and_told_as_not_sent(repeatable: bool) -> None:
    time = FakeTime()
    with (
        Transport(
            "AIQ", f"http://127.0.0.1:{closed_port()}", Budget(480, time.clock), sleep=time.sleep
        ) as transport,
        pytest.raises(Unreachable) as caught,
    ):
        transport.send("GET", "/x", repeatable=repeatable)
    assert caught.value == Unreachable("AIQ", "GET /x", "connection refused", 5, sent=False)
    assert [int(seconds) for seconds in time.slept] == [0, 1, 2, 4]


def test_after_five_attempts_the_last_failure_is_told() -> None:
    with connected(lambda _: FAILED) as (transport, server, time), pytest.raises(ServerFailed) as caught:
        transport.send("GET", "/x", repeatable=True)
    assert caught.value == ServerFailed("Alleaves", "GET /x", 503, 5)
    assert (len(server.asked), len(time.slept)) == (5, 4)


@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_the_server_asks_for_is_kept_in_seconds(status: int) -> None:
    with connected(in_turn(reply({}, status, Retry_After="17"), OK)) as (transport, _, time):
        transport.send("GET", "/x", repeatable=True)
    assert time.slept == [17]


def test_the_wait_that_the_server_asks_for_is_kept_as_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)
    date = formatdate(1_800_000_040, usegmt=True)
    with connected(in_turn(reply({}, 429, Retry_After=date), OK)) as (transport, _, time):
        transport.send("GET", "/x", repeatable=True)
    assert time.slept == [40]


@pytest.mark.parametrize("nonsense", ["soon", "-5", "9" * 5000, "Mon, 99 Xyz 99999 99:99:99 GMT"])
def test_a_wait_that_cannot_be_read_is_as_none(nonsense: str) -> None:
    with connected(in_turn(reply({}, 429, Retry_After=nonsense), OK)) as (transport, _, time):
        transport.send("GET", "/x", repeatable=True)
    assert time.slept == [0]
