"""The pure parts of the report: changes folded product by product, runs folded into periods."""

import json
import os
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.config import Location, load
from alleaves_sync.flows.report.changes import changes_of
from alleaves_sync.flows.report.periods import periods
from alleaves_sync.state import ChangeAction, NamedChange, RunFigures
from tests.shop import Shop

NOW = datetime(2026, 7, 4, 12, 34, tzinfo=UTC)


def stock(shop: Shop) -> tuple[Location, ...]:
    """All locations of the shop's configuration."""
    return load(shop.config, os.environ).locations


def change(
    key: int, minutes: int, action: ChangeAction = "update", **fields: tuple[object, object]
) -> NamedChange:
    return NamedChange(str(key), f"Item {key}", action, json.dumps(fields), NOW + timedelta(minutes=minutes))


def test_a_product_is_told_from_its_first_value_to_its_last() -> None:
    found = changes_of([change(1, 1, price=(5, 6)), change(1, 2, price=(6, 8), sku=("a", "b"))], 9)
    (one,) = found.price.shown
    assert one.fields["price"] == (5, 8)
    assert one.at == NOW + timedelta(minutes=2)
    assert found.other == {"sku": 1}


def test_what_went_there_and_back_is_no_change() -> None:
    found = changes_of([change(1, 1, quantity=(5, 0)), change(1, 2, quantity=(0, 5))], 9)
    assert found.products == 0
    assert found.taken_off.total == found.came_back.total == 0


def test_each_kind_of_change_is_told_apart() -> None:
    records = [
        change(1, 0, "create", price=(None, 5), quantity=(None, 3)),
        change(1, 1, quantity=(3, 0)),
        change(2, 0, quantity=(2, 0)),
        change(3, 0, quantity=(0, 2)),
        change(4, 0, quantity=(2, 1.5)),
        change(5, 0, price=(1, 2), quantity=(2, 3)),
    ]
    found = changes_of(records, 9)
    told = {
        name: [one.pos_product_id for one in getattr(found, name).shown]
        for name in ("created", "taken_off", "came_back", "price", "quantity")
    }
    assert told == {
        "created": ["1"],
        "taken_off": ["2"],
        "came_back": ["3"],
        "price": ["5"],
        "quantity": ["4", "5"],
    }
    assert found.created.shown[0].fields == {"price": (None, 5), "quantity": (None, 0)}
    assert found.products == 5


def test_the_newest_come_first_and_the_rest_is_counted() -> None:
    found = changes_of([change(key, -key, quantity=(1, 0)) for key in (30, 4, 100)], 2).taken_off
    assert [one.pos_product_id for one in found.shown] == ["4", "30"]
    assert (found.total, found.rest) == (3, 1)


def runs_at(*minutes: float, seconds: float | None = 1.0, outcome: str = "ok") -> list[RunFigures]:
    return [RunFigures(NOW + timedelta(minutes=one), outcome, seconds, 3, 1, 2) for one in minutes]


def test_periods_begin_at_full_times_of_the_zone() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    found = periods(runs_at(-60 * 24, -1), NOW.astimezone(india), 30)
    assert {one.start.minute for one in found} == {0}
    assert all(one.end - one.start == timedelta(hours=1) for one in found)
    assert found[-1].start <= NOW < found[-1].end


def test_a_period_names_its_failures_and_its_middle() -> None:
    runs = [
        *runs_at(-5, seconds=2),
        *runs_at(-4, seconds=9, outcome="failed"),
        *runs_at(-3, seconds=None, outcome="running"),
    ]
    found = periods(runs, NOW, 1)[0]
    assert (found.runs, found.troubled, found.typical, found.longest, found.hidden) == (3, 1, 2, 9, 3)


def test_a_run_of_the_future_counts_in_the_last_period() -> None:
    found = periods(runs_at(-600, 90000), NOW, 30)
    assert [one.runs for one in found if one.runs] == [1, 1]
    assert found[-1].runs == 1


@given(
    st.lists(st.integers(-7 * 24 * 60, 60), min_size=1, max_size=60).map(sorted),
    st.integers(1, 40),
    st.integers(-14 * 60, 14 * 60),
)
def test_no_run_is_lost_and_the_periods_follow_each_other(minutes: list[int], most: int, offset: int) -> None:
    now = NOW.astimezone(timezone(timedelta(minutes=offset)))
    found = periods(runs_at(*minutes), now, most)
    assert 1 <= len(found) <= most
    assert sum(one.runs for one in found) == len(minutes)
    assert all(one.end == after.start for one, after in pairwise(found))
    assert found[-1].start <= now < found[-1].end
