"""Reading the POS: a complete picture of one location, and the rules that follow from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.alleaves.models import Area, Fetched, InventoryRow, Item, PosLocation
from alleaves_sync.config import FieldSettings, Location, LocationSettings
from alleaves_sync.errors import AreasUnmatched, PosLocationUnknown
from alleaves_sync.rules.actions import FieldGroup
from alleaves_sync.rules.mapping import AreaSelection, Rules
from alleaves_sync.rules.mapping.category import map_key

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PosPicture:
    """All of one location as the POS told it, proven complete."""

    inventory: Fetched[InventoryRow]
    catalogue: Fetched[Item]
    rules: Rules


def read_pos(client: AlleavesClient, location: Location, clock: Clock) -> PosPicture:
    """Log in and fetch everything of a location.

    Raises LoginRefused, ServiceError, PosLocationUnknown, and AreasUnmatched for a selector that matches
    nothing (P2; not where there are no rows at all: that is the brake's case).
    """
    pos_location = find_location(client, location)
    areas = client.areas()
    inventory = client.inventory()
    catalogue = client.items()
    selection = select_areas(location, areas, inventory.records, any_rows=inventory.total > 0)
    rules = rules_at(location.settings, selection, zone_of(pos_location), clock)
    return PosPicture(inventory, catalogue, rules)


def select_areas(
    location: Location, areas: tuple[Area, ...], rows: Iterable[InventoryRow], *, any_rows: bool
) -> AreaSelection:
    """The configured areas of a location. Raises AreasUnmatched as `read_pos`."""
    selection = AreaSelection.of(location.settings.areas, areas, rows)
    if selection.unmatched and any_rows:
        raise AreasUnmatched(location.name, selection.unmatched, area_labels(areas))
    return selection


def rules_at(
    settings: LocationSettings, selection: AreaSelection, zone: ZoneInfo | None, clock: Clock
) -> Rules:
    """The mapping's rules for now, on the location's own date; in UTC where its time zone is not known."""
    return rules_of(settings, selection, clock().astimezone(zone or UTC).date())


def find_location(client: AlleavesClient, location: Location) -> PosLocation:
    """The POS's own record of the configured location. Raises PosLocationUnknown."""
    wanted = location.settings.alleaves.location_id
    seen = client.locations()
    found = next((one for one in seen if one.id_location == wanted), None)
    if found is None:
        known = [(one.id_location, one.location) for one in seen]
        raise PosLocationUnknown(location.name, wanted, known)
    return found


def zone_of(location: PosLocation) -> ZoneInfo | None:
    """The location's time zone; None where the POS names none that exists."""
    try:
        return ZoneInfo(location.timezone) if location.timezone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def area_labels(areas: tuple[Area, ...]) -> list[str]:
    """The areas as a person may select them: name, id and type."""
    return [
        f"{area.name.strip()} (id {area.id_area}{f', type {area.area_type}' if area.area_type else ''})"
        for area in areas
        if not area.deleted
    ]


def rules_of(settings: LocationSettings, selection: AreaSelection, today: date) -> Rules:
    """The mapping's rules from a location's settings."""
    return Rules(
        areas=selection,
        today=today,
        menu=settings.menu,
        otd_pricing=settings.otd_pricing,
        threshold_needs_checkbox=settings.inventory.threshold_needs_checkbox,
        tier_price=settings.tiers.price_is,
        use_default_categories=settings.categories.use_defaults,
        category_map={map_key(path): category for path, category in settings.categories.map.items()},
        labs=settings.fields.labs,
        terpenes=settings.fields.terpenes,
    )


def switched_off(fields: FieldSettings) -> frozenset[FieldGroup]:
    """What stays as AIQ has it (F1)."""
    return frozenset(group for group in get_args(FieldGroup) if not getattr(fields, group))
