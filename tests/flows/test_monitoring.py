"""Pings and metrics: what leaves, when, and that none of it changes what became of a run."""

import errno
import json
import logging
import os
import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from alleaves_sync.alleaves.models import InventoryRow
from alleaves_sync.alleaves.paging import AHEAD, _in_order
from alleaves_sync.alleaves.wire import Page
from alleaves_sync.cli import logs
from alleaves_sync.config import load
from alleaves_sync.errors import BrakeEngaged, LoginRefused, StateUnusable
from alleaves_sync.flows.health import monitoring
from alleaves_sync.flows.health.monitoring import watched
from alleaves_sync.flows.health.status import status_of
from alleaves_sync.flows.menu.result import InventoryResult
from alleaves_sync.flows.menu.sync_all import sync_menus
from alleaves_sync.flows.menu.sync_location import NORMAL_RUN, RunOptions
from alleaves_sync.flows.orders.job import watched_pushes
from alleaves_sync.flows.orders.run import PushRun, Wanted
from alleaves_sync.flows.progress import SILENT
from alleaves_sync.flows.run import RunContext, current_run, within_run
from alleaves_sync.state import RunLock
from alleaves_sync.transport import threads
from tests.flows.pushing import order_of
from tests.loopback import Asked, Loopback, Reply
from tests.shop import DRY, NAME, Shop


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    logger = logging.getLogger("alleaves_sync")
    before = logger.handlers[:], logger.propagate, logger.level
    yield
    logger.handlers[:], logger.propagate = before[:2]
    logger.setLevel(before[2])


def run(shop: Shop, options: RunOptions = NORMAL_RUN) -> list[InventoryResult]:
    settings = load(shop.config, os.environ)
    return sync_menus(settings, settings.locations, options, SILENT)


def told(asked: list[Asked]) -> list[tuple[str, str]]:
    return [(one.path, one.body.decode()) for one in asked]


def test_a_good_run_pings_its_start_and_its_success(shop: Shop) -> None:
    with Loopback(lambda _asked: Reply()) as watcher:
        shop.write(top={"monitoring": {"ping_url": f"{watcher.url}/ping/abc"}})
        run(shop)

        (start, nothing), (end, text) = told(watcher.asked)
    assert (start, nothing, end) == ("/ping/abc/start", "", "/ping/abc")
    assert text.startswith(f"{NAME}: ok, ")


def test_a_refused_run_pings_its_failure_with_outcomes_only(shop: Shop) -> None:
    shop.run()
    shop.sandbox.store.make_empty()
    with Loopback(lambda _asked: Reply()) as watcher:
        shop.write(top={"monitoring": {"ping_url": f"{watcher.url}/ping"}})
        (result,) = run(shop)

        paths = told(watcher.asked)
    assert isinstance(result.error, BrakeEngaged)
    assert paths[-1][0] == "/ping/fail"
    assert "refused (brake)" in paths[-1][1]


def test_a_dry_run_tells_nobody(shop: Shop) -> None:
    with Loopback(lambda _asked: Reply()) as watcher:
        shop.write(top={"monitoring": {"ping_url": watcher.url, "textfile": "./m.prom"}})
        run(shop, DRY)

        assert watcher.asked == []
    assert not (shop.folder / "m.prom").exists()


