"""One login for all locations of an account, and one try for a wrong password."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from alleaves_sync.alleaves.logins import Login, shared_logins
from alleaves_sync.errors import LoginRefused, OutOfTime, ServerFailed
from alleaves_sync.transport import Budget
from tests.alleaves.pos import Pos, client
from tests.loopback import Loopback, reply

LISTS = {"/location": reply([])}


def paths(server: Loopback) -> list[str]:
    return [asked.path for asked in server.asked]


def test_locations_of_one_account_log_in_once() -> None:
    with Loopback(Pos(lists=LISTS)) as server, shared_logins():
        for location_id in (1, 2, 3):
            with client(server, account={"location_id": location_id}) as alleaves:
                alleaves.locations()
    assert paths(server) == ["/auth", "/location", "/location", "/location"]


def test_without_sharing_each_logs_in_for_itself() -> None:
    with Loopback(Pos(lists=LISTS)) as server:
        for _ in range(2):
            with client(server) as alleaves:
                alleaves.locations()
    assert paths(server).count("/auth") == 2


def test_a_shared_token_that_ends_is_renewed_once_for_all() -> None:
    pos = Pos(lists=LISTS)
    with Loopback(pos) as server, shared_logins(), client(server) as one, client(server) as other:
        one.locations()
        other.locations()
        pos.end_token()
        other.locations()
        one.locations()
    assert paths(server).count("/auth") == 2


def test_a_wrong_password_is_tried_once_for_all_locations_of_the_account() -> None:
    """Two hundred locations with one wrong password must not lock the account."""
    pos = Pos()
    pos.login = lambda _: reply({"message": "Invalid password"}, 401)
    with Loopback(pos) as server, shared_logins():
        for _ in range(200):
            with client(server) as alleaves, pytest.raises(LoginRefused) as caught:
                alleaves.locations()
    assert caught.value.message == "Invalid password"
    assert paths(server) == ["/auth"]


@pytest.mark.parametrize("other", [{"password": "another"}, {"username": "another"}, {"pin": "1"}])
def test_another_password_or_user_is_another_login(other: dict[str, str]) -> None:
    pos = Pos(lists=LISTS)
    refusals = iter([reply({}, 401)])
    pos.login = lambda _: next(refusals, None)
    with Loopback(pos) as server, shared_logins():
        with client(server) as alleaves, pytest.raises(LoginRefused):
            alleaves.locations()
        with client(server, account=other) as alleaves:
            alleaves.locations()
    assert paths(server) == ["/auth", "/auth", "/location"]


def test_trouble_with_a_login_is_the_trouble_of_all_that_waited_for_it() -> None:
    """A login that hangs is sat out once, not once by each location in turn."""
    login, waiting = Login(), threading.Event()
    trouble = ServerFailed("Alleaves", "POST /auth", 503, 5)

    class Watched(Budget):
        def remaining(self) -> float:
            waiting.set()  # asked while it waits for its turn
            return super().remaining()

    def wait() -> None:
        with login.turn(Watched(30), "Alleaves", "POST /auth"):
            raise AssertionError("it must not try by itself")

    def fail(pool: ThreadPoolExecutor) -> None:
        with login.turn(Budget(30), "Alleaves", "POST /auth"):
            waits.append(pool.submit(wait))
            assert waiting.wait(10)
            raise trouble

    waits: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool, pytest.raises(ServerFailed):
        fail(pool)
    assert waits[0].exception() == trouble
    with login.turn(Budget(30), "Alleaves", "POST /auth"):
        pass  # who comes later tries anew


def test_a_turn_is_waited_for_within_the_budget_only() -> None:
    login = Login()
    with (
        login.turn(Budget(30), "Alleaves", "POST /auth"),
        pytest.raises(OutOfTime) as caught,
        login.turn(Budget(0), "Alleaves", "POST /auth"),
    ):
        pass
    assert caught.value.cause == "another location was logging in"
