"""cron: the entries that keep the menu and the orders going, and their block in the user's crontab.

The block stands between two marks that name the configuration, so that several configurations of one user
have a block each. All other lines are carried over as bytes: they are not ours to read, and even less ours
to write anew.
"""

import os
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from crontab import CronTab

from alleaves_sync.config import Location, Settings, load
from alleaves_sync.errors import ConfigInvalid, CrontabUnusable
from alleaves_sync.flows.schedule.crontab_file import read_crontab, write_crontab

MARK = "alleaves-sync"
ORDERS_EVERY_MINUTES = 2
_HOUR, _DAY = 60, 24 * 60
# What one line of cron can say without an odd gap at the end of an hour or a day.
_EXPRESSIBLE = tuple(
    [minutes for minutes in range(1, _HOUR) if _HOUR % minutes == 0]
    + [minutes for minutes in range(_HOUR, _DAY + 1, _HOUR) if _DAY % minutes == 0]
)
_LINES = re.compile(rb"[^\n]*\n|[^\n]+")
_BEGIN, _END = f"# >>> {MARK}: ".encode(), f"# <<< {MARK}: ".encode()

Flow = Literal["menu", "orders"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be run again and again: cron's expression, every how many minutes, and the command."""

    flow: Flow
    schedule: str
    minutes: int
    command: tuple[str, ...]

    @property
    def line(self) -> str:
        """The line of a crontab: quoted for the shell, its percent signs escaped for cron."""
        item = CronTab(tab="").new(command=shlex.join(self.command), comment=MARK)
        item.setall(self.schedule)
        return str(item.render())


@dataclass(frozen=True, slots=True)
class Timetable:
    """The entries of a configuration, and what a person should know about them."""

    config: Path
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]

    @property
    def block(self) -> bytes:
        """The entries between their marks."""
        lines = [
            _mark(_BEGIN, self.config),
            *(os.fsencode(f"{entry.line}\n") for entry in self.entries),
            _mark(_END, self.config),
        ]
        return b"".join(lines)


def expression(interval_minutes: Decimal) -> tuple[str, int]:
    """Cron's expression, and the minutes it means: the longest it can say that is not above the interval."""
    minutes = max((fitting for fitting in _EXPRESSIBLE if fitting <= interval_minutes), default=1)
    if minutes == 1:
        return "* * * * *", minutes
    if minutes < _HOUR:
        return f"*/{minutes} * * * *", minutes
    hours = minutes // _HOUR
    return {_HOUR: "0 * * * *", _DAY: "0 0 * * *"}.get(minutes, f"0 */{hours} * * *"), minutes


def program() -> tuple[str, ...]:
    """How this program is started, by absolute paths: cron's PATH is not the shell's."""
    beside = Path(sys.executable).with_name(MARK)
    return (str(beside),) if os.access(beside, os.X_OK) else (sys.executable, "-m", "alleaves_sync")


def timetable(
    settings: Settings, locations: Sequence[Location], names: Sequence[str], started_by: Sequence[str]
) -> Timetable:
    """The entries for the chosen `locations`; `names` are the words of `--location` that chose them.

    Orders come in where a chosen location has `orders.sync` on. Raises CrontabUnusable for a path that a
    crontab cannot hold.
    """
    if any(sign < " " for sign in str(settings.path)):
        raise CrontabUnusable("path", str(settings.path))
    start = (*started_by, "--config", str(settings.path), "--quiet")
    chosen = tuple(part for name in names for part in ("--location", name))
    said, minutes = expression(settings.interval_minutes)
    entries = [Entry("menu", said, minutes, (*start, "sync-inventory", *chosen))]
    if any(place.settings.enabled and place.settings.orders.sync for place in locations):
        often, pause = expression(Decimal(ORDERS_EVERY_MINUTES))
        entries.append(Entry("orders", often, pause, (*start, "push-order", "--confirmed", *chosen)))
    return Timetable(settings.path, tuple(entries), tuple(_notes(settings, minutes)))


def install(table: Timetable) -> tuple[bool, tuple[str, ...]]:
    """Write the block into the user's crontab; whether it had to be written, and notes on other lines.

    An earlier block of the same configuration is replaced where it stands. Raises CrontabUnusable.
    """
    before = read_crontab()
    after = _with_block(before, table)
    if after != before:
        write_crontab(after)
    return after != before, tuple(_strangers(after))


def remove(config: Path | None) -> bool:
    """Take the block of `config` (None: every block of this program) out; whether there was one.

    Raises CrontabUnusable.
    """
    before = read_crontab()
    after = b"".join(part for part in _parts(before) if not _is_block(part, config))
    if after != before:
        write_crontab(after)
    return after != before


def _mark(mark: bytes, config: Path) -> bytes:
    return mark + os.fsencode(config) + b"\n"


def _with_block(content: bytes, table: Timetable) -> bytes:
    parts = list(_parts(content))
    ours = [at for at, part in enumerate(parts) if _is_block(part, table.config)]
    if ours:
        first, *others = ours
        kept = [part for at, part in enumerate(parts) if at not in others]
        kept[first] = table.block
        return b"".join(kept)
    # Cron ignores, or refuses, a last line without its end.
    gap = b"\n" if content and not content.endswith(b"\n") else b""
    return content + gap + table.block


def _parts(content: bytes) -> Iterator[bytes]:
    """The crontab cut into blocks of this program and single other lines; joined, they are `content`."""
    block: list[bytes] = []
    for line in _LINES.findall(content):
        begins, ends = line.startswith(_BEGIN), line.startswith(_END)
        if begins == bool(block) and (begins or ends):
            raise CrontabUnusable("block", line.decode(errors="replace").strip())
        if not (begins or block):
            yield line
            continue
        block.append(line)
        if ends:
            yield b"".join(block)
            block = []
    if block:
        raise CrontabUnusable("block", block[0].decode(errors="replace").strip())


def _is_block(part: bytes, config: Path | None) -> bool:
    return part.startswith(_BEGIN if config is None else _mark(_BEGIN, config))


def _strangers(content: bytes) -> Iterator[str]:
    for part in _parts(content):
        words = part.strip()
        if MARK.encode() in words and not words.startswith(b"#"):
            line = words.decode(errors="replace")
            yield f"another line runs {MARK} too; delete it if it does the same: {line}"


def _notes(settings: Settings, minutes: int) -> Iterator[str]:
    if minutes != settings.interval_minutes:
        unit = "minute" if minutes == 1 else f"{minutes} minutes"
        yield (
            f"interval_minutes is {settings.interval_minutes:f}, which cron cannot say: "
            f"the menu runs every {unit} instead"
        )
    try:
        load(settings.path, {})
    except ConfigInvalid as error:
        missing = "; ".join(dict.fromkeys(problem.message for problem in error.problems))
        file = settings.path.parent / ".env"
        yield f"cron has none of this shell's variables; write them into {file}: {missing}"
