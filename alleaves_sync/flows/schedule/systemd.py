"""systemd: a hardened service and a timer for each entry, as text to be put into /etc/systemd/system."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from alleaves_sync.config import Location, Settings
from alleaves_sync.flows.schedule.cron import Entry, Flow, Timetable

_WHAT: dict[Flow, str] = {
    "menu": "alleaves-sync: the menu of AIQ from the stock of Alleaves",
    "orders": "alleaves-sync: confirmed orders of AIQ into Alleaves",
}
_PLAIN = re.compile(r"[\w@+=:,./%$-]+")
# The program talks to the network and writes its own folders; everything else is taken from it.
_HARDENING = """\
UMask=0077
NoNewPrivileges=true
CapabilityBoundingSet=
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=true
PrivateDevices=true
ProtectClock=true
ProtectHostname=true
ProtectControlGroups=true
ProtectKernelLogs=true
ProtectKernelModules=true
ProtectKernelTunables=true
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
LockPersonality=true
MemoryDenyWriteExecute=true
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources"""


def units(table: Timetable, settings: Settings, locations: Sequence[Location], user: str) -> dict[str, str]:
    """The text of every unit by its file name; services first run when their timers say."""
    writable = sorted({str(path.parent) for path in _written(settings, locations)})
    made = {}
    for entry in table.entries:
        made[f"alleaves-sync-{entry.flow}.service"] = _service(entry, writable, user)
        made[f"alleaves-sync-{entry.flow}.timer"] = _timer(entry, settings)
    return made


def _written(settings: Settings, locations: Sequence[Location]) -> Iterator[Path]:
    if settings.monitoring.textfile is not None:
        yield settings.monitoring.textfile
    for location in locations:
        yield location.state
        if location.settings.feed is not None:
            yield location.settings.feed


def _service(entry: Entry, writable: Sequence[str], user: str) -> str:
    command = " ".join(_quoted(word.replace("$", "$$")) for word in entry.command)
    return f"""\
[Unit]
Description={_WHAT[entry.flow]}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
ExecStart={command}
ReadWritePaths={" ".join(_quoted(path) for path in writable)}
{_HARDENING}
"""


def _timer(entry: Entry, settings: Settings) -> str:
    # A timer can say any interval, those that cron cannot say included.
    seconds = round(settings.interval_minutes * 60) if entry.flow == "menu" else entry.minutes * 60
    return f"""\
[Unit]
Description={_WHAT[entry.flow]}, every {seconds} seconds

[Timer]
OnActiveSec=10s
OnUnitActiveSec={max(seconds, 1)}s
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def _quoted(word: str) -> str:
    """A word as systemd reads it back: specifiers are doubled, anything unusual is in quotes."""
    safe = word.replace("%", "%%")
    if _PLAIN.fullmatch(safe):
        return safe
    escaped = safe.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
