"""Pure: the faults in a store's data that make its menu poorer, worst first. The mapping says what counts."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from alleaves_sync.aiq.models import CANNABINOIDS, Cannabinoid, Product, Terpene
from alleaves_sync.alleaves.models import Fetched, InventoryRow, Item
from alleaves_sync.rules.mapping import MappedItem, Rules, Status, map_menu
from alleaves_sync.rules.mapping.labs import nearest_terpene, split_name
from alleaves_sync.rules.mapping.price import columns, otd_is_on
from alleaves_sync.rules.mapping.stock import ItemRows, counts, sort_out
from alleaves_sync.rules.mapping.text import clean
from alleaves_sync.rules.mapping.units import grams_per

Code = Literal[
    "expired-batch",
    "no-price",
    "area-not-selected",
    "threshold-hides",
    "weight-contradicts-name",
    "weight-unit-unknown",
    "price-columns-differ",
    "otd-price-unused",
    "category-unmapped",
    "duplicate-name",
    "no-potency",
    "terpene-misspelt",
    "strain-type-unknown",
    "no-picture",
    "no-description",
    "no-brand",
]
# Worst first: what may not be sold, what is not sold at all, what is sold wrongly, what only looks poor.
MEANINGS: Mapping[Code, str] = {
    "expired-batch": "stock past its date lies in a selected area",
    "no-price": "no price in any column that counts: not on the menu",
    "area-not-selected": "all its stock lies in areas that are not selected",
    "threshold-hides": "a low quantity threshold that hides more items than it shows",
    "weight-contradicts-name": "the weight has the number of the name, but another unit",
    "weight-unit-unknown": "a unit of weight that the menu does not have",
    "price-columns-differ": "the price of the menu and the generic one differ",
    "otd-price-unused": "an out-the-door price is set, but switched off",
    "category-unmapped": "no AIQ category: see categories.map",
    "duplicate-name": "several items of the same name",
    "no-potency": "cannabis in stock without THC and CBD",
    "terpene-misspelt": "a compound that is nearly one of the 16 terpenes: not sent",
    "strain-type-unknown": "cannabis without a strain type that the menu has",
    "no-picture": "no picture",
    "no-description": "no description",
    "no-brand": "no brand",
}
_WEIGHT_IN_NAME = re.compile(r"(?<![\d./])(\d+(?:\.\d+)?|\.\d+)\s*(mg|g|oz)\b", re.IGNORECASE)
_POTENCY: frozenset[Cannabinoid | Terpene] = frozenset({"thc", "thcA", "cbd", "cbdA"})
_KNOWN_COMPOUNDS = frozenset(name.casefold() for name in CANNABINOIDS)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one item; `status` is what the item is on the menu (P7)."""

    code: Code
    id_item: int
    name: str
    status: Status
    message: str


@dataclass(frozen=True, slots=True)
class _Case:
    """One item with everything that is known of it."""

    mapped: MappedItem
    all_rows: Sequence[InventoryRow]
    rows: ItemRows
    record: Item | None
    rules: Rules

    @property
    def main(self) -> InventoryRow:
        return self.rows.main


def audit(inventory: Fetched[InventoryRow], catalogue: Fetched[Item], rules: Rules) -> list[Fault]:
    """All faults, worst kind first; of a kind, those of listed items first, then by `id_item`.

    Items that do not fit the contract (P6a), and those that are not products for this menu, are left out.
    Labs count here also where they are switched off.
    """
    rules = replace(rules, labs=True, terpenes=True)
    cases = list(_cases(inventory, catalogue, rules))
    found = [
        Fault(code, case.mapped.id_item, case.mapped.name, case.mapped.status, message)
        for code, case, message in (
            *_single(cases),
            *_otd_unused(cases),
            *_duplicates(cases),
            *_thresholds(cases),
        )
    ]
    order = {code: place for place, code in enumerate(MEANINGS)}
    return sorted(found, key=lambda fault: (order[fault.code], fault.status != "listed", fault.id_item))


def _cases(inventory: Fetched[InventoryRow], catalogue: Fetched[Item], rules: Rules) -> Iterator[_Case]:
    rows: defaultdict[int, list[InventoryRow]] = defaultdict(list)
    for row in inventory.records:
        rows[row.id_item].append(row)
    records = {item.id_item: item for item in catalogue.records}
    for mapped in map_menu(inventory, catalogue, rules):
        if mapped.product is not None or mapped.reasons == ("no-price",):
            own = rows[mapped.id_item]
            yield _Case(mapped, own, sort_out(own, rules), records.get(mapped.id_item), rules)


def _single(cases: Iterable[_Case]) -> Iterator[tuple[Code, _Case, str]]:
    for case in cases:
        if case.mapped.product is None:
            yield "no-price", case, "no price above 0"
        for code, check in _CHECKS.items():
            yield from ((code, case, message) for message in check(case))
        if case.mapped.product is not None:
            for code, lacks in _LACKS.items():
                if message := lacks(case, case.mapped.product):
                    yield code, case, message


# -- what is wrong with rows: each check gives a message for each fault --------------------------------------


def _expired(case: _Case) -> Iterator[str]:
    for row in case.all_rows:
        expired = row.date_expire is not None and row.date_expire < case.rules.today
        # Expired is all that is wrong with it: a batch that is held back anyway harms nobody.
        if expired and row.available > 0 and counts(replace(row, date_expire=None), case.rules):
            yield f"batch {row.id_batch} expired {row.date_expire}, {row.available:f} left"


def _elsewhere(case: _Case) -> Iterator[str]:
    everywhere = [row for row in case.all_rows if row.available > 0 and _could_count(row, case.rules)]
    if everywhere and not any(case.rules.areas.holds(row) for row in everywhere):
        areas = sorted({clean(row.area) or "an area without a name" for row in everywhere})
        yield f"{sum(row.available for row in everywhere):f} in {', '.join(areas)}"


