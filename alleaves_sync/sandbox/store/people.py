"""Invented customers, with all that makes finding one hard: phones and medical IDs in every spelling,
families with one phone, one person with two profiles, profiles with next to nothing in them."""

import random
import re
from collections import Counter
from datetime import date, timedelta
from typing import Final

from alleaves_sync.sandbox.constants import FIRST_CUSTOMER_ID, Record
from alleaves_sync.sandbox.store.vocabulary import AREA_CODES, FIRST_NAMES, LAST_NAMES

#: How a phone number may be written: area code, exchange, number.
PHONE_FORMATS: Final = (
    "{0}{1}{2}", "({0}) {1}-{2}", "{0}-{1}-{2}", "+1 {0} {1} {2}", "1-{0}-{1}-{2}", "{0}.{1}.{2}",
    "+1{0}{1}{2}", " {0} {1} {2} ", "1{0}{1}{2}", "+1 ({0}) {1}-{2}",
)  # fmt: skip

#: How a medical ID may be written: letters and six digits.
MEDICAL_FORMATS: Final = ("FILL-{0:06d}", "FILL{0:06d}", "fill {0:06d}", "Fill-{0:06d} ", "FI LL-{0:06d}")

#: Different numbers there are: every area code with 555-0100 to 555-0199.
NUMBERS: Final = len(AREA_CODES) * 100

#: Of so many profiles in a row, the last but one shares the phone of the one before it (another person
#: of the family), and the last is the same person as the one before it.
GROUP: Final = 20


def phone(number: int, spelling: int = 0) -> str:
    """The `number`-th invented phone number in one of the `PHONE_FORMATS`."""
    area = AREA_CODES[number % len(AREA_CODES)]
    last = f"01{number // len(AREA_CODES) % 100:02d}"
    return PHONE_FORMATS[spelling % len(PHONE_FORMATS)].format(area, "555", last)


def medical_id(number: int, spelling: int = 0) -> str:
    return MEDICAL_FORMATS[spelling % len(MEDICAL_FORMATS)].format(number)


def digits(text: str | None) -> str:
    """The last ten digits of a phone, by which two spellings are one number."""
    return re.sub(r"\D", "", text or "")[-10:]


def make_customers(seed: int, count: int) -> list[Record]:
    """`count` profiles, ids from `FIRST_CUSTOMER_ID` on."""
    rng = random.Random(f"{seed}/customers")
    made: list[Record] = []
    for number in range(count):
        profile = _person(rng, number)
        if number % GROUP == GROUP - 2:
            profile |= {"phone": made[-1]["phone"], "name_last": made[-1]["name_last"]}
        elif number % GROUP == GROUP - 1:
            profile |= _again(made[-1], number)
            if number % (2 * GROUP) == 2 * GROUP - 1:
                made[-1]["patient_number"], profile["patient_number"] = (
                    medical_id(number),
                    medical_id(number, 2),
                )
        profile["customer_name"] = f"{profile['name_first']} {profile['name_last']}"
        made.append(profile)
    return made


def _person(rng: random.Random, number: int) -> Record:
    born = date(1940, 1, 1) + timedelta(days=rng.randrange(23_000))
    spelling = rng.randrange(len(PHONE_FORMATS))
    patient = number % 4 == 0
    first = rng.choice(FIRST_NAMES)
    return {
        "id_customer": FIRST_CUSTOMER_ID + number,
        "name_first": first,
        "name_last": rng.choice(LAST_NAMES),
        "customer_name": None,
        "phone": None if rng.random() < 0.1 else phone(number, spelling),
        "phone2": phone(NUMBERS // 2 + number, spelling + 1) if rng.random() < 0.05 else None,
        "email": f"{first.lower()}.{number}@mail.invalid" if rng.random() < 0.6 else None,
        "date_of_birth": born.isoformat() if rng.random() < 0.95 else None,
        "patient_number": medical_id(number, rng.randrange(len(MEDICAL_FORMATS))) if patient else None,
        "patient_number_expiration": f"20{rng.randrange(30, 36)}-06-30" if patient else None,
        "date_created": f"2025-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}T15:00:00.000Z",
        "credit_balance": 0,
    }


def _again(profile: Record, number: int) -> Record:
    """The same person's second profile: the same name and birth date, the phone spelled anew."""
    same = {name: profile[name] for name in ("name_first", "name_last", "date_of_birth", "phone")}
    if same["phone"] is not None:
        code, last = digits(same["phone"])[:3], digits(same["phone"])[6:]
        same["phone"] = PHONE_FORMATS[number % len(PHONE_FORMATS)].format(code, "555", last)
    return same


def findable(customers: list[Record], patients: bool) -> list[Record]:
    """The profiles that one look-up finds alone: by medical ID, or by phone and without a medical ID."""
    seen = Counter(digits(one[column]) for one in customers for column in ("phone", "phone2"))
    found = [one for one in customers if one["phone"] and seen[digits(one["phone"])] == 1]
    return [one for one in found if bool(one["patient_number"]) == patients]
