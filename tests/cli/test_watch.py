"""`status --watch`: in place, in any window, for a person only."""

import io
import sys
from collections.abc import Callable

import pytest
from rich.console import Console

from alleaves_sync.cli.signals import Terminated
from alleaves_sync.cli.views.status_watch import picture, watch_status
from alleaves_sync.config import Location, load
from alleaves_sync.flows.pos import utc_now
from tests.cli.conftest import Program
from tests.conftest import OpenShop
from tests.shop import NAME, Shop


@pytest.fixture
def store(program: Program, open_shop: OpenShop) -> Shop:
    shop = open_shop()
    assert shop.folder == program.folder
    return shop


def locations(shop: Shop) -> tuple[Location, ...]:
    return load(shop.config, {"ALLEAVES_PASSWORD": "x", "AIQ_API_KEY": "y"}).locations


def seen(shop: Shop, width: int, height: int) -> list[str]:
    screen = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, no_color=True)
    lines = screen.render_lines(picture(locations(shop), screen, utc_now()), pad=False)
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


def test_the_picture_is_the_table_of_status(store: Shop) -> None:
    store.run()
    lines = seen(store, 80, 24)
    assert "every 2 s; Ctrl-C ends it" in lines[0]
    assert lines[-1].split()[:2] == [NAME, "ok"]
    assert str(len(store.listed())) in lines[-1].split()


def test_a_narrow_window_cuts_no_word(store: Shop) -> None:
    store.run()
    store.fault("wrong-password")
    store.run()
    lines = seen(store, 40, 24)
    assert f"{NAME}: last run failed" in lines
    assert any(f"{len(store.listed())} listed, 0 pending" in line for line in lines)
    assert max(map(len, lines)) <= 40


@pytest.mark.parametrize("width", [50, 80, 200])
def test_where_not_all_fit_those_in_trouble_come_first(store: Shop, width: int) -> None:
    place = store.entry(aiq={"venue_id": "", "publish_url": None}, feed=None)
    names = [f"place{number:02}" for number in range(40)]
    store.write({name: {**place, "enabled": name == "place33"} for name in names})
    lines = seen(store, width, 12)
    assert len(lines) <= 12
    assert any("place33" in line for line in lines)
    assert "more, all well" in lines[-1] or "39 locations need no look" in lines[-1]


def test_a_damaged_file_is_a_line_and_the_others_are_shown(store: Shop) -> None:
    place = store.entry(aiq={"venue_id": "", "publish_url": None}, feed=None)
    store.write({"one": place, "two": place}, top={"state": "./{location}.db"})
    (store.folder / "one.db").write_text("rubbish\n" * 500)
    text = " ".join(seen(store, 120, 24))
    assert "one: The state file" in text
    assert "two " in text
    assert "never synced" in text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ending(error: type[BaseException], looks: int) -> tuple[list[float], Callable[[float], None]]:
    """Waits that take no time, until somebody ends it."""
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == looks:
            raise error

    return waited, wait


def test_it_looks_again_every_2_seconds_until_ctrl_c_which_is_0(
    store: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm")
    waited, wait = ending(KeyboardInterrupt, 3)
    assert watch_status(locations(store), wait) == 0
    assert waited == [2, 2, 2]
    drawn = screen.getvalue()
    assert drawn.count("every 2 s") == 3
    assert drawn.index("\x1b[?1049h") < drawn.index("every 2 s")  # the second screen, and back
    assert "\x1b[?1049l" in drawn
    assert "\x1b[2J" not in drawn.partition("every 2 s")[2]  # nothing is wiped between two looks: no flicker


def test_sigterm_ends_it_as_any_other_command(store: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())
    with pytest.raises(Terminated):
        watch_status(locations(store), ending(Terminated, 1)[1])


@pytest.mark.usefixtures("store")
def test_without_a_terminal_or_with_json_it_is_wrong_usage(program: Program) -> None:
    ran = program("status", "--watch")
    assert (ran.code, ran.out) == (2, "")
    assert "needs a terminal" in ran.err
    ran = program("status", "--watch", "--json")
    assert (ran.code, ran.document["error"]["code"]) == (2, "options")


def test_on_a_terminal_the_command_watches(
    program: Program, store: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def watch(chosen: tuple[Location, ...]) -> int:
        shown.extend(location.name for location in chosen)
        return 0

    assert store.config.exists()
    monkeypatch.setattr("alleaves_sync.cli.views.status_watch.watch_status", watch)
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert program("status", "--watch").code == 0
    assert shown == [NAME]