def test_a_ping_that_fails_and_a_folder_that_is_missing_change_nothing(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    with Loopback(lambda _asked: Reply(status=404)) as watcher:
        shop.write(top={"monitoring": {"ping_url": watcher.url, "textfile": "./none/m.prom"}})
        (result,) = run(shop)

    assert result.outcome == "ok"
    assert "the ping could not be sent: request-refused" in caplog.text
    assert "the metrics could not be written" in caplog.text


def test_what_ends_without_a_result_is_a_failure_too() -> None:
    def interrupted(url: str) -> None:
        with watched(url):
            raise KeyboardInterrupt

    with Loopback(lambda _asked: Reply()) as watcher:
        with pytest.raises(KeyboardInterrupt):
            interrupted(watcher.url)

        assert told(watcher.asked)[-1] == ("/fail", "KeyboardInterrupt")


def test_the_textfile_has_the_figures_of_every_location(shop: Shop) -> None:
    entries = {NAME: shop.entry(), "closed": shop.entry(enabled=False, feed=None)}
    shop.write(entries, top={"monitoring": {"textfile": "./m.prom"}})

    (result, _) = run(shop)

    lines = (shop.folder / "m.prom").read_text().splitlines()
    assert f'alleaves_sync_products_listed{{location="{NAME}"}} {float(result.listed)}' in lines
    assert 'alleaves_sync_products_listed{location="closed"} 0.0' in lines
    assert not any(
        line.startswith('alleaves_sync_last_success_timestamp_seconds{location="closed"') for line in lines
    )


def test_a_state_file_that_cannot_be_read_leaves_the_figures_out(shop: Shop) -> None:
    shop.write(top={"monitoring": {"textfile": "./m.prom"}})
    shop.state.write_bytes(b"this is no database, and long enough to be looked at as one")

    (result,) = run(shop)

    assert result.outcome == "failed"
    assert f'alleaves_sync_rows{{location="{NAME}"}} 0.0' in (shop.folder / "m.prom").read_text()


def test_a_ping_host_that_never_answers_costs_its_bounded_time_once_for_all_locations(
    shop: Shop, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not 3 seconds for each of 200 locations: one ping before the command's work, and one after it."""
    monkeypatch.setattr(monitoring, "_PING_SECONDS", 0.05)
    free = threading.Event()
    asked: list[str] = []

    def hang(one: Asked) -> Reply:
        asked.append(one.path)
        free.wait(20)
        return Reply()

    place = shop.entry(aiq={"venue_id": "", "publish_url": None}, feed=None)
    with Loopback(hang) as watcher:
        shop.write(
            {f"place{number}": place for number in range(6)}, top={"monitoring": {"ping_url": watcher.url}}
        )
        results = run(shop)
        free.set()

    assert [result.outcome for result in results] == ["ok"] * 6
    assert set(asked) == {"/start", "/"}
    assert caplog.text.count("could not be sent") == 2


def test_a_name_that_is_looked_up_for_ever_does_not_hold_the_run_up(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No time limit of a connection covers the look-up of a name."""
    monkeypatch.setattr(monitoring, "_PING_SECONDS", 0.05)
    free = threading.Event()

    def look_up(*_args: object, **_more: object) -> None:
        free.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with watched("https://hc.invalid/x"):
        pass
    free.set()
    assert "the ping (/start) could not be sent: no answer in time" in caplog.text


def test_a_full_disk_for_the_metrics_changes_nothing_and_leaves_no_half_file(
    shop: Shop, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write(top={"monitoring": {"textfile": "./m.prom"}})
    run(shop)
    before = (shop.folder / "m.prom").read_bytes()

    def full(_path: str, _registry: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("prometheus_client.write_to_textfile", full)
    (result,) = run(shop)
    assert result.outcome == "ok"
    assert "the metrics could not be written to" in caplog.text
    assert "No space left on device" in caplog.text
    assert (shop.folder / "m.prom").read_bytes() == before


# -- pushes of orders ----------------------------------------------------------------------------------------


def push(shop: Shop, wanted: Wanted, *, dry_run: bool = False) -> list[PushRun]:
    settings = load(shop.config, os.environ)
    with watched_pushes(settings, confirmed=wanted.confirmed, dry_run=dry_run) as pushes:
        return [pushes.push(location, wanted) for location in settings.locations]


CONFIRMED = Wanted(confirmed=True)


def test_pushes_ping_an_address_of_their_own_so_that_they_hide_no_failing_menu(shop: Shop) -> None:
    with Loopback(lambda _asked: Reply()) as watcher:
        pings = {"ping_url": f"{watcher.url}/menu", "orders_ping_url": f"{watcher.url}/orders"}
        shop.write(top={"monitoring": pings})
        order = order_of(shop.sandbox)
        push(shop, CONFIRMED)
        assert [path for path, _ in told(watcher.asked)] == ["/orders/start", "/orders"]
        text = told(watcher.asked)[-1][1]
        assert text == f"{NAME}: ok (1 pushed)"
        assert order["id"] not in text
        run(shop)
        assert [path for path, _ in told(watcher.asked)[2:]] == ["/menu/start", "/menu"]


def test_a_push_that_fails_or_needs_a_person_pings_its_failure(shop: Shop) -> None:
    with Loopback(lambda _asked: Reply()) as watcher:
        shop.write(top={"monitoring": {"orders_ping_url": f"{watcher.url}/o"}})
        order_of(shop.sandbox, "unfillable")
        push(shop, CONFIRMED)
        assert told(watcher.asked)[-1] == ("/o/fail", f"{NAME}: partial (1 failed)")
        shop.fault("wrong-key")
        with pytest.raises(LoginRefused):
            push(shop, CONFIRMED)
        assert told(watcher.asked)[-1] == ("/o/fail", "login-refused")


def test_what_a_person_pushes_by_name_or_dry_pings_nobody(shop: Shop) -> None:
    with Loopback(lambda _asked: Reply()) as watcher:
        shop.write(top={"monitoring": {"orders_ping_url": watcher.url, "textfile": "./m.prom"}})
        order = order_of(shop.sandbox)
        push(shop, CONFIRMED, dry_run=True)
        assert not (shop.folder / "m.prom").exists()
        push(shop, Wanted(ids=(order["id"],)))
        assert watcher.asked == []
    assert (shop.folder / "m.prom").exists()


def test_the_textfile_tells_when_orders_were_last_dealt_with_and_what_waits(shop: Shop) -> None:
    shop.write(top={"monitoring": {"textfile": "./m.prom"}})
    order_of(shop.sandbox, "unfillable")

    def series() -> dict[str, float]:
        text = (shop.folder / "m.prom").read_text()
        found = re.findall(rf'^alleaves_sync_(\w+){{location="{NAME}"}} (.*)$', text, re.MULTILINE)
        return {name: float(value) for name, value in found}

    run(shop)
    assert "orders_last_success_timestamp_seconds" not in series()
    push(shop, CONFIRMED)
    first = series()
    assert (first["orders_waiting"], first["products_listed"]) == (1, len(shop.listed()))
    assert first["orders_last_run_duration_seconds"] > 0
    run(shop)  # the menu's run keeps the figures of the orders
    again = series()
    assert again["orders_last_success_timestamp_seconds"] == first["orders_last_success_timestamp_seconds"]
    assert again["orders_last_run_duration_seconds"] == first["orders_last_run_duration_seconds"]
    shop.fault("wrong-key")
    with pytest.raises(LoginRefused):
        push(shop, CONFIRMED)
    status = status_of(shop.location)
    assert status.last_push is not None
    assert status.last_push.error == "login-refused"
    assert status.last_good_push is not None
    assert status.last_good_push.timestamp() == first["orders_last_success_timestamp_seconds"]


def test_a_push_is_noted_in_one_row_however_often_it_runs(shop: Shop) -> None:
    """Every 2 minutes for 90 days would be 65,000; the ledger has the history."""
    for _ in range(3):
        push(shop, CONFIRMED)
    assert shop.rows("SELECT count(*) FROM runs WHERE flow = 'orders'") == [(1,)]


@pytest.mark.parametrize("setting", [{"orders": {"sync": False}}, {"enabled": True}])
def test_a_push_that_does_nothing_notes_nothing(shop: Shop, setting: dict[str, Any]) -> None:
    shop.write(**setting)
    if "orders" in setting:
        push(shop, CONFIRMED)
        assert not shop.state.exists()
    else:
        with RunLock(shop.state, NAME, "orders"):
            (locked,) = push(shop, CONFIRMED)
        assert [one.outcome for one in locked.results] == ["locked"]
        assert not shop.state.exists()


def test_a_damaged_file_is_not_written_to_note_a_push(shop: Shop) -> None:
    shop.state.write_text("rubbish\n" * 500)
    before = shop.state.read_bytes()
    with pytest.raises(StateUnusable):
        push(shop, CONFIRMED)
    assert shop.state.read_bytes() == before


# -- log lines -----------------------------------------------------------------------------------------------


def test_every_log_line_of_a_run_carries_its_id_and_location_in_every_thread(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    place = shop.entry(aiq={"publish_url": None}, feed=None)
    shop.write({"one": place, "two": place})
    shop.sandbox.store.journal.forget()
    logs.start(2, as_json=True)
    ids = {result.location: result.run_id for result in run(shop)}
    push(shop, CONFIRMED)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) > 10
    assert {(line["location"], line["run_id"]) for line in lines} >= {*ids.items()}
    assert all({"location", "run_id"} <= line.keys() for line in lines)


def test_pages_that_are_fetched_ahead_belong_to_the_run() -> None:
    def fetch(offset: int) -> Page[InventoryRow]:
        seen[offset] = current_run()
        return Page((), frozenset())

    seen: dict[int, RunContext | None] = {}
    with within_run(NAME, "run-1"), threads(AHEAD, "page") as begin:
        assert len(list(_in_order(begin, fetch, range(3)))) == 3
    assert seen == dict.fromkeys(range(3), RunContext(NAME, "run-1"))
