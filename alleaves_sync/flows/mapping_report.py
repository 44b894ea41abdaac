"""show-mapping: the rules in force and what they make of each item. Writes nothing."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import JsonValue

from alleaves_sync.aiq.models import Product
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.alleaves.models import Fetched, InventoryRow, Item
from alleaves_sync.alleaves.wire import INVENTORY, ITEMS, decode_saved
from alleaves_sync.config import Location
from alleaves_sync.errors import AreasUnmatched, InputInvalid, ItemUnknown, Problem
from alleaves_sync.flows.known_menu import known_menu
from alleaves_sync.flows.pos import Clock, read_pos, rules_of, utc_now
from alleaves_sync.flows.progress import Progress
from alleaves_sync.mapping import AreaSelection, MappedItem, Rules, Status, map_menu
from alleaves_sync.state import StateFile
from alleaves_sync.transport import Budget

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class SavedRows:
    """Rows and catalogue records from a file, instead of the POS."""

    inventory: Fetched[InventoryRow]
    catalogue: Fetched[Item]


@dataclass(frozen=True, slots=True)
class MappingReport:
    """The rules of a location and all its items, in order of their ids."""

    location: Location
    rules: Rules
    items: tuple[MappedItem, ...]


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items to show: named ones (id or name), those of a status, those without an AIQ category."""

    names: tuple[str, ...] = ()
    status: Status | None = None
    unmapped: bool = False

    def holds(self, item: MappedItem) -> bool:
        """Whether the item is to be shown."""
        if self.names and not any(_is_named(item, name) for name in self.names):
            return False
        if self.status is not None and item.status != self.status:
            return False
        return not self.unmapped or (item.product is not None and item.product.product_category is None)


def read_saved_rows(path: Path) -> SavedRows:
    """A file with a list of rows, or `{"rows": [...], "items": [...]}`. Raises InputInvalid."""
    try:
        content: JsonValue = json.loads(path.read_bytes())
    except OSError as error:
        raise InputInvalid(str(path), [Problem("", f"cannot be read: {error.strerror}")]) from None
    except (ValueError, RecursionError) as error:
        raise InputInvalid(str(path), [Problem("", f"is not JSON: {error}")]) from None
    parts = content if isinstance(content, dict) else {"rows": content}
    lists = {name: parts.get(name, []) for name in ("rows", "items")}
    if "rows" not in parts or not all(isinstance(part, list) for part in lists.values()):
        problem = Problem("", 'is neither a list of rows nor {"rows": [...], "items": [...]}')
        raise InputInvalid(str(path), [problem])
    return SavedRows(
        decode_saved(INVENTORY, json.dumps(_with_total(lists["rows"])).encode()),
        decode_saved(ITEMS, json.dumps(lists["items"]).encode()),
    )


def _with_total(rows: JsonValue) -> JsonValue:
    # Saved rows prove nothing: they need not say how long the answer was that they are from.
    if not isinstance(rows, list):
        return rows
    return [{"total_rows": len(rows), **row} if isinstance(row, dict) else row for row in rows]


def map_location(
    location: Location, saved: SavedRows | None, progress: Progress, clock: Clock = utc_now
) -> MappingReport:
    """Map one location, from the POS or from saved rows.

    Raises what `read_pos` raises, and StateUnusable; with saved rows AreasUnmatched and StateUnusable only.
    """
    held = _held(location)
    rows, rules = rows_and_rules(location, saved, progress, clock)
    return MappingReport(location, rules, tuple(map_menu(rows.inventory, rows.catalogue, rules, held)))


def rows_and_rules(
    location: Location, saved: SavedRows | None, progress: Progress, clock: Clock = utc_now
) -> tuple[SavedRows, Rules]:
    """The rows of a location, from the POS or as saved, and the rules for them. Raises as `map_location`."""
    if saved is not None:
        return saved, _offline_rules(location, saved, clock)
    budget = Budget(location.time_budget_seconds)
    on_page = partial(progress.pages, location.name)
    with AlleavesClient(location.settings.alleaves, budget, on_page=on_page) as client:
        picture = read_pos(client, location, clock)
    return SavedRows(picture.inventory, picture.catalogue), picture.rules


def _offline_rules(location: Location, saved: SavedRows, clock: Clock) -> Rules:
    # Without the POS there are no area records and no time zone: rows name the areas, the machine the date.
    rows = saved.inventory.records
    selection = AreaSelection.of(location.settings.areas, (), rows)
    if selection.unmatched and rows:
        names = sorted({(row.area or "").strip() for row in rows} - {""})
        raise AreasUnmatched(location.name, selection.unmatched, names)
    return rules_of(location.settings, selection, clock().astimezone().date())


def _held(location: Location) -> Mapping[str, Product]:
    if location.settings.fields.price:
        return {}
    with StateFile.open_for_reading(location.state) as state:  # M6: what keeps its price
        known = known_menu(state, location.name, None, location.settings.feed)
    return {key: product.held for key, product in known.products.items() if product.held is not None}


def choose_items(reports: Sequence[MappingReport], wanted: ItemFilter) -> list[MappingReport]:
    """The reports with the wanted items only. Raises ItemUnknown for a name that no location has."""
    for name in wanted.names:
        if not any(_is_named(item, name) for report in reports for item in report.items):
            known = {item.name for report in reports for item in report.items}
            known |= {str(item.id_item) for report in reports for item in report.items}
            raise ItemUnknown(name, difflib.get_close_matches(name, sorted(known), n=_NEAREST))
    return [
        MappingReport(report.location, report.rules, tuple(filter(wanted.holds, report.items)))
        for report in reports
    ]


def _is_named(item: MappedItem, name: str) -> bool:
    return name.strip() == str(item.id_item) or name.strip().casefold() == item.name.casefold()
