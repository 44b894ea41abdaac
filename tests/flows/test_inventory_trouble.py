"""sync-inventory when services fail: the menu stays right, and the next run makes good what is in doubt."""

import pytest

from alleaves_sync.errors import (
    AlleavesSyncError,
    LoginRefused,
    OutOfTime,
    ReadIncomplete,
    RequestRefused,
    ServerFailed,
    Unreachable,
    WrongAnswer,
)
from alleaves_sync.flows.menu.sync_location import RunOptions
from tests.conftest import OpenShop
from tests.loopback import Loopback, in_turn, reply
from tests.shop import DRY, LOGIN, SYNC, Shop, mapped, plain

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.fixture
def synced(shop: Shop) -> Shop:
    """A shop in step, and a new stock and price in its POS."""
    shop.run()
    store = shop.sandbox.store
    store.set_stock(store.special("beverage"), 31)
    store.set_columns(store.special("accessory"), price_otd=27.5, price_retail=27.5)
    store.journal.forget()
    return shop


LASTING: list[tuple[str, type[AlleavesSyncError]]] = [
    ("unavailable", ServerFailed),
    ("error", ServerFailed),
    ("rate-limit", ServerFailed),
    ("rate-limit-date", ServerFailed),
    ("drop", Unreachable),
    ("drop-body", Unreachable),
    ("html", WrongAnswer),
    ("wrong-shape", WrongAnswer),
    ("short-page", ReadIncomplete),
    ("moved-rows", ReadIncomplete),
    ("wrong-password", LoginRefused),
]


@pytest.mark.parametrize(("fault", "error"), LASTING)
def test_a_lasting_fault_of_the_pos_leaves_the_menu_untouched(
    synced: Shop, fault: str, error: type[AlleavesSyncError]
) -> None:
    before = synced.products(), synced.menu(), synced.feed.read_bytes()
    synced.sandbox.store.max_take = 40  # several pages
    synced.fault(fault)

    result = synced.run()

    assert (result.outcome, type(result.error)) == ("failed", error)
    assert (synced.products(), synced.menu(), synced.feed.read_bytes()) == before
    assert (synced.calls(SYNC), synced.in_doubt()) == (0, set())
    assert synced.outcomes() == ["ok", "failed"]
    assert (result.created, result.updated, result.zeroed, result.run_id) == (0, 0, 0, result.run_id)
    synced.fault()
    assert synced.run().outcome == "ok"
    assert plain(synced.products()) == mapped(synced)


PASSING = [
    "unavailable:2",
    "error:3",
    "rate-limit:2",
    "rate-limit-date:1",
    "drop:2",
    "drop-body:2",
    "html:2",
    "short-page:1",
    "moved-rows:1",
    "expired-token",
    "basic-only",
    "error-after:1",
    "error-before:2",
    "drop-after:2",
    "drop-before:1",
    "unavailable:2@/products",
]


@pytest.mark.parametrize("fault", PASSING)
def test_a_passing_fault_is_not_noticed(synced: Shop, fault: str) -> None:
    synced.sandbox.store.max_take = 40
    synced.fault(fault)
    result = synced.run()
    assert (result.outcome, result.error, result.updated) == ("ok", None, 2)
    assert plain(synced.products()) == mapped(synced)
    assert synced.sandbox.store.faults.struck > 0
    assert not synced.in_doubt()


def test_an_empty_answer_that_lasts_is_refused(synced: Shop) -> None:
    before = synced.products()
    synced.fault("empty")
    assert synced.run().outcome == "refused"
    assert synced.products() == before


