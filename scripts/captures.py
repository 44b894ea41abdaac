"""Runs every command in a real 80-column terminal (tmux) against the sandbox and writes `docs/screens.md`.

What is written is what a person sees. Run it after a change to what the commands print, and look at it:
`.venv/bin/python scripts/captures.py`. Needs tmux.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from alleaves_sync.sandbox import Sandbox

_PAGE = Path(__file__).parent.parent / "docs" / "screens.md"
_CONFIG = """\
state: ./shop.db
locations:
  downtown:
    areas: [Retail]
    alleaves:
      base_url: {alleaves}
      location_id: {location_id}
      username: ${{ALLEAVES_USERNAME}}
      password: ${{ALLEAVES_PASSWORD}}
    aiq:
      base_url: {aiq}
      api_key: ${{AIQ_API_KEY}}
      venue_id: {venue_id}
      publish_url: {aiq}/products/sync
      order_status_url: {aiq}/orders/{{id}}/pos
    feed: ./menu.json
"""
_HEADING = """\
# What each command prints

In an 80-column terminal, against the sandbox. Made by `scripts/captures.py`.
"""
_ITEM = "Split stock"
_COMMANDS = (
    "alleaves-sync --help",
    "alleaves-sync check",
    "alleaves-sync areas",
    "alleaves-sync sync-inventory --dry-run | head -n 12",
    "alleaves-sync sync-inventory",
    "alleaves-sync show-mapping {item}",
    "alleaves-sync show-mapping --status withheld",
    "alleaves-sync export --format jsonl | head -n 1",
    "alleaves-sync history {item}",
    "alleaves-sync push-order --confirmed",
    "alleaves-sync orders",
    "alleaves-sync orders --waiting",
    "alleaves-sync lookup-patient --phone '+1 555 010 0000'",
    "alleaves-sync status",
    "alleaves-sync audit | head -n 20",
    "alleaves-sync cron print",
    "alleaves-sync state check",
    "alleaves-sync sandbox --list-faults | head -n 12",
    "alleaves-sync sync-inventory --location dwntown",
)
_MARK = "=== ended with"
_LONGEST = 60.0


def _tmux(*words: str) -> str:
    return subprocess.run(
        ["tmux", "-L", "captures", *words], capture_output=True, text=True, check=True
    ).stdout


def _capture(command: str, folder: Path) -> str:
    """What the terminal shows after `command`, and its exit code."""
    name = f"screen{time.monotonic_ns()}"
    line = f"clear; cd {folder}; ( set -o pipefail; {command} ); echo '{_MARK}' $?"
    _tmux("new-session", "-d", "-x", "80", "-y", "200", "-s", name, "bash --norc --noprofile")
    try:
        _tmux("send-keys", "-t", name, "PS1=''; clear", "Enter")
        time.sleep(0.3)
        _tmux("send-keys", "-t", name, line, "Enter")
        until = time.monotonic() + _LONGEST
        while time.monotonic() < until:
            time.sleep(0.2)
            shown = _tmux("capture-pane", "-p", "-t", name)
            lines = shown.rstrip().splitlines()
            ends = [place for place, text in enumerate(lines) if text.startswith(_MARK + " ")]
            if ends:
                code = lines[ends[-1]].removeprefix(_MARK).strip()
                body = "\n".join(text.rstrip() for text in lines[: ends[-1]]).strip("\n")
                return body + (f"\n[exit code {code}]" if code != "0" else "")
        raise TimeoutError(command)
    finally:
        _tmux("send-keys", "-t", name, "exit", "Enter")


def main() -> None:
    """Write the page."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    pages = [_HEADING]
    with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox:
        folder = Path(name)
        text = _CONFIG.format(
            alleaves=sandbox.alleaves_url,
            aiq=sandbox.aiq_url,
            location_id=sandbox.location_id,
            venue_id=sandbox.venue_id,
        )
        (folder / "config.yaml").write_text(text)
        secrets = folder / ".env"
        secrets.write_text(
            f"ALLEAVES_USERNAME={sandbox.username}\nALLEAVES_PASSWORD={sandbox.password}\n"
            f"AIQ_API_KEY={sandbox.api_key}\n"
        )
        secrets.chmod(0o600)
        _tmux("new-session", "-d", "-s", "keep")  # else the server ends with each session
        item = next(item["id_item"] for item in sandbox.store.items() if _ITEM in item["item"])
        for template in _COMMANDS:
            command = template.format(item=item)
            body = (
                _capture(command, folder)
                .replace(str(folder), "/home/shop")
                .replace(sandbox.url, "http://127.0.0.1:8765")
                .replace(str(Path(sys.executable).parent), "/home/shop/.venv/bin")
            )
            pages.append(f"```console\n$ {command}\n{body}\n```\n")
    _tmux("kill-server")
    _PAGE.write_text("\n".join(pages))


if __name__ == "__main__":
    main()
