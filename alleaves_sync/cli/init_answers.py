"""Everything that a new configuration needs: from options and environment, or asked for on a terminal."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import SecretStr, ValidationError

from alleaves_sync.alleaves import Area, PosLocation
from alleaves_sync.cli import prompts as asking
from alleaves_sync.config.template import USERNAME_VARIABLE, Answers
from alleaves_sync.errors import AreasUnmatched, OptionsConflict, PosLocationUnknown
from alleaves_sync.flows.pos import area_labels
from alleaves_sync.flows.setup.account import Account, areas_of, locations_of
from alleaves_sync.rules.mapping import AreaSelection

_DEFAULT_NAME = "main"


@dataclass(frozen=True)
class Given:
    """What the options say; empty or None for what they do not. `base_url`s always say something."""

    base_url: str
    aiq_base_url: str
    name: str = ""
    username: str = ""
    location_id: int | None = None
    areas: Sequence[str] = ()
    menu: str = ""
    venue_id: str = ""
    publish_url: str = ""
    feed: str = ""
    offline: bool = False


@dataclass(frozen=True)
class Gathered:
    """The answers, and the secrets by the names of their variables."""

    answers: Answers
    secrets: Mapping[str, str]


def gather(given: Given, environ: Mapping[str, str], *, ask: bool) -> Gathered:
    """The answers; `ask` for what is not given, else it is missing.

    Raises OptionsConflict (what is missing, all at once), PosLocationUnknown, AreasUnmatched, and what a
    login raises.
    """
    if not ask:
        _refuse_missing(given, environ)
    secrets = _secrets(given, environ, ask=ask)
    location_id, place, areas = _place(given, _account(given, secrets), ask=ask)
    name = given.name or _name(place, ask=ask)
    menu, venue = given.menu, given.venue_id
    if ask:
        menu = menu or asking.one_of("Menu", ("adult_use", "medical"), str)
        venue = venue or asking.optional("AIQ venue id (Enter: none yet)")
        if venue and not secrets["AIQ_API_KEY"]:
            secrets["AIQ_API_KEY"] = asking.hidden(
                "AIQ API key, not shown (Enter: none yet)", may_be_empty=True
            )
    from_variable = not given.username and bool(environ.get("ALLEAVES_USERNAME"))
    answers = Answers(
        name=name,
        location_id=location_id,
        areas=areas,
        username=USERNAME_VARIABLE if from_variable else secrets["ALLEAVES_USERNAME"],
        menu=menu or "adult_use",
        base_url=given.base_url,
        venue_id=venue,
        aiq_base_url=given.aiq_base_url,
        publish_url=given.publish_url,
        feed=given.feed,
    )
    if not from_variable:
        del secrets["ALLEAVES_USERNAME"]
    return Gathered(answers, {variable: value for variable, value in secrets.items() if value})


def _refuse_missing(given: Given, environ: Mapping[str, str]) -> None:
    needed = {
        "--username (or $ALLEAVES_USERNAME)": given.username or environ.get("ALLEAVES_USERNAME"),
        "$ALLEAVES_PASSWORD": given.offline or environ.get("ALLEAVES_PASSWORD"),
        "--location-id": given.location_id,
        "--area": given.areas,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise OptionsConflict(
            f"without a terminal to ask on, init also needs {', '.join(missing)}",
            "Give all of them, or run it on a terminal",
        )


def _secrets(given: Given, environ: Mapping[str, str], *, ask: bool) -> dict[str, str]:
    """User name, password, pin and key, by the names of their variables; empty where there is none."""
    found = {
        name: environ.get(name, "")
        for name in ("ALLEAVES_USERNAME", "ALLEAVES_PASSWORD", "ALLEAVES_PIN", "AIQ_API_KEY")
    }
    if given.username:
        found["ALLEAVES_USERNAME"] = given.username
    if ask and not found["ALLEAVES_USERNAME"]:
        found["ALLEAVES_USERNAME"] = asking.text("Alleaves user name")
    if ask and not found["ALLEAVES_PASSWORD"] and not given.offline:
        found["ALLEAVES_PASSWORD"] = asking.hidden("Alleaves password, not shown")
        found["ALLEAVES_PIN"] = asking.hidden("Alleaves pin, not shown (Enter: none)", may_be_empty=True)
    return found


def _account(given: Given, secrets: Mapping[str, str]) -> Account | None:
    """The login to try; None offline."""
    if given.offline:
        return None
    pin = secrets["ALLEAVES_PIN"]
    account = Account(
        given.base_url,
        secrets["ALLEAVES_USERNAME"],
        SecretStr(secrets["ALLEAVES_PASSWORD"]),
        SecretStr(pin) if pin else None,
    )
    try:
        account.settings()
    except ValidationError:
        raise OptionsConflict(
            f"--base-url {given.base_url} cannot be used", "Write https://host/path, without a password in it"
        ) from None
    return account


def _place(given: Given, account: Account | None, *, ask: bool) -> tuple[int, PosLocation | None, list[str]]:
    """The location's id, its record where it was looked up, and the areas."""
    if account is None:
        location_id = given.location_id or asking.number("Id of the location in Alleaves")
        return location_id, None, list(given.areas) or _typed_areas()
    place = _location(given, locations_of(account))
    areas = areas_of(account, place.id_location)
    if given.areas or not ask:
        _refuse_unmatched(given, areas)
        return place.id_location, place, list(given.areas)
    chosen = asking.some_of("Areas whose stock goes on the menu", areas, lambda area: area_labels((area,))[0])
    return place.id_location, place, [_selector(area, areas) for area in chosen]


def _typed_areas() -> list[str]:
    typed = asking.text("Areas whose stock goes on the menu (with commas between)")
    return [area.strip() for area in typed.split(",") if area.strip()]


def _location(given: Given, seen: Sequence[PosLocation]) -> PosLocation:
    if given.location_id is None and seen:
        return asking.one_of(
            "Location", seen, lambda place: f"{place.location.strip()} (id {place.id_location})"
        )
    found = next((place for place in seen if place.id_location == given.location_id), None)
    if found is None:
        known = [(place.id_location, place.location.strip()) for place in seen]
        raise PosLocationUnknown(given.name or _DEFAULT_NAME, given.location_id or 0, known)
    return found


def _refuse_unmatched(given: Given, areas: tuple[Area, ...]) -> None:
    selection = AreaSelection.of(given.areas, areas, ())
    if selection.unmatched:
        raise AreasUnmatched(given.name or _DEFAULT_NAME, selection.unmatched, area_labels(areas))


def _selector(area: Area, areas: Sequence[Area]) -> str:
    """The area's name, or its id where the name would select others too."""
    name = area.name.strip()
    same = [other for other in areas if other.name.strip().casefold() == name.casefold()]
    return name if name and len(same) == 1 else str(area.id_area)


def _name(place: PosLocation | None, *, ask: bool) -> str:
    """A name for the location: what Alleaves calls it, in letters that a file name can have."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", place.location if place else "").strip("-").lower()[:40]
    proposed = words.strip("-") or _DEFAULT_NAME
    return asking.text("Your name for this location", proposed) if ask else proposed
