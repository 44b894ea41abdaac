"""One item explained: it says what a run would do, and what AIQ has by the state file."""

import json
from decimal import Decimal
from typing import Any

from alleaves_sync.aiq.wire import all_fields
from alleaves_sync.flows.explain.item import ExplainedItem, explained
from alleaves_sync.flows.explain.report import ItemFilter, choose_items, map_location, read_saved_rows
from alleaves_sync.flows.progress import SILENT
from tests.shop import DRY, Shop, mapped


def explain_all(shop: Shop, *names: str) -> list[ExplainedItem]:
    """The items of these names, else all of them."""
    report = map_location(shop.location, None, SILENT)
    (chosen,) = choose_items([report], ItemFilter(names))
    return list(explained(chosen))


def explain_one(shop: Shop, name: str) -> ExplainedItem:
    (one,) = explain_all(shop, name)
    return one


def test_of_every_item_of_a_store_it_says_what_was_mapped(shop: Shop) -> None:
    """P1-P7, Q1-Q5, M1-M6, C1-C4, L1-L5"""
    found = explain_all(shop)
    assert len(found) > 60
    for one in found:
        if one.item.product is None:
            continue
        parts = one.explanation
        assert parts.quantity is not None
        assert parts.price is not None
        assert parts.category is not None
        assert parts.quantity.quantity == one.item.product.quantity
        assert parts.price.price == one.item.product.price
        assert parts.category.category == one.item.product.product_category
        counting = sum(row.available for row in parts.rows if row.counts)
        if one.item.product.price_type != "WEIGHT_TIER":
            assert parts.quantity.sum == counting


def test_what_the_next_run_sends_is_what_a_dry_run_plans(shop: Shop) -> None:
    """F2"""
    shop.run()
    cola = shop.item("beverage")
    shop.sandbox.store.set_price(int(cola), 7)
    shop.sandbox.store.sell_out(int(shop.item("unmapped")))
    shop.sandbox.store.remove_item(int(shop.item("expired")))
    planned = {action.product.pos_product_id: action.changed for action in (shop.run(DRY).actions or ())}
    assert planned
    for one in explain_all(shop):
        key = str(one.item.id_item)
        assert (one.at_aiq.next.action is not None) == (key in planned), key
    one = explain_one(shop, cola)
    assert one.at_aiq.standing == "held"
    assert one.at_aiq.next.fields == {"price": [5, 7]}
    assert [change.action for change in one.changes] == ["create"]


def test_before_the_first_run_nothing_is_known(shop: Shop) -> None:
    one = explain_one(shop, shop.item("beverage"))
    assert (one.at_aiq.standing, one.at_aiq.product, one.at_aiq.decided) == ("unknown", None, None)
    assert one.at_aiq.next.action == "create"
    assert one.changes == ()


def test_an_item_that_left_the_pos_is_shown_with_what_aiq_has(shop: Shop) -> None:
    """P6"""
    shop.run()
    cola = shop.item("beverage")
    held = shop.products()[cola]
    shop.sandbox.store.remove_item(int(cola))

    one = explain_one(shop, cola)

    assert (one.item.status, one.item.reasons) == ("hidden", ("gone-from-pos",))
    assert one.item.name == "Cola 10mg"
    assert one.item.product is not None
    assert all_fields(one.item.product) == {**held, "quantity": 0}
    assert one.explanation.rows == ()
    assert one.at_aiq.product == held
    assert (one.at_aiq.next.action, one.at_aiq.next.fields) == ("zero", {"quantity": [50, 0]})
    shop.run()
    again = explain_one(shop, "Cola 10mg")
    assert again.at_aiq.next.action is None
    assert again.at_aiq.decided is not None
    assert again.at_aiq.decided.reasons == ("gone-from-pos",)
    assert [change.action for change in again.changes] == ["create", "zero"]


def test_a_withheld_item_is_explained_as_far_as_it_goes(shop: Shop) -> None:
    """M3, P6a"""
    shop.run()
    one = explain_one(shop, shop.item("no-price"))
    assert one.item.reasons == ("no-price",)
    assert one.explanation.price is not None
    assert one.explanation.price.price is None
    assert (one.at_aiq.standing, one.at_aiq.next.action) == ("absent", None)
    assert one.at_aiq.decided is not None
    assert one.at_aiq.decided.status == "withheld"


