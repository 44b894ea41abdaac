"""The client against the stand-in for the POS: over real HTTP, with every fault that a read can meet."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from alleaves_sync.alleaves import AlleavesClient
from alleaves_sync.config.settings import AlleavesSettings
from alleaves_sync.errors import (
    LoginRefused,
    OutOfTime,
    ReadIncomplete,
    ServerFailed,
    Unreachable,
    WrongAnswer,
)
from alleaves_sync.sandbox import Sandbox
from alleaves_sync.transport import Budget
from tests.loopback import FakeTime

ITEMS = 1300  # three pages


@contextmanager
def connected(sandbox: Sandbox) -> Iterator[tuple[AlleavesClient, FakeTime]]:
    time = FakeTime()
    settings = AlleavesSettings.model_validate(
        {
            "base_url": sandbox.alleaves_url,
            "location_id": sandbox.location_id,
            "username": sandbox.username,
            "password": sandbox.password,
            "pin": sandbox.pin,
        }
    )
    with sandbox, AlleavesClient(settings, Budget(480, time.clock), sleep=time.sleep) as alleaves:
        yield alleaves, time


@pytest.mark.parametrize(
    ("items", "gzip", "max_take"), [(400, False, None), (20_000, False, None), (400, True, 30)]
)
def test_a_whole_store_is_read(items: int, gzip: bool, max_take: int | None) -> None:
    with connected(Sandbox(items=items, gzip=gzip, max_take=max_take)) as (alleaves, _):
        assert [location.location for location in alleaves.locations()] == ["Example Store"]
        areas = alleaves.areas()
        rows, catalogue = alleaves.inventory(), alleaves.items()
    assert {row.id_area for row in rows.records} - {None} <= {area.id_area for area in areas}
    assert {row.id_item for row in rows.records} <= {item.id_item for item in catalogue.records}
    assert len(catalogue.records) == catalogue.total == items
    assert len(rows.records) == rows.total > items
    assert rows.invalid == catalogue.invalid == ()


@pytest.mark.parametrize(
    "fault",
    [
        "slow=0.01",
        "rate-limit=7:2",
        "rate-limit-date=7:2",
        "unavailable:3",
        "error:2+1",
        "drop:3",
        "drop-body:3",
        "html:2",
        "basic-only",
        "expired-token",
        "short-page:2",
        "moved-rows:2",
    ],
)
def test_a_fault_that_passes_costs_no_row(fault: str) -> None:
    with connected(Sandbox(items=ITEMS, faults=[fault])) as (alleaves, _):
        rows = alleaves.inventory()
        assert len(alleaves.items().records) == ITEMS
    assert len(rows.records) == rows.total > ITEMS
    assert rows.invalid == ()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rate-limit", ServerFailed),
        ("rate-limit=900", OutOfTime),
        ("unavailable", ServerFailed),
        ("error", ServerFailed),
        ("drop", Unreachable),
        ("drop-body", Unreachable),
        ("html", WrongAnswer),
        ("wrong-password", LoginRefused),
        ("short-page", ReadIncomplete),
        ("moved-rows", ReadIncomplete),
        ("wrong-shape", WrongAnswer),
    ],
)
def test_a_fault_that_stays_is_told_and_never_taken_for_an_answer(fault: str, error: type[Exception]) -> None:
    with connected(Sandbox(items=ITEMS, faults=[fault])) as (alleaves, _), pytest.raises(error):
        alleaves.inventory()


def test_the_wait_that_the_sandbox_asks_for_is_kept() -> None:
    with connected(Sandbox(items=5, faults=["rate-limit=7:1"])) as (alleaves, time):
        alleaves.inventory()
    assert time.slept == [7]


def test_an_empty_answer_is_handed_on_for_the_brake_to_judge() -> None:
    with connected(Sandbox(items=5, faults=["empty"])) as (alleaves, _):
        assert (alleaves.inventory().total, alleaves.items().total) == (0, 0)


def test_a_broken_row_is_named_and_the_others_come() -> None:
    with connected(Sandbox(items=ITEMS, faults=["broken-row=2:1"])) as (alleaves, _):
        rows = alleaves.inventory()
    assert [(bad.field, bad.id_item is not None) for bad in rows.invalid] == [("available", True)] * 2
    assert len(rows.records) == rows.total - 2
