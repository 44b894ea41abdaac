"""Is everything in order? One check after the other; what depends on a failed one is left out."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal

from alleaves_sync.aiq.storefront import Storefront
from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config import Location
from alleaves_sync.errors import AlleavesSyncError, AreasUnmatched, ServiceError, StateUnusable, WriteFailed
from alleaves_sync.flows.pos import Clock, area_labels, find_location
from alleaves_sync.rules.mapping import AreaSelection
from alleaves_sync.state import StateFile
from alleaves_sync.transport import Budget, Transport

CheckName = Literal["login", "location", "areas", "clock", "storefront", "state", "feed"]
# Tokens and delivery windows bear this much; a machine that keeps time is far below it.
MOST_CLOCK_ERROR = timedelta(minutes=2)
_CLOCK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: in order, or `error`, or (where no error fits) a `remedy` for what `message`
    says."""

    location: str
    name: CheckName
    message: str = ""
    error: AlleavesSyncError | None = None
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is in order."""
        return self.error is None and not self.remedy


def check_location(location: Location, clock: Clock, *, offline: bool = False) -> Iterator[Check]:
    """All checks of one location, each as soon as it is done; `offline`: only the files."""
    if not offline:
        answers = True
        for check in _point_of_sale(location):
            answers = answers and not isinstance(check.error, ServiceError)
            yield check
        if answers:
            yield from _clock(location, clock)
        yield _storefront(location)
    yield _state(location)
    if location.settings.feed is not None:
        yield _feed(location.name, location.settings.feed)


def _point_of_sale(location: Location) -> Iterator[Check]:
    account, name = location.settings.alleaves, location.name
    with AlleavesClient(account, Budget(location.time_budget_seconds)) as client:
        step: CheckName = "login"
        try:
            client.locations()
            yield Check(name, step, f"{account.username} at {account.base_url}")
            step = "location"
            found = find_location(client, location)
            yield Check(name, step, f"{found.location.strip()} (id {found.id_location})")
            step = "areas"
            yield Check(name, step, _areas(client, location))
        except AlleavesSyncError as error:
            yield Check(name, step, error=error)


def _areas(client: AlleavesClient, location: Location) -> str:
    """The areas that the configuration selects. Raises AreasUnmatched as a run would."""
    selectors = location.settings.areas
    areas = client.areas()
    selection = AreaSelection.of(selectors, areas, ())
    if selection.unmatched:
        inventory = client.inventory()
        selection = AreaSelection.of(selectors, areas, inventory.records)
        if selection.unmatched and inventory.total:
            raise AreasUnmatched(location.name, selection.unmatched, area_labels(areas))
    chosen = [area.name.strip() for area in areas if selection.holds_area(area)]
    return ", ".join(chosen) or ", ".join(selectors)


def _clock(location: Location, clock: Clock) -> Iterator[Check]:
    """This machine's clock against the `Date` of the POS's answer; nothing where it cannot be had."""
    there = _time_there(location.settings.alleaves.base_url)
    if there is None:
        return
    off = clock() - there
    seconds = abs(round(off.total_seconds()))
    if abs(off) <= MOST_CLOCK_ERROR:
        yield Check(location.name, "clock", f"agrees with Alleaves to {max(seconds, 1)} s")
    else:
        words = f"this machine is {seconds} s {'ahead of' if off > timedelta() else 'behind'} Alleaves"
        yield Check(location.name, "clock", words, remedy="Switch time synchronisation (NTP) on.")


def _time_there(base_url: str) -> datetime | None:
    # Any answer carries a Date, also the refusal of a call without a login.
    try:
        with Transport("Alleaves", base_url, Budget(_CLOCK_SECONDS)) as transport:
            answer = transport.send(
                "GET", "/location", repeatable=False, accept_statuses=range(400, 500), json_answer=False
            )
        time = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (ServiceError, ValueError):
        return None
    return time if time.tzinfo else None


def _storefront(location: Location) -> Check:
    aiq, name = location.settings.aiq, location.name
    if aiq.api_key is None or not aiq.venue_id:
        return Check(name, "storefront", "not configured: the menu stays in the state file and the feed")
    budget = Budget(location.time_budget_seconds)
    try:
        with Storefront(aiq.base_url, aiq.venue_id, aiq.api_key.get_secret_value(), budget) as storefront:
            storefront.reach()
    except AlleavesSyncError as error:
        return Check(name, "storefront", error=error)
    writes = "" if aiq.publish_url else "; nothing is published (aiq.publish_url is not set)"
    return Check(name, "storefront", f"venue {aiq.venue_id} at {aiq.base_url}{writes}")


def _state(location: Location) -> Check:
    path, name = location.state, location.name
    try:
        with StateFile.open_for_reading(path) as state:
            state.check()
    except AlleavesSyncError as error:
        return Check(name, "state", error=error)
    if path.exists() and not os.access(path, os.W_OK):
        return Check(name, "state", error=StateUnusable(path, "read-only"))
    if not _can_write_in(path.parent):
        detail = f"no right to write in {path.parent}"
        return Check(name, "state", error=StateUnusable(path, "read-only", detail))
    return Check(name, "state", str(path) if path.exists() else f"{path} (the first run makes it)")


def _feed(name: str, path: Path) -> Check:
    if path.is_dir():
        return Check(name, "feed", error=WriteFailed(path, "it is a folder"))
    if not _can_write_in(path.parent):
        return Check(name, "feed", error=WriteFailed(path, f"no right to write in {path.parent}"))
    return Check(name, "feed", str(path))


def _can_write_in(folder: Path) -> bool:
    """Whether a file can be made in `folder`, which may itself still have to be made."""
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
