"""The brake: an accident of the POS never empties the menu; what is meant may pass."""

import pytest

from alleaves_sync.errors import BrakeEngaged
from alleaves_sync.flows.menu.sync_location import RunOptions
from tests.conftest import OpenShop
from tests.shop import DRY, FORCE, SYNC, Shop, mapped


@pytest.fixture
def synced(shop: Shop) -> Shop:
    shop.run()
    shop.sandbox.store.journal.forget()
    return shop


def sell(shop: Shop, share: float) -> int:
    """Sell out this share of what is listed; how many products that are."""
    listed = sorted(shop.listed(), key=int)
    chosen = listed[: round(len(listed) * share)]
    for key in chosen:
        shop.sandbox.store.set_stock(int(key), 0)
    return len(chosen)


def test_a_pos_without_rows_is_refused_and_the_menu_stays(synced: Shop) -> None:
    """Lesson: an empty POS answer set the whole shop's stock to zero."""
    before = synced.products(), synced.menu(), synced.feed.read_bytes()
    synced.sandbox.store.make_empty()

    result = synced.run()

    assert result.outcome == "refused"
    assert isinstance(result.error, BrakeEngaged)
    assert (result.error.rows, result.error.leaving) == (0, result.error.listed)
    assert (synced.products(), synced.menu(), synced.feed.read_bytes()) == before
    assert synced.calls(SYNC) == 0
    assert (result.zeroed, result.actions) == (0, ())
    assert synced.outcomes() == ["ok", "refused"]
    assert synced.rows("SELECT error FROM runs WHERE outcome = 'refused'") == [("brake",)]


def test_a_pos_without_rows_is_refused_also_when_few_are_listed(open_shop: OpenShop) -> None:
    shop = open_shop(items=2)
    shop.run()
    assert 0 < len(shop.listed()) < 5
    shop.sandbox.store.make_empty()
    assert shop.run().outcome == "refused"


def test_a_shrunken_pos_is_refused_until_it_is_forced_once(synced: Shop) -> None:
    before = synced.products()
    leaving = sell(synced, 0.7)

    refused = synced.run()
    assert refused.outcome == "refused"
    assert isinstance(refused.error, BrakeEngaged)
    assert (refused.error.leaving, refused.error.max_drop) == (leaving, 0.5)
    assert synced.products() == before
    assert synced.run().outcome == "refused"

    forced = synced.run(FORCE)
    assert (forced.outcome, forced.zeroed + forced.updated) == ("ok", leaving)
    assert synced.products() == mapped(synced)
    assert synced.run().outcome == "ok"


def test_force_is_for_one_run_only(synced: Shop) -> None:
    sell(synced, 0.7)
    assert synced.run(FORCE).outcome == "ok"
    sell(synced, 0.7)
    assert synced.run().outcome == "refused"


def test_a_raised_limit_lets_the_run_pass(synced: Shop) -> None:
    sell(synced, 0.7)
    synced.write(inventory={"max_drop": 0.8})
    assert synced.run().outcome == "ok"


def test_the_limit_itself_is_allowed(synced: Shop) -> None:
    extra = len(synced.listed()) % 4
    for key in sorted(synced.listed(), key=int)[:extra]:
        synced.sandbox.store.set_stock(int(key), 0)
    synced.run()
    sell(synced, 0.25)
    synced.write(inventory={"max_drop": 0.24})
    assert synced.run().outcome == "refused"
    synced.write(inventory={"max_drop": 0.25})
    assert synced.run().outcome == "ok"


def test_empty_to_empty_is_silent(open_shop: OpenShop) -> None:
    """Lesson: the brake fired forever on a shop that was rightly empty."""
    shop = open_shop()
    shop.sandbox.store.make_empty()
    first, second = shop.run(), shop.run()
    assert [(one.outcome, one.error, one.warnings) for one in (first, second)] == [("ok", None, ())] * 2
    shop.sandbox.store.fill_again()
    shop.run()
    shop.sandbox.store.make_empty()
    assert shop.run(FORCE).outcome == "ok"
    assert shop.run().outcome == "ok"


def test_below_five_listed_products_a_large_share_is_a_small_number(open_shop: OpenShop) -> None:
    shop = open_shop(items=1)
    shop.sandbox.store.remove_item(4000)
    for number in range(4):
        shop.sandbox.store.add_item({"item": f"Item {number}"}, [{"available": 4, "price_retail": 9}])
    shop.run()
    assert len(shop.listed()) == 4
    assert sell(shop, 1) == 4
    assert shop.run().outcome == "ok"
    assert not shop.listed()


def test_a_dry_run_is_refused_as_the_real_one_would_be_and_lists_what_it_would_do(synced: Shop) -> None:
    leaving = sell(synced, 0.7)
    result = synced.run(DRY)
    assert (result.outcome, len(result.actions), result.run_id) == ("refused", leaving, None)
    assert synced.outcomes() == ["ok"]
    forced = synced.run(RunOptions(dry_run=True, force=True))
    assert (forced.outcome, len(forced.actions)) == ("ok", leaving)
    assert synced.outcomes() == ["ok"]
