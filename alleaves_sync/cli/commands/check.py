"""`check`: is everything in order, and what to do where it is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import Invocation, JsonOption, LocationOption, invocation

if TYPE_CHECKING:
    from alleaves_sync.cli.console import Cell
    from alleaves_sync.cli.error_messages import Explained
    from alleaves_sync.errors import ConfigInvalid
    from alleaves_sync.flows.setup.check import Check

_LOOK = 3
_CONFIG = 78


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("check")(check)


@dataclass(frozen=True)
class Line:
    """One check as it is told. `location` is empty where it concerns them all."""

    location: str
    name: str
    message: str
    remedy: str = ""
    exit_code: int = 0

    @property
    def ok(self) -> bool:
        """Whether it is in order."""
        return self.exit_code == 0

    def document(self) -> dict[str, object]:
        """The check in the JSON document."""
        return {
            "location": self.location or None,
            "name": self.name,
            "ok": self.ok,
            "message": self.message,
            "remedy": self.remedy,
        }


def check(
    ctx: typer.Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only the configuration and the files; nothing is asked.")
    ] = False,
    location: LocationOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check the configuration, both services and the files.

    One line each for configuration, login, location, areas, clock, storefront, state file and feed, and what
    to do about each failure. With --quiet only failures are shown.
    """
    from alleaves_sync.cli.error_messages import exit_code
    from alleaves_sync.errors import ConfigInvalid
    from alleaves_sync.flows.pos import utc_now
    from alleaves_sync.flows.setup.check import check_location

    cli = invocation(ctx, as_json)
    try:
        chosen = cli.chosen(location)
    except ConfigInvalid as error:
        return _invalid(cli, error)
    lines = [Line("", "config", str(cli.config_path().absolute()))]
    codes = []
    for place in chosen:
        found = [_line(one) for one in check_location(place, utc_now, offline=offline)]
        lines += found
        codes.append(exit_code([line.exit_code for line in found if not line.ok]))
    _print(cli, lines)
    return exit_code(codes)


def _line(found: "Check") -> Line:
    from alleaves_sync.cli.error_messages import explain

    if found.error is None:
        return Line(found.location, found.name, found.message, found.remedy, 0 if found.ok else _LOOK)
    explained = explain(found.error)
    details = f" ({'; '.join(explained.details)})" if explained.details else ""
    return Line(found.location, found.name, explained.what + details, explained.remedy, explained.exit_code)


def _invalid(cli: Invocation, error: "ConfigInvalid") -> int:
    """A configuration that cannot be used: each of its problems is a failed check."""
    from alleaves_sync.cli.error_messages import explain

    lines = [
        Line(
            "",
            "config",
            ": ".join(part for part in (problem.path, problem.message) if part),
            problem.remedy,
            _CONFIG,
        )
        for problem in error.problems
    ]
    _print(cli, lines, explain(error))
    return _CONFIG


def _print(cli: Invocation, lines: Sequence[Line], error: "Explained | None" = None) -> None:
    from alleaves_sync.cli.console import Column, Table, error_json, print_json, show

    if cli.as_json:
        top = {"error": error_json(error)} if error else {}
        print_json({"checks": [line.document() for line in lines], **top})
        return
    shown = [line for line in lines if not (cli.quiet and line.ok)]
    columns = (Column("state", whole=True), Column("location"), Column("check", whole=True), Column("result"))
    if shown:
        show(Table(columns, [row for line in shown for row in _rows(line)]))


def _rows(line: Line) -> "list[tuple[str | Cell, ...]]":
    from alleaves_sync.cli.console import Cell, Tone

    state = Cell("ok", Tone.GOOD) if line.ok else Cell("FAILED", Tone.BAD)
    rows: list[tuple[str | Cell, ...]] = [(state, line.location or "-", line.name, line.message)]
    return [*rows, ("", "", "", f"-> {line.remedy}")] if line.remedy else rows
