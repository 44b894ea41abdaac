"""sync-inventory when all goes well: the storefront shows what the rules say, and nothing is done twice."""

from dataclasses import replace
from datetime import UTC, datetime

from alleaves_sync.errors import AreasUnmatched, PosLocationUnknown
from alleaves_sync.flows.menu.result import InventoryResult
from alleaves_sync.flows.menu.sync_location import sync_inventory
from tests.conftest import OpenShop
from tests.contract_check import check_recorded
from tests.shop import DRY, FORCE, LIST, LOGIN, SYNC, Shop, mapped, plain


def codes(result: InventoryResult) -> set[str]:
    return {warning.code for warning in result.warnings}


def test_the_first_run_makes_the_storefront_equal_to_the_mapping(shop: Shop) -> None:
    result = shop.run()

    expected = mapped(shop)
    assert (result.outcome, result.error) == ("ok", None)
    assert shop.products() == expected == shop.menu()
    assert result.created == len(expected) > 60
    assert (result.updated, result.zeroed, result.unchanged, result.rejected) == (0, 0, 0, 0)
    assert (
        result.listed + result.hidden + result.withheld == result.items == len(shop.sandbox.store.items()) - 1
    )
    assert result.listed == len(shop.listed())
    assert result.rows == len(shop.sandbox.store.rows())
    assert result.unmapped_categories["Category > Wellness Teas"] == 1
    assert result.run_id
    assert shop.rows("SELECT id, outcome FROM runs") == [(result.run_id, "ok")]
    assert not shop.in_doubt()


def test_an_unchanged_run_sends_nothing_and_writes_no_product(shop: Shop) -> None:
    """F2: nothing changed: nothing is sent and nothing is written but the run itself."""
    first = shop.run()
    items = shop.rows("SELECT * FROM items ORDER BY pos_product_id")
    changes = shop.rows("SELECT count(*) FROM changes")
    feed = shop.feed.stat()
    shop.sandbox.store.journal.forget()

    second = shop.run()

    assert (second.outcome, second.unchanged) == ("ok", first.created)
    assert (second.created, second.updated, second.zeroed) == (0, 0, 0)
    assert (shop.calls(SYNC), shop.calls(LIST), shop.calls(LOGIN)) == (0, 0, 1)
    assert shop.rows("SELECT * FROM items ORDER BY pos_product_id") == items
    assert shop.rows("SELECT count(*) FROM changes") == changes
    assert (shop.feed.stat().st_mtime_ns, shop.feed.stat().st_ino) == (feed.st_mtime_ns, feed.st_ino)
    assert shop.outcomes() == ["ok", "ok"]


def test_only_changed_fields_of_changed_products_are_sent(shop: Shop) -> None:
    """F2: a price, a stock, a new item, one that left the POS, one without a description any more."""
    shop.run()
    store = shop.sandbox.store
    cola, tray, html = (store.special(key) for key in ("beverage", "accessory", "html"))
    store.set_stock(cola, 31)
    store.set_price(tray, 27.5)
    store.set_columns(tray, price_otd=27.5, price_retail=27.5)
    store.set_columns(html, product_description=None)
    gone = store.special("adult-only")
    store.remove_item(gone)
    new = store.add_item({"item": "Fresh 1g"}, [{"available": 4, "price_retail_adult_use": 12.5}])
    store.journal.forget()

    result = shop.run()

    assert result.outcome == "ok"
    assert (result.created, result.updated, result.zeroed) == (1, 3, 1)
    sent = {product["posProductId"]: product for product in shop.sent()}
    assert sent.keys() == {str(key) for key in (cola, tray, html, gone, new)}
    assert sent[str(cola)] == {"posProductId": str(cola), "quantity": 31}
    assert sent[str(tray)] == {"posProductId": str(tray), "price": 27.5}
    assert sent[str(html)] == {"posProductId": str(html), "description": None}
    assert sent[str(gone)] == {"posProductId": str(gone), "quantity": 0}
    assert shop.sent()[0]["posProductId"] == str(gone)
    kept = shop.products()
    assert kept.pop(str(gone))["quantity"] == 0
    assert kept == mapped(shop)
    history = shop.rows("SELECT pos_product_id, action, fields FROM changes ORDER BY rowid DESC LIMIT 5")
    assert (str(cola), "update", '{"quantity":[50,31]}') in history
    assert (str(gone), "zero", '{"quantity":[12,0]}') in history


def test_a_product_that_left_the_pos_comes_back_when_it_comes_back(open_shop: OpenShop) -> None:
    """P6."""
    shop = open_shop()
    shop.run()
    shop.sandbox.store.make_empty()
    emptied = shop.run(FORCE)
    assert (emptied.outcome, shop.listed()) == ("ok", set())
    shop.sandbox.store.fill_again()

    result = shop.run()

    assert (result.outcome, result.created) == ("ok", 0)
    assert shop.products() == mapped(shop)


def test_many_rounds_of_life_never_let_the_two_drift_apart(shop: Shop) -> None:
    for _ in range(6):
        shop.sandbox.store.tick(4)
        result = shop.run()
        assert result.outcome == "ok"
        assert plain(shop.products()) == mapped(shop)


def test_products_are_sent_in_batches_that_the_storefront_takes(open_shop: OpenShop) -> None:
    shop = open_shop(items=620)
    result = shop.run()
    batches = [len(one.body["products"]) for one in shop.sandbox.store.journal.asked("/products/sync")]
    assert batches[:-1] == [250, 250]
    assert sum(batches) == result.created == len(shop.products())


