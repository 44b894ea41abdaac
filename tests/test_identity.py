"""U3, U3a: who a profile is, and what identifies nobody. Every name, number and date is invented."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.alleaves.order_models import Customer
from alleaves_sync.rules.identity import Likeness, compare_names, normalise_medical_id, read_birth_date
from alleaves_sync.rules.matching import By, Judgement, Match, Person, judge
from alleaves_sync.rules.phones import normalise_phone, spellings
from tests.strategies import fast

PHONE = "518-555-0421"
BORN = "1988-04-03"
TODAY = date(2026, 2, 1)


def profile(id_customer: int = 1, /, **changes: Any) -> Customer:
    known = {"name_first": "Odile", "name_last": "Farrow", "phone": PHONE}
    return Customer(id_customer, **(known | changes))


def person(**changes: Any) -> Person:
    return Person(**({"first_name": "Odile", "last_name": "Farrow", "phone": PHONE} | changes))


def verdict(ours: Person, *theirs: Customer, by: By = "phone") -> Judgement:
    return judge(ours, theirs, by, "US", TODAY)


MATCH, OTHER, UNCLEAR = Judgement((Match(1),)), Judgement((), (1,)), Judgement((), (), (1,))
RENEWED = Judgement((Match(1),), renewed=(1,))


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        # Twins, and whoever else was born on the same day.
        ({"birth_date": BORN}, {"date_of_birth": BORN, "name_first": "Opal"}, UNCLEAR),
        ({"birth_date": BORN}, {"date_of_birth": BORN, "name_last": "Marsh"}, MATCH),
        # Families share phones.
        ({"birth_date": BORN}, {"date_of_birth": "1960-01-02"}, OTHER),
        # Another name on a known phone.
        ({}, {"name_first": "Bram", "name_last": "Keel"}, UNCLEAR),
        ({}, {"name_first": "Walk", "name_last": "In"}, UNCLEAR),
        # Mother and daughter: a last name alone is shared by a family.
        ({"birth_date": BORN}, {"name_first": "Agatha"}, UNCLEAR),
        ({}, {"name_first": "Farrow", "name_last": "Odile"}, MATCH),
        ({}, {"name_first": "O.", "name_last": "Farrow"}, MATCH),
        ({}, {"name_first": None, "name_last": None}, MATCH),
        ({"first_name": None, "last_name": None}, {}, MATCH),
        ({"first_name": "Bob", "last_name": "Tern"}, {"name_first": "ROBERT", "name_last": "Tern"}, MATCH),
        ({"first_name": "Bob"}, {"name_first": "Opal"}, UNCLEAR),
        ({"first_name": "Ren\u00e9e"}, {"name_first": "Renee"}, MATCH),
        # A renewed card; the same number in another state is another card.
        (
            {"medical_id": "QX-5521", "birth_date": BORN},
            {"patient_number": "QX-4417", "date_of_birth": BORN},
            RENEWED,
        ),
        ({"medical_id": "QX-5521"}, {"patient_number": "QX-4417"}, OTHER),
        ({"medical_id": "QX-5521"}, {"patient_number": "pending"}, MATCH),
        (
            {"medical_id": "QX-5521", "medical_state": "NY"},
            {"patient_number": "QX-5521", "patient_state": "NJ"},
            OTHER,
        ),
        # Birth dates that are none, or that nobody can read, contradict nothing.
        ({"birth_date": BORN}, {"date_of_birth": "1900-01-01"}, MATCH),
        ({"birth_date": BORN}, {"date_of_birth": "0000-00-00"}, MATCH),
        ({"birth_date": BORN}, {"date_of_birth": "2031-04-03"}, MATCH),
        ({"birth_date": BORN}, {"date_of_birth": "4/3/1988"}, MATCH),
        ({"birth_date": BORN}, {"date_of_birth": "05/05/1950"}, OTHER),
        ({"birth_date": BORN}, {"date_of_birth": "1950-5-5"}, OTHER),
        ({"birth_date": "1970-01-02"}, {"date_of_birth": "1970-01-02T04:00Z"}, MATCH),
        # Extensions.
        ({"phone": "518-555-0421 ext. 12"}, {"phone": "518.555.0421"}, MATCH),
        ({"phone": "518-555-0421 ext. 12"}, {"phone": "518.555.0421 x12"}, MATCH),
        ({"phone": "518-555-0421 ext. 12"}, {"phone": "518.555.0421 ext. 13"}, OTHER),
        ({"phone": "5185550421 (mobile, ask for Sam)"}, {}, MATCH),
    ],
)
def test_u3_who_has_a_phone_is_the_person_or_not_or_a_person_decides(
    ours: dict[str, str], theirs: dict[str, str], expected: Judgement
) -> None:
    """U3, U3a"""
    assert verdict(person(**ours), profile(**theirs)) == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ({}, {}, MATCH),
        ({"birth_date": BORN}, {"date_of_birth": "1960-01-02"}, UNCLEAR),
        ({}, {"name_first": "Bram", "name_last": "Keel", "phone": "212-555-0142"}, UNCLEAR),
        ({}, {"name_first": "Bram", "name_last": "Keel"}, MATCH),
        ({}, {"name_first": "Bram", "name_last": "Keel", "phone": None}, MATCH),
        ({}, {"phone": "212-555-0142"}, MATCH),
        ({"medical_state": "NY"}, {"patient_state": "ny"}, MATCH),
        ({"medical_state": "NY"}, {"patient_state": "NJ"}, Judgement()),
        ({"medical_id": "QX-552\u00b2"}, {"patient_number": "QX-5522"}, Judgement()),
    ],
)
def test_u3_a_medical_id_matches_unless_the_rest_contradicts(
    ours: dict[str, str], theirs: dict[str, str], expected: Judgement
) -> None:
    """U3, U3a"""
    found = verdict(
        person(**({"medical_id": "qx 5521"} | ours)),
        profile(**({"patient_number": "QX-5521"} | theirs)),
        by="medical_id",
    )
    assert found == expected


def test_u3_a_clear_match_beside_an_unclear_one_is_taken() -> None:
    """U3: the twin's profile holds nobody back whose own profile is there."""
    found = verdict(
        person(birth_date=BORN),
        profile(1, date_of_birth=BORN),
        profile(2, date_of_birth=BORN, name_first="Opal"),
    )
    assert (found.ids, found.unclear) == ((1,), (2,))


