"""U2-U4: whether a profile of the POS is the person who ordered."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.alleaves.order_models import Customer
from alleaves_sync.rules.identity import normalise_medical_id
from alleaves_sync.rules.matching import (
    Found,
    Judgement,
    Match,
    Person,
    Several,
    decide,
    judge,
)
from alleaves_sync.rules.phones import normalise_phone, spellings
from tests.strategies import fast, texts

PHONE = "+15185550100"
FORMATS = (
    "{0}{1}{2}",
    "({0}) {1}-{2}",
    "{0}-{1}-{2}",
    "+1 {0} {1} {2}",
    "1-{0}-{1}-{2}",
    "{0}.{1}.{2}",
    " +1{0}{1}{2} ",
    "{0}-{1}-{2} ext. 12",
    "tel:+1-{0}-{1}-{2}",
)


def customer(id_customer: int = 1, /, **changes: Any) -> Customer:
    return Customer(id_customer=id_customer, **changes)


def by_phone(*customers: Customer, **person: Any) -> Judgement:
    return judge(Person(**{"phone": "518-555-0100", **person}), customers, "phone", "US")


@pytest.mark.parametrize(
    "spelled",
    [
        "ab123456",
        "AB-123456",
        " Ab 12 34 56 ",
        "AB\u2013123\u2011456",
        "ab\u00a0123456\u200b",
        "AB\u00ad123456",
        "\uff21\uff22\uff11\uff12\uff13\uff14\uff15\uff16",
    ],
)
def test_u2_medical_ids_compare_without_case_spaces_and_dashes(spelled: str) -> None:
    """U2"""
    assert normalise_medical_id(spelled) == "ab123456"


@pytest.mark.parametrize("spelled", [None, "", " ", "-", " -- ", "./"])
def test_u2_a_medical_id_of_nothing_names_nobody(spelled: str | None) -> None:
    """U2"""
    assert normalise_medical_id(spelled) is None


@pytest.mark.parametrize("spelling", FORMATS)
def test_u2_phones_compare_as_e164(spelling: str) -> None:
    """U2"""
    assert normalise_phone(spelling.format("518", "555", "0100"), "US") == PHONE


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("030 123456", "DE", "+4930123456"),
        ("+49 30 123456", "US", "+4930123456"),
        ("011 49 30 123456", "US", "+4930123456"),
        ("٥١٨٥٥٥٠١٠٠", "US", PHONE),
    ],
)
def test_u2_a_phone_is_read_in_the_region_unless_it_names_its_country(
    text: str, region: str, expected: str
) -> None:
    """U2"""
    assert normalise_phone(text, region) == expected


@pytest.mark.parametrize(
    "text", [None, "", "  ", "none", "555-0100", "123", "000-000-0000", "9999999999", "+"]
)
def test_u2_what_is_no_whole_phone_number_matches_nobody(text: str | None) -> None:
    """U2"""
    assert normalise_phone(text, "US") is None
    assert by_phone(customer(phone=text), phone=text) == Judgement()


def test_u2_every_way_to_have_stored_a_phone_is_asked_once() -> None:
    """U2"""
    assert spellings(" +1 518.555.0100", "US") == (
        "+1 518.555.0100",
        "15185550100",
        "+15185550100",
        "(518) 555-0100",
        "5185550100",
    )
    assert spellings("5185550100", "US") == ("5185550100", "+15185550100", "(518) 555-0100")
    assert spellings("518-555-0100 x12", "US")[1:] == (PHONE, "(518) 555-0100", "5185550100")
    assert spellings("555-0100", "US") == ("555-0100", "5550100")
    assert spellings(" ", "US") == ()


@pytest.mark.parametrize("column", ["phone", "phone2"])
@pytest.mark.parametrize("spelling", FORMATS)
def test_u2_either_phone_of_a_profile_counts_in_any_spelling(column: str, spelling: str) -> None:
    """U2"""
    stored = spelling.format("518", "555", "0100")

    assert by_phone(customer(**{column: stored})).ids == (1,)


@pytest.mark.parametrize(
    ("region", "ours", "theirs"),
    [
        ("NU", "+683 4002", "4002"),
        ("SH", "+290 22158", "22158"),
        ("AR", "+54 9 11 2345-6789", "011 15-2345-6789"),
        ("GB", "+44 20 7946 0018", "(020) 7946 0018"),
    ],
)
def test_u2_a_number_as_it_is_written_at_home_is_the_same_number(region: str, ours: str, theirs: str) -> None:
    """U2: short ones, and those that change when they are dialled from abroad, too."""
    assert judge(Person(phone=ours), [customer(phone=theirs)], "phone", region).ids == (1,)


def test_u2_letters_may_stand_for_digits() -> None:
    """U2"""
    assert by_phone(customer(phone="1-800-FLOWERS"), phone="800 356 9377").ids == (1,)


def test_u2_candidates_that_a_server_sends_unasked_are_not_matches() -> None:
    """U2"""
    others = [customer(2), customer(3, phone="518-555-0101"), customer(4, phone="212 555 0100")]

    assert by_phone(*others, customer(9, phone="(518) 555-0100")).ids == (9,)
    assert judge(
        Person(medical_id="A-1001"), [*others, customer(5, patient_number="a 1002")], "medical_id", "US"
    ) == (Judgement())


def test_u3_a_medical_id_matches_whatever_the_phone_says() -> None:
    """U3: another phone alone contradicts nothing, and neither does another name alone."""
    person = Person("FILL-000123", "518-555-0100", first_name="Odile", last_name="Farrow")
    moved = customer(patient_number="fill 000123", phone="212-555-0199", name_first="Odile")
    married = customer(2, patient_number="fill 000123", phone="518-555-0100", name_first="Ann")

    assert judge(person, [moved], "medical_id", "US") == Judgement((Match(1),))
    assert judge(person, [married], "medical_id", "US") == Judgement((Match(2),))


@pytest.mark.parametrize("medical_id", [None, " - "])
def test_u2_without_a_medical_id_nobody_has_the_same(medical_id: str | None) -> None:
    """U2"""
    person = Person(medical_id=medical_id)

    assert judge(person, [customer(patient_number=medical_id)], "medical_id", "US") == Judgement()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"medical_id": "A-1001"}, {"patient_number": "A-1002"}),
        ({"birth_date": "1990-01-01"}, {"date_of_birth": "1990-01-02"}),
        ({"birth_date": "1990-01-01"}, {"date_of_birth": "1962-07-09T00:00:00.000Z"}),
        (
            {"medical_id": "A-1001", "birth_date": "1990-01-01"},
            {"patient_number": "a1001", "date_of_birth": "1962-07-09"},
        ),
    ],
)
def test_u3_a_phone_match_that_contradicts_is_no_match_and_is_told(
    ours: dict[str, str], theirs: dict[str, str]
) -> None:
    """U3"""
    found = by_phone(customer(4, phone="5185550100", **theirs), **ours)

    assert found == Judgement((), (4,))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {"patient_number": "A-1002", "date_of_birth": "1990-01-02"}),
        ({"medical_id": "A-1001", "birth_date": "1990-01-01"}, {}),
        ({"medical_id": "A-1001"}, {"patient_number": "a 1001"}),
        ({"birth_date": "1990-01-01"}, {"date_of_birth": "1990-01-01T05:00:00.000Z"}),
        ({"birth_date": "1990-01-01"}, {"date_of_birth": " 1990-01-01 "}),
        ({"birth_date": "1990-01-01"}, {"date_of_birth": "unknown"}),
        ({"birth_date": "1990-01-01"}, {"date_of_birth": ""}),
    ],
)
def test_u3_what_one_side_does_not_say_contradicts_nothing(
    ours: dict[str, str], theirs: dict[str, str]
) -> None:
    """U3"""
    assert by_phone(customer(4, phone="5185550100", **theirs), **ours).ids == (4,)


def test_u3_birth_dates_are_compared_as_dates() -> None:
    """U3"""
    stored = customer(phone="5185550100", date_of_birth="1990-01-01")

    assert by_phone(stored, birth_date=date(1990, 1, 1)).ids == (1,)
    assert by_phone(stored, birth_date=datetime(1990, 1, 1, 12, tzinfo=UTC)).ids == (1,)
    assert by_phone(stored, birth_date=datetime(1990, 1, 2, 12, tzinfo=UTC)).ids == ()
    assert by_phone(stored, birth_date=datetime(1990, 1, 1, 5, tzinfo=UTC)).ids == (1,)
    assert by_phone(stored, birth_date=date(1990, 1, 2)).contradicting == (1,)


def test_u4_the_same_profile_twice_is_one() -> None:
    """U4"""
    twice = customer(4, phone="5185550100", date_created="2026-01-01")

    found = by_phone(twice, twice)

    assert found.matches == (Match(4, "2026-01-01"),)
    assert decide([*found.matches, *found.matches], "wait") == Found(4)


def test_u4_a_profile_that_contradicts_once_does_not_match_beside_it() -> None:
    """U3, U4: it changed while the pages were read."""
    before, after = customer(4, phone="5185550100"), customer(4, phone="5185550100", patient_number="B-2002")

    assert by_phone(before, after, medical_id="A-1001") == Judgement((), (4,))


def test_u4_nobody_is_nobody() -> None:
    """U4"""
    assert decide([], "newest") is None


PAIR = (Match(7, "2025-05-01T15:00:00.000Z"), Match(3, "2025-06-01T15:00:00.000Z"))


def test_u4_several_profiles_wait_with_their_ids() -> None:
    """U4"""
    assert decide(PAIR, "wait") == Several((3, 7))


@pytest.mark.parametrize("turned", [False, True])
def test_u4_the_configuration_may_decide_for_the_newest_or_the_oldest(turned: bool) -> None:
    """U4"""
    matches = PAIR[::-1] if turned else PAIR

    assert decide(matches, "newest") == Found(3)
    assert decide(matches, "oldest") == Found(7)


def test_u4_of_equal_age_the_id_decides() -> None:
    """U4"""
    matches = [Match(5, "2025-05-01T15:00:00Z"), Match(9, "2025-05-01T11:00:00-04:00")]

    assert decide(matches, "newest") == Found(9)
    assert decide(matches, "oldest") == Found(5)


@pytest.mark.parametrize("when", ["newest", "oldest"])
def test_u4_a_profile_of_unknown_age_is_the_last_choice(when: Any) -> None:
    """U4"""
    assert decide([Match(1), Match(5, "2025-05-01"), Match(9, "?")], when) == Found(5)


def test_u6_a_person_is_not_in_its_own_repr() -> None:
    """U6"""
    shown = repr(Person(medical_id="FILL-000123", phone="5185550100", birth_date="1990-01-01"))

    assert shown == "Person()"


@fast
@given(st.integers(0, 99), st.sampled_from(FORMATS), st.sampled_from(FORMATS))
def test_u2_any_two_spellings_of_a_number_are_one_person(last: int, ours: str, theirs: str) -> None:
    """U2"""
    parts = ("518", "555", f"01{last:02d}")

    assert by_phone(customer(phone2=theirs.format(*parts)), phone=ours.format(*parts)).ids == (1,)


@fast
@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["US", "DE", "AR", "MX"]))
def test_u2_any_text_is_read_and_two_match_exactly_where_they_are_the_same_number(
    ours: str, theirs: str, region: str
) -> None:
    """U2: the short cut for thousands of profiles decides nothing by itself."""
    one, other = normalise_phone(ours, region), normalise_phone(theirs, region)
    found = judge(Person(phone=ours), [customer(phone=theirs)], "phone", region)

    assert bool(found.ids) == (one is not None and one == other)
    assert bool(judge(Person(phone=ours), [customer(phone=ours)], "phone", region).ids) == (one is not None)


@fast
@given(texts())
def test_u2_normalising_twice_changes_nothing(text: str) -> None:
    """U2"""
    once = normalise_medical_id(text)

    assert once is None or normalise_medical_id(once) == once
    phone = normalise_phone(text, "US")
    assert phone is None or normalise_phone(phone, "US") == phone


@fast
@given(st.from_regex(r"[+(]?[0-9(][0-9 ().-]{6,14}", fullmatch=True), st.sampled_from(["US", "DE", "AR"]))
def test_u2_every_spelling_that_is_asked_for_is_the_same_number(phone: str, region: str) -> None:
    """U2"""
    number = normalise_phone(phone, region)
    ways = spellings(phone, region)

    assert len(ways) == len(set(ways))
    if number is not None:
        assert number in ways
        assert normalise_phone(ways[0], region) == number


def test_a_phone_of_two_different_digits_is_a_phone_and_one_of_a_single_digit_is_none() -> None:
    """U2: 999-999-9999 is what people type to fill the field; 212-221-2122 may be somebody's."""
    assert normalise_phone("212-221-2122", "US") == "+12122212122"
    assert normalise_phone("222-222-2222", "US") is None
