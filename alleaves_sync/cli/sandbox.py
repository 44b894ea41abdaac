"""`sandbox`: stand-ins for both services, to try everything without a store."""

from pathlib import Path
from typing import Annotated

import typer

from alleaves_sync.cli.context import invocation

_CONFIG = """\
# A configuration for the sandbox; its credentials are invented and mean nothing elsewhere.
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

    Stand-ins for Alleaves and AIQ with an invented store. Needs the extra: pip install 'alleaves-sync[sandbox]'. Ctrl-C ends it.
    --list-faults names what --fault takes.
    """
    from alleaves_sync.cli.output import put, say
    from alleaves_sync.errors import OptionsConflict

    try:
        from alleaves_sync.sandbox import FAULT_GRAMMAR, FAULTS, Sandbox
    except ModuleNotFoundError as missing:
        problem = f"The sandbox needs {missing.name}, which is not installed."
        raise OptionsConflict(problem, "pip install 'alleaves-sync[sandbox]'") from None
    if list_faults:
        put(FAULT_GRAMMAR)
        for name, words in FAULTS.items():
            put(f"  {name:<18} {words}")
        return 0
    try:
        served = Sandbox(
            seed=seed, items=items, customers=customers, orders=orders, locations=locations,
            faults=fault or [], live=live, latency=latency, port=port,
        )  # fmt: skip
    except ValueError as wrong:
        raise OptionsConflict(f"{wrong}", "See: alleaves-sync sandbox --list-faults") from None
    except OSError as error:
        problem = f"Port {port} cannot be used: {error.strerror}."
        raise OptionsConflict(problem, "Choose another with --port.") from None
    text = _CONFIG.format(
        alleaves_url=served.alleaves_url, aiq_url=served.aiq_url, location_id=served.location_id,
        username=served.username, password=served.password, api_key=served.api_key, venue_id=served.venue_id,
    )  # fmt: skip
    if write_config is not None:
        _write(write_config, text)
    cli = invocation(ctx)
    say(cli, f"Alleaves: {served.alleaves_url}   AIQ: {served.aiq_url}")
    say(cli, f"configuration: {write_config}" if write_config else text)
    say(cli, "Ctrl-C ends it.")
    served.serve_forever()
    return 0


def _write(path: Path, text: str) -> None:
    from alleaves_sync.errors import WriteFailed
    from alleaves_sync.flows.feed import replace_file

    try:
        replace_file(path, text.encode(), mode=0o600)
    except OSError as error:
        raise WriteFailed(path, error.strerror or str(error)) from error
