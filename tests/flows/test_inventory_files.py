"""sync-inventory and its files: a dry run's trace, the lock, an unusable state, a full disk, a kill."""

import json
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from alleaves_sync.errors import StateUnusable, WriteFailed
from alleaves_sync.flows.menu.sync_location import FLOW
from alleaves_sync.state import RunLock, StateFile
from tests.conftest import OpenShop
from tests.shop import DRY, NAME, SYNC, Shop, mapped, plain
from tests.state.support import as_nobody, damage_the_items, folder


def start(shop: Shop, *args: str, prelude: str = "") -> subprocess.Popen[str]:
    """The command as a process of its own, with Ctrl-C switched on: in the background it is not."""
    ctrl_c = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{prelude}\n{ctrl_c}\nfrom alleaves_sync.cli import main\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", code, "--config", str(shop.config), *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def wait_for_call(shop: Shop, endpoint: str) -> None:
    """Until the sandbox was asked for it."""
    end = time.monotonic() + 20
    while not shop.calls(endpoint):
        assert time.monotonic() < end, f"{endpoint} was not asked"
        time.sleep(0.005)


# -- dry run -------------------------------------------------------------------------------------------------


def test_a_dry_run_creates_no_file(shop: Shop) -> None:
    before = folder(shop.folder)
    result = shop.run(DRY)
    assert (result.outcome, result.run_id) == ("ok", None)
    assert len(result.actions) == result.created == len(mapped(shop))
    assert folder(shop.folder) == before
    assert not shop.products()
    assert shop.calls(SYNC) == 0


def test_a_dry_run_leaves_every_byte_and_lists_what_the_real_one_does(shop: Shop) -> None:
    shop.run()
    store = shop.sandbox.store
    store.tick(10)
    store.remove_item(store.special("adult-only"))
    store.add_item({"item": "Fresh 1g"}, [{"available": 4, "price_retail": 9}])
    before, products = folder(shop.folder), shop.products()

    dry = shop.run(DRY)

    assert folder(shop.folder) == before
    assert shop.products() == products
    store.journal.forget()
    real = shop.run()
    assert [action.product.pos_product_id for action in dry.actions] == [
        product["posProductId"] for product in shop.sent()
    ]
    counts = [(one.created, one.updated, one.zeroed, one.unchanged) for one in (dry, real)]
    assert counts[0] == counts[1]
    assert dry.created == dry.zeroed == 1 <= dry.updated


# -- lock ----------------------------------------------------------------------------------------------------


def test_a_run_that_is_under_way_is_not_joined(shop: Shop) -> None:
    """Lesson: finding the lock taken was an error."""
    shop.run()
    shop.sandbox.store.journal.forget()
    with RunLock(shop.state, NAME, FLOW) as taken:
        assert taken
        for result in (shop.run(), shop.run(DRY)):
            assert (result.outcome, result.error) == ("locked", None)
    assert not shop.sandbox.store.journal.requests
    assert shop.outcomes() == ["ok"]
    assert shop.run().outcome == "ok"


def test_orders_do_not_lock_the_inventory(shop: Shop) -> None:
    with RunLock(shop.state, NAME, "orders"):
        assert shop.run().outcome == "ok"


def test_two_processes_at_once_are_one_run(shop: Shop) -> None:
    shop.fault("slow=0.4:1@/inventory/search")
    first = start(shop, "sync-inventory", "--json")
    wait_for_call(shop, "POST /api/inventory/search")
    second = shop.run()
    out, err = first.communicate(timeout=30)
    assert (first.returncode, err) == (0, "")
    assert second.outcome == "locked"
    assert json.loads(out)["locations"][0]["outcome"] == "ok"


# -- a state that cannot be used -----------------------------------------------------------------------------


def damaged(shop: Shop) -> None:
    damage_the_items(shop.state)


def newer(shop: Shop) -> None:
    with closing(Database(shop.state).conn) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "SELECT migration_set, 'zz_from_the_future', applied_at FROM _sqlite_migrations LIMIT 1"
        )


def rubbish(shop: Shop) -> None:
    shop.state.write_text("rubbish\n" * 500)


@pytest.mark.parametrize(("spoil", "reason"), [(newer, "newer"), (rubbish, "corrupt"), (damaged, "corrupt")])
def test_a_state_that_cannot_be_used_is_told_and_left_as_it_is(
    shop: Shop, spoil: object, reason: str
) -> None:
    shop.run()
    products, feed = shop.products(), shop.feed.read_bytes()
    assert callable(spoil)
    spoil(shop)
    before = shop.state.read_bytes()
    shop.sandbox.store.set_stock(shop.sandbox.store.special("beverage"), 31)
    for result in (shop.run(), shop.run(DRY)):
        assert result.outcome == "failed"
        assert isinstance(result.error, StateUnusable)
        assert result.error.reason == reason
    assert shop.state.read_bytes() == before
    assert (shop.products(), shop.feed.read_bytes()) == (products, feed)


