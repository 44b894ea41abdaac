"""Profiles of the POS: every shape of a page, to its end, and nothing about anybody in an error."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.alleaves.order_models import Customer, NewCustomer
from alleaves_sync.errors import ReadIncomplete, RequestRefused, ServiceError, WrongAnswer, is_unclear
from alleaves_sync.sandbox import Sandbox
from tests.loopback import Asked, Reply, drop, reply

from .test_against_sandbox import connected
from .test_orders import pos

SECRET = "Ada Abelwood +15185550100"
ADA = {"id_customer": 7000, "name_first": "Ada", "phone": "(518) 555-0100", "credit_balance": 0}
MAX = {"id_customer": 7001, "phone": 5185550101, "patient_number": None}


def everybody(alleaves: AlleavesClient, query: str | None = None) -> list[Customer]:
    return [customer for page in alleaves.customers.search(query) for customer in page]


def first_page(found: object) -> Callable[[Asked], Reply]:
    return lambda asked: reply(found if asked.json()["page"] == 1 else {})


@pytest.mark.parametrize(
    "found",
    [
        {"0": ADA, "1": MAX},
        {"1": MAX, "0": ADA, "total": 2},
        [ADA, MAX],
        {"customers": [ADA, MAX]},
        {"data": [ADA, MAX], "count": 2},
    ],
)
def test_every_shape_of_a_page_is_read(found: object) -> None:
    with pos(first_page(found)) as (alleaves, _):
        assert everybody(alleaves) == [
            Customer(7000, name_first="Ada", phone="(518) 555-0100"),
            Customer(7001, phone="5185550101"),
        ]


def test_eleven_keys_come_in_the_order_of_their_numbers() -> None:
    found = {str(number): {"id_customer": number} for number in sorted(range(11), key=str)}
    with pos(first_page(found)) as (alleaves, _):
        assert [one.id_customer for one in everybody(alleaves)] == list(range(11))


@pytest.mark.parametrize("found", [{}, [], {"customers": []}, {"data": []}])
def test_nobody_is_an_answer_too(found: object) -> None:
    with pos(first_page(found)) as (alleaves, asked):
        assert everybody(alleaves, "x") == []
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("found", "field"),
    [
        ({"message": SECRET}, "answer"),
        ({"results": [ADA]}, "answer"),
        ({"0": ADA, "ada": MAX}, "answer"),
        ({"customers": {"0": ADA}}, "answer"),
        (None, "answer"),
        ([ADA, SECRET], "1"),
        ({"0": {"phone": SECRET}}, "0.id_customer"),
        ([ADA | {"phone": {"x": SECRET}}], "0.phone"),
    ],
)
def test_another_shape_is_told_and_is_not_nobody(found: object, field: str) -> None:
    with pos(first_page(found)) as (alleaves, _), pytest.raises(WrongAnswer) as caught:
        everybody(alleaves)
    assert caught.value.field.startswith(field)
    assert "Ada" not in repr(caught.value)


def test_an_answer_that_only_looks_like_json_is_told() -> None:
    with pos(Reply(body=b'{"0": }')) as (alleaves, _), pytest.raises(WrongAnswer) as caught:
        everybody(alleaves)
    assert caught.value.problem == "is not JSON"


def test_half_a_character_in_a_name_hides_nobody() -> None:
    with pos(first_page([ADA | {"name_last": "A\ud800"}, MAX])) as (alleaves, _):
        assert [one.id_customer for one in everybody(alleaves)] == [7000, 7001]


def in_pages(count: int, size: int) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        start = (asked.json()["page"] - 1) * size
        return reply({str(n): {"id_customer": n} for n in range(start, min(start + size, count))})

    return answer


@pytest.mark.parametrize(("size", "calls"), [(500, 4), (100, 14)])
def test_u2_pages_are_walked_to_the_empty_one_whatever_their_size(size: int, calls: int) -> None:
    with pos(in_pages(1300, size)) as (alleaves, asked):
        assert len(everybody(alleaves, "5185550100")) == 1300
    assert len(asked) == calls
    assert asked[1].json() == {"page": 2, "pageSize": 500, "query": "5185550100"}


def test_everybody_is_asked_for_without_a_query() -> None:
    with pos(reply([])) as (alleaves, asked):
        everybody(alleaves)
    assert asked[0].json() == {"page": 1, "pageSize": 500}


def test_pages_are_asked_for_as_they_are_taken() -> None:
    with pos(in_pages(1300, 500)) as (alleaves, asked):
        assert len(next(alleaves.customers.search("x"))) == 500
    assert len(asked) == 1


def test_a_server_that_repeats_itself_for_ever_is_left() -> None:
    with pos(reply([ADA, MAX, ADA])) as (alleaves, asked):
        assert [one.id_customer for one in everybody(alleaves)] == [7000, 7001]
    assert len(asked) == 2


def test_a_server_that_invents_people_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alleaves_sync.alleaves.customers._MOST_PAGES", 3)
    endless = pos(lambda asked: reply([{"id_customer": asked.json()["page"]}]))
    with endless as (alleaves, _), pytest.raises(ReadIncomplete):
        everybody(alleaves)


def test_a_profile_is_made_with_all_that_is_known() -> None:
    ada = NewCustomer(
        "Ada", "Abelwood", "+15185550100", None, date(1990, 1, 2), "NY-1", date(2030, 6, 30), "NY"
    )
    with pos(reply(ADA)) as (alleaves, asked):
        assert alleaves.customers.create(ada).id_customer == 7000
    assert asked[0].path == "/customer"
    assert asked[0].json() == {
        "name_first": "Ada",
        "name_last": "Abelwood",
        "phone": "+15185550100",
        "email": None,
        "date_of_birth": "1990-01-02",
        "patient_number": "NY-1",
        "patient_number_expiration": "2030-06-30",
        "patient_state": "NY",
    }


@pytest.mark.parametrize("fault", [drop(), reply({}, 500)])
def test_u5_a_profile_is_not_made_twice_after_an_unclear_answer(fault: Reply) -> None:
    with pos(fault) as (alleaves, asked), pytest.raises(ServiceError) as caught:
        alleaves.customers.create(NewCustomer("Ada", "Abelwood"))
    assert is_unclear(caught.value)
    assert len(asked) == 1


def test_u6_nobody_is_in_a_repr_or_in_an_error() -> None:
    texts: dict[str, Any] = dict.fromkeys(
        ("name_first", "name_last", "phone", "phone2", "email", "date_of_birth", "patient_number"), SECRET
    )
    assert SECRET not in repr(Customer(7000, **texts))
    assert SECRET not in repr(NewCustomer(SECRET, SECRET, SECRET, SECRET, None, SECRET, None, SECRET))
    with pos(reply({"message": f"no {SECRET}"}, 400)) as (alleaves, _):
        for call in (
            lambda: everybody(alleaves, SECRET),
            lambda: alleaves.customers.create(NewCustomer("A", "B")),
        ):
            with pytest.raises(RequestRefused) as caught:
                call()
            assert SECRET not in repr(caught.value)


def test_the_sandbox_finds_one_by_medical_id_and_everybody_when_it_ignores_the_query() -> None:
    sandbox = Sandbox(items=5, customers=1200, faults=["query-ignored+2"])
    known = next(one for one in sandbox.store.pos_customers() if one["patient_number"])
    with connected(sandbox) as (alleaves, _):
        (found,) = everybody(alleaves, known["patient_number"])
        assert found.id_customer == known["id_customer"]
        assert len(everybody(alleaves, known["patient_number"])) == 1200