def test_an_item_that_does_not_fit_has_its_readable_rows(shop: Shop) -> None:
    """P6a"""
    rows = shop.sandbox.store.rows()
    first = next(row for row in rows if row["id_item"] == int(shop.item("split-areas")))
    first["available"] = "plenty"
    path = shop.folder / "rows.json"
    path.write_text(json.dumps(rows))
    shop.write(areas=["Sales Floor", "Express Case"])
    report = map_location(shop.location, read_saved_rows(path), SILENT)
    (chosen,) = choose_items([report], ItemFilter((str(first["id_item"]),)))
    (one,) = explained(chosen)
    assert one.item.reasons == ("invalid",)
    assert len(one.explanation.rows) == sum(row["id_item"] == first["id_item"] for row in rows) - 1
    assert one.explanation.quantity is None


def test_fields_that_are_switched_off_stand_beside_what_the_pos_says(shop: Shop) -> None:
    """F1, M6, L5"""
    shop.run()
    cola = shop.item("beverage")
    shop.sandbox.store.set_price(int(cola), 7)
    shop.sandbox.store.set_columns(int(cola), brand="Southwind")
    off = {"price": False, "brand": False, "sku": False, "labs": False}
    shop.write(fields=off)
    one = explain_one(shop, cola)
    assert one.switched_off == ("brand", "labs", "price", "sku")
    held = {field.field: (field.pos, field.stands) for field in one.held_back}
    assert held == {"price": (7, 5), "brand": ({"name": "Southwind"}, {"name": "Northwind"})}
    assert one.at_aiq.next.action is None
    shop.sandbox.store.set_price(int(cola), 0)
    without = {field.field: (field.pos, field.stands) for field in explain_one(shop, cola).held_back}
    assert without["price"] == (None, 5)
    assert without["priceType"] == (None, "REGULAR")


def test_what_was_sent_and_not_answered_is_in_doubt(shop: Shop) -> None:
    shop.fault("unanswered=1:1")
    shop.run()
    (key,) = shop.in_doubt()
    one = explain_one(shop, key)
    assert one.at_aiq.standing == "in-doubt"
    assert one.at_aiq.attempted is not None
    assert one.at_aiq.next.action == "create"


def test_what_the_storefront_rejected_is_told(shop: Shop) -> None:
    shop.fault("reject-products=1:1")
    shop.run()
    (key,) = mapped(shop).keys() - shop.menu().keys()
    one = explain_one(shop, key)
    assert (one.at_aiq.standing, one.at_aiq.product) == ("not-taken", None)
    assert one.at_aiq.next.action == "create"
    shop.fault()
    shop.run()
    assert explain_one(shop, key).at_aiq.standing == "held"


def test_a_change_that_the_storefront_rejected_is_told(shop: Shop) -> None:
    shop.run()
    cola = shop.item("beverage")
    shop.sandbox.store.sell_out(int(cola))
    shop.fault("reject-products=1")
    shop.run()
    one = explain_one(shop, cola)
    assert one.at_aiq.standing == "not-taken"
    assert one.at_aiq.next.fields["quantity"] == [50, 0]


def test_a_state_file_that_cannot_be_read_leaves_the_rest_to_be_told(shop: Shop) -> None:
    shop.state.write_bytes(b"no database at all" * 99)
    report = map_location(shop.location, None, SILENT)
    assert report.state_problem is not None
    assert report.gone == ()
    (chosen,) = choose_items([report], ItemFilter((shop.item("beverage"),)))
    (one,) = explained(chosen)
    assert one.at_aiq.standing == "unknown"
    assert one.item.product is not None
    assert one.item.product.price == Decimal(5)


def test_saved_rows_prove_nothing_of_what_is_gone_unless_it_is_asked_for(shop: Shop) -> None:
    """P6"""
    shop.run()
    cola = shop.item("beverage")
    rows: list[dict[str, Any]] = [row for row in shop.sandbox.store.rows() if str(row["id_item"]) != cola]
    path = shop.folder / "rows.json"
    path.write_text(json.dumps(rows))
    shop.write(areas=["Sales Floor", "Express Case"])
    report = map_location(shop.location, read_saved_rows(path), SILENT)
    (overview,) = choose_items([report], ItemFilter())
    (named,) = choose_items([report], ItemFilter((cola,)))
    assert overview.gone == ()
    assert [item.reasons for item in named.all] == [("gone-from-pos",)]
