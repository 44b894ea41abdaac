"""What the invented store looks like, and that a seed makes it."""

import json
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alleaves_sync.sandbox import Store
from alleaves_sync.sandbox.store.people import digits
from alleaves_sync.sandbox.store.specials import SPECIALS
from tests.sandbox.conftest import Client

DATA = Path(__file__).parents[1] / "data"
OPENED = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)


def everything(seed: int) -> str:
    store = Store(seed=seed, orders=30, clock=lambda: OPENED)
    store.tick(12)
    return json.dumps(
        [store.rows(), store.items(), store.pos_customers(), store.aiq_orders()], sort_keys=True
    )


@pytest.fixture(scope="module")
def store() -> Store:
    return Store()


def test_the_same_seed_makes_the_same_store_and_the_same_life() -> None:
    assert everything(3) == everything(3)
    assert everything(3) != everything(4)


def test_400_items_have_about_15_percent_more_rows_in_ten_categories(store: Store) -> None:
    rows = store.rows()
    assert len(store.items()) == 400
    assert 1.10 < len(rows) / 400 < 1.20
    roots = Counter(row["category"].split(" > ")[1] for row in rows if " > " in row["category"])
    assert sum(1 for count in roots.values() if count > 5) == 10


def test_rows_have_the_110_columns_and_the_size_of_real_ones(client: Client) -> None:
    rows = client.rows()
    samples = json.loads((DATA / "inventory_search.json").read_text("utf-8"))
    assert {tuple(row) for row in rows} == {tuple(samples[0])}
    assert len(samples[0]) == 110
    assert 3000 < sum(len(json.dumps(row)) for row in rows) / len(rows) < 3800


def test_items_and_areas_are_like_real_ones(client: Client) -> None:
    def sample(name: str) -> Any:
        return json.loads((DATA / name).read_text("utf-8"))

    items = client.pos("POST", "/inventory/item/search", {}).json()
    assert {tuple(item) for item in items} == {tuple(sample("inventory_item_search.json")[0])}
    assert client.pos("GET", "/inventory/area", id_location=1000).json() == sample("inventory_area.json")


def test_the_dirt_of_real_stores_is_there(store: Store) -> None:
    rows = store.rows()
    assert all(row["sku"] is None for row in rows)
    sold_out = [row for row in rows if row["id_area"] is None]
    assert len(sold_out) > 20
    assert all(row["area"] is None and row["area_type"] is None and row["on_hand"] == 0 for row in sold_out)
    assert {row["area"] for row in rows} >= {"Sales Floor ", "Quarantine ", "Vault", "Express Case"}
    cannabis = [row for row in rows if row["is_cannabis"] and row["price_retail_adult_use"]]
    assert all(row["price_otd_adult_use"] for row in cannabis if not row["use_otd_price"])
    assert any(row["brand"] and row["brand"] != row["brand"].strip() for row in rows)
    assert any(row["held"] for row in [{"held": row["on_hand"] > row["available"]} for row in rows])


def test_every_special_item_is_there_under_its_key(store: Store) -> None:
    for key in SPECIALS:
        id_item = store.special(key)
        assert bool(store.rows(id_item)) == (key != "no-rows")
    assert {row["available"] for row in store.rows(store.special("negative"))} == {-2}
    assert store.rows(store.special("no-price"))[0]["price_retail_adult_use"] == 0
    assert store.rows(store.special("gift-card"))[0]["is_product"] is False


def test_a_small_store_is_plain() -> None:
    store = Store(items=12, orders=3)
    assert len(store.items()) == 12
    with pytest.raises(KeyError):
        store.special("gift-card")


def test_a_store_without_anything_is_a_store() -> None:
    store = Store(items=0, customers=0, orders=0, history=0)
    assert (store.rows(), store.pos_customers(), store.aiq_orders(), store.tick()) == ([], [], [], [])


def test_locations_have_their_own_rows_and_ids() -> None:
    store = Store(items=20, locations=3, orders=0)
    names = [{row["item"] for row in store.rows(id_location=1000 + n)} for n in range(3)]
    assert names[0] != names[1] != names[2]
    batches = [row["id_batch"] for row in store.rows()]
    assert {row["id_location"] for row in store.rows(id_location=1002)} == {1002}
    assert min(batches) == 4001
    assert max(batches) > 2_000_000


def test_20_000_items_are_made_in_seconds() -> None:
    started = time.monotonic()
    store = Store(items=20_000)
    store.inventory.warm()
    assert time.monotonic() - started < 20
    assert len(store.items()) == 20_000


def test_phones_are_written_in_every_way_and_some_are_shared() -> None:
    people = Store(items=0, customers=400).pos_customers()
    assert len({"".join("9" if c.isdigit() else c for c in one["phone"] or "") for one in people}) >= 9
    assert all(digits(one["phone"])[3:8] == "55501" for one in people if one["phone"])
    shared = Counter(digits(one["phone"]) for one in people if one["phone"])
    assert max(shared.values()) == 3
    same = Counter((one["customer_name"], one["date_of_birth"]) for one in people if one["date_of_birth"])
    assert sum(1 for count in same.values() if count == 2) > 10
    ids = Counter(one["patient_number"] for one in people if one["patient_number"])
    assert max(ids.values()) == 1
    spelled = Counter(one.upper().replace(" ", "").replace("-", "") for one in ids)
    assert max(spelled.values()) == 2


