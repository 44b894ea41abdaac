"""All chosen locations in one command: side by side, watched from outside."""

from collections.abc import Sequence

from alleaves_sync.config import Location, Settings
from alleaves_sync.errors import StateUnusable
from alleaves_sync.flows.inventory import RunOptions, sync_inventory
from alleaves_sync.flows.inventory_result import InventoryResult
from alleaves_sync.flows.progress import Progress
from alleaves_sync.flows.side_by_side import side_by_side
from alleaves_sync.flows.status import LocationStatus, status_of
from alleaves_sync.monitoring import LocationMetrics, watched, write_metrics

AT_ONCE = 4  # locations side by side
_GOOD = frozenset({"ok", "locked", "disabled"})


def sync_menus(
    settings: Settings, locations: Sequence[Location], options: RunOptions, progress: Progress
) -> list[InventoryResult]:
    """Run `sync_inventory` for every location; results in their order. A dry run tells nobody."""
    monitoring = settings.monitoring
    with watched(None if options.dry_run else monitoring.ping_url) as watch:
        results = side_by_side(
            lambda location: sync_inventory(location, options, progress), locations, at_once=AT_ONCE
        )
        watch.good = all(result.outcome in _GOOD for result in results)
        watch.text = "\n".join(_line(result) for result in results)
    if monitoring.textfile is not None and not options.dry_run:
        write_metrics(monitoring.textfile, [_metrics(location) for location in settings.locations])
    return results


def _line(result: InventoryResult) -> str:
    why = f" ({result.error.code})" if result.error else ""
    return f"{result.location}: {result.outcome}{why}, {result.listed} listed, {result.seconds:.1f} s"


def _metrics(location: Location) -> LocationMetrics:
    # From the state file, so that the figures of locations that were not part of this run stay.
    try:
        status: LocationStatus | None = status_of(location)
    except StateUnusable:
        status = None
    last = status.last_run if status else None
    good = status.last_good_run if status else None
    return LocationMetrics(
        location=location.name,
        last_success=None if good is None else good.ended_at,
        seconds=None if last is None else last.seconds,
        rows=last.rows if last else 0,
        listed=good.listed if good else 0,
        hidden=good.hidden if good else 0,
        withheld=good.withheld if good else 0,
        changes=last.created + last.updated + last.zeroed if last else 0,
        waiting_orders=status.waiting_orders if status else 0,
        refused=last is not None and last.outcome == "refused",
    )