def _could_count(row: InventoryRow, rules: Rules) -> bool:
    return (
        not row.deleted
        and not row.qc_hold
        and row.status.strip().casefold() == "open"
        and (row.date_expire is None or row.date_expire >= rules.today)
    )


def _weight(case: _Case) -> Iterator[str]:
    number, unit = case.main.weight_useable, case.main.weight_useable_uom
    stored = grams_per(unit)
    if number is None or stored is None:
        return
    named = [(Decimal(found), short) for found, short in _WEIGHT_IN_NAME.findall(case.mapped.name)]
    # A name may tell several: what is in it, and what it weighs.
    if any(amount * (grams_per(short) or 0) == number * stored for amount, short in named):
        return
    for amount, short in named:
        if amount == number:
            yield f"{amount:f}{short} in the name is stored as {number:f} {clean(unit)}"
            return


def _weight_unit(case: _Case) -> Iterator[str]:
    if case.mapped.product is not None and case.mapped.product.weight_unit == "UNKNOWN":
        yield f"{clean(case.main.weight_useable_uom)!r} is none of Grams, Milligrams, Ounces, Each"


def _columns_differ(case: _Case) -> Iterator[str]:
    names = columns(case.main, case.rules, otd=otd_is_on(case.rows.deciding, case.rules))
    prices = [(name, _amount(case.main, name)) for name in names]
    if len({amount for _, amount in prices if amount}) > 1:
        yield ", ".join(f"{name} {amount:f}" for name, amount in prices)


def _amount(row: InventoryRow, column: str) -> Decimal:
    amount: Decimal | None = getattr(row, column)
    return amount or Decimal(0)


def _misspelt(case: _Case) -> Iterator[str]:
    told = set()
    for entry in (entry for row in case.rows.stocked for entry in row.compounds):
        name, _ = split_name(clean(entry.compound) or "")
        near = None if not name or name.casefold() in _KNOWN_COMPOUNDS else nearest_terpene(name)
        if near is not None and near != name and name not in told:
            told.add(name)
            yield f"{name[:60]!r}, is it {near}?"


_CHECKS: Mapping[Code, Callable[[_Case], Iterator[str]]] = {
    "expired-batch": _expired,
    "area-not-selected": _elsewhere,
    "weight-contradicts-name": _weight,
    "weight-unit-unknown": _weight_unit,
    "price-columns-differ": _columns_differ,
    "terpene-misspelt": _misspelt,
}


# -- what a product lacks: a message, or nothing -------------------------------------------------------------


def _no_potency(case: _Case, product: Product) -> str:
    # Without stock there are no labs by rule (L4): that is no fault of the data.
    measured = any(value.compound in _POTENCY for value in product.labs)
    return "" if measured or not (case.main.is_cannabis and case.rows.stocked) else "no THC, no CBD"


def _no_strain_type(case: _Case, product: Product) -> str:
    if product.cannabis_type is not None or not case.main.is_cannabis:
        return ""
    said = clean(case.record.strain_type) if case.record else None
    return f"{said!r} is none" if said else "none is set"


_LACKS: Mapping[Code, Callable[[_Case, Product], str]] = {
    "category-unmapped": lambda case, product: (
        "" if product.product_category else case.mapped.pos_category or "no category at all"
    ),
    "no-potency": _no_potency,
    "strain-type-unknown": _no_strain_type,
    "no-picture": lambda _, product: "" if product.images else "no picture",
    "no-description": lambda _, product: "" if product.description else "no description",
    "no-brand": lambda _, product: "" if product.brand else "no brand",
}


# -- what only the whole store shows -------------------------------------------------------------------------


def _otd_unused(cases: Sequence[_Case]) -> Iterator[tuple[Code, _Case, str]]:
    found = [(case, message) for case in cases if (message := _otd_price(case))]
    # Many stores have the POS fill these columns everywhere: what is the rule there is no fault of an item.
    usual = 2 * len(found) > len(cases)
    for case, message in found:
        if not usual or case.mapped.product is None:
            yield "otd-price-unused", case, message


def _otd_price(case: _Case) -> str:
    if case.rules.otd_pricing != "follow" or otd_is_on(case.rows.deciding, case.rules):
        return ""
    own, otd = (columns(case.main, case.rules, otd=on)[0] for on in (False, True))
    price, out_the_door = _amount(case.main, own), _amount(case.main, otd)
    if out_the_door <= 0 or out_the_door == price:
        return ""
    return f"{otd} {out_the_door:f}, {own} {price:f} counts"


def _duplicates(cases: Iterable[_Case]) -> Iterator[tuple[Code, _Case, str]]:
    same: defaultdict[str, list[_Case]] = defaultdict(list)
    for case in cases:
        same[" ".join(case.mapped.name.casefold().split())].append(case)
    for group in same.values():
        for case in group:
            others = [str(other.mapped.id_item) for other in group if other is not case]
            if others:
                yield "duplicate-name", case, f"also item {', '.join(others)}"


def _thresholds(cases: Iterable[_Case]) -> Iterator[tuple[Code, _Case, str]]:
    by_value: defaultdict[Decimal, list[_Case]] = defaultdict(list)
    for case in cases:
        value = case.main.location_threshold_low_quantity_value
        if value and case.rows.stocked:
            by_value[value].append(case)
    for value, group in by_value.items():
        hidden = [case for case in group if "below-threshold" in case.mapped.reasons]
        shown = len(group) - len(hidden)
        if len(hidden) > shown:
            for case in hidden:
                yield (
                    "threshold-hides",
                    case,
                    f"threshold {value:f} hides {len(hidden)} items and shows {shown}",
                )
