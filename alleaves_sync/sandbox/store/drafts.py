"""Drafts of items, and how a draft becomes a catalogue record and inventory rows."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from alleaves_sync.sandbox.constants import (
    FIRST_BATCH_ID,
    FIRST_ITEM_ID,
    IDS_PER_LOCATION,
    LOCATION_ID,
    Record,
)
from alleaves_sync.sandbox.store.places import NOWHERE, area_columns, make_areas, make_location
from alleaves_sync.sandbox.store.table import Entry, Table
from alleaves_sync.sandbox.store.template import ROW
from alleaves_sync.sandbox.store.vocabulary import WORDS

#: Where a batch that is sold out lies.
SOLD_OUT: Final = ""


@dataclass(frozen=True)
class Lot:
    """One row to be: an area's key (or SOLD_OUT), what is available, and columns of its own.

    `same_batch` puts it into the batch of the lot before: one batch, two areas.
    """

    area: str = "floor"
    available: float = 0
    held: float = 0
    same_batch: bool = False
    columns: Record = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """One item to be. `columns` are shared by its rows, `record` belongs to the catalogue."""

    name: str
    columns: Record = field(default_factory=dict)
    record: Record = field(default_factory=dict)
    lots: tuple[Lot, ...] = (Lot(),)


def lists_of_ingredients(rng: random.Random, count: int = 64) -> list[str]:
    """Long texts that make a row as big as a real one; shared by many rows to spare memory."""
    return [" ".join(rng.choice(WORDS).lower() for _ in range(100))[:680] for _ in range(count)]


class Builder:
    """Gives ids and writes the tables of one location."""

    def __init__(self, index: int, rng: random.Random) -> None:
        self.id_location = LOCATION_ID + index
        self.areas: Mapping[str, Record] = make_areas(index)
        self.name = make_location(index)["location"]
        self._item = FIRST_ITEM_ID + index * IDS_PER_LOCATION
        self._batch = FIRST_BATCH_ID + index * IDS_PER_LOCATION - 1
        self._rng = rng
        self._ingredients = lists_of_ingredients(rng)

    def build(self, drafts: Iterable[Draft]) -> tuple[Table, Table]:
        """The rows and the catalogue records of the drafts, ids in their order."""
        rows: list[Entry] = []
        items: list[Entry] = []
        for draft in drafts:
            items.append(Entry(self._record(draft)))
            rows.extend(self._rows(draft))
            self._item += 1
        return Table(rows), Table(items)

    def _record(self, draft: Draft) -> Record:
        return {
            "id_item": self._item,
            "item": draft.name.replace("{id}", str(self._item)),
            "product_description": None,
            "strain_type": None,
            "media_list": [],
            "use_tiered_pricing": False,
            "price_tier_list": [],
            "date_updated": "2026-01-10T21:58:10.280Z",
            **_with_id(draft.record, self._item),
        }

    def _rows(self, draft: Draft) -> list[Entry]:
        shared = {
            "id_item": self._item,
            "id_item_group": self._item,
            "id_location": self.id_location,
            "location": self.name,
            "item": draft.name.replace("{id}", str(self._item)),
            "ingredients_list": self._rng.choice(self._ingredients),
            **draft.columns,
        }
        return [Entry(shared | self._lot(lot), ROW) for lot in draft.lots]

    def _lot(self, lot: Lot) -> Record:
        if not lot.same_batch:
            self._batch += 1
        on_hand = lot.available + lot.held
        place = area_columns(self.areas[lot.area]) if lot.area else NOWHERE
        return {
            "id_batch": self._batch,
            "batch": f"LOT-{self._batch:06d}",
            "metrc_package_label": f"1A4FF{self._batch:019d}",
            "on_hand": on_hand,
            "available": lot.available,
            "has_inventory": on_hand > 0,
            "has_available_inventory": lot.available > 0,
            **place,
            **lot.columns,
        }


def _with_id(record: Record, id_item: int) -> Record:
    """The record with `{id}` replaced in its text and in the addresses of its pictures."""
    filled = dict(record)
    description = filled.get("product_description")
    if isinstance(description, str):
        filled["product_description"] = description.replace("{id}", str(id_item))
    if media := filled.get("media_list"):
        filled["media_list"] = [{"content": part["content"].replace("{id}", str(id_item))} for part in media]
    return filled


def prices(adult: float, medical: float | None = None) -> Record:
    """Price columns as a store keeps them: OTD filled in, though it is off, and the generic ones 0."""
    if medical is None:
        medical = max(adult - 2, 1) if adult else 0
    return {
        "price_retail": 0,
        "price_retail_adult_use": adult,
        "price_retail_medical_use": round(medical, 4),
        "price_otd": 0,
        "price_otd_adult_use": round(adult * 1.13, 2),
        "price_otd_medical_use": round(medical * 1.13, 2),
    }


def tier(qty: float, uom_short: str, adult: float | None) -> Record:
    """A price tier; `adult` is the total for `qty` in adult use, None leaves the tier without a price."""
    if adult is None:
        return {"qty": qty, "uom_short": uom_short, "price_retail": None, "price_retail_adult_use": 0}
    return {
        "qty": qty,
        "uom_short": uom_short,
        "price_retail": round(adult + 0.01, 2),
        "price_retail_adult_use": adult,
        "price_retail_medical_use": adult - 1,
        "price_otd": round(adult + 3.01, 2),
        "price_otd_adult_use": adult + 3,
        "price_otd_medical_use": adult + 2,
    }
