"""state: the state file looked after - checked, copied, pruned, and made to be rebuilt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from alleaves_sync.config import Location
from alleaves_sync.errors import OptionsConflict, StateUnusable, WriteFailed
from alleaves_sync.flows.menu.sync_location import FLOW
from alleaves_sync.flows.pos import Clock, utc_now
from alleaves_sync.flows.pruning import Pruned, drop_runs
from alleaves_sync.state import Contents, RunLock, StateFile, backup


@dataclass(frozen=True, slots=True)
class Checked:
    """A sound state file and what it holds of one location; `size` is None where there is no file yet."""

    path: Path
    size: int | None
    contents: Contents


class Checker:
    """Checks the state files of locations; one that several share is read through once."""

    def __init__(self) -> None:
        self._faults: dict[Path, list[str]] = {}

    def check(self, location: Location) -> Checked:
        """Raises StateUnusable: `corrupt`, with the first faults, or what opening it raises."""
        path = location.state
        with StateFile.open_for_reading(path) as state:
            if path not in self._faults:
                self._faults[path] = state.faults()
            if self._faults[path]:
                raise StateUnusable(path, "corrupt", "; ".join(self._faults[path][:3]))
            size = path.stat().st_size if path.exists() else None
            return Checked(path, size, state.contents(location.name))


def back_up(locations: Sequence[Location], target: str, *, force: bool) -> list[tuple[Path, Path]]:
    """Copy the state files; (file, copy) of each. `{location}` in `target` is the location's name.

    Raises OptionsConflict (a copy would overwrite something, or several files would become one),
    StateUnusable and WriteFailed.
    """
    copies = {Path(target.replace("{location}", place.name)).absolute(): place.state for place in locations}
    if len({*copies.values()}) < len({place.state for place in locations}) or not copies:
        names = ", ".join(place.name for place in locations) or "none"
        raise OptionsConflict(
            f"one copy cannot hold several state files; chosen are: {names}",
            "add --location NAME, or write {location} into the name of the copy",
        )
    for copy, path in copies.items():
        try:
            backup(path, copy, replace=force)
        except FileExistsError:
            remedy = (
                "give another name" if copy.resolve() == path.resolve() else "give another name, or --force"
            )
            raise OptionsConflict(f"{copy} is there already", remedy) from None
    return [(path, copy) for copy, path in copies.items()]


def prune(location: Location, keep_days: int, clock: Clock = utc_now) -> Pruned:
    """Drop runs that began more than `keep_days` ago, and their changes; give the space back.

    Never the last run of a flow, nor its last good one. Raises StateUnusable, WriteFailed.
    """
    if not location.state.exists():
        return Pruned()
    with StateFile.open(location.state) as state:
        pruned = drop_runs(state, location.name, timedelta(days=keep_days), clock())
        if pruned.runs:
            state.compact()
    return pruned


def rebuild(location: Location) -> int:
    """Forget the menu of the location, so that the next run reads it anew; how many items were forgotten.

    Runs, changes, orders and links of patients stay. Raises StateUnusable, and WriteFailed also while a run
    is going on.
    """
    if not location.state.exists():
        return 0
    with RunLock(location.state, location.name, FLOW) as taken:
        if not taken:
            raise WriteFailed(location.state, "a run of this location is going on")
        with StateFile.open(location.state) as state:
            return state.forget_menu(location.name)
