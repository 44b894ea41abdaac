"""Looks at the page of `report` in a real browser: `.venv/bin/python scripts/look.py FOLDER [--vnu vnu.jar]`.

Makes invented stores with a past (the sandbox and real runs on a clock of its own), writes their page into
FOLDER, opens it in headless Chromium on a phone, on a desk, in the dark and on paper, and leaves the pictures
there. Ends with 1 where a page is wider than its screen, says something on the console, or asks for anything.
With --vnu also where the Nu HTML checker has a word to say.

Needs chromium and chromedriver (Debian: chromium, chromium-driver); --vnu needs java and the jar of the npm
package vnu-jar.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from chromium import Browser, browser, paper

from alleaves_sync.config import Location, load
from alleaves_sync.flows.menu.sync_location import NORMAL_RUN, sync_inventory
from alleaves_sync.sandbox import Sandbox

PHONE, DESK = (360, 800), (1280, 900)
DAYS, HOURS = 6, 3  # a run every so many hours
PROGRAM = str(Path(sys.executable).with_name("alleaves-sync"))


# -- stores with a past --------------------------------------------------------------------------------------


def entry(store: Sandbox, **more: Any) -> dict[str, Any]:
    """The configuration's section for a sandbox."""
    return {
        **more,
        "areas": ["Retail"],
        "alleaves": {
            "base_url": store.alleaves_url,
            "location_id": store.location_id,
            "username": store.username,
            "password": "${LOOK_PASSWORD}",
        },
        "aiq": {
            "base_url": store.aiq_url,
            "api_key": "${LOOK_KEY}",
            "venue_id": store.venue_id,
            "publish_url": f"{store.aiq_url}/products/sync",
        },
    }


def live(store: Sandbox, place: Location, now: datetime) -> None:
    """Six days of runs: sales, deliveries, prices, a slow hour, a refused login, things sold out."""
    inside = store.store
    places = Counter(row["id_batch"] for row in inside.rows())
    # A batch in two areas that is sold out would be two rows without an area: no POS tells them apart.
    items = sorted({row["id_item"] for row in inside.rows() if row["available"] > 0})
    several = {row["id_item"] for row in inside.rows() if places[row["id_batch"]] > 1}
    items = [item for item in items if item not in several]
    runs = DAYS * 24 // HOURS
    for back in range(runs, -1, -1):
        inside.faults.clear()
        if back == runs // 2:
            inside.faults.add("wrong-password")
        if back % 11 == 0:
            inside.faults.add("slow=0.3")
        if back == 0:
            inside.faults.add("reject-products=2")
        inside.tick(4)
        for item in items[back::runs][:3]:
            inside.sell_out(item)
        for item in items[back + 5 :: runs][:2]:
            inside.set_stock(item, 14)
        at = now - timedelta(hours=HOURS * back, minutes=3)
        sync_inventory(place, NORMAL_RUN, clock=lambda at=at: at)  # type: ignore[misc]


def make_pages(folder: Path, now: datetime) -> list[Path]:
    """The pages of four locations: one that lives, one that brakes, one that never ran, one switched off."""
    os.environ |= {"LOOK_PASSWORD": Sandbox.password, "LOOK_KEY": Sandbox.api_key}
    with (
        tempfile.TemporaryDirectory() as name,
        Sandbox(items=300, orders=8) as downtown,
        Sandbox(seed=3, items=60, orders=0) as uptown,
    ):
        shop, places = (
            Path(name),
            {
                "downtown": entry(downtown),
                "uptown": entry(uptown),
                "harbour": {**entry(uptown), "aiq": {}},
                "old-town": {**entry(uptown, enabled=False), "aiq": {}},
            },
        )
        config = shop / "config.yaml"
        config.write_text(yaml.safe_dump({"state": "./{location}.db", "locations": places}, sort_keys=False))
        first, second, *_ = load(config, os.environ).locations
        live(downtown, first, now)
        sync_inventory(second, NORMAL_RUN, clock=lambda: now - timedelta(hours=5))
        uptown.store.make_empty()
        sync_inventory(second, NORMAL_RUN, clock=lambda: now - timedelta(minutes=4))
        downtown.store.faults.clear()
        program(shop, "push-order", "--confirmed", "--location", "downtown")
        pages = [folder / "report.html", folder / "one.html"]
        codes = [
            program(shop, "report", "--audit", "--html", str(pages[0])),
            program(shop, "report", "--location", "downtown", "--html", str(pages[1])),
        ]
    if any(codes):
        raise SystemExit(f"report ended with {codes}")
    return pages


