"""`lookup-patient`: who somebody is in the POS; with `--create` also makes a profile."""

import sys
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from alleaves_sync.cli.invocation import Invocation, JsonOption, LocationOption, invocation
from alleaves_sync.errors import OptionsConflict

if TYPE_CHECKING:
    from alleaves_sync.aiq.order_models import User
    from alleaves_sync.cli.console import Table
    from alleaves_sync.config import Location
    from alleaves_sync.flows.patients.lookup import Lookup

_EXIT_CODES = {"found": 0, "created": 0, "not-found": 1, "several": 3}


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("lookup-patient")(lookup_patient)


def _text(name: str, meaning: str, metavar: str = "TEXT") -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar=metavar, help=meaning, show_default=False)
    return option


def lookup_patient(
    ctx: typer.Context,
    medical_id: Annotated[
        str, _text("--medical-id", "The medical ID; compared before the phone.", "ID")
    ] = "",
    phone: Annotated[str, _text("--phone", "A phone number, in any spelling.", "NUMBER")] = "",
    create: Annotated[bool, typer.Option("--create", help="Make a profile where there is none.")] = False,
    first_name: Annotated[str, _text("--first-name", "For a new profile.")] = "",
    last_name: Annotated[str, _text("--last-name", "For a new profile.")] = "",
    birth_date: Annotated[
        str, _text("--birth-date", "Tells apart people who share a phone.", "YYYY-MM-DD")
    ] = "",
    email: Annotated[str, _text("--email", "For a new profile.")] = "",
    medical_state: Annotated[str, _text("--medical-state", "Of the medical ID.", "STATE")] = "",
    medical_expires: Annotated[str, _text("--medical-expires", "Of the medical ID.", "YYYY-MM-DD")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Create without asking.")] = False,
    location: LocationOption = None,
    as_json: JsonOption = False,
) -> int:
    """Look a patient up in the POS, by medical ID, then by phone.

    Nothing is created without --create. Exit code 0: found or created, 1: not
    found, 3: several profiles match.
    """
    from alleaves_sync.aiq.order_models import User
    from alleaves_sync.cli.console import print_json, say, show
    from alleaves_sync.flows.patients.lookup import look_up
    from alleaves_sync.flows.pos import utc_now

    cli = invocation(ctx, as_json)
    user = User(
        first_name=first_name.strip() or None,
        last_name=last_name.strip() or None,
        phone=phone.strip() or None,
        email=email.strip() or None,
        birthday=_date("--birth-date", birth_date),
        medical_id=medical_id.strip() or None,
        medical_state=medical_state.strip() or None,
        medical_expiration=_date("--medical-expires", medical_expires),
    )
    place = _one_place(cli, location)
    may_create = _permission(user, yes=yes) if create else None
    found = look_up(place, user, utc_now, may_create=may_create)
    if cli.as_json:
        if found.contradicting:
            others = ", ".join(map(str, found.contradicting))
            say(cli, f"{place.name}: profiles with the same phone, but of somebody else: {others}")
        print_json(_document(found))
    else:
        show(_table(found))
    return _EXIT_CODES[found.outcome]


def _date(option: str, text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise OptionsConflict(f"{option} is not a date", "Write it as YYYY-MM-DD") from None


def _one_place(cli: Invocation, location: list[str] | None) -> "Location":
    chosen = cli.chosen(location)
    if len(chosen) != 1:
        names = ", ".join(place.name for place in chosen)
        raise OptionsConflict("a patient is looked up in one location", f"Add --location, one of: {names}")
    return chosen[0]


def _permission(user: "User", *, yes: bool) -> Callable[[], bool]:
    """Asked when nobody was found. Raises OptionsConflict at once for what would make it impossible."""
    from alleaves_sync.cli import prompts as asking

    if not user.first_name or not user.last_name:
        raise OptionsConflict(
            "a new profile needs --first-name and --last-name", "Give both, or leave out --create"
        )
    if yes:
        return lambda: True
    if not sys.stdin.isatty():
        raise OptionsConflict("--create asks first, and there is no terminal to ask on", "Add --yes")
    return lambda: asking.yes("Nobody was found. Create a new profile in Alleaves?")


def _document(found: "Lookup") -> dict[str, object]:
    return {
        "outcome": found.outcome,
        "matched_by": found.matched_by,
        "id_customer": found.id_customer,
        "candidates": list(found.candidates),
    }


def _table(found: "Lookup") -> "Table":
    from alleaves_sync.cli.console import Column, Table

    how = {"medical_id": "by medical ID", "phone": "by phone", "created": "new profile"}
    ids = [found.id_customer] if found.id_customer is not None else list(found.candidates)
    rows = [(str(one), how.get(found.matched_by or "", "")) for one in ids]
    rows += [(str(one), "same phone, but somebody else") for one in found.contradicting]
    notes = {
        "not-found": "Nobody was found.",
        "several": "Several profiles match: merge them in Alleaves, or set patients.when_several.",
    }
    note = notes.get(found.outcome)
    return Table(
        (Column("customer", number=True), Column(found.outcome)), rows, notes=(note,) if note else ()
    )
