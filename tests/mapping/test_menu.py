"""All items of a location: P1, P3, P6a, M6."""

from collections.abc import Sequence

from alleaves_sync.alleaves.models import Fetched, InvalidRecord, InventoryRow, Item
from alleaves_sync.rules.mapping import MappedItem, map_menu, strays
from tests.builders import item, product, row, rules


def fetched_rows(*rows: InventoryRow, invalid: Sequence[InvalidRecord] = ()) -> Fetched[InventoryRow]:
    return Fetched(rows, tuple(invalid), len(rows) + len(invalid))


def fetched_items(*items: Item, invalid: Sequence[InvalidRecord] = ()) -> Fetched[Item]:
    return Fetched(items, tuple(invalid), len(items) + len(invalid))


def menu(inventory: Fetched[InventoryRow], catalogue: Fetched[Item] | None = None) -> list[MappedItem]:
    return list(map_menu(inventory, catalogue or fetched_items(), rules()))


def lost(inventory: Fetched[InventoryRow], catalogue: Fetched[Item]) -> tuple[InvalidRecord, ...]:
    with_rows = {row.id_item for row in inventory.records} | {row.id_item for row in inventory.invalid}
    return strays(inventory.invalid, catalogue.invalid, lambda: with_rows)


def broken(id_item: int | None, name: str = "", field: str = "available") -> InvalidRecord:
    return InvalidRecord(id_item, name, field, "is not a number: null")


def test_p1_there_is_one_result_per_item_in_order_of_its_id() -> None:
    """P1"""
    inventory = fetched_rows(
        row(id_item=10, id_batch=1), row(id_item=9, id_batch=2), row(id_item=10, id_batch=3), row(id_item=2)
    )
    quantities = [(found.id_item, int(found.product.quantity)) for found in menu(inventory) if found.product]
    assert quantities == [(2, 10), (9, 10), (10, 20)]


def test_p1_each_item_gets_its_own_catalogue_record() -> None:
    """P1"""
    inventory = fetched_rows(row(id_item=1), row(id_item=2), row(id_item=3))
    catalogue = fetched_items(
        item(id_item=2, product_description="two"), item(id_item=1, product_description="one")
    )
    found = {one.id_item: one.product and one.product.description for one in menu(inventory, catalogue)}
    assert found == {1: "one", 2: "two", 3: None}


def test_p3_a_catalogue_item_without_any_row_is_no_item() -> None:
    """P3"""
    assert [
        found.id_item for found in menu(fetched_rows(row(id_item=1)), fetched_items(item(id_item=2)))
    ] == [1]


def test_p3_no_rows_are_no_items() -> None:
    """P3"""
    assert menu(fetched_rows(), fetched_items(item())) == []


def test_p6a_an_item_with_a_broken_row_is_withheld_and_the_others_go_on() -> None:
    """P6a"""
    inventory = fetched_rows(row(id_item=1), row(id_item=2), invalid=[broken(1, "Opal Sedge")])
    first, second = menu(inventory)
    assert (first.id_item, first.status, first.reasons, first.product) == (1, "withheld", ("invalid",), None)
    assert first.name == "Opal Sedge"
    assert [(warning.code, warning.message) for warning in first.warnings] == [
        ("invalid", "available: is not a number: null")
    ]
    assert second.status == "listed"


def test_p6a_an_item_of_which_every_row_is_broken_is_still_there() -> None:
    """P6a"""
    inventory = fetched_rows(row(id_item=5), invalid=[broken(3), broken(3, "Later named", "price_otd")])
    first, _ = menu(inventory)
    assert (first.id_item, first.name, first.reasons) == (3, "Later named", ("invalid",))
    assert [warning.message.split(":")[0] for warning in first.warnings] == ["available", "price_otd"]


def test_p6a_an_item_with_a_broken_catalogue_record_is_withheld() -> None:
    """P6a"""
    catalogue = fetched_items(invalid=[broken(1, "Opal Sedge", "media_list")])
    (found,) = menu(fetched_rows(row(id_item=1)), catalogue)
    assert (found.reasons, found.warnings[0].message) == (("invalid",), "media_list: is not a number: null")


def test_p6a_a_record_that_belongs_to_no_item_is_a_stray() -> None:
    """P6a"""
    nameless, of_row = broken(None), broken(1)
    rowless, nameless_item, of_item = broken(7), broken(None, "x"), broken(1, "y")
    of_broken_row = broken(2, "z")
    inventory = fetched_rows(row(id_item=1), invalid=[nameless, of_row, broken(2)])
    catalogue = fetched_items(invalid=[rowless, nameless_item, of_item, of_broken_row])
    assert lost(inventory, catalogue) == (nameless, rowless, nameless_item)
    assert [found.id_item for found in menu(inventory, catalogue)] == [1, 2]


def test_p6a_without_a_broken_record_there_is_no_stray() -> None:
    """P6a"""
    assert lost(fetched_rows(row()), fetched_items(item(), item(id_item=99))) == ()


def test_m6_each_item_keeps_its_own_price() -> None:
    """M6"""
    inventory = fetched_rows(row(id_item=1), row(id_item=2))
    held = {"1": product("1", price=5)}
    found = list(map_menu(inventory, fetched_items(), rules(), held))
    assert [one.product and one.product.price for one in found] == [5, 30]
