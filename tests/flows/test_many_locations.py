"""Many locations in one command: within its time, in fair order, none troubled by another."""

import gc

import pytest

from alleaves_sync.config import Location, Settings, load
from alleaves_sync.errors import OutOfTime
from alleaves_sync.flows.menu import sync_all as menus
from alleaves_sync.flows.menu import sync_location as inventory
from alleaves_sync.flows.menu.result import InventoryResult
from alleaves_sync.flows.menu.sync_all import AT_ONCE, sync_menus
from alleaves_sync.flows.menu.sync_location import NORMAL_RUN
from alleaves_sync.flows.menu.turns import longest_waiting
from alleaves_sync.flows.progress import SILENT
from alleaves_sync.transport import Budget
from tests.conftest import OpenShop
from tests.shop import LOGIN, Shop
from tests.transport.support import closed_port

MANY = AT_ONCE + 4


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    return open_shop(items=20)


def settings_of(shop: Shop, count: int = MANY, **odd: object) -> Settings:
    """So many locations of one account, each with a state file of its own; `odd` are sections of some."""
    kept_here = {"publish_url": None, "api_key": None}
    plain = shop.entry(aiq=kept_here, feed=None)
    places = {f"store-{number}": plain for number in range(count)}
    places |= {
        name.replace("_", "-"): shop.entry(aiq=kept_here, feed=None, alleaves=own)
        for name, own in odd.items()
    }
    shop.write(places, top={"state": "./state/{location}.db"})
    return load(shop.config, {"ALLEAVES_PASSWORD": shop.sandbox.password, "AIQ_API_KEY": "", "WRONG": "x"})


def sync(settings: Settings) -> list[InventoryResult]:
    return sync_menus(settings, settings.locations, NORMAL_RUN, SILENT)


@pytest.mark.usefixtures("no_waiting")
def test_one_location_down_and_one_with_a_wrong_password_trouble_no_other(shop: Shop) -> None:
    down = {"base_url": f"http://127.0.0.1:{closed_port()}/api"}
    settings = settings_of(shop, store_2=down, store_5={"password": "${WRONG}"})
    results = sync(settings)
    assert [one.location for one in results] == [place.name for place in settings.locations]
    told = {one.location: one.error.code if one.error else one.outcome for one in results}
    assert told.pop("store-2") == "unreachable"
    assert told.pop("store-5") == "login-refused"
    assert set(told.values()) == {"ok"}


def test_all_locations_of_an_account_log_in_once(shop: Shop) -> None:
    sync(settings_of(shop))
    assert shop.calls(LOGIN) == 1


def test_a_wrong_password_that_all_share_is_tried_once(shop: Shop) -> None:
    shop.fault("wrong-password")
    results = sync(settings_of(shop))
    assert {one.error.code for one in results if one.error} == {"login-refused"}
    assert len(results) == MANY
    assert shop.calls(LOGIN) == 1


def names(places: list[Location]) -> list[str]:
    return [place.name for place in places]


def test_whoever_has_waited_longest_begins_first_and_who_never_ran_before_all(shop: Shop) -> None:
    settings = settings_of(shop, 5)
    places = settings.locations
    for number in (3, 1, 4):
        sync_menus(settings, [places[number]], NORMAL_RUN, SILENT)
    assert names(longest_waiting(places)) == ["store-0", "store-2", "store-3", "store-1", "store-4"]


def test_a_failed_try_counts_so_that_a_location_that_is_down_does_not_always_come_first(shop: Shop) -> None:
    settings = settings_of(shop, 3, store_0={"password": "${WRONG}"})
    sync(settings)
    sync_menus(settings, settings.locations[1:], NORMAL_RUN, SILENT)
    sync_menus(settings, settings.locations[:1], NORMAL_RUN, SILENT)
    assert names(longest_waiting(settings.locations))[-1] == "store-0"


def test_an_unusable_state_file_comes_first_and_is_told_by_its_run(shop: Shop) -> None:
    settings = settings_of(shop, 3)
    sync(settings)
    settings.locations[1].state.write_bytes(b"no database")
    assert names(longest_waiting(settings.locations))[0] == "store-1"
    assert [one.error.code if one.error else "" for one in sync(settings)] == ["", "state-unusable", ""]


class Ending(Budget):
    """A budget of which nothing is left after so many questions."""

    def __init__(self, _seconds: float, questions: int) -> None:
        super().__init__(480)
        self._left = questions

    def remaining(self) -> float:
        self._left -= 1
        return 400.0 if self._left >= 0 else 0.0


def test_who_finds_no_time_left_is_not_begun_is_told_and_comes_first_the_next_time(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(shop)
    monkeypatch.setattr(menus, "Budget", lambda seconds: Ending(seconds, 5))
    first = sync(settings)
    late = [one for one in first if one.outcome == "failed"]
    assert len(late) == MANY - 5
    assert {type(one.error) for one in late} == {OutOfTime}
    assert not any(
        place.state.exists() for place in settings.locations if place.name in {o.location for o in late}
    )
    second = {one.location for one in sync(settings) if one.outcome == "ok"}
    assert len(second) == 5
    assert second <= {one.location for one in late}


@pytest.mark.parametrize(("own", "whole"), [(None, 480.0), (30, 480.0), (900, 900.0)])
def test_the_whole_command_has_the_time_of_one_run_or_of_the_interval(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, own: int | None, whole: float
) -> None:
    """Two commands must not meet; and a run that may be long by configuration may be."""
    settings = settings_of(shop, 2)
    places = [
        place.model_copy(update={} if own is None else {"time_budget_seconds": float(own)})
        for place in settings.locations
    ]
    asked: list[float] = []

    def budget(seconds: float) -> Budget:
        asked.append(seconds)
        return Budget(seconds)

    monkeypatch.setattr(menus, "Budget", budget)
    sync_menus(settings, places, NORMAL_RUN, SILENT)
    assert asked == [whole]


@pytest.mark.usefixtures("no_waiting")
def test_what_a_run_has_read_is_dropped_with_it_also_after_a_failure(open_shop: OpenShop) -> None:
    """An error that is kept in a result would keep, through its frames, the whole picture of the POS."""
    shop = open_shop(items=20)
    shop.fault("error@/products/sync")
    results = sync_menus(
        load(shop.config, {"ALLEAVES_PASSWORD": shop.sandbox.password, "AIQ_API_KEY": shop.sandbox.api_key}),
        [shop.location],
        NORMAL_RUN,
        SILENT,
    )
    gc.collect()
    assert results[0].error is not None
    assert not [one for one in gc.get_objects() if type(one) is inventory._Run]