def test_a_read_only_state_is_told_and_left_as_it_is(shop: Shop) -> None:
    shop.run()
    shop.state.chmod(0o444)
    before = shop.state.read_bytes()
    location = shop.location
    with as_nobody(), pytest.raises(StateUnusable) as caught:
        StateFile.open(location.state)
    assert caught.value.reason == "read-only"
    assert shop.state.read_bytes() == before


# -- a full disk ---------------------------------------------------------------------------------------------

LIMIT = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""


@pytest.mark.parametrize("publish", [True, False])
def test_a_full_disk_leaves_the_old_state_and_menu(open_shop: OpenShop, publish: bool) -> None:
    shop = open_shop(items=400)
    aiq = {} if publish else {"publish_url": None}
    shop.write(aiq=aiq)
    shop.run()
    before = shop.menu(), shop.products(), shop.feed.read_bytes()
    for item in shop.sandbox.store.items():
        if str(item["id_item"]) in before[0]:
            shop.sandbox.store.set_columns(item["id_item"], product_description="y" * 600)

    process = start(shop, "sync-inventory", "--json", prelude=LIMIT.format(size=150_000))
    out, err = process.communicate(timeout=30)

    assert process.returncode == 3, err
    (told,) = json.loads(out)["locations"]
    assert told["outcome"] == "failed"
    assert "could not be written" in told["error"]
    assert (told["created"], told["updated"]) == (0, 0)
    assert "Traceback" not in err
    assert (shop.menu(), shop.products(), shop.feed.read_bytes()) == before
    with StateFile.open_for_reading(shop.state) as state:
        state.check()
    result = shop.run()
    assert result.outcome == "ok"
    assert shop.menu() == mapped(shop)
    assert not publish or plain(shop.products()) == mapped(shop)


def test_a_disk_that_is_full_after_the_answer_is_made_good_by_the_next_run(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storefront took the products; that could not be noted: they are in doubt, and sent whole again."""
    real = StateFile.record

    def full(*_args: object, **_named: object) -> None:
        raise WriteFailed(shop.state, "database or disk is full")

    monkeypatch.setattr(StateFile, "record", full)
    result = shop.run()
    assert isinstance(result.error, WriteFailed)
    assert shop.in_doubt() == shop.products().keys()
    monkeypatch.setattr(StateFile, "record", real)
    assert shop.run().outcome == "ok"
    assert shop.menu() == mapped(shop) == plain(shop.products())
    assert not shop.in_doubt()


def test_without_a_storefront_a_run_that_cannot_be_noted_has_changed_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write(aiq={"publish_url": None})

    def full(*_args: object, **_named: object) -> None:
        raise WriteFailed(shop.state, "database or disk is full")

    with monkeypatch.context() as disk:
        disk.setattr(StateFile, "record", full)
        disk.setattr(StateFile, "save_run", full)
        result = shop.run()
    assert isinstance(result.error, WriteFailed)
    assert (result.outcome, result.created) == ("failed", 0)
    assert not shop.outcomes()
    assert not shop.menu()
    assert not shop.feed.exists()
    assert shop.run().outcome == "ok"
    assert shop.menu() == mapped(shop)


# -- interrupted ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "endpoint"),
    [
        ("slow=20:1@/inventory/search", "POST /api/inventory/search"),
        ("timeout-after=20@/products/sync", SYNC),
        ("unavailable@/products/sync", SYNC),
    ],
)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_ends_at_once_and_the_next_run_is_right(
    shop: Shop, fault: str, endpoint: str, number: signal.Signals, code: int
) -> None:
    shop.fault(fault)
    process = start(shop, "sync-inventory")
    wait_for_call(shop, endpoint)
    began = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=10)

    assert (process.returncode, out) == (code, "")
    assert time.monotonic() - began < 2
    assert "Traceback" not in err
    with RunLock(shop.state, NAME, FLOW) as taken:
        assert taken
    with StateFile.open_for_reading(shop.state) as state:
        state.check()
    shop.fault()
    assert shop.run().outcome == "ok"
    assert plain(shop.products()) == mapped(shop) == shop.menu()


def test_ctrl_c_does_not_wait_for_other_locations(shop: Shop) -> None:
    entry = shop.entry(aiq={"venue_id": "", "publish_url": None}, feed=None)
    shop.write({"one": entry, "two": entry, "three": entry})
    shop.fault("slow=20@/inventory/search")
    process = start(shop, "sync-inventory")
    wait_for_call(shop, "POST /api/inventory/search")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, "Traceback" in err) == (130, False)
    assert shop.state.exists()
    shop.fault()
    assert shop.run().outcome == "ok"


def test_a_killed_run_holds_no_lock(shop: Shop) -> None:
    """Lesson: the lock left by a killed process stopped the job for weeks."""
    shop.fault("timeout-after=20@/products/sync")
    process = start(shop, "sync-inventory")
    wait_for_call(shop, SYNC)
    while not shop.products():
        time.sleep(0.005)
    process.kill()
    process.communicate(timeout=10)
    assert shop.in_doubt() == shop.products().keys()
    shop.fault()
    assert shop.run().outcome == "ok"
    assert plain(shop.products()) == mapped(shop) == shop.menu()
