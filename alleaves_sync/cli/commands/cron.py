"""`cron`: what runs the program again and again."""

from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import Invocation, JsonOption, LocationOption, choose, invocation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alleaves_sync.config import Location, Settings
    from alleaves_sync.flows.schedule.cron import Timetable


def register(app: typer.Typer) -> None:
    """Hang the commands in."""
    group = typer.Typer(
        help="Run it again and again: cron, systemd, Kubernetes.", rich_markup_mode=None, no_args_is_help=True
    )
    group.command("print")(print_)
    group.command("install")(install)
    group.command("remove")(remove)
    app.add_typer(group, name="cron")


def print_(
    ctx: typer.Context,
    location: LocationOption = None,
    systemd: Annotated[
        bool, typer.Option("--systemd", help="Print systemd services and timers instead.")
    ] = False,
    kubernetes: Annotated[
        bool, typer.Option("--kubernetes", help="Print a Kubernetes CronJob per location instead.")
    ] = False,
    together: Annotated[
        bool, typer.Option("--all", help="With --kubernetes: one CronJob for all locations.")
    ] = False,
    image: Annotated[
        str | None,
        typer.Option("--image", metavar="NAME", help="With --kubernetes: the container image."),
    ] = None,
    as_json: JsonOption = False,
) -> int:
    """Print the crontab entries; nothing is changed.

    The menu at interval_minutes, orders every 2 minutes where orders.sync is on.
    """
    from alleaves_sync.cli.console import print_json, warn
    from alleaves_sync.errors import OptionsConflict

    if systemd + kubernetes + as_json > 1:
        raise OptionsConflict("--systemd, --kubernetes and --json do not go together.", "Give one of them.")
    if not kubernetes and (together or image is not None):
        raise OptionsConflict("--all and --image belong to --kubernetes.", "Add --kubernetes.")
    cli = invocation(ctx, as_json)
    settings, chosen, table = _timetable(cli, location)
    if kubernetes:
        _print_kubernetes(settings, chosen, image, together=together)
        return 0
    if systemd:
        _print_systemd(settings, chosen, table)
        return 0
    for note in table.notes:
        warn(cli, note)
    if as_json:
        print_json(_document(table))
    else:
        _put(table.block.decode(errors="replace"))
    return 0


def install(ctx: typer.Context, location: LocationOption = None, as_json: JsonOption = False) -> int:
    """Write the entries into the crontab of this user.

    Into a marked block of their own, replaced when it is there already. All other lines stay as they are.
    """
    from alleaves_sync.cli.console import print_json, say, warn
    from alleaves_sync.flows.schedule.cron import install as install_block

    cli = invocation(ctx, as_json)
    _, _, table = _timetable(cli, location)
    changed, strangers = install_block(table)
    for note in (*table.notes, *strangers):
        warn(cli, note)
    if as_json:
        print_json({"changed": changed, **_document(table)})
    else:
        say(cli, "The crontab now holds:" if changed else "The crontab held this already:")
        if not cli.quiet:
            _put(table.block.decode(errors="replace"))
    return 0


def remove(
    ctx: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="The blocks of all configurations; needs none itself.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Take the entries out of the crontab of this user.

    Only those of this configuration. All other lines stay as they are.
    """
    from alleaves_sync.cli.console import print_json, say
    from alleaves_sync.flows.schedule.cron import remove as remove_block

    cli = invocation(ctx, as_json)
    changed = remove_block(None if everything else cli.config_path().absolute())
    if as_json:
        print_json({"changed": changed})
    else:
        say(cli, "Removed from the crontab." if changed else "The crontab has no such entries.")
    return 0


def _timetable(
    cli: Invocation, names: "Sequence[str] | None"
) -> "tuple[Settings, Sequence[Location], Timetable]":
    from alleaves_sync.flows.schedule.cron import program, timetable

    settings = cli.settings()
    chosen = choose(settings.locations, names)
    return settings, chosen, timetable(settings, chosen, tuple(names or ()), program())


def _document(table: "Timetable") -> dict[str, object]:
    entries = [
        {"flow": entry.flow, "schedule": entry.schedule, "minutes": entry.minutes, "command": entry.command}
        for entry in table.entries
    ]
    return {"config": table.config, "entries": entries, "notes": table.notes}


def _print_systemd(settings: "Settings", chosen: "Sequence[Location]", table: "Timetable") -> None:
    from getpass import getuser

    from alleaves_sync.flows.schedule.systemd import units

    made = units(table, settings, chosen, getuser())
    timers = " ".join(name for name in made if name.endswith(".timer"))
    _put(
        "# Put each part into the file that stands above it, then:\n"
        f"#   systemctl daemon-reload && systemctl enable --now {timers}"
    )
    for name, text in made.items():
        _put(f"\n# /etc/systemd/system/{name}\n{text.rstrip()}")


def _print_kubernetes(
    settings: "Settings", chosen: "Sequence[Location]", image: str | None, *, together: bool
) -> None:
    from alleaves_sync import __version__
    from alleaves_sync.flows.schedule.kubernetes import cron_jobs

    _put(cron_jobs(settings, chosen, image or f"alleaves-sync:{__version__}", together=together))


def _put(text: str) -> None:
    from alleaves_sync.cli.console import put

    for line in text.splitlines():
        put(line)
