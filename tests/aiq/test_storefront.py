"""The storefront's client against odd answers: what it asks, what it believes, and what it refuses."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from alleaves_sync.aiq.models import Product
from alleaves_sync.aiq.storefront import BATCH_SIZE, Sending, Storefront, Verdict
from alleaves_sync.errors import LoginRefused, ReadIncomplete, RequestRefused, WrongAnswer
from alleaves_sync.sandbox import Sandbox
from alleaves_sync.transport import Budget
from tests.contract_check import check_recorded, check_request
from tests.loopback import Answers, Asked, Loopback, Reply, in_turn, reply

KEY, VENUE = "canary-key-17", "0123456789abcdef"


@contextmanager
def served(answers: Answers) -> Iterator[tuple[Storefront, Loopback]]:
    with (
        Loopback(answers) as server,
        Storefront(server.url, VENUE, KEY, Budget(5), sync_url=f"{server.url}/products/sync") as storefront,
    ):
        yield storefront, server


def entry(key: str, **fields: Any) -> dict[str, Any]:
    return {"id": f"id-{key}", "posProductId": key, "name": f"Product {key}", "quantity": 3} | fields


def pages(
    entries: list[dict[str, Any]], largest: int = 250, count: Callable[[int], int | None] = lambda real: real
) -> Answers:
    def answer(asked: Asked) -> Reply:
        skip, limit = int(asked.query["skip"]), min(int(asked.query["limit"]), largest)
        total = count(len(entries))
        envelope: dict[str, Any] = {"data": entries[skip : skip + limit]}
        return reply(envelope | ({} if total is None else {"count": total}))

    return answer


def sendings(*keys: str) -> list[Sending]:
    return [
        Sending(Product(key, name=f"Product {key}", quantity=Decimal(3)), ("name", "quantity"))
        for key in keys
    ]


def sync(answers: Answers, *keys: str) -> dict[str, Verdict]:
    with served(answers) as (storefront, _):
        return storefront.sync(sendings(*keys))


# -- the list of products ------------------------------------------------------------------------------------


@pytest.mark.parametrize("largest", [250, 7, 1])
def test_all_products_are_read_whatever_the_server_gives_at_once(largest: int) -> None:
    """Lesson: the server clamped the page size while the client strode by the size it had asked for."""
    with served(pages([entry(str(number)) for number in range(20)], largest)) as (storefront, server):
        found = storefront.products()
    assert [one.pos_product_id for one in found] == [str(number) for number in range(20)]
    assert found[0].product == Product("0", name="Product 0", quantity=Decimal(3))
    for asked in server.asked:
        check_request("aiq", asked.method, asked.path, asked.query, None)
        assert asked.headers["x-dispense-api-key"] == KEY
        assert asked.query["venueId"] == VENUE


def test_a_list_without_a_count_is_read_until_it_is_empty() -> None:
    with served(pages([entry("1"), entry("2")], 1, lambda _real: None)) as (storefront, server):
        assert len(storefront.products()) == 2
    assert len(server.asked) == 3


def test_an_empty_venue_has_no_products() -> None:
    with served(pages([])) as (storefront, server):
        assert storefront.products() == []
        storefront.reach()
    assert [asked.query["limit"] for asked in server.asked] == ["250", "1"]


def test_products_of_no_pos_are_left_out_and_do_not_hide_others() -> None:
    entries = [
        {"id": "1", "name": "By hand"},
        {"name": "By hand, without an id"},
        entry("1"),
        entry("2", posProductId=None),
        entry("3", posProductId=3),
        entry("4", posProductId=""),
    ]
    with served(pages(entries)) as (storefront, _):
        assert [one.pos_product_id for one in storefront.products()] == ["1"]


def test_a_product_that_does_not_fit_is_listed_without_its_fields() -> None:
    with served(pages([entry("1", price={"amount": 5}), entry("2", price=None, colour="red")])) as (shop, _):
        first, second = shop.products()
    assert (first.pos_product_id, first.product) == ("1", None)
    assert second.product == Product("2", name="Product 2", quantity=Decimal(3))


@pytest.mark.parametrize(
    ("entries", "count"),
    [([entry("1"), entry("2")], 3), ([entry("1"), entry("1")], 2), ([], 1)],
)
def test_a_list_that_does_not_add_up_is_read_three_times_and_refused(
    entries: list[dict[str, Any]], count: int
) -> None:
    with (
        served(pages(entries, count=lambda _real: count)) as (storefront, _),
        pytest.raises(ReadIncomplete) as caught,
    ):
        storefront.products()
    assert (caught.value.expected, caught.value.attempts) == (count, 3)
    assert caught.value.got == len({one["posProductId"] for one in entries})


def test_a_product_that_moved_between_pages_is_read_again() -> None:
    """Lesson: rows moved between pages while being read: one twice, one never."""
    one, two = entry("1"), entry("2")
    turns = [[one], [one], [one], [two]]
    with served(in_turn(*(reply({"count": 2, "data": data}) for data in turns))) as (storefront, _):
        assert [found.pos_product_id for found in storefront.products()] == ["1", "2"]


@pytest.mark.parametrize("answer", [[], {}, {"data": {}}, {"data": [5]}, {"data": [], "count": "many"}, None])
def test_another_shape_of_list_is_told_with_its_field(answer: Any) -> None:
    with served(in_turn(reply(answer))) as (storefront, _), pytest.raises(WrongAnswer) as caught:
        storefront.products()
    assert (caught.value.service, caught.value.endpoint) == ("AIQ", "GET /products")
    assert caught.value.field


# -- writing products ----------------------------------------------------------------------------------------


def test_what_is_sent_is_as_the_contract_says_and_so_is_what_is_read() -> None:
    with Sandbox(items=1, recording=True) as sandbox:
        with Storefront(
            sandbox.aiq_url,
            sandbox.venue_id,
            sandbox.api_key,
            Budget(5),
            sync_url=f"{sandbox.aiq_url}/products/sync",
        ) as storefront:
            assert storefront.sync(sendings("1", "2")) == {
                "1": Verdict("1", accepted=True, message="ok"),
                "2": Verdict("2", accepted=True, message="ok"),
            }
            assert [one.pos_product_id for one in storefront.products()] == ["1", "2"]
        assert check_recorded(sandbox.exchanges) == 2


def test_a_verdict_is_what_the_answer_names() -> None:
    results = [
        {"posProductId": "2", "status": "rejected", "message": "no \x1b[31m<b>such</b>\n category"},
        {"posProductId": "1", "status": "updated"},
        {"posProductId": "9", "status": "created"},
    ]
    verdicts = sync(in_turn(reply({"results": results})), "1", "2", "3")
    assert verdicts["1"].accepted
    assert not verdicts["2"].accepted
    assert "such" in verdicts["2"].message
    assert not set("\x1b\n") & set(verdicts["2"].message)
    assert "3" not in verdicts


def test_results_without_names_count_by_their_place_only_when_all_are_there() -> None:
    results = [{"status": "created"}, {"status": "rejected", "message": "no"}]
    verdicts = sync(in_turn(reply({"results": results})), "1", "2")
    assert (verdicts["1"].accepted, verdicts["2"].accepted) == (True, False)
    verdicts = sync(in_turn(reply({"results": results})), "1", "2", "3")
    assert not verdicts.keys() & {"1", "2", "3"}


@pytest.mark.parametrize("odd", [{}, {"status": None}, {"status": "maybe"}])
def test_a_result_that_does_not_say_what_became_of_its_product_leaves_the_others_alone(
    odd: dict[str, Any],
) -> None:
    results = [{"posProductId": "1", "status": "created"}, odd, {"status": "rejected", "message": "no"}]
    verdicts = sync(in_turn(reply({"results": results})), "1", "2", "3")
    assert {key: verdict.accepted for key, verdict in verdicts.items()} == {"1": True, "3": False}


@pytest.mark.parametrize(
    "answer",
    [[], {}, {"results": {}}, {"results": [{"posProductId": "1"}]}, {"results": [{"status": "maybe"}]}],
)
def test_another_shape_of_verdict_is_told_with_its_field(answer: Any) -> None:
    with pytest.raises(WrongAnswer) as caught:
        sync(in_turn(reply(answer)), "1")
    assert caught.value.field


def _too_large_above(limit: int) -> Answers:
    def answer(asked: Asked) -> Reply:
        products = json.loads(asked.body)["products"]
        if len(products) > limit:
            return reply({"message": "too large"}, 413)
        return reply(
            {"results": [{"posProductId": one["posProductId"], "status": "created"} for one in products]}
        )

    return answer


@pytest.mark.parametrize(("limit", "calls"), [(250, 1), (3, 3), (1, 9)])
def test_a_call_that_is_too_large_is_split(limit: int, calls: int) -> None:
    with served(_too_large_above(limit)) as (storefront, server):
        verdicts = storefront.sync(sendings(*"12345"))
    assert verdicts.keys() == set("12345")
    assert all(verdict.accepted for verdict in verdicts.values())
    assert len(server.asked) == calls


def test_a_product_that_is_too_large_alone_is_rejected() -> None:
    verdicts = sync(in_turn(reply({}, 413)), "1", "2")
    assert [(one.accepted, one.message) for one in verdicts.values()] == [
        (False, "too large for the storefront")
    ] * 2


def test_a_list_that_is_too_large_is_an_error() -> None:
    with served(in_turn(reply({}, 413))) as (storefront, _), pytest.raises(RequestRefused):
        storefront.products()


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_asked_with_once_and_never_shown(status: int) -> None:
    with served(in_turn(reply({"message": f"bad key {KEY}"}, status))) as (storefront, server):
        with pytest.raises(LoginRefused) as caught:
            storefront.sync(sendings("1"))
        assert len(server.asked) == 1
    assert (caught.value.service, caught.value.account) == ("AIQ", "aiq.api_key")
    assert KEY not in repr(caught.value) + str(caught.value)


def test_a_batch_is_as_large_as_the_contract_allows() -> None:
    assert BATCH_SIZE == 250
