"""Each fault of the list, planted alone into a store without faults, is found there and nowhere else."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from alleaves_sync.alleaves.models import Fetched
from alleaves_sync.rules.audit import MEANINGS, Code, audit
from tests import builders
from tests.strategies import fast

Wire = dict[str, JsonValue]
VAULT: Wire = {"id_area": builders.VAULT_ID, "area": "Vault", "area_path": "V", "area_type": "Vault"}


@dataclass
class Store:
    """A store as on the wire: the rows of each item, and its catalogue record."""

    rows: dict[int, list[Wire]]
    records: dict[int, Wire]

    def faults(self) -> list[tuple[Code, int]]:
        rows = tuple(builders.row(**row) for rows in self.rows.values() for row in rows)
        records = tuple(builders.item(**record) for record in self.records.values())
        found = audit(Fetched(rows), Fetched(records), builders.rules())
        return [(fault.code, fault.id_item) for fault in found]

    def set(self, key: int, **columns: JsonValue) -> None:
        for row in self.rows[key]:
            row.update(columns)


_WORDS = ("Opal", "Tarn", "Sedge", "Fen", "Moor", "Beck", "Gill")
_POTENCY = st.sampled_from(["THC", "thca %", "CBD"])
_TERPENES = st.sampled_from(["Limonene", "3-Carene", "Alpha Pinene", "House Blend Ester"])


@st.composite
def _item(draw: st.DrawFn, key: int) -> tuple[list[Wire], Wire]:
    """An item that nothing is wrong with; its name tells its number, and often its weight."""
    grams = draw(st.sampled_from([0.5, 1, 3.5, 7, 100]))
    tail = draw(st.sampled_from(["", f" {grams}g", f" {grams} g, 10mg"]))
    price = draw(st.integers(1, 90))
    stock = draw(st.integers(6, 500))
    own: Wire = {
        "id_item": key,
        "item": f"{draw(st.sampled_from(_WORDS))} No. {key}{tail}",
        "brand": draw(st.sampled_from(_WORDS)),
        "category": draw(st.sampled_from(["Category > Flower", "Vapes > 510", "Pre-Roll"])),
        "weight_useable": grams,
        "weight_useable_uom": "Grams",
        "price_retail_adult_use": price,
        "price_retail": draw(st.sampled_from([None, 0, price])),
        "price_otd_adult_use": draw(st.sampled_from([None, 0, price])),
        "available": stock,
        "location_threshold_low_quantity_value": draw(st.sampled_from([None, 0, 5])),
        "compounds": [
            {"compound": draw(_POTENCY), "result": "20%"},
            {"compound": draw(_TERPENES), "result": "1%"},
        ],
        "date_expire": draw(st.sampled_from([None, "2026-02-01", "2027-01-01"])),
    }
    rows = [own | {"id_batch": key * 10 + number} for number in range(draw(st.integers(1, 2)))]
    if draw(st.booleans()):
        rows.append(own | VAULT | {"id_batch": key * 10 + 9, "date_expire": "2025-01-01"})
    record: Wire = {
        "id_item": key,
        "strain_type": draw(st.sampled_from(["Hybrid", "indica", "Sativa-dominant"])),
        "product_description": draw(st.sampled_from(["Calm.", "<p>Round</p>"])),
        "media_list": [{"content": f"https://pictures.example/{key}.jpg"}],
    }
    return rows, record


@st.composite
def clean_stores(draw: st.DrawFn) -> Store:
    """At least three items: of fewer, one that differs is not the exception."""
    keys = draw(st.lists(st.integers(1, 900), min_size=3, max_size=6, unique=True))
    made = {key: draw(_item(key)) for key in keys}
    return Store({key: one[0] for key, one in made.items()}, {key: one[1] for key, one in made.items()})


def _other(store: Store, key: int) -> int:
    return next(one for one in store.rows if one != key)


def _expired(store: Store, key: int) -> None:
    store.rows[key][0]["date_expire"] = "2026-01-31"


def _misspelt(store: Store, key: int) -> None:
    compounds: list[JsonValue] = [
        {"compound": "THC", "result": "20%"},
        {"compound": "Delta-3 Carene", "result": "1%"},
    ]
    store.set(key, compounds=compounds)


def _duplicate(store: Store, key: int) -> None:
    store.set(key, item=f" {store.rows[_other(store, key)][0]['item']} ".upper())


PLANTS: Mapping[Code, Callable[[Store, int], None]] = {
    "expired-batch": _expired,
    "no-price": lambda store, key: store.set(
        key, price_retail=0, price_retail_adult_use=0, price_otd_adult_use=None
    ),
    "area-not-selected": lambda store, key: store.set(key, **VAULT, date_expire=None),
    "threshold-hides": lambda store, key: store.set(key, location_threshold_low_quantity_value=10_000),
    "weight-contradicts-name": lambda store, key: store.set(
        key, item=f"Fen Gummies {key} 100mg", weight_useable=100
    ),
    "weight-unit-unknown": lambda store, key: store.set(key, weight_useable_uom="Pints"),
    "price-columns-differ": lambda store, key: store.set(key, price_retail=99.5),
    "otd-price-unused": lambda store, key: store.set(key, price_otd_adult_use=99.5),
    "category-unmapped": lambda store, key: store.set(key, category="Category > Wellness Teas"),
    "duplicate-name": _duplicate,
    "no-potency": lambda store, key: store.set(key, compounds=[{"compound": "CBN", "result": "1%"}]),
    "terpene-misspelt": _misspelt,
    "strain-type-unknown": lambda store, key: store.records[key].update(strain_type="Moonrock"),
    "no-picture": lambda store, key: store.records[key].update(media_list=[]),
    "no-description": lambda store, key: store.records[key].update(product_description="<p> </p>"),
    "no-brand": lambda store, key: store.set(key, brand=" "),
}


def test_there_is_a_way_to_plant_every_fault() -> None:
    assert list(PLANTS) == list(MEANINGS)


@fast
@given(clean_stores())
def test_a_store_without_faults_has_none(store: Store) -> None:
    assert store.faults() == []


@pytest.mark.parametrize("code", PLANTS)
@fast
@given(st.data(), clean_stores())
def test_a_planted_fault_is_found_where_it_is_and_nothing_else(
    code: Code, data: st.DataObject, store: Store
) -> None:
    key = data.draw(st.sampled_from(sorted(store.rows)))
    planted = deepcopy(store)
    PLANTS[code](planted, key)
    meant = {key, _other(store, key)} if code == "duplicate-name" else {key}
    assert planted.faults() == [(code, one) for one in sorted(meant)]
