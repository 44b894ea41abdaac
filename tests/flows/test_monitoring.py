"""Pings and metrics: what leaves, when, and that none of it changes what became of a run."""

import os

import pytest

from alleaves_sync.config import load
from alleaves_sync.errors import BrakeEngaged
from alleaves_sync.flows.inventory import NORMAL_RUN, RunOptions
from alleaves_sync.flows.inventory_result import InventoryResult
from alleaves_sync.flows.menus import sync_menus
from alleaves_sync.flows.progress import SILENT
from alleaves_sync.monitoring import watched
from tests.loopback import Asked, Loopback, Reply
from tests.shop import DRY, NAME, Shop


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
