"""New products that wait in the spool are the same as those that wait in memory."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.flows.menu import planning
from alleaves_sync.flows.menu.spool import Spool
from alleaves_sync.flows.menu.spooled_creations import SpooledCreations
from alleaves_sync.rules.actions import Known
from alleaves_sync.rules.mapping import MappedItem
from alleaves_sync.rules.plan import make_plan
from tests.shop import DRY, Shop, mapped, plain
from tests.strategies import fast, menus


@fast
@given(menus(frozenset()), st.integers(0, 3), st.integers(1, 3))
def test_they_come_out_as_they_went_in_as_often_as_wanted(
    menu: tuple[list[MappedItem], dict[str, Known]], in_memory: int, at_once: int
) -> None:
    actions = list(make_plan(menu[0], {}).creations) * 3
    with Spool() as spool:
        creations = SpooledCreations(spool, in_memory, at_once)
        for action in actions:
            creations.append(action)
        assert len(creations) == len(actions)
        assert list(creations) == list(creations) == actions


def test_a_first_run_is_the_same_wherever_its_products_wait(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = shop.run(DRY).actions
    monkeypatch.setattr(planning, "SpooledCreations", partial(SpooledCreations, in_memory=5, at_once=7))
    assert shop.run(DRY).actions == in_memory
    assert shop.run().created == len(in_memory)
    assert plain(shop.products()) == mapped(shop) == shop.menu()


def test_without_a_storefront_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.write(aiq={"venue_id": "", "publish_url": None})
    monkeypatch.setattr(planning, "SpooledCreations", partial(SpooledCreations, in_memory=5, at_once=7))
    assert shop.run().created == len(mapped(shop))
    assert shop.menu() == mapped(shop)
