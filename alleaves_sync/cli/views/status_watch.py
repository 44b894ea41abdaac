"""`status --watch`: the same table, shown again and again in the same place.

On the terminal's second screen, as `top` and `less` do: it follows the window when that changes its size, and
what was there before is there afterwards. Ctrl-C is the way to end it, so it is no interruption: 0.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from alleaves_sync.cli.commands.status import ago, next_step, state_cell, status_table
from alleaves_sync.cli.console import clean, console, drawing
from alleaves_sync.cli.error_messages import explain
from alleaves_sync.cli.signals import Terminated
from alleaves_sync.config import Location
from alleaves_sync.errors import StateUnusable
from alleaves_sync.flows.health.status import LocationStatus, status_of
from alleaves_sync.flows.pos import utc_now

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_SECONDS = 2
_NARROW = 70  # the table wants more columns than this


def watch_status(locations: Sequence[Location], wait: Callable[[float], None] = time.sleep) -> int:
    """Show how the locations are until Ctrl-C; the exit code. `wait` takes seconds."""
    from rich.live import Live

    screen = console()
    try:
        with Live(console=screen, screen=True, auto_refresh=False) as live:
            while True:
                live.update(picture(locations, screen, utc_now()), refresh=True)
                wait(_SECONDS)
    except Terminated:
        raise
    except KeyboardInterrupt:
        return 0


def picture(locations: Sequence[Location], screen: "Console", now: datetime) -> "RenderableType":
    """What is shown at one moment: as many locations as fit, where not all do those in trouble."""
    from rich.console import Group
    from rich.text import Text

    head: list[RenderableType] = [Text(f"{now:%H:%M:%S} UTC, every {_SECONDS} s; Ctrl-C ends it", "dim")]
    found: list[LocationStatus] = []
    for location in locations:
        try:
            found.append(status_of(location))
        except StateUnusable as error:
            head.append(Text(clean(f"{location.name}: {explain(error).text}"), "bold red"))
    whole = Group(*head, _told(found, screen.width))
    if _height(whole, screen) <= screen.height:
        return whole
    worst_first = sorted(found, key=_calm)
    fits = [
        count
        for count in range(1, min(len(found), screen.height))
        if _height(Group(*head, _told(worst_first[:count], screen.width)), screen) < screen.height
    ]
    shown = max(fits, default=1)
    rest = worst_first[shown:]
    words = f"... and {len(rest)} more" + ("" if any(map(next_step, rest)) else ", all well")
    return Group(*head, _told(worst_first[:shown], screen.width), Text(words, "dim"))


def _height(picture: "RenderableType", screen: "Console") -> int:
    return len(screen.render_lines(picture))


def _told(found: Sequence[LocationStatus], width: int) -> "RenderableType":
    """The table, or a few lines for each location where it would be cut."""
    if width >= _NARROW:
        return drawing(status_table(found))
    from rich.console import Group
    from rich.text import Text

    lines: list[Text] = []
    for one in found:
        state, good = state_cell(one), one.last_good_run
        lines.append(Text.assemble((clean(one.location.name), "bold"), ": ", (state.text, str(state.tone))))
        if good is not None and one.age is not None:
            counts = f"{good.listed} listed, {one.pending} pending, {one.waiting_orders} orders wait"
            lines.append(Text(f"  {ago(one.age)} ago: {counts}"))
        if step := next_step(one):
            lines.append(Text(f"  -> {clean(step)}"))
    return Group(*lines)


def _calm(found: LocationStatus) -> tuple[bool, bool]:
    return not found.needs_a_person, not next_step(found)
