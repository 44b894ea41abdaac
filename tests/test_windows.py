"""O3: what the customer chose, as the location's date and wall clock."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.aiq.order_models import Window
from alleaves_sync.rules.windows import DeliverySlot, PickupSlot, delivery_slot, pickup_slot, pos_moment
from tests.strategies import fast

EASTERN = "America/New_York"
PACIFIC = "America/Los_Angeles"
ARIZONA = "America/Phoenix"  # its clocks never change


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(start: str, end: str) -> Window:
    return Window(utc(start), utc(end))


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        (EASTERN, date(2026, 3, 4), "14:00", "15:00"),
        (PACIFIC, date(2026, 3, 4), "11:00", "12:00"),
        (ARIZONA, date(2026, 3, 4), "12:00", "13:00"),
    ],
)
def test_o3_a_delivery_window_is_told_in_the_locations_time(
    zone: str, day: date, start: str, end: str
) -> None:
    """O3"""
    found = delivery_slot(window("2026-03-04T19:00", "2026-03-04T20:00"), ZoneInfo(zone))

    assert found == DeliverySlot(day, start, end)


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        (EASTERN, "2026-03-05T04:30", DeliverySlot(date(2026, 3, 4), "23:30", "00:30")),
        (PACIFIC, "2026-03-05T07:30", DeliverySlot(date(2026, 3, 4), "23:30", "00:30")),
        (ARIZONA, "2026-03-05T06:30", DeliverySlot(date(2026, 3, 4), "23:30", "00:30")),
    ],
)
def test_o3_a_window_across_midnight_keeps_the_date_of_its_start(
    zone: str, start: str, expected: DeliverySlot
) -> None:
    """O3"""
    one_hour = Window(utc(start), utc(start) + timedelta(hours=1))

    assert delivery_slot(one_hour, ZoneInfo(zone)) == expected


# On 2026-03-08 the clocks of New York and Los Angeles go from 02:00 to 03:00, on 2026-11-01 from 02:00 back
# to 01:00; those of Phoenix stay.
@pytest.mark.parametrize(
    ("zone", "start", "end", "expected"),
    [
        (EASTERN, "2026-03-08T06:30", "2026-03-08T07:30", ("01:30", "03:30")),
        (PACIFIC, "2026-03-08T09:30", "2026-03-08T10:30", ("01:30", "03:30")),
        (ARIZONA, "2026-03-08T08:30", "2026-03-08T09:30", ("01:30", "02:30")),
        (EASTERN, "2026-03-08T19:00", "2026-03-08T20:00", ("15:00", "16:00")),
        (PACIFIC, "2026-03-08T19:00", "2026-03-08T20:00", ("12:00", "13:00")),
        (ARIZONA, "2026-03-08T19:00", "2026-03-08T20:00", ("12:00", "13:00")),
    ],
)
def test_o3_on_the_day_the_clocks_go_forward_a_window_is_not_an_hour_off(
    zone: str, start: str, end: str, expected: tuple[str, str]
) -> None:
    """O3"""
    assert delivery_slot(window(start, end), ZoneInfo(zone)) == DeliverySlot(date(2026, 3, 8), *expected)


@pytest.mark.parametrize(
    ("zone", "start", "end", "expected"),
    [
        (EASTERN, "2026-11-01T04:30", "2026-11-01T06:30", ("00:30", "01:30")),
        (PACIFIC, "2026-11-01T07:30", "2026-11-01T09:30", ("00:30", "01:30")),
        (ARIZONA, "2026-11-01T07:30", "2026-11-01T08:30", ("00:30", "01:30")),
        (EASTERN, "2026-11-01T05:30", "2026-11-01T06:15", ("01:30", "01:15")),
        (EASTERN, "2026-11-01T19:00", "2026-11-01T20:00", ("14:00", "15:00")),
        (PACIFIC, "2026-11-01T19:00", "2026-11-01T20:00", ("11:00", "12:00")),
        (ARIZONA, "2026-11-01T19:00", "2026-11-01T20:00", ("12:00", "13:00")),
    ],
)
def test_o3_on_the_day_the_clocks_go_back_a_window_is_not_an_hour_off(
    zone: str, start: str, end: str, expected: tuple[str, str]
) -> None:
    """O3"""
    assert delivery_slot(window(start, end), ZoneInfo(zone)) == DeliverySlot(date(2026, 11, 1), *expected)


def test_o3_midnight_across_the_change_of_the_clocks() -> None:
    """O3: the evening before is still summer time, the end is on the short day."""
    found = delivery_slot(window("2026-03-08T04:30", "2026-03-08T07:15"), ZoneInfo(EASTERN))

    assert found == DeliverySlot(date(2026, 3, 7), "23:30", "03:15")


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        (EASTERN, "2026-03-05T01:05:59", PickupSlot(date(2026, 3, 4), "20:05")),
        (PACIFIC, "2026-03-05T01:05", PickupSlot(date(2026, 3, 4), "17:05")),
        (ARIZONA, "2026-03-05T01:05", PickupSlot(date(2026, 3, 4), "18:05")),
        (EASTERN, "2026-03-08T07:00", PickupSlot(date(2026, 3, 8), "03:00")),
        (EASTERN, "2026-11-01T06:00", PickupSlot(date(2026, 11, 1), "01:00")),
    ],
)
def test_o3_a_pickup_is_told_by_the_start_of_its_window(zone: str, start: str, expected: PickupSlot) -> None:
    """O3"""
    found = pickup_slot(Window(utc(start), utc(start) + timedelta(hours=1)), ZoneInfo(zone))

    assert found == expected


def test_o3_the_zone_in_which_the_storefront_writes_a_time_does_not_matter() -> None:
    """O3"""
    east = Window(utc("2026-07-01T15:00"), utc("2026-07-01T16:00"))
    elsewhere = Window(*(moment.astimezone(ZoneInfo("Asia/Kolkata")) for moment in (east.start, east.end)))

    assert delivery_slot(elsewhere, ZoneInfo(EASTERN)) == delivery_slot(east, ZoneInfo(EASTERN))


@pytest.fixture
def machine_in_india(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with another zone than the location's."""
    with monkeypatch.context() as changes:
        changes.setenv("TZ", "Asia/Kolkata")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("machine_in_india")
