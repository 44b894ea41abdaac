"""The feed: what `export` prints, replaced at once or not at all."""

import json
import os
import stat
from pathlib import Path

import pytest

from alleaves_sync.errors import NeverSynced, WriteFailed
from alleaves_sync.files import replace_file
from alleaves_sync.flows.menu.export import exported
from alleaves_sync.flows.menu.feed import feed_text, write_feed
from tests.shop import Shop, mapped


def test_the_feed_is_what_export_prints(shop: Shop) -> None:
    shop.run()
    text = shop.feed.read_text()
    assert text == exported(shop.location, "json")
    products = json.loads(text)
    assert {product["posProductId"]: product for product in products} == mapped(shop)
    assert [int(product["posProductId"]) for product in products] == sorted(map(int, shop.menu()))
    assert 0 in {product["quantity"] for product in products}
    lines = exported(shop.location, "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == products
    assert stat.S_IMODE(shop.feed.stat().st_mode) == 0o644


def test_a_feed_that_is_missing_comes_back_and_one_that_was_touched_is_put_right(shop: Shop) -> None:
    shop.run()
    right = shop.feed.read_bytes()
    shop.feed.unlink()
    shop.run()
    assert shop.feed.read_bytes() == right
    shop.feed.write_text("[]")
    shop.run()
    assert shop.feed.read_bytes() == right


def test_a_reader_sees_the_old_feed_or_the_new_one(tmp_path: Path) -> None:
    feed = tmp_path / "deep" / "menu.json"
    assert write_feed(feed, lambda: ['{"a":1}'])
    with feed.open("rb") as reader:
        assert write_feed(feed, lambda: ['{"a":2}'])
        assert json.load(reader) == [{"a": 1}]
    assert json.loads(feed.read_text()) == [{"a": 2}]
    assert not write_feed(feed, lambda: ['{"a":2}'])
    assert [path.name for path in feed.parent.iterdir()] == ["menu.json"]


def test_an_empty_menu_is_an_empty_list() -> None:
    assert json.loads(feed_text([])) == []


def test_a_feed_that_cannot_be_written_leaves_the_old_one_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "menu.json").mkdir()
    with pytest.raises(WriteFailed) as caught:
        write_feed(tmp_path / "menu.json", lambda: ["{}"])
    assert caught.value.path == tmp_path / "menu.json"
    with pytest.raises(WriteFailed, match="directory"):
        replace_file(tmp_path / "menu.json", [b"[]"])
    assert [path.name for path in tmp_path.iterdir()] == ["menu.json"]


def test_a_feed_that_is_a_link_stays_one(tmp_path: Path) -> None:
    real = tmp_path / "www" / "menu.json"
    real.parent.mkdir()
    real.write_text("[]\n")
    link = tmp_path / "menu.json"
    link.symlink_to(real)
    assert write_feed(link, lambda: ["{}"])
    assert link.is_symlink()
    assert json.loads(real.read_text()) == [{}]


def test_a_run_whose_feed_cannot_be_written_has_failed_and_the_next_one_makes_it_good(shop: Shop) -> None:
    shop.feed.mkdir()
    result = shop.run()
    assert isinstance(result.error, WriteFailed)
    assert result.outcome == "failed"
    assert shop.outcomes() == ["failed"]
    assert shop.products() == mapped(shop)
    shop.feed.rmdir()
    assert shop.run().outcome == "ok"
    assert json.loads(shop.feed.read_text())


def test_nothing_can_be_exported_that_was_never_synced(shop: Shop) -> None:
    with pytest.raises(NeverSynced):
        exported(shop.location, "json")
    assert not shop.state.exists()
    shop.sandbox.store.make_empty()
    shop.run()
    assert exported(shop.location, "json") == "[]\n" == shop.feed.read_text()
    assert exported(shop.location, "jsonl") == ""


def test_replacing_flushes_to_the_disk_before_it_renames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        seen.append((tmp_path / "menu.json").exists())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    replace_file(tmp_path / "menu.json", [b"[]"])
    assert seen == [False, True]


def test_a_pipe_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        replace_file(pipe, [b"[]\n"])
        assert os.read(reader, 10) == b"[]\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
