"""Many locations in one command: how long it takes, what it costs, and that one in trouble troubles no other.

    python benchmarks/locations.py --locations 200 --items 400 --latency 0.02
    python benchmarks/locations.py --growth

All locations are of one account and one host, but two: one is on a host that nobody listens at, one has a
wrong password. Measured is the installed command as a process: seconds of the clock and the processor, peak
memory, and the calls that the services saw, logins among them. `--growth` has 1 to 500 smaller locations, all
sound.
"""

import argparse
import json
import os
import resource
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from place import Place, place, table

DOWN, LOCKED_OUT = "store-002", "store-003"
GROWTH = (1, 10, 50, 200, 500)
HEADINGS = ("run", "seconds", "CPU s", "peak MB", "calls", "logins", "exit", "outcomes")


def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def configure(here: Place, locations: int, *, trouble: bool) -> None:
    """All locations of the sandbox, in one configuration that says what they share once."""
    facts = here.admin("GET", "")
    account = {"base_url": f"{here.url}/api", "username": facts["username"], "password": "${POS_PASSWORD}"}
    aiq = {
        "base_url": f"{here.url}/2023-03",
        "api_key": "${STOREFRONT_KEY}",
        "publish_url": f"{here.url}/2023-03/products/sync",
    }
    places: dict[str, Any] = {}
    for index in range(locations):
        venue = facts["venue_id"] if index == 0 else f"{facts['venue_id']}-{index + 1}"
        places[f"store-{index + 1:03d}"] = {
            "alleaves": {"location_id": facts["location_id"] + index},
            "aiq": {"venue_id": venue},
        }
    if trouble:
        places[DOWN]["alleaves"]["base_url"] = f"http://127.0.0.1:{closed_port()}/api"
        places[LOCKED_OUT]["alleaves"]["password"] = "${WRONG_PASSWORD}"
    whole = {
        "state": "./state/{location}.db",
        "defaults": {"areas": ["Retail"], "alleaves": account, "aiq": aiq},
        "locations": places,
    }
    # JSON is YAML.
    (here.folder / "config.yaml").write_text(json.dumps(whole, indent=1))
    os.environ |= {
        "POS_PASSWORD": facts["password"],
        "STOREFRONT_KEY": facts["api_key"],
        "WRONG_PASSWORD": f"{facts['password']}-not",
    }


def processor() -> float:
    """Seconds of the processor that ended children have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(here: Place, title: str) -> Sequence[object]:
    """One run of all locations, as a line of the table."""
    here.admin("DELETE", "calls")
    before = processor()
    ended = here.run("sync-inventory", "--json")
    used = processor() - before
    calls = here.admin("GET", "calls")
    document = json.loads(ended.out)
    if "locations" not in document:
        raise SystemExit(ended.out)
    outcomes = Counter(one["outcome"] for one in document["locations"])
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    figures = (f"{ended.seconds:.1f}", f"{used:.1f}", f"{ended.peak_mb:.0f}")
    return (title, *figures, sum(calls.values()), calls.get("POST /api/auth", 0), ended.code, told)


@contextmanager
def stores(locations: int, items: int, latency: float) -> Iterator[Place]:
    """A sandbox of so many locations."""
    options = {"locations": locations, "items": items, "latency": latency, "customers": 0, "orders": 0}
    with place(*(part for name, value in options.items() for part in (f"--{name}", str(value)))) as here:
        yield here


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--locations", type=int, default=200)
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds that every answer takes longer")
    parser.add_argument("--growth", action="store_true", help="1 to 500 locations of --items, all sound")
    args = parser.parse_args()
    lines: list[Sequence[object]] = []
    for count in GROWTH if args.growth else (args.locations,):
        with stores(count, args.items, args.latency) as here:
            configure(here, count, trouble=not args.growth)
            lines += [run(here, f"{count} locations, {which}") for which in ("first", "unchanged")]
    print(
        f"{args.items} items each, {args.latency * 1000:g} ms for each answer, {os.cpu_count()} processors\n"
    )
    table(HEADINGS, lines)


if __name__ == "__main__":
    main()