def test_o3_the_zone_of_the_machine_does_not_matter() -> None:
    """O3"""
    an_hour = window("2026-03-04T19:00", "2026-03-04T20:00")

    assert delivery_slot(an_hour, ZoneInfo(EASTERN)) == DeliverySlot(date(2026, 3, 4), "14:00", "15:00")
    assert pickup_slot(an_hour, ZoneInfo(EASTERN)) == PickupSlot(date(2026, 3, 4), "14:00")
    assert pos_moment("2026-01-02T03:04") == utc("2026-01-02T03:04")


@fast
@given(
    st.integers(0, 10 * 366 * 24 * 60),
    st.sampled_from([EASTERN, PACIFIC, ARIZONA]),
)
def test_o3_read_back_in_its_zone_a_slot_is_the_instant_again(minutes: int, name: str) -> None:
    """O3: one of the two instants, where the clock shows the same time twice."""
    zone, moment = ZoneInfo(name), utc("2020-01-01") + timedelta(minutes=minutes)

    slot = delivery_slot(Window(moment, moment + timedelta(hours=1)), zone)

    wall = datetime.fromisoformat(f"{slot.date}T{slot.start}")
    assert moment in {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02", utc("2026-01-02")),
        (" 2026-01-02T03:04:05.678Z ", utc("2026-01-02T03:04:05.678")),
        ("2026-01-02T03:04:05-05:00", utc("2026-01-02T08:04:05")),
        ("2026-01-02T03:04", utc("2026-01-02T03:04")),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_time_of_the_pos_is_read_with_and_without_a_zone(text: str | None, moment: datetime | None) -> None:
    """O4, U4"""
    assert pos_moment(text) == moment
