"""The areas of a location with their stock: what there is to choose from (P2)."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from alleaves_sync.alleaves import AlleavesClient, Area, InventoryRow
from alleaves_sync.config import Location
from alleaves_sync.flows.pos import find_location
from alleaves_sync.flows.progress import Progress
from alleaves_sync.rules.mapping import AreaSelection
from alleaves_sync.transport import Budget


@dataclass(frozen=True, slots=True)
class AreaStock:
    """An area: how many different items have rows in it, their stock in the POS's own units, whether it
    counts."""

    id_area: int
    name: str
    path: str
    type: str
    items: int
    available: Decimal
    selected: bool


@dataclass(frozen=True, slots=True)
class Areas:
    """All areas of a location, and the configured selectors that match none of them."""

    areas: tuple[AreaStock, ...]
    unmatched: tuple[str, ...]


def find_areas(location: Location, progress: Progress) -> Areas:
    """Ask the POS for the areas and rows of a location.

    Raises LoginRefused, ServiceError, PosLocationUnknown. A selector without an area is no error here: this
    is where one looks up how it is spelled.
    """
    budget = Budget(location.time_budget_seconds)
    on_page = partial(progress.pages, location.name)
    with AlleavesClient(location.settings.alleaves, budget, on_page=on_page) as client:
        find_location(client, location)
        areas = client.areas()
        rows = client.inventory().records
    selection = AreaSelection.of(location.settings.areas, areas, rows)
    return Areas(stock_by_area(areas, rows, selection), selection.unmatched)


def stock_by_area(
    areas: tuple[Area, ...], rows: tuple[InventoryRow, ...], selection: AreaSelection
) -> tuple[AreaStock, ...]:
    """The areas by name; those that only rows know are among them, deleted ones only where rows lie in
    them."""
    stock: defaultdict[int, list[InventoryRow]] = defaultdict(list)
    for row in rows:
        if row.id_area is not None:
            stock[row.id_area].append(row)
    records = {area.id_area: area for area in areas if not area.deleted or area.id_area in stock}
    found = [_area(number, records.get(number), stock[number], selection) for number in {*records, *stock}]
    return tuple(sorted(found, key=lambda area: (area.name.casefold(), area.id_area)))


def _area(number: int, area: Area | None, rows: list[InventoryRow], selection: AreaSelection) -> AreaStock:
    row = rows[0] if rows else None
    name = area.name if area else (row.area if row else None)
    path = area.path if area else (row.area_path if row else None)
    kind = area.area_type if area else (row.area_type if row else None)
    return AreaStock(
        id_area=number,
        name=(name or "").strip(),
        path=(path or "").strip(),
        type=(kind or "").strip(),
        items=len({one.id_item for one in rows}),
        available=sum((one.available for one in rows), Decimal(0)),
        selected=any(map(selection.holds, rows)) or (area is not None and selection.holds_area(area)),
    )