def test_a_wrong_password_is_sent_once_and_nothing_else_is_tried(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLEAVES_PASSWORD", "wrong")
    result = shop.run()
    assert isinstance(result.error, LoginRefused)
    assert (result.error.account, result.error.base_url) == (
        shop.sandbox.username,
        shop.sandbox.alleaves_url,
    )
    assert dict(shop.sandbox.store.journal.calls) == {LOGIN: 1}


def test_a_wrong_key_of_the_storefront_is_a_refused_login(synced: Shop) -> None:
    before = synced.products()
    synced.fault("wrong-key")
    result = synced.run()
    assert isinstance(result.error, LoginRefused)
    assert result.error.service == "AIQ"
    assert synced.calls(SYNC) == 1
    assert synced.products() == before
    synced.fault()
    assert synced.run().outcome == "ok"
    assert plain(synced.products()) == mapped(synced)


def test_a_storefront_that_does_not_know_the_call_is_an_error(synced: Shop) -> None:
    synced.write(aiq={"publish_url": f"{synced.sandbox.aiq_url}/nowhere"})
    result = synced.run()
    assert isinstance(result.error, RequestRefused)
    assert result.error.status == 404


def test_a_service_that_is_too_slow_ends_with_the_time_of_the_run(shop: Shop) -> None:
    """Lesson: a retry loop took more than the interval."""
    shop.write(top={"time_budget_seconds": 0.2})
    shop.fault("slow=5")
    result = shop.run()
    assert isinstance(result.error, OutOfTime | Unreachable)
    assert result.seconds < 1.5


# -- in doubt ------------------------------------------------------------------------------------------------

UNCLEAR = [
    "drop-after",
    "error-after",
    "timeout-after=5:1",
    "error-before",
    "drop-before",
    "html@/products/sync",
]


@pytest.mark.parametrize("fault", UNCLEAR)
def test_a_batch_without_an_answer_is_in_doubt_and_sent_whole_by_the_next_run(
    synced: Shop, fault: str
) -> None:
    """A run that never heard what became of its products; then the POS goes on."""
    if "timeout" in fault:
        synced.write(top={"time_budget_seconds": 0.6})
    synced.fault(fault)
    store = synced.sandbox.store
    cola, tray = synced.item("beverage"), synced.item("accessory")

    result = synced.run()

    assert (result.outcome, result.updated) == ("failed", 0)
    assert isinstance(result.error, ServerFailed | Unreachable | OutOfTime | WrongAnswer)
    assert synced.in_doubt() == {cola, tray}
    store.set_stock(int(cola), 30)
    synced.fault()
    synced.write()
    store.journal.forget()
    result = synced.run()
    assert (result.outcome, result.updated) == ("ok", 2)
    whole = {product["posProductId"]: product for product in synced.sent()}
    assert whole.keys() == {cola, tray}
    assert {"name", "price", "quantity", "description", "labs"} <= whole[cola].keys()
    assert plain(synced.products()) == mapped(synced) == synced.menu()
    assert not synced.in_doubt()
    store.journal.forget()
    assert synced.run().updated == 0
    assert synced.calls(SYNC) == 0


def test_a_value_that_was_sent_without_an_answer_and_taken_back_in_the_pos_is_set_right(synced: Shop) -> None:
    """Design, step 6: also when the POS has meanwhile gone back to the old value."""
    synced.fault("error-after")
    synced.run()
    cola = synced.item("beverage")
    assert synced.products()[cola]["quantity"] == 31
    assert synced.menu()[cola]["quantity"] == 50
    synced.fault()
    synced.sandbox.store.set_stock(int(cola), 50)
    synced.run()
    assert synced.products()[cola]["quantity"] == 50
    assert plain(synced.products()) == mapped(synced)


def test_a_first_run_cut_off_between_two_batches_goes_on_where_it_was(open_shop: OpenShop) -> None:
    shop = open_shop(items=620)
    shop.fault("error-after+1@/products/sync")
    result = shop.run()
    assert (result.outcome, result.created) == ("failed", 250)
    assert (len(shop.menu()), len(shop.in_doubt())) == (250, 250)
    assert shop.rows("SELECT count(*) FROM changes") == [(250,)]
    shop.fault()
    result = shop.run()
    assert result.outcome == "ok"
    assert plain(shop.products()) == mapped(shop) == shop.menu()
    assert not shop.in_doubt()


def test_a_product_in_doubt_that_left_the_pos_is_taken_off_the_menu(shop: Shop) -> None:
    """P7: sent with an unknown answer and then gone from the POS: sent with quantity 0."""
    shop.run()
    new = shop.sandbox.store.add_item({"item": "Fresh 1g"}, [{"available": 4, "price_retail": 12.5}])
    shop.fault("error-after")
    shop.run()
    shop.fault()
    assert shop.products()[str(new)]["quantity"] == 4
    shop.sandbox.store.remove_item(new)
    result = shop.run()
    assert (result.outcome, result.zeroed) == ("ok", 1)
    assert shop.products()[str(new)]["quantity"] == 0


def test_what_the_storefront_does_not_name_stays_in_doubt(synced: Shop) -> None:
    cola, tray = synced.item("beverage"), synced.item("accessory")
    named = reply({"results": [{"posProductId": tray, "status": "updated"}]})
    with Loopback(in_turn(named)) as odd:
        synced.write(aiq={"publish_url": f"{odd.url}/sync"})
        result = synced.run()
    assert (result.outcome, result.updated) == ("partial", 1)
    told = [one.id_item for one in result.warnings if one.code == "answer-unknown"]
    assert told == [int(cola)]
    assert synced.in_doubt() == {cola}
    synced.write()
    result = synced.run()
    assert (result.outcome, result.updated) == ("ok", 1)
    assert {"posProductId", "name", "quantity"} <= synced.sent()[-1].keys()
    assert synced.sent()[-1]["posProductId"] == cola


# -- rejected ------------------------------------------------------------------------------------------------


def test_rejected_products_are_told_and_sent_again_by_the_next_run(synced: Shop) -> None:
    cola, tray = synced.item("beverage"), synced.item("accessory")
    synced.fault("reject-products=1:1")

    result = synced.run()

    first = min(cola, tray, key=int)
    assert (result.outcome, result.rejected, result.updated) == ("partial", 1, 1)
    told = [(one.id_item, one.message) for one in result.warnings if one.code == "rejected"]
    assert told == [(int(first), "rejected by the venue")]
    assert not synced.in_doubt()
    synced.sandbox.store.journal.forget()
    result = synced.run()
    assert (result.outcome, result.rejected, result.updated) == ("ok", 0, 1)
    assert [product["posProductId"] for product in synced.sent()] == [first]
    assert plain(synced.products()) == mapped(synced) == synced.menu()


def test_a_new_product_that_is_rejected_is_created_by_the_next_run(shop: Shop) -> None:
    shop.fault("reject-products=3:1")
    result = shop.run()
    assert (result.outcome, result.rejected) == ("partial", 3)
    assert len(shop.menu()) == result.created == len(shop.products())
    result = shop.run()
    assert (result.outcome, result.created) == ("ok", 3)
    assert plain(shop.products()) == mapped(shop)


def test_a_product_in_doubt_that_is_rejected_stays_in_doubt(synced: Shop) -> None:
    """A rejection says nothing of the attempt before it."""
    synced.fault("error-after")
    synced.run()
    synced.fault("reject-products=2")
    assert synced.run().rejected == 2
    assert synced.in_doubt() == {synced.item("beverage"), synced.item("accessory")}
    synced.fault()
    assert synced.run().outcome == "ok"
    assert not synced.in_doubt()


def test_a_body_that_is_too_large_is_split(open_shop: OpenShop) -> None:
    shop = open_shop(items=300)
    shop.fault("too-large=20000")
    result = shop.run()
    assert (result.outcome, result.rejected) == ("ok", 0)
    assert plain(shop.products()) == mapped(shop)
    assert shop.calls(SYNC) > 4


def test_a_product_that_is_too_large_alone_is_rejected_and_named(shop: Shop) -> None:
    item = shop.sandbox.store.add_item(
        {"item": "Told at length", "product_description": "x" * 9000}, [{"available": 4, "price_retail": 9}]
    )
    shop.fault("too-large=8000")
    result = shop.run()
    assert (result.outcome, result.rejected) == ("partial", 1)
    assert [one.id_item for one in result.warnings if one.code == "rejected"] == [item]
    shop.fault()
    assert shop.run().outcome == "ok"
    assert plain(shop.products()) == mapped(shop)


def test_a_dry_run_meets_the_same_faults_and_leaves_as_little(synced: Shop) -> None:
    for fault in ("unavailable", "wrong-password", "empty"):
        synced.fault(fault)
        real, dry = synced.run(), synced.run(DRY)
        assert (dry.outcome, type(dry.error)) == (real.outcome, type(real.error))
    assert synced.outcomes() == ["ok", "failed", "failed", "refused"]
    synced.fault("reject-products", "error-after")
    assert synced.run(RunOptions(dry_run=True)).outcome == "ok"
    assert synced.calls(SYNC) == 0
