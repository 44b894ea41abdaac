"""What is as it was need not be mapped again: the same decisions, and never an old one for something new."""

import dataclasses
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from alleaves_sync.alleaves.models import InvalidRecord
from alleaves_sync.flows.menu import recognition
from alleaves_sync.flows.menu.reading import PosItem
from alleaves_sync.flows.menu.recognition import Recognition
from alleaves_sync.flows.menu.spool import Spooled
from alleaves_sync.flows.menu.sync_location import RunOptions
from alleaves_sync.rules.actions import FieldGroup
from alleaves_sync.rules.mapping import AreaSelection, Rules
from tests import builders
from tests.shop import Shop


def spooled(content: bytes, expires: str | None = None) -> Spooled:
    return Spooled(blake2b(content, digest_size=16).digest(), 0, expires, 0)


def unread(_record: Spooled) -> bytes:
    raise AssertionError("a fingerprint needs no content")


ROWS = [spooled(b"row", "2026-02-01"), spooled(b"other")]
ITEM = PosItem(7, ROWS, spooled(b"item"), (), unread)
NOTHING: frozenset[FieldGroup] = frozenset()


def source(item: PosItem = ITEM, *, off: frozenset[FieldGroup] = NOTHING, **rules: Any) -> bytes | None:
    return Recognition(builders.rules(**rules), off).source(item)


def with_rows(*rows: Spooled) -> PosItem:
    return dataclasses.replace(ITEM, rows=rows)


# One other value for every field of the rules but the date: a new field without one fails the test below.
OTHER: dict[str, Any] = {
    "areas": AreaSelection(frozenset({"vault"}), frozenset({1})),
    "menu": "medical",
    "otd_pricing": "always",
    "threshold_needs_checkbox": True,
    "tier_price": "per_unit",
    "use_default_categories": False,
    "category_map": {"snacks": "EDIBLES"},
    "labs": False,
    "terpenes": False,
}


def test_every_rule_has_its_part_in_the_source() -> None:
    fields = {field.name for field in dataclasses.fields(Rules)}
    assert fields - {"today"} == OTHER.keys()
    found = {source(**{name: value}) for name, value in OTHER.items()}
    assert len(found) == len(OTHER)
    assert source() not in found


def test_a_field_that_is_switched_off_is_another_source() -> None:
    assert len({source(), source(off=frozenset({"price"})), source(off=frozenset({"name"}))}) == 3


def test_p3_the_day_counts_where_a_row_ends_and_nowhere_else() -> None:
    on_its_last_day, after = source(today=date(2026, 2, 1)), source(today=date(2026, 2, 2))
    assert source(today=date(2025, 1, 1)) == on_its_last_day != after == source(today=date(2030, 1, 1))
    endless = with_rows(spooled(b"row"))
    assert source(endless, today=date(2026, 2, 1)) == source(endless, today=date(2030, 1, 1))


@pytest.mark.parametrize(
    "other",
    [
        with_rows(spooled(b"row", "2026-02-01")),
        with_rows(spooled(b"other", "2026-02-01")),
        with_rows(*ROWS, spooled(b"item")),
        dataclasses.replace(ITEM, item=None),
        dataclasses.replace(ITEM, item=spooled(b"iteM")),
    ],
)
def test_other_records_are_another_source(other: PosItem) -> None:
    assert source(other) != source()


def test_p6a_what_is_broken_is_looked_at_every_time() -> None:
    fault = InvalidRecord(7, "Opal Sedge", "available", "is missing")
    assert source(dataclasses.replace(ITEM, faults=[fault])) is None


def test_the_code_of_every_rule_has_its_part_in_the_source(tmp_path: Path, monkeypatch: Any) -> None:
    copy = tmp_path / "alleaves_sync"
    shutil.copytree(recognition._PROGRAM, copy)
    monkeypatch.setattr(recognition, "_PROGRAM", copy)
    code = recognition._code.__wrapped__
    before = code()
    assert before == code()
    for name in ("rules/mapping/labs.py", "rules/actions.py", "aiq/wire.py", "alleaves/packing.py"):
        with (copy / name).open("a") as file:
            file.write("# another rule\n")
        before, earlier = code(), before
        assert before != earlier


def test_code_that_cannot_be_read_is_never_the_same(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(recognition, "_PROGRAM", tmp_path)
    code = recognition._code.__wrapped__
    assert code() != code()


def told(shop: Shop) -> tuple[object, ...]:
    """What a run says of the store; all but what it did about it."""
    run = shop.run()
    by_reason, unmapped = dict(run.by_reason), dict(run.unmapped_categories)
    warnings = sorted(map(repr, run.warnings))
    return (
        run.outcome,
        run.rows,
        run.items,
        run.listed,
        run.hidden,
        run.withheld,
        by_reason,
        unmapped,
        warnings,
    )


def test_a_run_says_and_knows_the_same_as_one_that_maps_everything(shop: Shop) -> None:
    for _ in range(4):
        shop.sandbox.store.tick(5)
        quick = told(shop)
        known = shop.menu()
        sources = shop.rows("SELECT pos_product_id, source FROM items ORDER BY 1")
        assert all(source is not None for _, source in sources)
        shop.state.unlink()
        assert told(shop) == quick
        assert shop.menu() == known
        assert shop.rows("SELECT pos_product_id, source FROM items ORDER BY 1") == sources


def test_what_the_storefront_has_not_taken_over_is_decided_about_again(shop: Shop) -> None:
    """A rejected product stays pending, also when the POS has meanwhile gone back to the old value."""
    shop.run()
    key = min(shop.listed(), key=int)
    price = shop.products()[key]["price"]
    shop.sandbox.store.set_price(int(key), price + 1)
    shop.fault("reject-products=1:1")
    rejected = shop.run()
    assert (rejected.outcome, rejected.rejected) == ("partial", 1)
    assert (key, None) in shop.rows("SELECT pos_product_id, source FROM items")
    assert shop.run().updated == 1
    assert shop.products()[key]["price"] == price + 1


@pytest.mark.parametrize("text", ["x", "5", "[5]", '[["a"]]'])
def test_warnings_that_cannot_be_read_are_found_anew(shop: Shop, text: str) -> None:
    first = told(shop)
    with closing(sqlite3.connect(shop.state)) as connection, connection:
        connection.execute("UPDATE items SET warnings = ? WHERE warnings IS NOT NULL", [text])
    assert told(shop) == first
    assert (text,) not in shop.rows("SELECT warnings FROM items")


def test_a_dry_run_recognises_too(shop: Shop) -> None:
    told(shop)
    shop.sandbox.store.tick(3)
    planned = shop.run(RunOptions(dry_run=True))
    done = shop.run()
    assert (planned.unchanged, len(planned.actions)) == (
        done.unchanged,
        done.updated + done.created + done.zeroed,
    )
