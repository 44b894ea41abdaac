"""`sync-inventory --every` as it is typed, and how a real process of it ends."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import pytest

from alleaves_sync.cli.invocation import Invocation
from alleaves_sync.cli.repeat import StopSignals, _tell
from alleaves_sync.cli.signals import Terminated, interruptible
from alleaves_sync.flows.schedule.pace import Pause
from tests.cli.conftest import Program
from tests.conftest import OpenShop
from tests.loopback import Asked, Loopback, Reply
from tests.shop import NAME, Shop

EVERY = ("sync-inventory", "--every", "1h")


@pytest.fixture
def store(program: Program, open_shop: OpenShop) -> Shop:
    shop = open_shop()
    assert shop.folder == program.folder
    return shop


@contextmanager
def ended_by(number: signal.Signals, shop: Shop) -> Iterator[Loopback]:
    """A ping address: the ping before the first run brings this signal to this very process."""

    def answer(asked: Asked) -> Reply:
        if asked.path == "/start":
            os.kill(os.getpid(), number)
        return Reply()

    with Loopback(answer) as watcher:
        shop.write(top={"monitoring": {"ping_url": watcher.url, "textfile": "./m.prom"}})
        yield watcher


# -- one process: what is said, and what is refused ----------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_end_goes_on_to_its_own_with_ping_and_metrics(
    program: Program, store: Shop, number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    with ended_by(number, store) as watcher:
        ran = program(*EVERY)
    assert ran.code == 0
    assert store.outcomes() == ["ok"]
    assert [one.path for one in watcher.asked] == ["/start", "/"]
    assert (store.folder / "m.prom").exists()
    (line,) = ran.out.splitlines()
    assert f"{NAME} ok: {len(store.listed())} listed, " in line
    assert len(line) <= 80
    assert "one run every 3600 s" in ran.err
    assert signal.getsignal(number) is before


def test_with_json_every_run_is_one_line(program: Program, store: Shop) -> None:
    with ended_by(signal.SIGTERM, store):
        ran = program(*EVERY, "--json")
    (line,) = ran.out.splitlines()
    assert json.loads(line)["locations"][0]["outcome"] == "ok"


def test_a_good_run_says_nothing_with_quiet_and_what_it_left_out_is_said(
    program: Program, store: Shop
) -> None:
    with ended_by(signal.SIGTERM, store):
        ran = program("-q", *EVERY)
        assert (ran.code, ran.out) == (0, "")
        assert ran.err == ""
        store.fault("reject-products=1")
        store.sandbox.store.set_stock(store.sandbox.store.special("beverage"), 31)
        ran = program("-q", *EVERY)
    assert (ran.code, ran.out) == (0, "")
    assert f"{NAME}: item {store.item('beverage')}: rejected: " in ran.err


def test_a_run_that_fails_is_told_and_the_end_is_still_clean(program: Program, store: Shop) -> None:
    """The exit code tells how the service ended; how each run went was told when it did."""
    store.fault("wrong-password")
    with ended_by(signal.SIGTERM, store) as watcher:
        ran = program(*EVERY)
    assert (ran.code, watcher.asked[-1].path) == (0, "/fail")
    assert f"{NAME} failed, " in ran.out
    assert f"error: {NAME}: Alleaves at" in ran.err


def test_an_error_that_ends_a_stream_of_documents_is_a_line_too(program: Program) -> None:
    ran = program(*EVERY, "--json")
    assert (ran.code, len(ran.out.splitlines())) == (78, 1)
    assert ran.document["error"]["code"] == "config-missing"


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--every", "0"], "--every '0' is no interval"),
        (["--every", "-5"], "--every '-5' is no interval"),
        (["--every", "soon"], "60s, 10m, 1h"),
        (["--every", "2d"], "from 1 s to 24 h"),
        (["--every", "60s", "--dry-run"], "a dry run is made once"),
        (["--every", "60s", "--force"], "would switch the brake off for good"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(program: Program, args: list[str], words: str) -> None:
    ran = program("sync-inventory", *args)
    assert (ran.code, ran.out) == (2, "")
    assert words.lower() in ran.err.lower()


@pytest.mark.parametrize(
    ("pause", "words"),
    [
        (Pause(0, 9.5), ""),
        (Pause(0, 9.5, overrun=1), "longer than the interval: one run is left out, the next"),
        (Pause(0, 9.5, overrun=3), "longer than the interval: 3 runs are left out"),
        (Pause(0, 118.2, failures=1), "the run failed: the next one begins in 118.2 s"),
        (Pause(0, 478.2, overrun=2, failures=3), "3 runs in a row failed: the next one begins in 478.2 s"),
    ],
)  # fmt: skip
def test_only_a_pause_that_is_not_as_usual_is_told(
    capsys: pytest.CaptureFixture[str], pause: Pause, words: str
) -> None:
    _tell(Invocation(), pause)
    assert words in capsys.readouterr().err
    _tell(Invocation(quiet=True), pause)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGTERM, Terminated), (signal.SIGINT, KeyboardInterrupt)]
)
def test_the_first_signal_is_a_wish_and_the_second_is_raised(
    number: signal.Signals, raised: type[BaseException]
) -> None:
    with interruptible(), StopSignals(Invocation(quiet=True)) as stop:
        assert not stop.wait(0)
        signal.raise_signal(signal.SIGTERM)
        assert stop.wait(0)
        assert stop.wait(60)
        with pytest.raises(raised) as caught:
            signal.raise_signal(number)
        assert caught.type is raised


# -- a process of its own ------------------------------------------------------------------------------------


class Holding:
    """A ping address that holds the first run before it begins, until it is let go."""

    def __init__(self) -> None:
        self.held, self.free = threading.Event(), threading.Event()

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/start":
            self.held.set()
            self.free.wait(20)
        return Reply()


@contextmanager
def process(*args: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "alleaves_sync", *args],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    ) as started:  # fmt: skip
        late = threading.Timer(60, started.kill)  # a line that never comes ends the test, not the patience
        late.start()
        try:
            yield started
        finally:
            late.cancel()
            started.kill()


def line_of(stream: IO[str] | None, wanted: Callable[[str], bool] = bool) -> str:
    """The first line that is wanted."""
    assert stream is not None
    return next(line for line in stream if wanted(line))


def test_a_signal_between_two_runs_ends_it_at_once_with_0(store: Shop) -> None:
    with process("--log-format", "json", *EVERY, "--json") as started:
        first = json.loads(line_of(started.stdout))  # flushed, although nobody watches
        assert first["locations"][0]["outcome"] == "ok"
        started.send_signal(signal.SIGTERM)
        _, talk = started.communicate(timeout=20)
    assert started.returncode == 0
    assert all(json.loads(line)["level"] in {"info", "warning"} for line in talk.splitlines())
    assert store.outcomes() == ["ok"]


def test_runs_follow_each_other_until_the_end_and_write_only_what_changed(store: Shop) -> None:
    with process("sync-inventory", "--every", "1s", "--json") as started:
        found = [json.loads(line_of(started.stdout))["locations"][0] for _ in range(3)]
        started.send_signal(signal.SIGINT)
        assert started.wait(timeout=20) == 0
    assert found[0]["created"] == len(store.products())
    assert [one["created"] + one["updated"] for one in found[1:]] == [0, 0]
    assert len({one["run_id"] for one in found}) == 3


@pytest.mark.parametrize(
    ("second", "code"), [(None, 0), (signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["one", "term", "int"]
)
def test_a_second_signal_ends_a_run_at_once_and_nothing_is_lost(
    program: Program, store: Shop, second: signal.Signals | None, code: int
) -> None:
    holding = Holding()
    with Loopback(holding) as watcher:
        store.write(top={"monitoring": {"ping_url": watcher.url}})
        with process(*EVERY) as started:
            assert holding.held.wait(20)
            started.send_signal(signal.SIGTERM)
            line_of(started.stderr, lambda line: line.startswith("ending after the run under way"))
            if second is not None:
                started.send_signal(second)
                assert started.wait(timeout=20) == code
            holding.free.set()
            assert started.wait(timeout=20) == code
    assert [*store.folder.glob("*.db")] == ([] if second else [store.state])
    assert program("sync-inventory").code == 0
