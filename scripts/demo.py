"""The program against a store of its own, from the first configuration to orders: `make demo`.

Starts the sandbox as a process on the loopback address, works in a temporary folder, and runs the installed
commands as one would type them, each shown before its output. Ends with 1 as soon as one of them ends
otherwise than it should. The sandbox is stopped and the folder removed whatever happens.
"""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

HERE: Final = "127.0.0.1"
START_SECONDS: Final = 30
STOP_SECONDS: Final = 10
DONE, IN_PART, LOOK = 0, 1, 3


class DemoFailed(Exception):
    """A step ended otherwise than it should."""


class Shop:
    """The sandbox's own API: what it is, and what happens in its store (docs: alleaves_sync/sandbox)."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON answer of `/_sandbox/` + `path`."""
        request = urllib.request.Request(  # noqa: S310 - always http on the loopback address
            f"{self.url}/_sandbox/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return json.load(answer)

    def wait(self, process: subprocess.Popen[bytes]) -> Any:
        """What the sandbox says of itself, as soon as it answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                return self.ask("GET", "")
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise DemoFailed("the sandbox did not start")


class Terminal:
    """Runs commands in `folder`, shown as they would be typed there."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self._bold, self._plain = ("\033[1m", "\033[0m") if _has_colour() else ("", "")

    def say(self, text: str) -> None:
        """A remark between two commands."""
        print(f"\n{self._bold}# {text}{self._plain}", flush=True)

    def run(self, *command: str, code: int = DONE, head: int | None = None) -> None:
        """One command, which has to end with `code`; `head` shows only so many lines of its output."""
        print(f"\n{self._bold}$ {shlex.join(command)}{self._plain}", flush=True)
        ended = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=None if head is None else subprocess.PIPE,
        )
        if head is not None:
            _print_head(ended.stdout.splitlines(), head)
        if ended.returncode != code:
            raise DemoFailed(f"{shlex.join(command)} ended with {ended.returncode}, not with {code}")
        if code != DONE:
            print(f"(ends with {code}, as it should)", flush=True)


def story(terminal: Terminal, shop: Shop, about: Any) -> None:
    """The demo itself."""
    program = "alleaves-sync"
    terminal.say("A configuration for the store of the sandbox. The password comes from the environment.")
    terminal.run(
        program, "init", "--name", "downtown", "--area", "Retail",
        "--username", about["username"], "--location-id", str(about["location_id"]),
        "--base-url", f"{shop.url}/api", "--aiq-base-url", f"{shop.url}/2023-03",
        "--venue-id", about["venue_id"], "--publish-url", f"{shop.url}/2023-03/products/sync",
    )  # fmt: skip
    terminal.say("Is everything in order? Which areas are there?")
    terminal.run(program, "check")
    terminal.run(program, "areas")
    terminal.say("The menu: what would happen, then for real. The second run finds nothing to do.")
    terminal.run(program, "sync-inventory", "--dry-run", head=12)
    terminal.run(program, "sync-inventory")
    terminal.run(program, "sync-inventory", head=3)
    special = shop.ask("GET", "special")
    terminal.say("In the shop, the last of an item is sold, and a drink becomes cheaper.")
    shop.ask("POST", f"items/{special['split-batches']}/sell-out")
    shop.ask("PUT", f"items/{special['beverage']}/price", {"adult": 4.5, "medical": 4})
    terminal.run(program, "sync-inventory", head=3)
    terminal.say("Why does an item look as it does?")
    terminal.run(program, "show-mapping", str(special["split-areas"]))
    terminal.say("The menu as the storefront holds it.")
    terminal.run(program, "export", "--format", "jsonl", head=3)
    terminal.run(program, "status")


def orders(terminal: Terminal, shop: Shop) -> None:
    """Orders: pickup, delivery, a patient's, one that cannot be filled, one to be shipped; then all again."""
    program = "alleaves-sync"
    config = terminal.folder / "config.yaml"
    told_at = f"order_status_url: {shop.url}/2023-03/orders/{{id}}/pos"
    config.write_text(config.read_text(encoding="utf-8").replace("order_status_url: null", told_at))
    terminal.say(f"In config.yaml, where AIQ is told what became of an order: {told_at}")
    before = len(shop.ask("GET", "orders"))
    terminal.say("Confirmed online orders go into the POS. Some need a person, and say why.")
    terminal.run(program, "push-order", "--confirmed", code=LOOK)
    pushed = len(shop.ask("GET", "orders")) - before
    terminal.say("The same once more: nothing is pushed twice.")
    terminal.run(program, "push-order", "--confirmed", code=LOOK)
    again = len(shop.ask("GET", "orders")) - before - pushed
    print(f"\nOrders that the POS has more: {pushed} after the first time, {again} after the second.")
    if again or not pushed:
        raise DemoFailed("orders were pushed twice, or not at all")
    terminal.run(program, "orders")


@contextmanager
def sandbox(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The sandbox as a process of its own, stopped at the end. What it says goes into a file."""
    with (folder / "sandbox.log").open("wb") as log:
        process = subprocess.Popen(
            [_program(), "sandbox", "--port", str(port)], cwd=folder, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> int:
    """The exit code: 0, or 1 where a step went wrong."""
    signal.signal(signal.SIGTERM, _stop)
    with tempfile.TemporaryDirectory(prefix="alleaves-sync-demo-") as place:
        folder, port = Path(place), _free_port()
        try:
            with sandbox(port, folder) as process:
                shop = Shop(f"http://{HERE}:{port}")
                about = shop.wait(process)
                terminal = Terminal(folder, _environment(folder, about))
                story(terminal, shop, about)
                orders(terminal, shop)
        except DemoFailed as failed:
            print(f"\nThe demo stopped: {failed}.", file=sys.stderr)
            print((folder / "sandbox.log").read_text(encoding="utf-8"), file=sys.stderr)
            return 1
    print("\nThat was all of it; the sandbox has stopped and nothing is left behind.")
    return 0


def _environment(folder: Path, about: Any) -> dict[str, str]:
    """This one's environment, without what a person's own configuration would bring into the demo."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("ALLEAVES_", "AIQ_"))}
    return own | {
        "PATH": f"{Path(_program()).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "XDG_CONFIG_HOME": str(folder),
        "ALLEAVES_PASSWORD": about["password"],
        "AIQ_API_KEY": about["api_key"],
    }


def _program() -> str:
    """The installed console script of this environment."""
    return str(Path(sys.executable).parent / "alleaves-sync")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HERE, 0))
        port: int = free.getsockname()[1]
    return port


def _print_head(lines: list[str], count: int) -> None:
    for line in lines[:count]:
        print(line)
    if len(lines) > count:
        print(f"... and {len(lines) - count} lines more")
    sys.stdout.flush()


def _has_colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _stop(_signum: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
