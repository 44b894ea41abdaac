"""status: from the state file alone, and when somebody has to look."""

from datetime import datetime, timedelta

import pytest

from alleaves_sync.errors import StateUnusable
from alleaves_sync.flows.health.status import LocationStatus, status_of
from alleaves_sync.flows.menu.sync_location import sync_inventory
from alleaves_sync.flows.pos import utc_now
from alleaves_sync.state import RunLock
from tests.shop import FORCE, NAME, Shop


def at(shop: Shop, moment: datetime) -> LocationStatus:
    return status_of(shop.location, lambda: moment)


def test_a_location_that_never_ran_needs_a_person_and_gets_no_file(shop: Shop) -> None:
    """Lesson: the job had silently not run for 62 days."""
    found = status_of(shop.location)
    assert (found.last_run, found.last_good_run, found.age, found.pending) == (None, None, None, 0)
    assert found.stale
    assert found.needs_a_person
    assert not shop.state.exists()


def test_a_good_run_is_good_for_three_intervals(shop: Shop) -> None:
    run = shop.run()
    calls = len(shop.sandbox.store.journal.requests)
    good = status_of(shop.location).last_good_run
    assert good is not None
    assert good.ended_at is not None
    assert (good.listed, good.hidden, good.withheld) == (run.listed, run.hidden, run.withheld)
    for age, stale in ((0, False), (30, False), (30.01, True), (90000, True)):
        found = at(shop, good.ended_at + timedelta(minutes=age))
        assert (found.stale, found.needs_a_person) == (stale, stale)
        assert found.age == timedelta(minutes=age)
    shop.write(top={"interval_minutes": 20})
    assert not at(shop, good.ended_at + timedelta(minutes=59)).stale
    assert len(shop.sandbox.store.journal.requests) == calls


def test_a_run_from_the_future_is_never_young(shop: Shop) -> None:
    """A clock that was set back must not make it look well until the old date comes."""
    shop.run()
    little, much = (at(shop, utc_now() - timedelta(minutes=minutes)) for minutes in (5, 365 * 24 * 60))
    assert (little.age, little.stale, little.from_the_future) == (timedelta(), False, False)
    assert (much.age, much.stale, much.from_the_future) == (timedelta(), True, True)


def test_after_the_clock_was_set_back_the_run_noted_last_is_the_last(shop: Shop) -> None:
    now = utc_now()
    sync_inventory(shop.location, clock=lambda: now + timedelta(days=365))
    first_id = shop.rows("SELECT id FROM runs")[0][0]
    shop.sandbox.store.make_empty()
    sync_inventory(shop.location, clock=lambda: now)
    found = at(shop, now)
    assert found.last_run is not None
    assert found.last_good_run is not None
    assert (found.last_run.outcome, found.last_good_run.id) == ("refused", first_id)
    sync_inventory(shop.location, FORCE, clock=lambda: now)
    assert (at(shop, now).stale, at(shop, now + timedelta(hours=1)).stale) == (False, True)


def test_failed_and_refused_runs_do_not_count_as_good(shop: Shop) -> None:
    start = utc_now()
    sync_inventory(shop.location, clock=lambda: start - timedelta(hours=2))
    shop.sandbox.store.make_empty()
    sync_inventory(shop.location, clock=lambda: start)
    found = at(shop, start)
    assert found.last_run is not None
    assert (found.last_run.outcome, found.last_run.error) == ("refused", "brake")
    assert found.stale
    assert found.age == timedelta(hours=2)


def test_a_partial_run_is_a_good_one(shop: Shop) -> None:
    shop.fault("reject-products=1")
    shop.run()
    assert not status_of(shop.location).needs_a_person


@pytest.mark.usefixtures("no_waiting")
def test_products_without_an_answer_are_pending(shop: Shop) -> None:
    shop.fault("error-after")
    shop.run()
    assert status_of(shop.location).pending == len(shop.products())
    shop.fault()
    shop.run()
    assert status_of(shop.location).pending == 0


def test_rejected_products_are_pending_until_a_run_has_them_taken(shop: Shop) -> None:
    """Design: a rejected product stays pending. A run that did not come to sending changes nothing."""
    shop.fault("reject-products=3")
    shop.run()
    assert status_of(shop.location).pending == 3
    shop.fault("wrong-password")
    shop.run()
    assert status_of(shop.location).pending == 3
    shop.fault()
    shop.run()
    assert status_of(shop.location).pending == 0


def test_a_run_under_way_is_seen_by_its_lock(shop: Shop) -> None:
    with RunLock(shop.state, NAME, "inventory"):
        assert status_of(shop.location).running
    assert not status_of(shop.location).running


def test_a_disabled_location_needs_nobody(shop: Shop) -> None:
    shop.write(enabled=False)
    assert not status_of(shop.location).needs_a_person


def test_a_damaged_file_is_told(shop: Shop) -> None:
    shop.state.write_text("rubbish\n" * 500)
    with pytest.raises(StateUnusable):
        status_of(shop.location)
