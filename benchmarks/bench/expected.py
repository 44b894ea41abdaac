"""What must come out, computed here from the feed's own records and from nothing of the product."""

import math
from collections import defaultdict
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Protocol

from wanted import NO_AREA


class Record(Protocol):
    """Gives the value of a column, None where it has no such column."""

    def __getitem__(self, column: str) -> Any: ...


def fingerprint(rows: Iterable[tuple[Any, ...]]) -> str:
    """Of (id_batch, id_area, price_retail_adult_use, available) of all rows, in any order."""
    lines = sorted(
        f"{int(batch)} {int(area or NO_AREA)} {_number(price)} {_number(available)}"
        for batch, area, price, available in rows
    )
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


def _number(value: object) -> str:
    return "-" if value is None else repr(float(str(value)))


def plain_products(rows: Iterable[Record], items: Iterable[Record]) -> dict[str, tuple[float, int]]:
    """Price and quantity (P2, P3, Q1, Q2, Q5, M2, M3, M5) of every item that needs no other rule.

    Left out, and only counted: tiers, weight, out-the-door prices, other menus, broken records.
    """
    tiered = {item["id_item"] for item in items if item["use_tiered_pricing"]}
    by_item = defaultdict[int, list[Record]](list)
    for row in rows:
        by_item[row["id_item"]].append(row)
    found: dict[str, tuple[float, int]] = {}
    for id_item, own in by_item.items():
        if id_item in tiered or not all(map(_is_plain, own)):
            continue
        counting = [row for row in own if row["area_type"] == "Retail"]
        deciding = [row for row in counting if row["available"] > 0] or counting or own
        price = max(row[price_column(row)] for row in deciding)
        limits = [row["location_threshold_low_quantity_value"] for row in deciding]
        limit = max((value for value in limits if value is not None), default=None)
        quantity = sum(row["available"] for row in counting)
        if limit is not None and quantity <= limit:
            quantity = 0
        found[str(id_item)] = (float(price), max(0, math.floor(quantity)))
    return found


def price_column(row: Record) -> str:
    """M2 on an adult-use menu without out-the-door prices."""
    return "price_retail_adult_use" if row["is_adult_use"] else "price_retail"


def _is_plain(row: Record) -> bool:
    numbers = ("available", "price_retail", "price_retail_adult_use")
    return (
        row["status"] == "open"
        and row["uom_type"] == "count"
        and row["is_product"] is True
        and not (row["deleted"] or row["qc_hold"] or row["use_otd_price"] or row["use_location_otd_price"])
        and (row["date_expire"] or "9") > "2030"
        and all(isinstance(row[name], int | float) for name in numbers)
        and (row["is_adult_use"] or not row["is_cannabis"])
        and row[price_column(row)] > 0
    )
