"""What comes back."""

import gzip

import pytest

from alleaves_sync.errors import (
    RequestRefused,
    WrongAnswer,
)
from alleaves_sync.transport import http, server_message
from tests.loopback import Reply, in_turn, reply
from tests.transport.support import SECRET, connected, error_of


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (400, b'{"message": "id_customer is\\n\\u001b[31m null"}', "id_customer is [31m null"),
        (404, b'{"error": "no such order"}', "no such order"),
        (413, b'{"message": "' + b"x" * 300 + b'"}', "x" * 200),
        (422, b'{"message": {"deep": 1}, "error": "   "}', ""),
        (400, b"<html>", ""),
        (400, b"[1]", ""),
    ],
)
def test_a_refusal_is_told_at_once_in_the_words_of_the_server(status: int, body: bytes, message: str) -> None:
    with connected(lambda _: Reply(status, body)) as (transport, server, _):
        told = error_of(RequestRefused, lambda: transport.send("POST", "/x", repeatable=True))
    assert told == RequestRefused("Alleaves", "POST /x", status, message)
    assert len(server.asked) == 1


def test_the_words_of_the_server_are_left_out_where_they_could_name_a_patient() -> None:
    """U6."""
    with connected(lambda _: reply({"message": f"phone {SECRET} is taken"}, 400)) as (transport, _, __):
        told = error_of(
            RequestRefused, lambda: transport.send("POST", "/customer", repeatable=False, show_message=False)
        )
    assert told.message == ""


def test_a_body_nested_without_end_has_no_message() -> None:
    assert server_message(b"[" * 200_000) == ""


def test_a_status_that_the_caller_wants_comes_back_to_it() -> None:
    with connected(lambda _: reply({"message": "who?"}, 401)) as (transport, _, __):
        assert transport.send("GET", "/x", repeatable=True, accept_statuses={401}).status == 401


@pytest.mark.parametrize(
    ("location", "path"),
    [("https://elsewhere.invalid/login?user=me", "/login"), ("http://[bad", "?"), ("", "?")],
)
def test_a_redirect_is_told_and_not_followed(location: str, path: str) -> None:
    with connected(lambda _: reply({}, 302, Location=location)) as (transport, server, _):
        told = error_of(WrongAnswer, lambda: transport.send("GET", "/x", repeatable=True))
    assert told == WrongAnswer("Alleaves", "GET /x", "Location", f"redirects (302) to {path}")
    assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b'{"a": 1}', b' "text" ', b"12", b"null", b"\xef\xbb\xbf[]\n"])
def test_anything_that_may_be_json_is_handed_on(body: bytes) -> None:
    with connected(lambda _: Reply(body=body)) as (transport, _, __):
        assert transport.send("GET", "/x", repeatable=False).body == body


@pytest.mark.parametrize(
    ("body", "kind", "problem"),
    [
        (b"  ", "application/json", "is empty"),
        (b"<p>", "", "is not JSON"),
        (b"<p>", "application/json", "is not JSON"),
        (b'{"a": ', "application/json", "is cut off"),
    ],
)
def test_what_cannot_be_json_is_told_with_what_it_is(body: bytes, kind: str, problem: str) -> None:
    with connected(lambda _: Reply(body=body, headers={"Content-Type": kind})) as (transport, _, __):
        told = error_of(WrongAnswer, lambda: transport.send("GET", "/x", repeatable=False))
    assert told.problem == problem


def test_an_answer_without_json_is_good_where_none_is_expected() -> None:
    with connected(in_turn(Reply(204, b""), Reply(200, b"OK"))) as (transport, _, __):
        assert transport.send("PUT", "/x", repeatable=False).status == 204
        assert transport.send("PUT", "/x", repeatable=False, json_answer=False).body == b"OK"


def test_of_a_refusal_no_more_is_read_than_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_BODY", 1024 * 1024)
    bomb = Reply(404, body=gzip.compress(b" " * 30_000_000), headers={"Content-Encoding": "gzip"})
    with connected(lambda _: bomb) as (transport, _, _), pytest.raises(RequestRefused):
        transport.send("GET", "/x", repeatable=True)


def test_an_answer_larger_than_can_be_held_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_BODY", 1024 * 1024)
    bomb = Reply(body=gzip.compress(b"[" * 30_000_000), headers={"Content-Encoding": "gzip"})
    with connected(lambda _: bomb) as (transport, server, _), pytest.raises(WrongAnswer) as caught:
        transport.send("GET", "/x", repeatable=True)
    assert caught.value.problem == "is larger than 1 MiB"
    assert len(server.asked) == 1
