"""show-mapping's story: what the rules make of the POS, or of saved rows, without writing anything."""

import json
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from alleaves_sync.errors import AreasUnmatched, InputInvalid, ItemUnknown
from alleaves_sync.flows.explain.report import (
    ItemFilter,
    MappingReport,
    SavedRows,
    choose_items,
    map_location,
    read_saved_rows,
)
from alleaves_sync.flows.progress import SILENT
from tests.shop import Shop, mapped


def rows_of(shop: Shop) -> list[dict[str, Any]]:
    """Rows as the POS answers them."""
    found = shop.sandbox.store.rows()
    return [row | {"total_rows": len(found)} for row in found]


def saved(shop: Shop, *, rows_only: bool = False) -> SavedRows:
    path = shop.folder / "rows.json"
    found = rows_of(shop)
    whole = found if rows_only else {"rows": found, "items": shop.sandbox.store.items()}
    path.write_text(json.dumps(whole))
    return read_saved_rows(path)


def report(shop: Shop, rows: SavedRows | None = None) -> MappingReport:
    return map_location(shop.location, rows, SILENT, lambda: datetime(2026, 7, 4, 16, tzinfo=UTC))


def test_saved_rows_give_what_the_pos_gives(shop: Shop) -> None:
    asked = report(shop)
    shop.sandbox.store.journal.forget()
    shop.write(areas=["Sales Floor", "Express Case"])
    named = report(shop)
    shop.sandbox.store.journal.forget()
    offline = report(shop, saved(shop))
    assert offline.items == named.items
    assert [item.id_item for item in offline.items] == sorted(item.id_item for item in asked.items)
    assert not shop.sandbox.store.journal.requests


def test_rows_alone_are_enough(shop: Shop) -> None:
    found = report(shop, saved(shop, rows_only=True))
    assert len(found.items) == len(report(shop).items)


def test_nothing_is_written(shop: Shop) -> None:
    files = sorted(shop.folder.iterdir())
    shop.write(fields={"price": False})
    report(shop)
    assert sorted(shop.folder.iterdir()) == files


def test_locked_prices_are_those_of_the_menu(shop: Shop) -> None:
    """M6."""
    shop.run()
    cola = shop.sandbox.store.special("beverage")
    shop.sandbox.store.set_price(cola, 0)
    shop.write(fields={"price": False})
    found = {item.id_item: item for item in report(shop).items}
    product = found[cola].product
    assert product is not None
    assert found[cola].status == "listed"
    assert product.price == 5
    assert mapped(shop)[str(cola)]["price"] == 5


def test_an_area_that_no_saved_row_lies_in_is_told_with_those_there_are(shop: Shop) -> None:
    shop.write(areas=["Sales Floor", "Retial"])
    with pytest.raises(AreasUnmatched) as caught:
        report(shop, saved(shop))
    assert list(caught.value.selectors) == ["Retial"]
    assert "Sales Floor" in caught.value.areas


def test_no_rows_at_all_are_a_mapping_of_nothing(shop: Shop) -> None:
    path = shop.folder / "rows.json"
    path.write_text("[]")
    assert report(shop, read_saved_rows(path)).items == ()


@pytest.mark.parametrize(
    "content", ["", "{", "7", '"x"', "{}", '{"items": []}', '{"rows": 5}', "[" * 100_000]
)
def test_a_file_that_holds_no_rows_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rows.json"
    path.write_text(content)
    with pytest.raises(InputInvalid) as caught:
        read_saved_rows(path)
    assert caught.value.source == str(path)
    assert len(caught.value.problems) == 1


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputInvalid):
        read_saved_rows(tmp_path / "rows.json")


def test_rows_that_do_not_fit_are_withheld_not_refused(shop: Shop) -> None:
    """P6a."""
    path = shop.folder / "rows.json"
    rows = rows_of(shop)
    rows[0]["available"] = "plenty"
    path.write_text(json.dumps([*rows, 7]))
    found = {item.id_item: item for item in report(shop, read_saved_rows(path)).items}
    assert found[rows[0]["id_item"]].reasons == ("invalid",)


def test_items_are_chosen_by_id_name_status_and_category(shop: Shop) -> None:
    whole = report(shop)

    def ids(**wanted: object) -> list[int]:
        (chosen,) = choose_items([whole], ItemFilter(**wanted))  # type: ignore[arg-type]  # the caller's
        return [item.id_item for item in chosen.items]

    cola, tea = (shop.sandbox.store.special(key) for key in ("beverage", "unmapped"))
    assert ids(names=(str(cola),)) == ids(names=(" cola 10MG ",)) == [cola]
    assert ids(names=(str(cola), str(tea)), unmapped=True) == [tea]
    statuses = [ids(status=status) for status in ("listed", "hidden", "withheld")]
    assert all(statuses)
    assert sorted(chain(*statuses)) == [item.id_item for item in whole.items]


def test_an_unknown_item_is_told_with_its_nearest(shop: Shop) -> None:
    with pytest.raises(ItemUnknown) as caught:
        choose_items([report(shop)], ItemFilter(("Cola 10m",)))
    assert "Cola 10mg" in caught.value.nearest


def test_saved_rows_need_not_say_how_long_the_answer_was(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    path.write_text('[{"id_batch": 1, "id_item": 7, "item": "Jar", "available": 2, "on_hand": 2}]')

    saved = read_saved_rows(path)

    assert [row.id_item for row in saved.inventory.records] == [7]
    assert not saved.inventory.invalid
