"""Whether a profile of the POS is the person who ordered (U2-U4). Pure; nothing here is kept or told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Literal

from alleaves_sync.alleaves.order_models import Customer
from alleaves_sync.rules.identity import (
    Likeness,
    compare_names,
    normalise_medical_id,
    read_birth_date,
)
from alleaves_sync.rules.phones import extension, may_be, normalise_phone
from alleaves_sync.rules.windows import pos_moment

By = Literal["medical_id", "phone"]
WhenSeveral = Literal["wait", "newest", "oldest"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom an order says it is for, as it was typed; None is not said. `birth_date` may be ISO text."""

    medical_id: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    birth_date: date | str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    medical_state: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Match:
    """A profile that matches, and when it was made (as the POS spells it)."""

    id_customer: int
    date_created: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The profiles that match, and the ids of those that would but are of somebody else (U3); by id.

    `unclear` may be the person or not: a person must decide. `renewed` are matches with another medical ID.
    """

    matches: tuple[Match, ...] = ()
    contradicting: tuple[int, ...] = ()
    unclear: tuple[int, ...] = ()
    renewed: tuple[int, ...] = ()

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


class Verdict(StrEnum):
    """What a profile with the same medical ID or phone is to the person who ordered (U3)."""

    MATCH = "match"
    RENEWED = "renewed"  # a match with another medical ID: all else is the same
    OTHER = "other"  # somebody else
    UNCLEAR = "unclear"  # nobody is guessed


def judge(
    person: Person, customers: Iterable[Customer], by: By, region: str, today: date | None = None
) -> Judgement:
    """Compare `person` with candidates by their medical ID, or by phone (`phone2` counts too).

    `customers` is read once, so it may be a stream of all there are. Where one profile is judged twice and
    differently (it changed while pages were read), the more careful verdict counts.
    """
    known = _Known(person, region, today)
    matches: dict[int, Match] = {}
    ids: dict[Verdict, set[int]] = {verdict: set() for verdict in Verdict}
    for customer in customers:
        verdict = known.by_medical_id(customer) if by == "medical_id" else known.by_phone(customer)
        if verdict is not None:
            ids[verdict].add(customer.id_customer)
            matches[customer.id_customer] = Match(customer.id_customer, customer.date_created)
    other = ids[Verdict.OTHER]
    unclear = ids[Verdict.UNCLEAR] - other
    agreeing = sorted((ids[Verdict.MATCH] | ids[Verdict.RENEWED]) - other - unclear)
    return Judgement(
        tuple(matches[key] for key in agreeing),
        tuple(sorted(other)),
        tuple(sorted(unclear)),
        tuple(key for key in agreeing if key in ids[Verdict.RENEWED]),
    )


class _Known:
    """What is known of the person, read once and compared with many profiles."""

    def __init__(self, person: Person, region: str, today: date | None) -> None:
        self._region = region
        self._today = today
        self._name = (person.first_name, person.last_name)
        self._medical_id = normalise_medical_id(person.medical_id)
        self._state = _state(person.medical_state)
        self._birth_date = read_birth_date(person.birth_date, today)
        self._phone = normalise_phone(person.phone, region)
        self._extension = extension(person.phone, region)

    def by_medical_id(self, customer: Customer) -> Verdict | None:
        """None: it has not this medical ID."""
        if self._medical_id is None or self._other_id(customer) is not False:
            return None
        whole, _ = self._names(customer)
        if self._born_apart(customer) or (whole is Likeness.DIFFERENT and self._other_phones(customer)):
            return Verdict.UNCLEAR
        return Verdict.MATCH

    def by_phone(self, customer: Customer) -> Verdict | None:
        """None: it has not this phone."""
        if self._phone is None or not _has_phone(customer, self._phone, self._region):
            return None
        whole, first = self._names(customer)
        born_together = self._born_together(customer)
        if self._born_apart(customer) or self._extensions_differ(customer):
            return Verdict.OTHER
        if self._other_id(customer):
            renewed = whole is Likeness.SAME and born_together
            return Verdict.RENEWED if renewed else Verdict.OTHER
        # A last name alone is shared by families: without birth dates the first names have to agree, too.
        alike = first is not Likeness.DIFFERENT and (born_together or whole is not Likeness.DIFFERENT)
        return Verdict.MATCH if alike else Verdict.UNCLEAR

    def _names(self, customer: Customer) -> tuple[Likeness, Likeness]:
        return compare_names(self._name, (customer.name_first, customer.name_last))

    def _other_id(self, customer: Customer) -> bool | None:
        """Whether the medical IDs differ; None where one side has none. Another state's is another one."""
        theirs = normalise_medical_id(customer.patient_number)
        if self._medical_id is None or theirs is None:
            return None
        return self._medical_id != theirs or _differ(self._state, _state(customer.patient_state))

    def _born_apart(self, customer: Customer) -> bool:
        return _differ(self._birth_date, read_birth_date(customer.date_of_birth, self._today))

    def _born_together(self, customer: Customer) -> bool:
        theirs = read_birth_date(customer.date_of_birth, self._today)
        return theirs is not None and self._birth_date == theirs

    def _other_phones(self, customer: Customer) -> bool:
        """Whether both sides have a phone and none is the same."""
        theirs = [normalise_phone(one, self._region) for one in (customer.phone, customer.phone2)]
        return self._phone is not None and any(theirs) and self._phone not in theirs

    def _extensions_differ(self, customer: Customer) -> bool:
        """Whether a switchboard connects to somebody else."""
        same = [
            text
            for text in (customer.phone, customer.phone2)
            if normalise_phone(text, self._region) == self._phone
        ]
        return all(_differ(self._extension, extension(text, self._region)) for text in same)


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
        may_be(text, phone) and normalise_phone(text, region) == phone
        for text in (customer.phone, customer.phone2)
    )


def _differ(ours: object, theirs: object) -> bool:
    return ours is not None and theirs is not None and ours != theirs


def _state(text: str | None) -> str | None:
    return "".join((text or "").split()).casefold() or None
