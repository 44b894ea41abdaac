"""`sandbox`: stand-ins for both services, to try everything without a store."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from alleaves_sync.cli.invocation import Invocation, invocation

_HEADING = "# A configuration for the sandbox;"
_CONFIG = (
    _HEADING
    + """ its credentials are invented and mean nothing elsewhere.
state: ./sandbox.db
locations:
  sandbox:
    areas: [Retail]
    alleaves:
      base_url: {alleaves_url}
      location_id: {location_id}
      username: {username}
      password: ${{SANDBOX_PASSWORD:-{password}}}
    aiq:
      base_url: {aiq_url}
      api_key: ${{SANDBOX_API_KEY:-{api_key}}}
      venue_id: {venue_id}
      publish_url: {aiq_url}/products/sync
      order_status_url: {aiq_url}/orders/{{id}}/pos
    feed: ./menu.json
"""
)


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("sandbox")(sandbox)


def sandbox(
    ctx: typer.Context,
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.", min=0, max=65535)] = 8765,
    items: Annotated[int, typer.Option("--items", help="How many items the store has.", min=1)] = 400,
    customers: Annotated[int, typer.Option("--customers", help="How many customers it knows.", min=0)] = 60,
    orders: Annotated[int, typer.Option("--orders", help="How many orders wait in AIQ.", min=0)] = 6,
    locations: Annotated[int, typer.Option("--locations", help="How many locations.", min=1)] = 1,
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same store.")] = 7,
    live: Annotated[
        bool, typer.Option("--live", help="Stock, prices and orders move by themselves.")
    ] = False,
    latency: Annotated[float, typer.Option("--latency", help="Seconds before each answer.", min=0)] = 0,
    fault: Annotated[
        list[str] | None, typer.Option("--fault", metavar="NAME", help="Misbehave; may repeat.")
    ] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="List the faults and end.")] = False,
    write_config: Annotated[
        Path | None,
        typer.Option("--write-config", metavar="PATH", help="Write a configuration for it to PATH."),
    ] = None,
) -> int:
    """Serve both services on loopback, to try things out.

    Stand-ins for Alleaves and AIQ with an invented store. Needs the extra:
    pip install 'alleaves-sync[sandbox]'. Ctrl-C ends it. --list-faults names what --fault takes.
    """
    from alleaves_sync.cli.console import put, say
    from alleaves_sync.errors import OptionsConflict, WriteFailed

    try:
        from alleaves_sync.sandbox import FAULT_GRAMMAR, FAULTS, Sandbox
    except ModuleNotFoundError as missing:
        problem = f"The sandbox needs {missing.name}, which is not installed."
        remedy = "Run pip install 'alleaves-sync[sandbox]' and try again."
        raise OptionsConflict(problem, remedy) from None
    if list_faults:
        put(FAULT_GRAMMAR)
        for name, words in FAULTS.items():
            put(f"  {name:<18} {words}")
        return 0
    _spare(write_config)
    try:
        served = Sandbox(
            seed=seed, items=items, customers=customers, orders=orders, locations=locations,
            faults=fault or [], live=live, latency=latency, port=port,
        )  # fmt: skip
    except ValueError as wrong:
        raise OptionsConflict(
            f"{wrong}", "See alleaves-sync sandbox --list-faults for those that there are."
        ) from None
    except OSError as error:
        problem = f"Port {port} cannot be used: {error.strerror}."
        raise OptionsConflict(problem, "Choose another with --port.") from None
    text = _CONFIG.format(
        alleaves_url=served.alleaves_url, aiq_url=served.aiq_url, location_id=served.location_id,
        username=served.username, password=served.password, api_key=served.api_key, venue_id=served.venue_id,
    )  # fmt: skip
    cli = invocation(ctx)
    say(cli, f"Alleaves: {served.alleaves_url}   AIQ: {served.aiq_url}")
    try:
        _hand_over(cli, text, write_config)
    except WriteFailed:
        served.stop()
        raise
    with suppress(KeyboardInterrupt):  # its good end, wherever in serving it strikes
        say(cli, "Ctrl-C ends it.")
        served.serve_forever()
    return 0


def _hand_over(cli: Invocation, text: str, path: Path | None) -> None:
    from alleaves_sync.cli.console import put, say

    if path is not None:
        _write(path, text)
        say(cli, f"configuration: {path}")
        return
    for line in text.splitlines():
        put(line)
    sys.stdout.flush()  # it is wanted now, not when the sandbox ends


def _spare(path: Path | None) -> None:
    """A configuration that is not the sandbox's own is never written over."""
    from alleaves_sync.errors import OptionsConflict

    if path is not None and path.is_file() and not path.read_bytes().startswith(_HEADING.encode()):
        raise OptionsConflict(
            f"The file {path} exists already, and is not the sandbox's.",
            "Name another file with --write-config.",
        )


def _write(path: Path, text: str) -> None:
    from alleaves_sync.files import replace_file

    replace_file(path, [text.encode()], mode=0o600)
