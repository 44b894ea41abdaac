"""A clock that is set back between runs, and a state file that somebody else holds: the sync stays right."""

import sqlite3
import threading
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial

import pytest

from alleaves_sync.cli.error_messages import explain
from alleaves_sync.errors import WriteFailed
from alleaves_sync.flows.menu.sync_location import sync_inventory
from alleaves_sync.flows.orders.run import Wanted, push_orders
from alleaves_sync.flows.pos import utc_now
from alleaves_sync.state import ChangeRecord, RunRecord, StateFile, backup
from tests.flows.pushing import no_sleep, order_of
from tests.shop import NAME, Shop, mapped, plain

YEAR = timedelta(days=365)


def run_at(shop: Shop, moment: datetime) -> str | None:
    return sync_inventory(shop.location, clock=lambda: moment).run_id


# -- the clock -----------------------------------------------------------------------------------------------


def test_a_run_made_while_the_clock_was_a_year_back_is_not_pruned_as_old(shop: Shop) -> None:
    now = utc_now()
    first = run_at(shop, now - timedelta(minutes=20))
    shop.sandbox.store.set_stock(int(shop.item("beverage")), 31)
    misdated = run_at(shop, now - YEAR)
    shop.sandbox.store.set_stock(int(shop.item("beverage")), 32)
    last = run_at(shop, now)
    assert [row[0] for row in shop.rows("SELECT id FROM runs ORDER BY rowid")] == [first, misdated, last]
    quantities = (
        "SELECT json_extract(fields, '$.quantity[1]') FROM changes WHERE pos_product_id = {} ORDER BY id"
    )
    assert shop.rows(quantities.format(shop.item("beverage"))) == [(50,), (31,), (32,)]
    assert plain(shop.products()) == mapped(shop)


def test_it_is_pruned_with_those_that_were_noted_before_it(shop: Shop) -> None:
    now = utc_now()
    dates = [now - timedelta(days=200), now - YEAR, now - timedelta(days=199), now - timedelta(days=10)]
    with StateFile.open(shop.state) as state:
        for number, date in enumerate(dates):
            run = RunRecord(f"run-{number}", NAME, "inventory", date, "ok", date)
            state.record(NAME, run, [], [ChangeRecord(run.id, "50", "update", "{}", date)])
        before = now - timedelta(days=90)
        assert state.old_runs(NAME, before, now, 10) == ["run-0", "run-1", "run-2"]
        assert state.old_runs(NAME, now - timedelta(days=199, hours=1), now, 10) == ["run-0", "run-1"]


def test_runs_of_a_clock_that_was_ahead_do_not_keep_old_ones_for_ever(shop: Shop) -> None:
    now = utc_now()
    with StateFile.open(shop.state) as state:
        for number, days in enumerate((365, -365, 200, 1, 0)):
            date = now - timedelta(days=days)
            state.save_run(RunRecord(f"run-{number}", NAME, "inventory", date, "ok", date))
        assert state.old_runs(NAME, now - timedelta(days=90), now, 10) == ["run-0", "run-2"]


def test_orders_are_still_seen_after_a_clock_that_was_ahead(shop: Shop) -> None:
    """A reading dated in the future would make no order look new until that day."""

    def push(moment: datetime) -> list[str]:
        run = push_orders(shop.location, Wanted(confirmed=True), lambda: moment, sleep=no_sleep)
        return [result.outcome for result in run.results if result.outcome == "pushed"]

    now = utc_now()
    assert push(now + YEAR) == []
    order_of(shop.sandbox)
    assert push(now) == ["pushed"]
    assert push(now) == []
    assert len(shop.sandbox.store.pos_orders()) == 1


# -- somebody else has the file ------------------------------------------------------------------------------


def test_a_backup_under_way_does_not_hold_a_run_up(shop: Shop) -> None:
    shop.run()
    shop.sandbox.store.tick(5)
    with closing(sqlite3.connect(f"{shop.state.as_uri()}?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM items").fetchone()  # as a backup does: it reads for long
        assert shop.run().outcome == "ok"
        backup(shop.state, shop.folder / "copy.db", replace=False)
    assert plain(shop.products()) == mapped(shop)


def test_a_run_waits_for_another_programs_transaction(shop: Shop) -> None:
    shop.run()
    shop.sandbox.store.tick(5)
    with closing(sqlite3.connect(shop.state, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, other.rollback).start()
        assert shop.run().outcome == "ok"
    assert plain(shop.products()) == mapped(shop)


def test_a_file_that_stays_locked_is_told_and_nothing_is_sent(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.run()
    shop.sandbox.store.set_stock(int(shop.item("beverage")), 31)
    before = shop.products()
    with closing(sqlite3.connect(shop.state)) as other, monkeypatch.context() as impatient:
        impatient.setattr(StateFile, "open", partial(StateFile.open, busy_seconds=0.05))
        other.execute("BEGIN IMMEDIATE")
        result = shop.run()
        other.rollback()
    assert isinstance(result.error, WriteFailed)
    told = explain(result.error)
    assert "another program holds it" in told.what
    assert "state backup" in told.remedy
    assert shop.products() == before
    assert shop.run().outcome == "ok"
    assert plain(shop.products()) == mapped(shop)