def program(folder: Path, *args: str) -> int:
    """Run the installed command there."""
    return subprocess.run([PROGRAM, *args], cwd=folder, check=False, stdout=subprocess.DEVNULL).returncode


# -- looking -------------------------------------------------------------------------------------------------


def look(session: Browser, page: Path, folder: Path) -> list[str]:
    """Pictures of the page, and what is wrong with it."""
    wrong = []
    session.do("/url", {"url": "about:blank"})
    _asked(session)  # what the browser's own first page asked for
    views = {
        "phone": (PHONE, False),
        "phone-dark": (PHONE, True),
        "desk": (DESK, False),
        "desk-dark": (DESK, True),
    }
    for name, (size, dark) in views.items():
        session.see(page, size, phone=size == PHONE, dark=dark)
        session.picture(folder / f"{page.stem}-{name}.png")
        session.picture(folder / f"{page.stem}-{name}-whole.png", whole=True)
        wrong += _too_wide(session, f"{page.name} {name}")
        session.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
        wrong += _too_wide(session, f"{page.name} {name}, all of it open")
        if name == "phone":
            session.picture(folder / f"{page.stem}-{name}-open.png", whole=True)
        background = session.ask("getComputedStyle(document.body).backgroundColor")
        if (background != "rgb(255, 255, 255)") is not dark:
            wrong.append(f"{page.name} {name}: the background is {background}")
    paper(page, folder / f"{page.stem}.pdf")
    wrong += [
        f"{page.name}: console: {line['message']}" for line in session.do("/se/log", {"type": "browser"})
    ]
    asked = _asked(session)
    return wrong + [f"{page.name} asked for {url}" for url in asked if url != page.as_uri()]


def _too_wide(session: Browser, name: str) -> list[str]:
    have, room = session.ask("[document.documentElement.scrollWidth, window.innerWidth]")
    print(f"{name}: {have} of {room} pixels wide")
    return [] if have <= room else [f"{name}: {have} pixels wide, the screen has {room}"]


def _asked(session: Browser) -> list[str]:
    """Every address that the browser asked for, its own pages apart."""
    lines = [
        json.loads(line["message"])["message"] for line in session.do("/se/log", {"type": "performance"})
    ]
    sent = [
        line["params"]["request"]["url"] for line in lines if line["method"] == "Network.requestWillBeSent"
    ]
    return [url for url in sent if not url.startswith("chrome:")]


def validate(jar: Path, pages: list[Path]) -> list[str]:
    """What the Nu HTML checker says, warnings included."""
    command = ["java", "-jar", str(jar), "--stdout", *map(str, pages)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    print(f"vnu ended with {ended.returncode}")
    said = [*ended.stdout.splitlines(), *ended.stderr.splitlines()]
    return said or [f"vnu ended with {ended.returncode}"] * (ended.returncode != 0)


def main() -> int:
    """The exit code: 0, or 1 where something is wrong."""
    parser = argparse.ArgumentParser(description="Look at the page of `report` in a real browser.")
    parser.add_argument("folder", type=Path, help="where the page and its pictures go")
    parser.add_argument("--page", type=Path, help="look at this page instead of making one")
    parser.add_argument("--vnu", type=Path, help="vnu.jar: check the HTML too")
    given = parser.parse_args()
    folder: Path = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    pages = [given.page.resolve()] if given.page else make_pages(folder, datetime.now(UTC))
    wrong = []
    with browser(folder) as session:
        for page in pages:
            print(f"{page.name}: {page.stat().st_size:,} bytes")
            wrong += look(session, page, folder)
    if given.vnu:
        wrong += validate(given.vnu, pages)
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
