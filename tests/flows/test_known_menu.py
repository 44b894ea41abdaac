"""The state file is lost: the menu comes back from the storefront, else from the feed."""

import json

import pytest

from alleaves_sync.errors import InputInvalid, ServerFailed, StateUnusable
from tests.shop import DRY, LIST, SYNC, Shop, mapped, plain


@pytest.fixture
def lost(shop: Shop) -> Shop:
    """A shop in step whose state file is gone."""
    shop.run()
    shop.state.unlink()
    shop.sandbox.store.journal.forget()
    return shop


def test_a_lost_state_is_rebuilt_from_the_storefront_and_nothing_is_sent_twice(lost: Shop) -> None:
    before = lost.products()
    result = lost.run()
    assert (result.outcome, result.created, result.updated, result.zeroed) == ("ok", 0, 0, 0)
    assert result.unchanged == len(before)
    assert (lost.calls(LIST), lost.calls(SYNC)) == (1, 0)
    assert lost.products() == lost.menu() == before
    lost.run()
    assert lost.calls(LIST) == 1


def test_what_changed_while_the_state_was_lost_is_a_change_like_any_other(lost: Shop) -> None:
    store = lost.sandbox.store
    store.set_stock(store.special("beverage"), 31)
    gone = store.special("adult-only")
    store.remove_item(gone)
    result = lost.run()
    assert (result.created, result.updated, result.zeroed) == (0, 1, 1)
    assert lost.products().pop(str(gone))["quantity"] == 0
    assert {"posProductId": lost.item("beverage"), "quantity": 31} in lost.sent()


def test_locked_prices_survive_a_lost_state(shop: Shop) -> None:
    """M6: `fields.price: false`, from the storefront."""
    shop.run()
    shop.write(fields={"price": False})
    cola = shop.sandbox.store.special("beverage")
    shop.sandbox.store.set_price(cola, 99)
    shop.run()
    shop.state.unlink()
    assert shop.run().updated == 0
    assert shop.products()[str(cola)]["price"] == shop.menu()[str(cola)]["price"] == 5


def test_without_a_storefront_locked_prices_survive_by_the_feed(shop: Shop) -> None:
    """M6: `fields.price: false`, from the feed."""
    shop.write(aiq={"publish_url": None})
    shop.run()
    before = shop.feed.read_bytes()
    shop.write(aiq={"publish_url": None}, fields={"price": False})
    cola = shop.sandbox.store.special("beverage")
    shop.sandbox.store.set_price(cola, 99)
    shop.state.unlink()

    result = shop.run()

    assert (result.outcome, result.created, result.updated) == ("ok", 0, 0)
    assert shop.menu()[str(cola)]["price"] == 5
    assert shop.feed.read_bytes() == before
    assert shop.calls(LIST) == 0


def test_the_brake_holds_also_after_the_state_was_lost(lost: Shop) -> None:
    before = lost.products()
    lost.sandbox.store.make_empty()
    assert lost.run().outcome == "refused"
    assert lost.run().outcome == "refused"
    assert lost.products() == before
    lost.sandbox.store.fill_again()
    assert lost.run().outcome == "ok"


def test_products_that_are_not_the_poss_are_left_alone(lost: Shop) -> None:
    """P1: made by hand, without a posProductId; or with one that no POS item can have."""
    products = lost.sandbox.store.storefront.products
    own = dict(products)
    by_hand = {"id": "0123456789abcdef01234567", "name": "Hand made", "quantity": 5}
    products["by hand"] = by_hand
    for key in ("sku-7", "007", "٤٠٠٠", "-4"):
        products[key] = {"posProductId": key, "name": "Another system's", "quantity": 5}
    before = {key: dict(product) for key, product in products.items()}

    result = lost.run()

    assert (result.outcome, result.created, result.updated, result.zeroed) == ("ok", 0, 0, 0)
    assert lost.products() == before
    assert lost.menu() == own
    foreign = [one for one in result.warnings if one.code == "foreign-product"]
    assert len(foreign) == 4
    assert {one.id_item for one in foreign} == {None}
    assert lost.run().outcome == "ok"
    assert lost.products() == before


def test_a_product_of_the_storefront_that_cannot_be_read_is_sent_whole(lost: Shop) -> None:
    cola = lost.item("beverage")
    lost.sandbox.store.storefront.products[cola]["price"] = "five"
    result = lost.run()
    assert (result.outcome, result.updated + result.created) == ("ok", 1)
    assert [product["posProductId"] for product in lost.sent()] == [cola]
    assert plain(lost.products()) == mapped(lost) == lost.menu()


@pytest.mark.usefixtures("no_waiting")
def test_a_storefront_that_does_not_tell_its_products_ends_the_run(lost: Shop) -> None:
    before = lost.products()
    lost.fault("error@GET /2023-03/products")
    result = lost.run()
    assert isinstance(result.error, ServerFailed)
    assert lost.calls(SYNC) == 0
    lost.fault()
    assert lost.run().outcome == "ok"
    assert lost.products() == before


def test_a_dry_run_without_a_state_compares_with_the_storefront_and_writes_nothing(lost: Shop) -> None:
    files = sorted(path.name for path in lost.folder.iterdir())
    lost.sandbox.store.set_stock(lost.sandbox.store.special("beverage"), 31)
    result = lost.run(DRY)
    assert (result.created, result.updated, len(result.actions)) == (0, 1, 1)
    assert sorted(path.name for path in lost.folder.iterdir()) == files


@pytest.mark.parametrize("content", ["{", "[{}]", "7", '["x"]', "\xff", '[{"posProductId": 5}]', "null"])
def test_a_feed_that_is_not_this_programs_is_told_and_left(shop: Shop, content: str) -> None:
    shop.write(aiq={"publish_url": None})
    shop.feed.write_text(content, "latin-1")
    result = shop.run()
    assert isinstance(result.error, InputInvalid)
    assert result.error.source == str(shop.feed)
    assert shop.feed.read_text("latin-1") == content


def test_a_state_file_with_a_product_that_is_none_is_corrupt(shop: Shop) -> None:
    shop.run()
    from sqlite_utils import Database  # noqa: PLC0415 - a hand in the file, as in Datasette

    database = Database(shop.state)
    with database.conn:
        wrong = [json.dumps({})]  # and no source, as of an item that has changed: it is looked at
        database.execute("UPDATE items SET product = ?, source = NULL WHERE pos_product_id = '4000'", wrong)
    database.close()
    result = shop.run()
    assert isinstance(result.error, StateUnusable)
    assert (result.error.reason, "4000" in result.error.detail) == ("corrupt", True)


def test_a_storefront_that_is_configured_later_gets_the_whole_menu(shop: Shop) -> None:
    shop.write(aiq={"publish_url": None})
    assert shop.run().created > 0
    assert shop.products() == {}

    shop.write()
    result = shop.run()

    assert result.created == len(shop.products()) > 0
    assert plain(shop.products()) == mapped(shop)


def test_a_storefront_that_was_left_for_a_while_is_read_anew(shop: Shop) -> None:
    assert shop.run().outcome == "ok"
    key = shop.item("beverage")
    shop.write(aiq={"publish_url": None})
    shop.sandbox.store.set_price(int(key), 77)
    assert shop.run().updated == 1

    shop.write()

    assert shop.run().updated == 1
    assert plain(shop.products()) == mapped(shop)
