"""O4 for every stock and every order: exact sums, never more than there is, first expiring first."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.alleaves.models import InventoryRow
from alleaves_sync.rules.allocation import Allocation, Need, allocate, left_after
from alleaves_sync.rules.exact import exactly
from alleaves_sync.rules.mapping.rules import Rules
from alleaves_sync.rules.mapping.stock import counts
from alleaves_sync.rules.mapping.units import grams_per
from tests import builders
from tests.strategies import PLAIN, WILD, all_rules, fast

GRID = Decimal("1e-9")
_AMOUNTS = st.integers(1, 40).map(Decimal) | st.decimals("0.001", 200, places=3)


@st.composite
def stocks(draw: st.DrawFn, numbers: st.SearchStrategy[float] = PLAIN) -> list[InventoryRow]:
    """Rows of the items 1 and 2: unique by batch and area, as a complete read has them."""
    places = draw(
        st.lists(st.tuples(st.integers(1, 5), st.sampled_from([1000, 1001, None])), unique=True, max_size=6)
    )
    days = st.sampled_from([None, "2026-01-31", "2026-02-01", "2026-06-01", "2026-07-01"])
    return [
        builders.row(
            id_batch=id_batch,
            id_area=id_area,
            id_item=draw(st.sampled_from([1, 2])),
            available=draw(numbers),
            uom_short=draw(st.sampled_from(["g", "mg", "oz", "ea"])),
            date_expire=draw(days),
            date_received=draw(st.sampled_from([None, "", "2026-01-01", "2026-01-02T10:00:00"])),
            status=draw(st.sampled_from(["open", "open", "closed"])),
        )
        for id_batch, id_area in places
    ]


@st.composite
def wishes(draw: st.DrawFn, amounts: st.SearchStrategy[Decimal] = _AMOUNTS) -> list[Need]:
    """Lines of an order, some of an item that is not there."""
    number = draw(st.integers(0, 4))
    return [
        Need(key, draw(st.sampled_from([1, 1, 2, 3, None])), draw(amounts), draw(st.booleans()))
        for key in range(number)
    ]


_WILD_AMOUNTS = WILD.map(lambda number: Decimal(repr(number)))


def by_key(found: Allocation) -> dict[int, Decimal]:
    filled: dict[int, Decimal] = defaultdict(Decimal)
    for take in found.takes:
        filled[take.key] += take.amount
    return filled


@fast
@given(wishes(_WILD_AMOUNTS), stocks(WILD), all_rules())
def test_o4_the_sums_are_exact_and_every_need_is_filled_or_told(
    needs: list[Need], rows: list[InventoryRow], rules: Rules
) -> None:
    """O4, O5"""
    found = allocate(needs, rows, rules)

    with exactly():
        filled, short = by_key(found), {shortage.key: shortage for shortage in found.short}
        for need in needs:
            missing = short[need.key].missing if need.key in short else 0
            assert filled.get(need.key, 0) + missing == need.amount
            assert need.key not in short or missing > 0 or need.amount <= 0


@fast
@given(wishes(_WILD_AMOUNTS), stocks(WILD), all_rules())
def test_o4_never_more_than_available_and_only_from_rows_that_count(
    needs: list[Need], rows: list[InventoryRow], rules: Rules
) -> None:
    """O4"""
    found = allocate(needs, rows, rules)

    places = {(row.id_batch, row.id_area): row for row in rows}
    with exactly():
        for take in found.takes:
            row = places[take.id_batch, take.id_area]
            assert take.qty > 0
            assert take.id_item == row.id_item
            assert counts(row, rules)
        gone = [(before, after) for before, after in zip(rows, left_after(rows, found.takes), strict=True)]
    assert all(after.available >= 0 for before, after in gone if after != before)


@fast
@given(wishes(), stocks(), all_rules())
def test_o4_a_quantity_means_its_amount_and_json_carries_it(
    needs: list[Need], rows: list[InventoryRow], rules: Rules
) -> None:
    """O4, T5"""
    found = allocate(needs, rows, rules)

    units = {(row.id_batch, row.id_area): row.uom_short for row in rows}
    weighed = {need.key for need in needs if need.by_weight}
    with exactly():
        for take in found.takes:
            assert Decimal(repr(float(take.qty))) == take.qty
            if take.key in weighed:
                factor = grams_per(units[take.id_batch, take.id_area]) or Decimal("NaN")
                assert abs(take.qty * factor - take.amount) <= GRID * factor
            else:
                assert take.qty == take.amount == take.qty.to_integral_value()


@fast
@given(wishes(), stocks(), all_rules(), st.randoms(use_true_random=False))
def test_o4_the_order_of_the_rows_means_nothing(
    needs: list[Need], rows: list[InventoryRow], rules: Rules, chance: Random
) -> None:
    """O4"""
    shuffled = list(rows)
    chance.shuffle(shuffled)

    assert allocate(needs, shuffled, rules) == allocate(needs, rows, rules)


def _turns(rows: Sequence[InventoryRow]) -> dict[tuple[int, int | None], tuple[str, str]]:
    """What decides first, in words that sort: days without a date after all others."""
    return {
        (row.id_batch, row.id_area): (
            row.date_expire.isoformat() if row.date_expire else "9999",
            row.date_received or "9999",
        )
        for row in rows
    }


@fast
@given(st.integers(1, 60), stocks(), all_rules())
def test_o4_nothing_is_taken_while_something_that_expires_sooner_is_left(
    amount: int, rows: list[InventoryRow], rules: Rules
) -> None:
    """O4"""
    found = allocate([Need(0, 1, Decimal(amount))], rows, rules)

    turns = _turns(rows)
    order = [turns[take.id_batch, take.id_area] for take in found.takes]
    assert order == sorted(order)
    left = {(row.id_batch, row.id_area): row for row in left_after(rows, found.takes)}
    for place, row in left.items():
        could = row.id_item == 1 and row.id_area is not None and counts(row, rules) and row.available >= 1
        if could and order and turns[place] < order[-1]:
            raise AssertionError(place)


@fast
@given(st.integers(1, 60), stocks(), all_rules())
def test_o4_pieces_that_are_there_are_found(amount: int, rows: list[InventoryRow], rules: Rules) -> None:
    """O4"""
    there = sum(
        int(row.available)
        for row in rows
        if row.id_item == 1 and row.id_area is not None and counts(row, rules) and row.available > 0
    )

    assert allocate([Need(0, 1, Decimal(amount))], rows, rules).is_complete == (there >= amount)


@fast
@given(wishes(), stocks(), all_rules())
def test_o4_what_was_taken_cannot_be_taken_again(
    needs: list[Need], rows: list[InventoryRow], rules: Rules
) -> None:
    """O4: two orders one after the other get no more than both at once."""
    first = allocate(needs, rows, rules)
    second = allocate(needs, left_after(rows, first.takes), rules)

    again = [Need(len(needs) + need.key, need.id_item, need.amount, need.by_weight) for need in needs]
    both = allocate([*needs, *again], rows, rules)
    assert both.takes[: len(first.takes)] == first.takes
    assert [take.qty for take in both.takes[len(first.takes) :]] == [take.qty for take in second.takes]