def test_every_request_and_answer_is_as_the_contract_says(open_shop: OpenShop) -> None:
    shop = open_shop(recording=True)
    shop.run()
    shop.sandbox.store.tick(20)
    shop.sandbox.store.set_columns(shop.sandbox.store.special("pictures"), media_list=[])
    shop.run()
    shop.state.unlink()
    shop.run()
    shop.run(DRY)

    assert check_recorded(shop.sandbox.exchanges) > 20
    assert {one.status for one in shop.sandbox.exchanges} == {200}
    assert shop.calls(SYNC) > 1


def test_without_a_storefront_the_menu_is_kept_here(shop: Shop) -> None:
    shop.write(aiq={"publish_url": None})
    result = shop.run()
    assert result.outcome == "ok"
    assert result.created == len(shop.menu())
    assert shop.menu() == mapped(shop)
    assert not shop.products()
    assert (shop.calls(SYNC), shop.calls(LIST)) == (0, 0)
    assert not shop.in_doubt()
    store = shop.sandbox.store
    store.set_stock(store.special("beverage"), 31)
    second = shop.run()
    assert (second.updated, second.created) == (1, 0)
    assert shop.menu() == mapped(shop)


def test_fields_that_are_switched_off_stay_as_they_were_but_for_new_products(shop: Shop) -> None:
    """F1, M6."""
    shop.run()
    store = shop.sandbox.store
    cola = store.special("beverage")
    store.set_price(cola, 99)
    store.set_columns(cola, item="Renamed")
    new = store.add_item({"item": "Fresh 1g"}, [{"available": 4, "price_retail_adult_use": 12.5}])
    shop.write(fields={"price": False, "name": False})

    result = shop.run()

    assert (result.created, result.updated) == (1, 0)
    assert shop.products()[str(cola)]["price"] == 5
    assert shop.products()[str(cola)]["name"] == "Cola 10mg"
    assert shop.products()[str(new)]["price"] == 12.5
    assert shop.products()[str(new)]["name"] == "Fresh 1g"


def test_a_disabled_location_is_left_alone(shop: Shop) -> None:
    shop.write(enabled=False)
    result = shop.run()
    assert (result.outcome, result.error) == ("disabled", None)
    assert not shop.sandbox.store.journal.requests
    assert not shop.state.exists()


def test_areas_that_match_nothing_are_an_error_with_what_there_is(shop: Shop) -> None:
    """P2: never an empty menu."""
    shop.run()
    before = shop.products()
    shop.write(areas=["Retail", "Retial"])
    result = shop.run()
    assert isinstance(result.error, AreasUnmatched)
    assert result.error.selectors == ["Retial"] or tuple(result.error.selectors) == ("Retial",)
    assert any("Sales Floor" in label for label in result.error.areas)
    assert (result.outcome, shop.products()) == ("failed", before)


def test_an_unknown_location_of_the_pos_is_an_error_with_those_there_are(shop: Shop) -> None:
    shop.write(alleaves={"location_id": 77})
    result = shop.run()
    assert isinstance(result.error, PosLocationUnknown)
    assert [number for number, _ in result.error.known] == [shop.sandbox.location_id]


def test_dates_are_those_of_the_locations_own_zone(shop: Shop) -> None:
    """P3: a batch that expires today in New York is still sold while it is tomorrow in UTC."""
    item = shop.sandbox.store.add_item(
        {"item": "Last day"}, [{"available": 4, "price_retail_adult_use": 8, "date_expire": "2033-05-30"}]
    )
    late = datetime(2033, 5, 31, 2, tzinfo=UTC)
    sync_inventory(shop.location, clock=lambda: late)
    assert str(item) in shop.listed()
    sync_inventory(shop.location, clock=lambda: late.replace(hour=5))
    assert str(item) not in shop.listed()


def test_a_location_without_a_time_zone_is_dated_in_utc_and_told(shop: Shop) -> None:
    for zone in (None, "Mars/Olympus"):
        shop.sandbox.store.set_location(timezone=zone)
        assert "timezone-unknown" in codes(shop.run())


def test_a_broken_row_withholds_its_item_only(shop: Shop) -> None:
    """P6a, lesson: one bad record stopped the run."""
    shop.run()
    store = shop.sandbox.store
    cola, tray = store.special("beverage"), store.special("accessory")
    store.set_columns(cola, available="plenty")
    store.set_stock(tray, 3)

    result = shop.run()

    assert result.outcome == "partial"
    assert result.by_reason["invalid"] == 1
    assert [warning.id_item for warning in result.warnings if warning.code == "invalid"] == [cola]
    assert shop.products()[str(cola)]["quantity"] == 0
    assert shop.products()[str(tray)]["quantity"] == 3
    assert shop.outcomes()[-1] == "partial"
    store.set_columns(cola, available=50)
    assert shop.run().outcome == "ok"
    assert shop.products() == mapped(shop)


def test_a_record_that_names_no_item_makes_the_run_partial(shop: Shop) -> None:
    row = shop.sandbox.store.rows(shop.sandbox.store.special("beverage"))[0]
    shop.sandbox.store.set_row(row["id_batch"], row["id_area"], id_item=None)
    result = shop.run()
    assert result.outcome == "partial"
    assert [warning.code for warning in result.warnings if warning.id_item is None] == ["invalid"]


def test_a_result_is_the_same_value_for_the_same_run(shop: Shop) -> None:
    first, second = shop.run(DRY), shop.run(DRY)
    assert replace(first, seconds=0.0) == replace(second, seconds=0.0)
    assert first.run_id is None
