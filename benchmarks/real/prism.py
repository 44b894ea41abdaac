"""Every request and answer of a whole session, held against docs/contract by somebody else's program.

    npm install --prefix .bench @stoplight/prism-cli
    python benchmarks/real/prism.py                        # finds prism in .bench, or: --prism PATH

Two Stoplight Prism proxies stand between this program and the sandbox, one for each contract. The session:
check, areas, sync (first, changed, unchanged, state lost), show-mapping, orders of every kind pushed, voided,
reported back, looked up and refused, profiles found and created. Prism names what does not fit in a header of
its answers; those are gathered here and printed. Exit code 1 where there is any, or where a command that has
to work does not.
"""

import argparse
import json
import os
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from relay import Relay
from stand import Trial

from alleaves_sync.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "docs" / "contract"
START_SECONDS = 60
# `check` reads the server's clock from the refusal of a call that it makes without a login, on purpose.
MEANT = "GET /location: request: Invalid security scheme used [Error]"
_STATUS = re.compile(rb"HTTP/1\.\d (\d+)")
_HEADER = re.compile(rb"(?i)\r\nsl-violations: ([^\r]+)")
_NUMBER = re.compile(r"/[0-9a-zA-Z-]*\d[0-9a-zA-Z-]*")


class Watch:
    """What passed a proxy: how often each operation was used, and what did not fit."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.violations: Counter[str] = Counter()

    def note(self, name: str, answer: bytes) -> None:
        head = answer.partition(b"\r\n\r\n")[0]
        status = _STATUS.match(head)
        operation = _NUMBER.sub("/{id}", name.partition("?")[0])
        self.calls[f"{operation} {status[1].decode() if status else '?'}"] += 1
        found = _HEADER.search(head)
        for one in json.loads(found[1]) if found else ():
            place = ".".join(map(str, one.get("location", ())))
            text = f"{operation}: {place}: {one.get('message')} [{one.get('severity')}]"
            if not (text == MEANT and status and status[1] == b"401"):
                self.violations[text] += 1


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def proxy(prism: str, contract: str, upstream: str, log: Path) -> Iterator[str]:
    """Prism in front of `upstream`; its address."""
    port = free_port()
    with log.open("w") as out:
        process = subprocess.Popen(
            [prism, "proxy", str(CONTRACTS / contract), upstream, "-h", "127.0.0.1", "-p", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + START_SECONDS
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    if time.monotonic() > deadline or process.poll() is not None:
                        raise SystemExit(f"prism did not start: {log.read_text()[-500:]}") from None
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


@contextmanager
def watched(prism: str, contract: str, upstream: str, folder: Path) -> Iterator[tuple[str, Watch]]:
    """A relay that listens to what Prism says; its address, and what it heard."""
    watch = Watch()

    with proxy(prism, contract, upstream, folder / f"{contract}.log") as address:

        class Listening(Relay):
            def _ask(self, request: bytes) -> bytes:
                answer = super()._ask(request)
                watch.note(b" ".join(request.split(b" ", 2)[:2]).decode("latin-1"), answer)
                return answer

        with Listening(address, "never", None) as relay:
            yield relay.url, watch


def session(trial: Trial, box: Sandbox) -> Iterator[str]:
    """Everything that a person or cron does; yields what did not work."""

    def ran(*args: str, codes: tuple[int, ...] = (0,)) -> Iterator[str]:
        ended = trial.run(*args)
        if ended.code not in codes:
            yield f"{' '.join(args)}: exit {ended.code}: {ended.err.strip()[:300]}"

    yield from ran("check")
    yield from ran("areas")
    yield from ran("sync-inventory")
    box.store.tick(40)
    yield from ran("sync-inventory")
    yield from ran("sync-inventory")
    trial.state.unlink()
    yield from ran("sync-inventory")
    yield from ran("show-mapping", "--json")
    yield from ran("audit", codes=(0, 1, 3))
    orders = box.store.aiq_orders()
    yield from ran("push-order", orders[0]["id"], "--dry-run", codes=(0, 1, 3))
    yield from ran("push-order", "--confirmed", codes=(0, 1, 3))
    yield from ran("push-order", "--confirmed", codes=(0, 1, 3))
    for pushed in box.store.pos_orders()[:2]:
        box.store.set_pos_order(pushed["id_order"], packed=True, complete=True)
    yield from ran("push-order", "--confirmed", codes=(0, 1, 3))
    yield from ran("orders", "--refresh", codes=(0, 1, 3))
    phones = [order["user"]["phone"] for order in orders if order.get("user", {}).get("phone")]
    medical = [order["user"]["medicalId"] for order in orders if order.get("user", {}).get("medicalId")]
    yield from ran("lookup-patient", "--phone", phones[0], codes=(0, 1, 3))
    if medical:
        yield from ran("lookup-patient", "--medical-id", medical[0], codes=(0, 1, 3))
    yield from ran(
        "lookup-patient",
        "--phone",
        "+1 518 555 0177",
        "--medical-id",
        "MED-0177-22",
        "--create",
        "--yes",
        "--first-name",
        "Wilhelmina",
        "--last-name",
        "Quillfeather",
        "--birth-date",
        "1977-07-17",
        "--email",
        "w.q@example.invalid",
        "--medical-state",
        "NY",
        "--medical-expires",
        "2031-01-31",
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--prism", default=str(ROOT / ".bench/node_modules/.bin/prism"), metavar="PATH")
    options = parser.parse_args()
    if not os.access(options.prism, os.X_OK):
        print(f"{options.prism} is missing: npm install --prefix .bench @stoplight/prism-cli")
        return 2
    with (
        TemporaryDirectory() as name,
        Sandbox(items=80, orders=14, customers=30, faults=["stock-taken:1"]) as box,
    ):
        folder = Path(name)
        with (
            watched(options.prism, "alleaves.openapi.yaml", box.alleaves_url, folder) as (pos, pos_watch),
            watched(options.prism, "aiq.openapi.yaml", box.aiq_url, folder) as (aiq, aiq_watch),
        ):
            trial = Trial(folder, box)
            trial.budget = 120
            trial.write(pos=pos, aiq=aiq)
            config = folder / "config.yaml"
            # Prism serves a contract's paths at its root.
            config.write_text(config.read_text().replace(f"{pos}/api", pos).replace(f"{aiq}/2023-03", aiq))
            failed = list(session(trial, box))
    for title, watch in (("Alleaves", pos_watch), ("AIQ", aiq_watch)):
        print(f"{title}: {sum(watch.calls.values())} calls")
        for call, times in sorted(watch.calls.items()):
            print(f"  {times:4}  {call}")
        print(f"  violations: {sum(watch.violations.values())}")
        for text, times in watch.violations.most_common():
            print(f"  {times:4}  {text}")
    for text in failed:
        print(f"FAILED  {text}")
    return 1 if failed or pos_watch.violations or aiq_watch.violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
