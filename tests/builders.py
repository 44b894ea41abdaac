"""Small builders: each gives a plain, listed thing; a test names only what it is about.

Rows, items and areas are written as on the wire (numbers, texts, lists) and read by the real models, so that
no test speaks of a value that the POS could not send. All names and numbers are invented.
"""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import JsonValue, TypeAdapter

from alleaves_sync.aiq.models import LabValue, Product, Tier
from alleaves_sync.alleaves.models import Area, InventoryRow, Item
from alleaves_sync.rules.actions import ItemState, Known
from alleaves_sync.rules.mapping import AreaSelection, MappedItem, Reason, Rules, map_item

TODAY = date(2026, 2, 1)
RETAIL_ID = 1000
VAULT_ID = 1002

_ROW: dict[str, JsonValue] = {
    "id_batch": 4000,
    "id_item": 7,
    "item": "Opal Sedge 3.5g",
    "available": 10,
    "on_hand": 12,
    "total_rows": 1,
    "id_area": RETAIL_ID,
    "area": "Sales Floor ",
    "area_path": "Sales Floor ",
    "area_type": "Retail",
    "category": "Category > Flower",
    "is_adult_use": True,
    "is_medical_use": True,
    "price_retail_adult_use": 30,
    "price_retail_medical_use": 27,
    "price_otd_adult_use": 33.9,
    "price_otd_medical_use": 29,
}
_ITEM: dict[str, JsonValue] = {"id_item": 7, "item": "Opal Sedge 3.5g"}
_AREA: dict[str, JsonValue] = {
    "id_area": RETAIL_ID,
    "name": "Sales Floor ",
    "path": "Sales Floor ",
    "area_type": "Retail",
}
_TIER: dict[str, JsonValue] = {"qty": 1, "uom_short": "g", "price_retail_adult_use": 10}


_ROWS = TypeAdapter(InventoryRow)
_ITEMS = TypeAdapter(Item)
_AREAS = TypeAdapter(Area)


def row(**changes: JsonValue) -> InventoryRow:
    """A row of item 7: open, in the selected area, 10 pieces, $30 on the adult-use menu."""
    return _ROWS.validate_json(json.dumps({**_ROW, **changes}))


def accessory(**changes: JsonValue) -> InventoryRow:
    """A row that is not cannabis and for no use: it has only the generic prices."""
    plain: dict[str, JsonValue] = {
        "is_cannabis": False,
        "is_adult_use": False,
        "is_medical_use": False,
        "category": "Category > Accessories",
        "price_retail": 23.1481,
        "price_otd": 25,
    }
    return row(**{**plain, **changes})


def item(**changes: JsonValue) -> Item:
    """The catalogue record of item 7, with nothing in it."""
    return _ITEMS.validate_json(json.dumps({**_ITEM, **changes}))


def tier(**changes: JsonValue) -> dict[str, JsonValue]:
    """One entry of `price_tier_list`: 1 g for $10."""
    return {**_TIER, **changes}


def tiered(*tiers: JsonValue, **changes: JsonValue) -> Item:
    """A catalogue record with tiered pricing."""
    return item(use_tiered_pricing=True, price_tier_list=list(tiers), **changes)


def area(**changes: JsonValue) -> Area:
    """The record of the sales floor."""
    return _AREAS.validate_json(json.dumps({**_AREA, **changes}))


def select(
    *selectors: str, areas: tuple[Area, ...] = (), rows: tuple[InventoryRow, ...] = ()
) -> AreaSelection:
    """The areas that `selectors` select."""
    return AreaSelection.of(selectors, areas, rows)


def rules(**changes: Any) -> Rules:
    """An adult-use menu of the retail areas, everything else as it is by default."""
    return replace(Rules(areas=select("Retail"), today=TODAY), **changes)


def mapped(
    *rows: InventoryRow, item: Item | None = None, held: Product | None = None, **changes: Any
) -> MappedItem:
    """`rows` (else one plain row) through all the rules; `changes` are of the rules."""
    return map_item(rows or (row(),), item, rules(**changes), held)


def product_of(
    *rows: InventoryRow, item: Item | None = None, held: Product | None = None, **changes: Any
) -> Product:
    """The product that `mapped` gives; the item must not be withheld."""
    product = mapped(*rows, item=item, held=held, **changes).product
    assert product is not None
    return product


def codes(found: MappedItem) -> list[str]:
    """The codes of an item's warnings, but for the missing catalogue record, which most tests leave out."""
    return [warning.code for warning in found.warnings if warning.code != "no-catalogue-record"]


def product(key: str = "7", **changes: Any) -> Product:
    """A product with every field filled, so that a field that gets lost is seen."""
    full = Product(
        pos_product_id=key,
        name="Opal Sedge 3.5g",
        description="<b>Calm</b>",
        brand="Northwind",
        sku="NW-7",
        product_category="FLOWER",
        sub_type="Flower",
        cannabis_type="HYBRID",
        cannabis_strain="Opal Sedge",
        price=Decimal(30),
        price_type="REGULAR",
        quantity=Decimal(10),
        weight=Decimal("3.5"),
        weight_unit="GRAMS",
        images=("https://pictures.example/1.jpg", "https://pictures.example/2.jpg"),
        labs=(THC, LIMONENE),
    )
    return replace(full, **changes)


def tiers(*steps: tuple[str, str]) -> tuple[Tier, ...]:
    """Tiers from (size, price)."""
    return tuple(Tier(price=Decimal(price), size=Decimal(size)) for size, price in steps)


THC = LabValue("thc", Decimal("27.63"), "%")
CBD = LabValue("cbd", Decimal("0.4"), "%")
LIMONENE = LabValue("limonene", Decimal("1.2"), "%")
LINALOOL = LabValue("linalool", Decimal("0.3"), "%")


def listed(found: Product, **changes: Any) -> MappedItem:
    """What the mapping says of a product: listed, hidden where its quantity is 0."""
    sold_out = found.quantity == 0
    said = MappedItem(
        id_item=int(found.pos_product_id),
        name=found.name or "",
        pos_category="Category > Flower",
        status="hidden" if sold_out else "listed",
        reasons=("out-of-stock",) if sold_out else (),
        product=found,
    )
    return replace(said, **changes)


def withheld(key: str = "7", reason: Reason = "no-price") -> MappedItem:
    """An item that is not sent."""
    return MappedItem(int(key), "Opal Sedge 3.5g", "Category > Flower", "withheld", (reason,))


def state(found: MappedItem) -> ItemState:
    """The state that is kept of a decision."""
    return ItemState(str(found.id_item), found.name, found.pos_category, found.status, found.reasons)


def known(found: Product, **changes: Any) -> Known:
    """A product that the storefront has accepted, decided on as it will be again."""
    return replace(Known(product=found, state=state(listed(found))), **changes)


def without_price(found: Product) -> Product:
    """A product that was made by hand on the storefront and never had a price."""
    return replace(found, price=None, price_type=None, tiers=())