@pytest.mark.parametrize(
    "text",
    [
        "n/a",
        "none",
        "Pending",
        "0",
        "0000000",
        "111-111",
        "1234",
        "123 456 789",
        "x",
        "applied for",
        "TBD",
        "ab1",
    ],
)
def test_u3a_placeholders_are_no_medical_ids(text: str) -> None:
    """U3a"""
    assert normalise_medical_id(text) is None


@pytest.mark.parametrize("text", ["123-456-7890", "(555) 555-5555", "0000000000"])
def test_u3a_placeholders_are_no_phones(text: str) -> None:
    """U3a"""
    assert normalise_phone(text, "US") is None


def test_u3a_mexican_mobiles_are_one_number_with_and_without_the_1() -> None:
    """U3a"""
    assert normalise_phone("+52 1 55 5555 0142", "US") == normalise_phone("+52 55 5555 0142", "US")


def test_u3a_only_the_1_behind_the_country_is_cut_off() -> None:
    """U3a: a number of ten digits is whole."""
    assert normalise_phone("+52 155 555 0142", "US") == "+521555550142"


def test_u3a_a_medical_id_of_four_characters_identifies() -> None:
    """U3a"""
    assert normalise_medical_id("Q4-X7") == "q4x7"


def test_u3_the_same_names_are_the_same_in_either_order() -> None:
    """U3"""
    assert compare_names(("Odile", "Farrow"), ("ODILE", "Farrow")) == (Likeness.SAME, Likeness.SAME)
    assert compare_names(("Odile", "Farrow"), ("Farrow", "Odile"))[0] is Likeness.SAME


