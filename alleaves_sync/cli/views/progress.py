"""Progress bars on stderr, where somebody watches a terminal; else nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alleaves_sync.cli.grouping import MOST_SHOWN
from alleaves_sync.cli.invocation import Invocation
from alleaves_sync.flows.progress import Progress, SilentProgress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class BarProgress:
    """One bar for each location and kind of record, made when it is first heard of."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[tuple[str, str], TaskID] = {}

    def pages(self, location: str, what: str, done: int, total: int) -> None:
        """Move the bar of the records that are read."""
        self._move(location, what, done, total)

    def products(self, location: str, done: int, total: int) -> None:
        """Move the bar of the products that are sent."""
        self._move(location, "products", done, total)

    def _move(self, location: str, what: str, done: int, total: int) -> None:
        key = (location, what)
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(f"{location}: {what}", total=total)
        ended = total > 0 and done >= total
        # Of many locations, those that are done make room for those under way.
        self._bars.update(
            self._tasks[key],
            completed=done,
            total=total,
            visible=not ended or len(self._tasks) <= MOST_SHOWN,
        )


@contextmanager
def progress(cli: Invocation) -> Iterator[Progress]:
    """What a flow may report its progress to. The bars are gone when the block ends."""
    if not cli.draws:
        yield SilentProgress()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    from alleaves_sync.cli.console import console

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console(stderr=True), transient=True) as bars:
        yield BarProgress(bars)
