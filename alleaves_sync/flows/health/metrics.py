"""The figures of all locations for Prometheus, gathered from the state files alone.

So the figures of locations, and of flows, that were not part of a run stay in the file.
"""

from alleaves_sync.config import Location, Settings
from alleaves_sync.errors import StateUnusable
from alleaves_sync.flows.health.monitoring import LocationMetrics, write_metrics
from alleaves_sync.flows.health.status import LocationStatus, status_of


def tell_metrics(settings: Settings) -> None:
    """Write the textfile, where one is configured. Never raises: what fails is said in the log."""
    path = settings.monitoring.textfile
    if path is not None:
        write_metrics(path, [_metrics(location) for location in settings.locations])


def _metrics(location: Location) -> LocationMetrics:
    try:
        status = status_of(location)
    except StateUnusable:
        status = LocationStatus(location, None, None, None, stale=True, pending=0, waiting_orders=0)
    last, good, push = status.last_run, status.last_good_run, status.last_push
    return LocationMetrics(
        location=location.name,
        last_success=None if good is None else good.ended_at,
        seconds=None if last is None else last.seconds,
        rows=last.rows if last else 0,
        listed=good.listed if good else 0,
        hidden=good.hidden if good else 0,
        withheld=good.withheld if good else 0,
        changes=last.created + last.updated + last.zeroed if last else 0,
        waiting_orders=status.waiting_orders,
        refused=last is not None and last.outcome == "refused",
        orders_last_success=status.last_good_push,
        orders_seconds=None if push is None else push.seconds,
    )
