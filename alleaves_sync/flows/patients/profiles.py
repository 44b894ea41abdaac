"""Small questions about profiles of the POS. Pure."""

from collections.abc import Iterable

from alleaves_sync.aiq.order_models import User
from alleaves_sync.alleaves.order_models import Customer, NewCustomer
from alleaves_sync.rules.identity import normalise_medical_id
from alleaves_sync.rules.matching import By, Person
from alleaves_sync.rules.phones import normalise_phone

# How many digits at the end of a phone are written in one.
_APART = 4


def same(candidates: Iterable[Customer], _by: By) -> Iterable[Customer]:
    """The same candidates, whatever they are to be compared by."""
    return candidates


def person_of(user: User) -> Person:
    """What profiles are compared with."""
    return Person(
        medical_id=user.medical_id,
        phone=user.phone,
        birth_date=user.birthday,
        first_name=user.first_name,
        last_name=user.last_name,
        medical_state=user.medical_state,
    )


def identity(user: User, region: str) -> str:
    """All that says who somebody is, spelled equally for equal people: families share single parts of it."""
    parts = (
        normalise_medical_id(user.medical_id),
        normalise_phone(user.phone, region),
        user.birthday.isoformat() if user.birthday else None,
        " ".join(f"{user.first_name or ''} {user.last_name or ''}".casefold().split()),
    )
    return "\0".join(part or "" for part in parts)


def mentions(customer: Customer, query: str) -> bool:
    """Whether a server that looks for `query` as it is, or by its digits, may have found the profile."""
    texts = [
        text.casefold()
        for text in (
            customer.phone,
            customer.phone2,
            customer.patient_number,
            customer.email,
            f"{customer.name_first} {customer.name_last}",
        )
        if text
    ]
    digits = "".join(filter(str.isdigit, query))
    return any(
        query.casefold() in text or (digits and digits in "".join(filter(str.isdigit, text)))
        for text in texts
    )


def as_customer(made: Customer, new: NewCustomer) -> Customer:
    """The new profile as it will be found: an answer may leave out what was sent."""
    return Customer(
        made.id_customer,
        name_first=new.name_first,
        name_last=new.name_last,
        patient_state=new.patient_state,
        phone=new.phone,
        patient_number=new.patient_number,
        date_of_birth=new.date_of_birth.isoformat() if new.date_of_birth else None,
        date_created=made.date_created,
    )


def digits_in_a_row(text: str) -> str:
    """What a phone or a medical ID has in common with nearly all its other spellings: its last four digits,
    which nobody writes apart. Empty where it has fewer in a row at its end."""
    tail = text.strip()[-_APART:]
    return tail if len(tail) == _APART and tail.isascii() and tail.isdigit() else ""
