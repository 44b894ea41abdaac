"""All chosen locations in one command: side by side, within the interval, watched from outside."""

from collections.abc import Sequence
from dataclasses import replace

from alleaves_sync.config import SHARE_OF_INTERVAL, Location, Settings
from alleaves_sync.errors import OutOfTime
from alleaves_sync.flows.health.metrics import tell_metrics
from alleaves_sync.flows.health.monitoring import watched
from alleaves_sync.flows.menu.result import InventoryResult
from alleaves_sync.flows.menu.sync_location import RunOptions, sync_inventory
from alleaves_sync.flows.menu.turns import longest_waiting
from alleaves_sync.flows.parallel import side_by_side
from alleaves_sync.flows.progress import Progress
from alleaves_sync.transport import Budget

# Locations side by side: enough that the processor has something to do while others wait for answers. Twice
# as many are no faster (benchmarks/locations.py), and each holds what it has read of the POS in memory.
AT_ONCE = 8
_GOOD = frozenset({"ok", "locked", "disabled"})


def sync_menus(
    settings: Settings, locations: Sequence[Location], options: RunOptions, progress: Progress
) -> list[InventoryResult]:
    """Run `sync_inventory` for every location; results in their order. A dry run tells nobody.

    All together end within the interval, whatever their number: the next command must not meet this one.
    Whoever has waited longest for a run begins first, so that time that never suffices is shared fairly.
    """
    whole = Budget(_seconds(settings, locations))

    def run(location: Location) -> InventoryResult:
        return _within(whole, location, options, progress)

    with watched(None if options.dry_run else settings.monitoring.ping_url) as watch:
        begin = longest_waiting(locations) if len(locations) > AT_ONCE else locations
        results = side_by_side(run, locations, at_once=AT_ONCE, begin=begin)
        watch.good = all(result.outcome in _GOOD for result in results)
        watch.text = "\n".join(_line(result) for result in results)
    if not options.dry_run:
        tell_metrics(settings)
    return results


def _seconds(settings: Settings, locations: Sequence[Location]) -> float:
    """The time of the whole command: that of one run, or what a run may take of the interval, if more."""
    longest = max((location.time_budget_seconds for location in locations), default=0.0)
    return max(longest, float(settings.interval_minutes * 60 * SHARE_OF_INTERVAL))


def _within(whole: Budget, location: Location, options: RunOptions, progress: Progress) -> InventoryResult:
    """A run in what is left of the whole command's time. Where nothing is left, none is begun or noted."""
    left = whole.remaining()
    if left >= location.time_budget_seconds or not location.settings.enabled:
        return _lightened(sync_inventory(location, options, progress))
    if left <= 0:
        error = OutOfTime("Alleaves", "POST /auth", whole.seconds, "the other locations took all of it")
        return InventoryResult(location.name, "failed", error=error)
    shorter = location.model_copy(update={"time_budget_seconds": left})
    result = _lightened(sync_inventory(shorter, options, progress))
    if isinstance(result.error, OutOfTime):
        return replace(result, error=replace(result.error, budget_seconds=whole.seconds))
    return result


def _lightened(result: InventoryResult) -> InventoryResult:
    """The result without what its error holds fast: through the frames that it went through, all that the run
    has read."""
    held: BaseException | None = result.error
    while held is not None:
        before = held.__cause__ or held.__context__
        held.__traceback__ = held.__cause__ = held.__context__ = None
        held = before
    return result


def _line(result: InventoryResult) -> str:
    why = f" ({result.error.code})" if result.error else ""
    return f"{result.location}: {result.outcome}{why}, {result.listed} listed, {result.seconds:.1f} s"
