"""Logging in, staying logged in, and never locking an account."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from alleaves_sync.alleaves.session import Session
from alleaves_sync.errors import LoginRefused, RequestRefused, ServiceError, WrongAnswer
from alleaves_sync.transport import Budget, Transport
from tests.alleaves.pos import PASSWORD, PIN, START, Pos, client, jwt, rows, settings
from tests.loopback import Asked, FakeTime, Loopback, Reply, in_turn, reply

LOCATIONS = {"/location": reply([])}


def logins(server: Loopback) -> list[Asked]:
    return [asked for asked in server.asked if asked.path == "/auth"]


def test_the_first_call_logs_in_and_the_others_use_its_token() -> None:
    pos = Pos(lists=LOCATIONS)
    with Loopback(pos) as server, client(server, account={"pin": PIN}) as alleaves:
        alleaves.locations()
        alleaves.locations()
    assert [asked.path for asked in server.asked] == ["/auth", "/location", "/location"]
    assert server.asked[0].json() == {"username": "sync@store", "password": PASSWORD, "pin": PIN}
    assert server.asked[2].headers["Authorization"] == f"Bearer {pos.tokens[0]}"


@pytest.mark.parametrize("pin", [None, ""])
def test_no_pin_is_sent_where_there_is_none(pin: str | None) -> None:
    with Loopback(Pos(lists=LOCATIONS)) as server, client(server, account={"pin": pin}) as alleaves:
        alleaves.locations()
    assert server.asked[0].json() == {"username": "sync@store", "password": PASSWORD}


def test_an_account_that_wants_basic_gets_it_and_keeps_it() -> None:
    pos = Pos(lists=LOCATIONS, basic_only=True)
    with Loopback(pos) as server, client(server) as alleaves:
        alleaves.locations()
        pos.end_token()
        alleaves.locations()
    pair = base64.b64encode(f"sync@store:{PASSWORD}".encode()).decode()
    assert [asked.headers.get("Authorization") for asked in logins(server)] == [None, *[f"Basic {pair}"] * 2]
    assert logins(server)[1].body == b""


@pytest.mark.parametrize("status", [400, 401, 403, 422, 423])
def test_refused_credentials_are_sent_once_whatever_is_called_afterwards(status: int) -> None:
    """Accounts lock after a few wrong passwords."""
    pos = Pos()
    pos.login = lambda _: reply({"message": "Invalid username or password"}, status)
    with Loopback(pos) as server, client(server) as alleaves:
        for _ in range(3):
            with pytest.raises(LoginRefused) as caught:
                alleaves.locations()
    assert caught.value == LoginRefused("Alleaves", "sync@store", server.url, "Invalid username or password")
    assert len(server.asked) == 1


def test_basic_credentials_that_are_refused_are_not_sent_again_either() -> None:
    pos = Pos()
    pos.login = lambda _: reply({"message": "Missing Authorization Header"}, 401)
    with Loopback(pos) as server, client(server) as alleaves, pytest.raises(LoginRefused):
        alleaves.locations()
    assert len(server.asked) == 2


def test_an_account_known_to_want_basic_is_refused_at_its_first_refusal() -> None:
    pos = Pos(lists=LOCATIONS, basic_only=True)
    with Loopback(pos) as server, client(server) as alleaves:
        alleaves.locations()
        pos.end_token()
        pos.login = lambda _: reply({"message": "Missing Authorization Header"}, 401)
        with pytest.raises(LoginRefused):
            alleaves.locations()
    assert len(logins(server)) == 3


@pytest.mark.parametrize("secret", [PASSWORD, PIN])
def test_a_server_that_repeats_a_secret_does_not_get_it_shown(secret: str) -> None:
    pos = Pos()
    pos.login = lambda _: reply({"message": f"'{secret}' is wrong"}, 401)
    with Loopback(pos) as server, client(server, account={"pin": PIN}) as alleaves:
        with pytest.raises(LoginRefused) as caught:
            alleaves.locations()
        assert secret not in repr(caught.value)


def test_an_address_without_a_login_is_not_told_as_a_wrong_password() -> None:
    pos = Pos()
    pos.login = lambda _: reply({"message": "no such page"}, 404)
    with Loopback(pos) as server, client(server) as alleaves, pytest.raises(RequestRefused) as caught:
        alleaves.locations()
    assert (caught.value.endpoint, caught.value.status) == ("POST /auth", 404)


def test_a_login_that_the_server_could_not_answer_is_tried_again() -> None:
    pos = Pos(lists=LOCATIONS)
    turns = iter([reply({}, 503), None])
    pos.login = lambda _: next(turns)
    with Loopback(pos) as server, client(server) as alleaves:
        assert alleaves.locations() == ()
    assert len(logins(server)) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"token": ""}',
        b'{"token": 5}',
        b'{"token": "a b"}',
        '{"token": "ä"}'.encode(),
        b'{"a": x}',
    ],
)
def test_a_login_without_a_usable_token_is_a_wrong_answer(body: bytes) -> None:
    with Loopback(lambda _: Reply(body=body)) as server, client(server) as alleaves:
        with pytest.raises(WrongAnswer) as caught:
            alleaves.locations()
        assert caught.value == WrongAnswer("Alleaves", "POST /auth", "token", "is missing or cannot be used")


# -- while the run goes on -----------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time


def test_a_token_is_renewed_a_minute_before_it_ends() -> None:
    now = Clock()
    with Loopback(Pos(lists=LOCATIONS, now=now)) as server, client(server, now=now) as alleaves:
        alleaves.locations()
        now.time = START + timedelta(hours=24, seconds=-61)
        alleaves.locations()
        assert len(logins(server)) == 1
        now.time = START + timedelta(hours=24, seconds=-60)
        alleaves.locations()
        alleaves.locations()
    assert len(logins(server)) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_runs_out_in_the_middle_is_renewed_and_the_run_goes_on(status: int) -> None:
    """Lesson: a token ran out in the middle of a long run."""
    pos = Pos(records=rows(1200))
    turns = iter([None, reply({"message": "jwt expired"}, status)])
    pos.before = lambda _: next(turns, None)
    with Loopback(pos) as server, client(server) as alleaves:
        assert len(alleaves.inventory().records) == 1200
    assert len(logins(server)) == 2


def test_a_call_that_is_not_repeatable_goes_out_again_after_the_token_was_refused() -> None:
    pos = Pos(lists={"/order": reply({"id_order": 1})})
    with Loopback(pos) as server:
        time = FakeTime()
        with Transport("Alleaves", server.url, Budget(480, time.clock), sleep=time.sleep) as transport:
            session = Session(settings(server), transport, lambda: START)
            session.call("POST", "/order", repeatable=False, json_body={})
            pos.end_token()
            answer = session.call("POST", "/order", repeatable=False, json_body={})
    assert answer.body == b'{"id_order": 1}'
    assert len(logins(server)) == 2


def test_a_new_token_that_is_refused_too_ends_the_matter() -> None:
    pos = Pos()
    pos.before = lambda _: reply({"message": "not your store"}, 403)
    with Loopback(pos) as server, client(server) as alleaves, pytest.raises(LoginRefused) as caught:
        alleaves.locations()
    assert caught.value.message == "not your store"
    assert [asked.path for asked in server.asked] == ["/auth", "/location"] * 2


def test_four_threads_whose_token_ended_log_in_once() -> None:
    pos = Pos(records=rows(2500))
    together = threading.Barrier(4, timeout=5)
    pages = iter(range(5))

    def end_while_four_are_asking(_asked: Asked) -> Reply | None:
        if next(pages, 0):  # the first page comes alone, the next four at once
            together.wait()
            pos.end_token()
            together.wait()
        return None

    pos.before = end_while_four_are_asking
    with Loopback(pos) as server, client(server) as alleaves:
        assert len(alleaves.inventory().records) == 2500
    assert len(logins(server)) == 2


def test_four_threads_with_a_wrong_password_try_it_once() -> None:
    pos = Pos()
    pos.login = lambda _: reply({}, 401)
    with Loopback(pos) as server, client(server) as alleaves, ThreadPoolExecutor(4) as pool:
        results = [pool.submit(alleaves.locations).exception() for _ in range(4)]
    assert [type(result) for result in results] == [LoginRefused] * 4
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "token",
    [
        "opaque",
        "a.b.c",
        jwt([]),
        jwt({}),
        jwt({"exp": None}),
        jwt({"exp": 1e30}),
        pytest.param(jwt({"exp": int(START.timestamp()) - 3600}), id="a clock that is wrong"),
    ],
)
def test_a_token_that_does_not_say_when_it_ends_is_used_until_it_is_refused(token: str) -> None:
    """Nor does a wrong clock make every call log in, which would lock the account."""
    pos = Pos(lists=LOCATIONS)
    pos.valid = token
    pos.login = lambda _: reply({"token": token})
    with Loopback(pos) as server, client(server) as alleaves:
        for _ in range(3):
            alleaves.locations()
    assert len(logins(server)) == 1


def test_no_secret_shows_in_any_error_of_the_session(caplog: pytest.LogCaptureFixture) -> None:
    """U6 and the redaction of credentials: errors and logs hold the account's name at most."""
    caplog.set_level("DEBUG")
    pos = Pos()
    answers = in_turn(reply({"token": "t0ken"}), reply({}, 401), reply({}, 500))
    pos.login = pos.before = answers
    errors: list[Exception] = []
    with Loopback(answers) as server, client(server, account={"pin": PIN}) as alleaves:
        for _ in range(2):
            with pytest.raises((ServiceError, LoginRefused)) as caught:
                alleaves.locations()
            errors.append(caught.value)
    shown = caplog.text + repr(errors)
    assert not [secret for secret in (PASSWORD, PIN, "t0ken") if secret in shown]
