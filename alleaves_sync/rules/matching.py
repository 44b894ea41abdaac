"""Whether a profile of the POS is the person who ordered (U2-U4). Pure; nothing here is kept or told."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

from alleaves_sync.alleaves.order_models import Customer
from alleaves_sync.rules.windows import pos_moment

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

By = Literal["medical_id", "phone"]
WhenSeveral = Literal["wait", "newest", "oldest"]

_ISO_DATE_LENGTH = len("2000-01-31")
_KEPT_DIGITS = 4  # the length of the shortest numbers there are (Niue)
_DASH = "Pd"  # Unicode's class of all dashes, the typographic ones included
_INVISIBLE = "Cf"  # marks that come along when text is copied from a page
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an order says it is for, as it was typed; None is not said. `birth_date` may be ISO text."""

    medical_id: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    birth_date: date | str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Match:
    """A profile that matches, and when it was made (as the POS spells it)."""

    id_customer: int
    date_created: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The profiles that match, and the ids of those that would but contradict (U3); each once, by id."""

    matches: tuple[Match, ...] = ()
    contradicting: tuple[int, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids of the matches."""
        return tuple(match.id_customer for match in self.matches)


@dataclass(frozen=True, slots=True)
class Found:
    """One profile: it was the only one, or `when_several` decided."""

    id_customer: int


@dataclass(frozen=True, slots=True)
class Several:
    """Different profiles match and nothing decides between them: a person must (U4)."""

    candidates: tuple[int, ...]


def normalise_medical_id(text: str | None) -> str | None:
    """The medical ID without case, spaces and dashes (U2); None where nothing is left that names anybody."""
    folded = _composed(_composed(text or "").casefold())
    kept = "".join(
        char
        for char in folded
        if not char.isspace() and unicodedata.category(char) not in (_DASH, _INVISIBLE)
    )
    return _composed(kept) if any(char.isalnum() for char in kept) else None


def _composed(text: str) -> str:
    return unicodedata.normalize("NFKC", text)  # the wide letters of some keyboards are plain ones


def normalise_phone(text: str | None, region: str) -> str | None:
    """The phone number as E.164, read in `region` unless it names its country (U2).

    None where it is not a whole number. Nor is one digit all over (000 000 0000) somebody's: it is what is
    typed where a number is asked for and there is none.
    """
    number = _parsed(text, region)
    return None if number is None else _format(number, national=False)


def spellings(phone: str, region: str) -> tuple[str, ...]:
    """The ways in which the POS may have stored `phone`, each once: a search may be literal (U2).

    As given, digits only, E.164, the national format, and the digits of that.
    """
    ways = [phone.strip(), _digits(phone)]
    number = _parsed(phone, region)
    if number is not None:
        national = _format(number, national=True)
        ways += [_format(number, national=False), national, _digits(national)]
    return tuple(dict.fromkeys(way for way in ways if way))


def judge(person: Person, customers: Iterable[Customer], by: By, region: str) -> Judgement:
    """Compare `person` with candidates by their medical ID, or by phone (`phone2` counts too).

    `customers` is read once, so it may be a stream of all there are. A phone match that has another medical
    ID or another birth date, where both sides say one, contradicts: families share phones (U3).
    """
    medical_id, birth_date = normalise_medical_id(person.medical_id), _birth_date(person.birth_date)
    phone = normalise_phone(person.phone, region) if by == "phone" else None
    matches: dict[int, Match] = {}
    contradicting: set[int] = set()
    for customer in customers:
        if by == "medical_id":
            if medical_id and normalise_medical_id(customer.patient_number) == medical_id:
                matches[customer.id_customer] = Match(customer.id_customer, customer.date_created)
        elif phone and _has_phone(customer, phone, region):
            if _contradicts(customer, medical_id, birth_date):
                contradicting.add(customer.id_customer)
            else:
                matches[customer.id_customer] = Match(customer.id_customer, customer.date_created)
    agreeing = (matches[key] for key in sorted(matches.keys() - contradicting))
    return Judgement(tuple(agreeing), tuple(sorted(contradicting)))


def decide(matches: Iterable[Match], when_several: WhenSeveral) -> Found | Several | None:
    """One profile, several, or none (U4).

    `newest` and `oldest` go by the time of creation, then by id; a profile without one is chosen only where
    none has one.
    """
    different = {match.id_customer: match for match in matches}
    if not different:
        return None
    if len(different) == 1:
        return Found(next(iter(different)))
    if when_several == "wait":
        return Several(tuple(sorted(different)))
    if when_several == "newest":
        return Found(max(different.values(), key=lambda match: _made(match, _LONG_AGO)).id_customer)
    return Found(min(different.values(), key=lambda match: _made(match, _NEVER)).id_customer)


def _made(match: Match, unknown: datetime) -> tuple[datetime, int]:
    return pos_moment(match.date_created) or unknown, match.id_customer


def _has_phone(customer: Customer, phone: str, region: str) -> bool:
    return any(
        _may_be(text, phone) and normalise_phone(text, region) == phone
        for text in (customer.phone, customer.phone2)
    )


def _may_be(text: str | None, phone: str) -> bool:
    """Whether it is worth reading `text`: thousands are compared, and a number keeps its last digits.

    Letters may stand for digits.
    """
    written = text or ""
    return phone[-_KEPT_DIGITS:] in _digits(written) or any(char.isalpha() for char in written)


def _contradicts(customer: Customer, medical_id: str | None, birth_date: date | None) -> bool:
    their_id, their_birth_date = (
        normalise_medical_id(customer.patient_number),
        _birth_date(customer.date_of_birth),
    )
    return _differ(medical_id, their_id) or _differ(birth_date, their_birth_date)


def _differ(ours: object, theirs: object) -> bool:
    return ours is not None and theirs is not None and ours != theirs


def _birth_date(value: date | str | None) -> date | None:
    """A birth date of either side; some accounts send it with a time behind it that means nothing."""
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value.strip()[:_ISO_DATE_LENGTH])
    except ValueError:
        return None


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def _parsed(text: str | None, region: str) -> "PhoneNumber | None":
    if not text or not text.strip():
        return None
    import phonenumbers  # noqa: PLC0415 - its tables cost a good part of a start that does not need them

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    number.extension = None
    significant = phonenumbers.national_significant_number(number)
    whole = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return number if whole and len(set(significant)) > 1 else None


def _format(number: "PhoneNumber", *, national: bool) -> str:
    from phonenumbers import PhoneNumberFormat, format_number  # noqa: PLC0415 - loaded by `_parsed` already

    return format_number(number, PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.E164)
