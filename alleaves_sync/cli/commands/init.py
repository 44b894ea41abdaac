"""`init`: from a login to a configuration that works."""

import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from alleaves_sync.cli.invocation import Invocation, invocation

_ALLEAVES_URL = "https://app.alleaves.com/api"
_AIQ_URL = "https://api.dispenseapp.com/2023-03"


class MenuChoice(StrEnum):
    """Which menu a location fills."""

    ADULT_USE = "adult_use"
    MEDICAL = "medical"


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("init")(init)


def init(
    ctx: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="Where to write. Default: --config, else config.yaml."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Your name for the location.")
    ] = None,
    username: Annotated[
        str | None,
        typer.Option("--username", metavar="NAME", help="The Alleaves account. Else $ALLEAVES_USERNAME."),
    ] = None,
    location_id: Annotated[
        int | None, typer.Option("--location-id", metavar="ID", help="The id of the location in Alleaves.")
    ] = None,
    area: Annotated[
        list[str] | None,
        typer.Option("--area", metavar="AREA", help="An area whose stock goes on the menu. May repeat."),
    ] = None,
    menu: Annotated[
        MenuChoice | None,
        typer.Option("--menu", metavar="adult_use|medical", help="The menu to fill. Default: adult_use."),
    ] = None,
    venue_id: Annotated[
        str | None, typer.Option("--venue-id", metavar="ID", help="The venue in AIQ Ecommerce.")
    ] = None,
    publish_url: Annotated[
        str | None, typer.Option("--publish-url", metavar="URL", help="Where AIQ takes products.")
    ] = None,
    feed: Annotated[
        str | None, typer.Option("--feed", metavar="PATH", help="A JSON file to keep the whole menu in.")
    ] = None,
    base_url: Annotated[
        str, typer.Option("--base-url", metavar="URL", help="The address of the Alleaves API.")
    ] = _ALLEAVES_URL,
    aiq_base_url: Annotated[
        str, typer.Option("--aiq-base-url", metavar="URL", help="The address of the AIQ API.")
    ] = _AIQ_URL,
    write_env: Annotated[
        bool | None,
        typer.Option("--write-env/--no-write-env", help="Keep the secrets in a .env beside the file."),
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not log in to check the answers.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a configuration that is there.")] = False,
) -> int:
    """Write a commented configuration, asking for what it needs.

    Logs in and lists the locations and areas to choose from. The password is never written into the
    configuration: it is asked for without showing it, or taken from $ALLEAVES_PASSWORD (the pin from
    $ALLEAVES_PIN, the storefront's key from $AIQ_API_KEY), and can be kept in a file .env, mode 0600. Without
    a terminal --username, --location-id, --area and the password are required.
    """
    from alleaves_sync.cli.console import say
    from alleaves_sync.cli.init_answers import Given, gather
    from alleaves_sync.config.template import render
    from alleaves_sync.config.writing import write_config

    cli = invocation(ctx)
    path = (output or cli.config or Path("config.yaml")).absolute()
    _refuse_existing(path, force)
    given = Given(
        base_url=base_url,
        aiq_base_url=aiq_base_url,
        name=name or "",
        username=username or "",
        location_id=location_id,
        areas=tuple(area or ()),
        menu=menu.value if menu else "",
        venue_id=venue_id or "",
        publish_url=publish_url or "",
        feed=feed or "",
        offline=offline,
    )
    ask = sys.stdin.isatty() and sys.stderr.isatty()
    gathered = gather(given, os.environ, ask=ask)
    # The password may be set later, where init did not need it.
    known = {"ALLEAVES_PASSWORD": "unknown", **os.environ, **gathered.secrets}
    write_config(path, render(gathered.answers), known)
    say(cli, f"Wrote {path} (mode 0600).")
    _keep_secrets(cli, path.parent / ".env", gathered.secrets, write_env, ask=ask)
    say(cli, f"Next: alleaves-sync{'' if path == Path('config.yaml').absolute() else f' -c {path}'} check")
    return 0


def _refuse_existing(path: Path, force: bool) -> None:
    from alleaves_sync.errors import OptionsConflict

    if path.is_dir():
        raise OptionsConflict(f"{path} is a folder", f"Name the file in it: --output {path / 'config.yaml'}")
    if path.exists() and not force:
        raise OptionsConflict(
            f"{path} is there already", "Name another file with --output, or replace it: --force"
        )


def _keep_secrets(
    cli: Invocation, path: Path, secrets: Mapping[str, str], wanted: bool | None, *, ask: bool
) -> None:
    """Write the secrets to the `.env`, where that is wanted; else say which variables have to be set."""
    from alleaves_sync.cli import prompts as asking
    from alleaves_sync.cli.console import say, warn
    from alleaves_sync.config.writing import add_to_dotenv

    if wanted is None and ask and secrets:
        wanted = asking.yes(f"Keep the password in {path} (mode 0600)?")
    if not wanted or not secrets:
        names = ", ".join(secrets) or "ALLEAVES_PASSWORD"
        say(cli, f"Set in the environment of each run, or in {path}: {names}")
        return
    kept = add_to_dotenv(path, secrets)
    say(cli, f"The secrets are in {path} (mode 0600).")
    for name in kept:
        warn(cli, f"{path} has another {name} already, which was left as it is")
