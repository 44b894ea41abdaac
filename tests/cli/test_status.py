"""`status` as it is typed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from alleaves_sync import errors
from alleaves_sync.cli.commands.status import REMEDIES, ago
from alleaves_sync.flows.menu.sync_location import sync_inventory
from alleaves_sync.flows.pos import utc_now
from alleaves_sync.state import RunLock, RunRecord, StateFile
from tests.cli.conftest import Program
from tests.conftest import OpenShop
from tests.shop import NAME, Shop
from tests.state.support import folder


@pytest.fixture
def store(program: Program, open_shop: OpenShop) -> Shop:
    shop = open_shop()
    assert shop.folder == program.folder
    return shop


def ran_ago(store: Shop, minutes: int) -> None:
    """A run that began so many minutes ago."""
    then = utc_now() - timedelta(minutes=minutes)
    sync_inventory(store.location, clock=lambda: then)


def entry(program: Program) -> tuple[int, dict[str, Any]]:
    ran = program("status", "--json")
    (found,) = ran.document["locations"]
    return ran.code, found


def test_a_good_location_is_0(program: Program, store: Shop) -> None:
    ran_ago(store, 4)
    code, found = entry(program)
    assert (code, found["location"], found["outcome"], found["stale"]) == (0, NAME, "ok", False)
    assert found["listed"] == len(store.listed())
    assert found["hidden"] > 0 < found["withheld"]
    assert (found["pending"], found["waiting_orders"], found["error"]) == (0, 0, None)
    assert 240 <= found["age_seconds"] < 250
    shown = program("status")
    assert "4 min ago" in shown.out
    quiet = program("-q", "status")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def never(_store: Shop) -> None:
    """Nothing happened yet."""


def old(store: Shop) -> None:
    ran_ago(store, 31)


def refused(store: Shop) -> None:
    ran_ago(store, 40)
    store.sandbox.store.make_empty()
    store.run()


@pytest.mark.parametrize(
    ("before", "state", "step"),
    [
        (never, "never synced", "run it once: alleaves-sync sync-inventory"),
        (old, "stale", "see whether cron runs it: crontab -l"),
        (refused, "stale", "look into the POS"),
    ],
)
def test_what_needs_a_person_is_3_with_the_next_step(
    program: Program, store: Shop, before: Callable[[Shop], None], state: str, step: str
) -> None:
    before(store)
    code, found = entry(program)
    assert (code, found["stale"]) == (3, True)
    assert step in found["next_step"]
    shown = program("status")
    assert shown.code == 3
    assert state in shown.out
    assert step in shown.out


def test_a_fresh_menu_after_a_failed_run_is_said_and_still_0(
    program: Program, store: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.run()
    with monkeypatch.context() as wrong:
        wrong.setenv("ALLEAVES_PASSWORD", "wrong")
        store.run()
    code, found = entry(program)
    assert (code, found["outcome"], found["error"]) == (0, "failed", "login-refused")
    assert "check username and password" in found["next_step"]
    assert "last run failed" in program("status").out


def _codes(kind: type[errors.AlleavesSyncError]) -> Iterator[str]:
    yield kind.code
    for one in kind.__subclasses__():
        yield from _codes(one)


def test_every_code_that_a_run_can_end_with_has_its_next_step() -> None:
    of_no_run = {"error", "config-missing", "config-invalid", "never-synced", "crontab-unusable"}
    of_no_run |= {*_codes(errors.UsageError)}
    assert {*_codes(errors.AlleavesSyncError)} - of_no_run <= REMEDIES.keys()


def test_the_code_of_the_last_run_names_the_step(program: Program, store: Shop) -> None:
    for code, step in REMEDIES.items():
        now = utc_now()
        record = RunRecord(f"run-{code}", NAME, "inventory", now, "failed", now, error=code)
        with StateFile.open(store.state) as state:
            state.save_run(record)
        assert entry(program)[1]["next_step"] == step


def test_a_push_that_fails_is_told_and_changes_no_exit_code(program: Program, store: Shop) -> None:
    store.run()
    store.fault("wrong-key")
    assert program("push-order", "--confirmed").code == 77
    code, found = entry(program)
    assert (code, found["orders_error"]) == (0, "login-refused")
    assert "orders cannot be pushed (login-refused): check username" in found["next_step"]
    store.fault()
    assert program("push-order", "--confirmed").code == 0
    assert entry(program)[1]["orders_error"] is None


def test_a_run_under_way_is_shown(program: Program, store: Shop) -> None:
    with RunLock(store.state, NAME, "inventory"):
        assert "never synced, running" in program("status").out
    store.run()
    with RunLock(store.state, NAME, "inventory"):
        assert entry(program)[1]["running"] is True
        assert program("status").out.splitlines()[1].split()[:2] == [NAME, "running"]
    assert entry(program)[1]["running"] is False


def test_a_date_that_is_still_to_come_needs_a_person(program: Program, store: Shop) -> None:
    ran_ago(store, -365 * 24 * 60)
    code, found = entry(program)
    assert (code, found["stale"], found["age_seconds"]) == (3, True, 0)
    assert "set the clock" in found["next_step"]


def test_a_disabled_location_is_shown_and_needs_nobody(program: Program, store: Shop) -> None:
    store.write(enabled=False)
    ran = program("status")
    assert ran.code == 0
    assert "disabled" in ran.out


def test_one_damaged_file_does_not_hide_the_other_location(program: Program, store: Shop) -> None:
    place = store.entry(aiq={"venue_id": "", "publish_url": None}, feed=None)
    store.write({"one": place, "two": place}, top={"state": "./{location}.db"})
    program("sync-inventory")
    (program.folder / "one.db").write_text("rubbish\n" * 500)
    ran = program("status", "--json")
    assert ran.code == 1
    assert "error" in ran.document["locations"][0]
    assert ran.document["locations"][1]["outcome"] == "ok"


def test_asking_leaves_no_trace_and_asks_nobody(program: Program, store: Shop) -> None:
    store.run()
    store.sandbox.store.journal.forget()
    before = folder(program.folder)
    program("status")
    assert folder(program.folder) == before
    assert not store.sandbox.store.journal.requests


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=0), "0 s"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(minutes=2), "2 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=62), "62 d"),
    ],
)
def test_an_age_in_the_largest_unit_that_says_enough(age: timedelta, words: str) -> None:
    assert ago(age) == words
