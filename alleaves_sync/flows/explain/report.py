"""show-mapping: the rules in force and what they make of each item. Writes nothing."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path

from pydantic import JsonValue

from alleaves_sync.aiq.models import Product
from alleaves_sync.aiq.wire import all_fields
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.alleaves.models import Fetched, InventoryRow, Item
from alleaves_sync.alleaves.wire import INVENTORY, ITEMS, decode_saved
from alleaves_sync.config import Location
from alleaves_sync.errors import AreasUnmatched, InputInvalid, ItemUnknown, Problem, StateUnusable
from alleaves_sync.flows.menu.known_menu import known_menu
from alleaves_sync.flows.pos import Clock, read_pos, rules_of, utc_now
from alleaves_sync.flows.progress import Progress
from alleaves_sync.rules.actions import Known
from alleaves_sync.rules.mapping import AreaSelection, MappedItem, Rules, Status, map_menu
from alleaves_sync.state import StateFile
from alleaves_sync.transport import Budget

GONE = "(gone from the POS: as AIQ has it)"
_NEAREST = 3


@dataclass(frozen=True, slots=True)
class SavedRows:
    """Rows and catalogue records of the POS, or from a file; only the POS's own are all there are (P6)."""

    inventory: Fetched[InventoryRow]
    catalogue: Fetched[Item]
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class MappingReport:
    """The rules of a location and what they make of its items, in order of their ids.

    `items` are those of the POS; `gone` are those that AIQ has by the state file and the POS has not (P6).
    `found` is what they were mapped from, `known` what the state file says of AIQ (by `posProductId`), `held`
    what keeps its price (M6). Where the state file cannot be read and no price depends on it, `state_problem`
    says why nothing is known.
    """

    location: Location
    rules: Rules
    items: tuple[MappedItem, ...]
    gone: tuple[MappedItem, ...]
    found: SavedRows
    known: Mapping[str, Known]
    held: Mapping[str, Product]
    menu_is_known: bool
    state_problem: StateUnusable | None = None

    @property
    def all(self) -> tuple[MappedItem, ...]:
        """All items, in order of their ids."""
        return tuple(sorted((*self.items, *self.gone), key=lambda item: item.id_item))


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
    """Map one location, from the POS or from saved rows; the state file says what AIQ has.

    Raises what `read_pos` raises, with saved rows only AreasUnmatched; and StateUnusable.
    """
    known, menu_is_known, problem = _known(location)
    held = {} if location.settings.fields.price else _held(known)
    found, rules = rows_and_rules(location, saved, progress, clock)
    items = tuple(map_menu(found.inventory, found.catalogue, rules, held))
    gone = tuple(_gone(items, known))
    return MappingReport(location, rules, items, gone, found, known, held, menu_is_known, problem)


def _known(location: Location) -> tuple[Mapping[str, Known], bool, StateUnusable | None]:
    settings = location.settings
    try:
        with StateFile.open_for_reading(location.state) as state:
            is_known = state.menu_is_known(location.name)
            # M6: what keeps its price is looked up in the feed as well, as a run without a state file would.
            feed = None if settings.fields.price else settings.feed
            return known_menu(state, location.name, None, feed).products, is_known, None
    except StateUnusable as error:
        if not settings.fields.price:
            raise
        return {}, False, error


def _held(known: Mapping[str, Known]) -> Mapping[str, Product]:
    return {key: product.held for key, product in known.items() if product.held is not None}


def _gone(items: Sequence[MappedItem], known: Mapping[str, Known]) -> Iterator[MappedItem]:
    """What AIQ has, or may have, of items that are not among these."""
    for key in known.keys() - {str(item.id_item) for item in items}:
        held, state = known[key].held, known[key].state
        if held is None or not key.isdecimal():
            continue
        product = replace(held, quantity=Decimal(0))
        yield MappedItem(
            id_item=int(key),
            name=state.name if state and state.name else held.name or "",
            pos_category=state.pos_category if state else "",
            status="hidden",
            reasons=("gone-from-pos",),
            product=product,
            sources=tuple((field, GONE) for field in all_fields(product)),
        )


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
    return SavedRows(picture.inventory, picture.catalogue, is_whole=True), picture.rules


def _offline_rules(location: Location, saved: SavedRows, clock: Clock) -> Rules:
    # Without the POS there are no area records and no time zone: rows name the areas, the machine the date.
    rows = saved.inventory.records
    selection = AreaSelection.of(location.settings.areas, (), rows)
    if selection.unmatched and rows:
        names = sorted({(row.area or "").strip() for row in rows} - {""})
        raise AreasUnmatched(location.name, selection.unmatched, names)
    return rules_of(location.settings, selection, clock().astimezone().date())


def choose_items(reports: Sequence[MappingReport], wanted: ItemFilter) -> list[MappingReport]:
    """The reports with the wanted items only. Raises ItemUnknown for a name that no location has."""
    for name in wanted.names:
        if not any(_is_named(item, name) for report in reports for item in report.all):
            known = {item.name for report in reports for item in report.all}
            known |= {str(item.id_item) for report in reports for item in report.all}
            raise ItemUnknown(name, difflib.get_close_matches(name, sorted(known), n=_NEAREST))
    return [
        replace(
            report,
            items=tuple(filter(wanted.holds, report.items)),
            gone=tuple(filter(wanted.holds, report.gone)) if wanted.names or report.found.is_whole else (),
        )
        for report in reports
    ]


def _is_named(item: MappedItem, name: str) -> bool:
    return name.strip() == str(item.id_item) or name.strip().casefold() == item.name.casefold()
