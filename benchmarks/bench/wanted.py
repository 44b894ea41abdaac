"""The fields that the product reads of the POS: floor and peers keep just these columns.

Nothing but the standard library, since it is imported from every contender's own environment.
"""

import json
from collections.abc import Mapping
from typing import Any

ROW_KEY = ("id_batch", "id_area")
ITEM_KEY = ("id_item",)

ROW_FIELDS = (
    "id_batch", "id_item", "item", "available", "on_hand", "total_rows", "id_area", "area", "area_path",
    "area_type", "brand", "category", "sku", "strain", "status", "deleted", "qc_hold", "is_product",
    "is_cannabis", "is_adult_use", "is_medical_use", "uom_type", "uom_short", "weight_useable",
    "weight_useable_uom", "price_retail", "price_retail_adult_use", "price_retail_medical_use", "price_otd",
    "price_otd_adult_use", "price_otd_medical_use", "use_otd_price", "use_location_otd_price",
    "location_threshold_low_quantity_value", "location_threshold_low_quantity_selected", "compounds", "thc",
    "cbd", "thc_mg", "cbd_mg", "date_expire", "date_received",
)  # fmt: skip
ITEM_FIELDS = (
    "id_item", "item", "product_description", "strain_type", "media_list", "use_tiered_pricing",
    "price_tier_list", "total_rows",
)  # fmt: skip
# Lists of objects: kept as their JSON.
NESTED = frozenset({"compounds", "media_list", "price_tier_list"})

FLAGS = frozenset({"deleted", "qc_hold", "location_threshold_low_quantity_selected"})
AMOUNTS = frozenset(
    {
        "available", "on_hand", "weight_useable", "thc", "cbd", "thc_mg", "cbd_mg",
        "location_threshold_low_quantity_value",
    }
)  # fmt: skip

# (path, table, fields, key) of the two lists.
LISTS = (
    ("/inventory/search", "pos_rows", ROW_FIELDS, ROW_KEY),
    ("/inventory/item/search", "pos_items", ITEM_FIELDS, ITEM_KEY),
)
PAGE = 500
LOCATION_ID = 1000
NO_AREA = 0  # a sold-out batch lies nowhere; a key column holds no null


def kinds_of(fields: tuple[str, ...]) -> dict[str, str]:
    """The JSON type of each field; `array` for nested lists."""
    return {name: _kind(name) for name in fields}


def _kind(name: str) -> str:
    if name in NESTED:
        return "array"
    if name.startswith("id_") or name == "total_rows":
        return "integer"
    if name in FLAGS or name.startswith(("is_", "use_")):
        return "boolean"
    return "number" if name in AMOUNTS or name.startswith("price_") else "string"


def record_of(record: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """The fields named by `kinds`, nested ones as JSON."""
    found = {name: record.get(name) for name in kinds}
    for name, kind in kinds.items():
        if kind == "array":
            found[name] = json.dumps(found[name])
    if "id_area" in found and found["id_area"] is None:
        found["id_area"] = NO_AREA
    return found
