"""The intervals that cron can say, and those that it cannot."""

from decimal import Decimal

import pytest
from crontab import CronSlices
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.flows.schedule.cron import expression

MINUTES = st.decimals(min_value="0.01", max_value=1440, places=2)


@pytest.mark.parametrize(
    ("interval", "said", "minutes"),
    [
        ("0.5", "* * * * *", 1),
        ("1", "* * * * *", 1),
        ("2.5", "*/2 * * * *", 2),
        ("7", "*/6 * * * *", 6),
        ("10", "*/10 * * * *", 10),
        ("45", "*/30 * * * *", 30),
        ("60", "0 * * * *", 60),
        ("90", "0 * * * *", 60),
        ("120", "0 */2 * * *", 120),
        ("300", "0 */4 * * *", 240),
        ("1440", "0 0 * * *", 1440),
    ],
)
def test_an_interval_becomes_the_longest_that_cron_can_say(interval: str, said: str, minutes: int) -> None:
    assert expression(Decimal(interval)) == (said, minutes)


@given(MINUTES)
def test_what_is_said_is_what_is_meant(interval: Decimal) -> None:
    said, minutes = expression(interval)

    assert CronSlices.is_valid(said)
    assert CronSlices(said).frequency_per_day() * minutes == 1440
    assert minutes <= max(interval, Decimal(1))