def test_the_first_orders_are_one_of_each_kind() -> None:
    store = Store(items=80, history=4, clock=lambda: OPENED)
    orders = store.aiq_orders()
    assert [order["pickUpType"] for order in orders[:6]] == [
        "IN_STORE", "DELIVERY", "IN_STORE", "IN_STORE", "SHIPPING", "IN_STORE",
    ]  # fmt: skip
    assert orders[1]["deliveryWindow"]["start"] > orders[1]["created"]
    assert orders[1]["items"][1]["purchaseWeight"] == 3.5
    assert orders[2]["menuType"] == "MEDICAL"
    assert orders[2]["user"]["medicalId"]
    assert orders[3]["items"][1]["quantity"] == 999
    assert orders[5]["status"] == "PENDING"
    assert [order["status"] for order in orders[6:]] == ["CLOSED"] * 4
    assert all(order["created"] <= "2026-11-02T17:30" for order in orders)


def test_500_orders_can_all_be_filled_but_the_one_that_cannot() -> None:
    store = Store(items=400, orders=500, history=0)
    wanted: Counter[str] = Counter()
    for order in store.aiq_orders():
        for line in order["items"]:
            if line["quantity"] < 999:
                wanted[line["product"]["posProductId"]] += line["quantity"] * (line["purchaseWeight"] or 1)
    floor: Counter[str] = Counter()
    for row in store.rows():
        if row["area"] == "Sales Floor ":
            floor[str(row["id_item"])] += row["available"]
    assert all(floor[item] >= quantity for item, quantity in wanted.items())


def test_changes_are_seen_and_leave_other_items_alone(store: Store) -> None:
    store = Store(items=80)
    before = store.rows(4001)
    store.set_stock(4000, 17)
    store.set_price(4000, 21.5, 20)
    store.set_columns(4000, item="New name", product_description="New text", brand=None)
    row = store.rows(4000)[0]
    assert (row["available"], row["price_retail_adult_use"], row["price_otd_medical_use"]) == (17, 21.5, 22.6)
    assert (row["item"], row["brand"]) == ("New name", None)
    assert next(one for one in store.items() if one["id_item"] == 4000)["product_description"] == "New text"
    assert store.rows(4001) == before
    store.set_row(row["id_batch"], row["id_area"], available="plenty", compounds=None)
    assert store.rows(4000)[0]["available"] == "plenty"
    store.tick(50)
    store.set_stock(4000, 3)
    assert store.rows(4000)[0]["available"] == 3
    store.set_row(row["id_batch"], row["id_area"], id_item=["no", "id"])
    assert store.rows(4000) == []


def test_stock_is_set_over_all_rows_and_brings_a_sold_out_item_back() -> None:
    store = Store(items=80)
    split, gone = store.special("split-batches"), store.special("sold-out")
    store.set_stock(split, 5)
    assert [row["available"] for row in store.rows(split)] == [5, 0, 0, 0]
    store.set_stock(gone, 3)
    assert store.rows(gone)[0]["area"] == "Sales Floor "
    store.sell_out(gone)
    assert store.rows(gone)[0]["id_area"] is None
    assert store.rows(gone)[0]["available"] == 0


def test_items_and_rows_come_and_go() -> None:
    store = Store(items=80)
    added = store.add_item({"item": "Newcomer"}, [{"available": 4, "price_retail_adult_use": 9}])
    batch = store.add_row(added, available=6)
    assert [row["available"] for row in store.rows(added)] == [4, 6]
    assert store.rows(added)[1]["price_retail_adult_use"] == 9
    store.remove_row(batch, 1000)
    store.remove_item(4000)
    assert len(store.rows(added)) == 1
    assert store.rows(4000) == []
    store.make_empty()
    store.make_empty(1000)
    assert store.rows() == []
    store.fill_again()
    assert len(store.items()) == 80


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.set_stock(1, 1),
        lambda store: store.set_columns(1, item="x"),
        lambda store: store.set_row(1, None, item="x"),
        lambda store: store.remove_row(1, None),
        lambda store: store.set_location(1, timezone="UTC"),
    ],
)
def test_a_change_to_something_that_is_not_there_is_an_error(store: Store, change: Any) -> None:
    with pytest.raises(KeyError):
        change(store)


def test_a_step_of_life_moves_stock_and_every_fifth_brings_an_order() -> None:
    store = Store(items=80, history=0)
    before = store.rows()
    happened = [line for _ in range(10) for line in store.tick()]
    assert sum(1 for line in happened if line.endswith("is confirmed")) == 2
    assert {line.rpartition(" ")[2] for line in happened} >= {"sold", "received"}
    assert any(": price " in line for line in happened)
    assert store.rows() != before
    assert len(store.aiq_orders()) == 8


def test_a_batch_that_sells_out_in_two_areas_is_one_row_without_an_area() -> None:
    """Two rows of one batch without an area would be one key for two rows: no read could be proven whole."""
    store = Store(items=80)
    item = store.special("split-areas")
    assert len(store.rows(item)) > 1
    store.sell_out(item)
    assert [(row["id_area"], row["available"]) for row in store.rows(item)] == [(None, 0)]
    store.set_stock(item, 4)
    assert sum(row["available"] for row in store.rows(item)) == 4