def test_u3a_an_extension_is_asked_for_as_given_only() -> None:
    """U3a: its digits are none of the number's."""
    assert "518555042112" not in spellings("518-555-0421 ext. 12", "US")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("25/12/1950", date(1950, 12, 25)),
        ("1950-5-5", date(1950, 5, 5)),
        ("1904-12-31", None),
        ("2026-02-02", None),
        ("2026-02-01", TODAY),
        ("1950-13-40", None),
        ("unknown", None),
        (None, None),
    ],
)
def test_u3a_birth_dates_are_read_as_they_are_written(written: str | None, expected: date | None) -> None:
    """U3a"""
    assert read_birth_date(written, TODAY) == expected


# -- the rule once more, written from its text alone ---------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """Invented people: a first and last name of one letter group each, so that likeness is plain to see."""

    first: str | None
    last: str | None
    born: str | None
    medical_id: str | None
    phone: str | None


def sides() -> st.SearchStrategy[Side]:
    return st.builds(
        Side,
        st.sampled_from([None, "Odile", "Bram", "Cleo"]),
        st.sampled_from([None, "Farrow", "Keel"]),
        st.sampled_from([None, "1988-04-03", "1960-01-02"]),
        st.sampled_from([None, "QX-5521", "QX-4417"]),
        st.sampled_from([None, PHONE, "212-555-0142"]),
    )


def expected(ours: Side, theirs: Side, by: By) -> str:
    """U3"""
    born_apart = bool(ours.born and theirs.born and ours.born != theirs.born)
    born_together = bool(ours.born and ours.born == theirs.born)
    our_names, their_names = {ours.first, ours.last} - {None}, {theirs.first, theirs.last} - {None}
    no_part_in_common = bool(our_names and their_names and not our_names & their_names)
    firsts_differ = bool(ours.first and theirs.first and ours.first != theirs.first)
    if by == "medical_id":
        if not ours.medical_id or ours.medical_id != theirs.medical_id:
            return "none"
        phones_differ = bool(ours.phone and theirs.phone and ours.phone != theirs.phone)
        return "unclear" if born_apart or (no_part_in_common and phones_differ) else "match"
    if not ours.phone or ours.phone != theirs.phone or born_apart:
        return "other" if ours.phone and ours.phone == theirs.phone else "none"
    if ours.medical_id and theirs.medical_id and ours.medical_id != theirs.medical_id:
        same_name = bool(our_names) and (ours.first, ours.last) == (theirs.first, theirs.last)
        return "match" if same_name and born_together else "other"
    return "unclear" if firsts_differ or (no_part_in_common and not born_together) else "match"


@fast
@given(sides(), sides(), st.sampled_from(["medical_id", "phone"]))
def test_u3_agrees_with_the_rule_written_a_second_time(ours: Side, theirs: Side, by: By) -> None:
    """U3"""
    found = verdict(
        Person(ours.medical_id, ours.phone, ours.born, ours.first, ours.last),
        Customer(
            1,
            name_first=theirs.first,
            name_last=theirs.last,
            phone=theirs.phone,
            date_of_birth=theirs.born,
            patient_number=theirs.medical_id,
        ),
        by=by,
    )
    groups = {"match": found.ids, "other": found.contradicting, "unclear": found.unclear}
    assert ([name for name, ids in groups.items() if ids] or ["none"]) == [expected(ours, theirs, by)]


NAMES = st.tuples(st.none() | st.text(max_size=8), st.none() | st.text(max_size=8))


@fast
@given(NAMES, NAMES)
def test_u3_names_compare_the_same_from_both_sides(
    ours: tuple[str | None, str | None], theirs: tuple[str | None, str | None]
) -> None:
    """U3"""
    assert compare_names(ours, theirs) == compare_names(theirs, ours)
    assert Likeness.DIFFERENT not in compare_names(ours, ours)
