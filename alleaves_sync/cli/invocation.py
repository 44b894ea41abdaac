"""What the global options say, and what commands need from them: settings, the chosen locations, logging."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.commands.completion import location_names

if TYPE_CHECKING:
    from alleaves_sync.config import Location, Settings

LocationOption = Annotated[
    list[str] | None,
    typer.Option(
        "--location",
        "-l",
        metavar="NAME",
        help="Only this location; a glob such as 'north-*' takes several. May repeat. Default: all enabled.",
        show_default=False,
        autocompletion=location_names,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]


class LogFormat(StrEnum):
    """How log lines look on stderr."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class Invocation:
    """The global options of this call. `as_json` is the command's own `--json`."""

    config: Path | None = None
    verbosity: int = 0
    quiet: bool = False
    log_format: LogFormat = LogFormat.TEXT
    as_json: bool = False

    def config_path(self) -> Path:
        """Where the configuration is. Raises `ConfigMissing`."""
        from alleaves_sync.config import find_config

        return find_config(self.config, os.environ)

    def settings(self) -> "Settings":
        """The configuration; its warnings are said on stderr. Raises `ConfigMissing`, `ConfigInvalid`."""
        from alleaves_sync.cli.console import say, warn
        from alleaves_sync.config import load

        settings = load(self.config_path(), os.environ)
        if self.verbosity:
            say(self, f"configuration: {settings.path}")
        for warning in settings.warnings:
            warn(self, warning)
        return settings

    def chosen(self, names: Sequence[str] | None) -> "tuple[Location, ...]":
        """The locations of `--location`, in the configuration's order; all enabled ones without it.

        A name or a glob chooses disabled locations too. Raises `LocationNotConfigured` for one that chooses
        none.
        """
        return choose(self.settings().locations, names)

    def start_logging(self) -> None:
        """Log lines of this program to stderr: warnings, with -v information, with -vv everything."""
        from alleaves_sync.cli.logs import start

        start(self.verbosity, quiet=self.quiet, as_json=self.log_format is LogFormat.JSON)

    @property
    def draws(self) -> bool:
        """Whether moving pictures (progress bars) may be drawn on stderr."""
        return not (self.quiet or self.as_json or self.verbosity) and sys.stderr.isatty()


def choose(locations: "Sequence[Location]", names: Sequence[str] | None) -> "tuple[Location, ...]":
    """The locations that `names` (names or globs) choose. Raises `LocationNotConfigured`."""
    if not names:
        return tuple(location for location in locations if location.settings.enabled)
    chosen = {name for pattern in names for name in _matching(pattern, [place.name for place in locations])}
    return tuple(location for location in locations if location.name in chosen)


def _matching(pattern: str, known: Sequence[str]) -> Sequence[str]:
    from fnmatch import fnmatchcase

    from alleaves_sync.errors import LocationNotConfigured

    found = [name for name in known if name == pattern] or [
        name for name in known if fnmatchcase(name, pattern)
    ]
    if not found:
        raise LocationNotConfigured(pattern, known)
    return found


def invocation(ctx: typer.Context, as_json: bool = False) -> Invocation:
    """The invocation that the program's global options made, with the command's own `--json`."""
    made = ctx.find_object(Invocation)
    return replace(made or Invocation(), as_json=as_json)
