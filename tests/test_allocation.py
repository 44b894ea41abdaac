"""O4: which batches an order line is taken from."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from pydantic import JsonValue

from alleaves_sync.aiq.order_models import Order, OrderLine
from alleaves_sync.alleaves.models import InventoryRow
from alleaves_sync.rules.allocation import Allocation, Need, Shortage, Take, allocate, left_after, needs_of
from tests import builders

D = Decimal
ITEM = 7


def batch(id_batch: int, available: JsonValue = 10, **changes: JsonValue) -> InventoryRow:
    return builders.row(id_batch=id_batch, available=available, **changes)


def grams(id_batch: int, available: JsonValue, unit: str = "g", **changes: JsonValue) -> InventoryRow:
    return batch(id_batch, available, uom_type="weight", uom_short=unit, **changes)


def pieces(amount: str, key: int = 0, id_item: int | None = ITEM) -> Need:
    return Need(key, id_item, D(amount))


def weight(amount: str, key: int = 0) -> Need:
    return Need(key, ITEM, D(amount), by_weight=True)


def allocated(needs: Sequence[Need] | Need, *rows: InventoryRow) -> Allocation:
    return allocate([needs] if isinstance(needs, Need) else needs, rows, builders.rules())


def taken(found: Allocation) -> list[tuple[int, str]]:
    """Batch and quantity of each take, in order."""
    return [(take.id_batch, str(take.qty.normalize())) for take in found.takes]


def test_o4_a_line_is_taken_from_one_batch_in_its_area() -> None:
    """O4"""
    found = allocated(pieces("3", key=5), batch(4000))

    assert found.is_complete
    assert found.takes == (Take(5, ITEM, 4000, builders.RETAIL_ID, D(3), D(3)),)


def test_o4_the_first_to_expire_is_taken_first_and_no_date_comes_last() -> None:
    """O4"""
    rows = (
        batch(1, 2),
        batch(2, 2, date_expire="2026-09-01"),
        batch(3, 2, date_expire="2026-03-01"),
    )

    assert taken(allocated(pieces("5"), *rows)) == [(3, "2"), (2, "2"), (1, "1")]


def test_o4_of_equal_expiry_the_oldest_received_is_taken_first_and_no_date_comes_last() -> None:
    """O4"""
    rows = (
        batch(1, 1),
        batch(2, 1, date_received="2026-01-02T08:00:00"),
        batch(3, 1, date_received="2026-01-01T23:00:00"),
        batch(4, 1, date_received="2026-01-02"),
        batch(5, 1, date_received="soon"),
    )

    assert taken(allocated(pieces("5"), *rows)) == [(3, "1"), (4, "1"), (2, "1"), (1, "1"), (5, "1")]


def test_o4_what_is_still_equal_goes_by_batch_and_area() -> None:
    """O4"""
    rows = (batch(2, 1), batch(1, 1, id_area=1001), batch(1, 1))

    found = allocated(pieces("3"), *rows)

    assert [(take.id_batch, take.id_area) for take in found.takes] == [(1, 1000), (1, 1001), (2, 1000)]


@pytest.mark.parametrize(
    "changes",
    [
        {"deleted": True},
        {"qc_hold": True},
        {"status": "closed"},
        {"date_expire": "2026-01-31"},
        {"id_area": builders.VAULT_ID, "area": "Vault", "area_path": "Vault", "area_type": "Storage"},
        {"id_area": None},
        {"available": 0},
        {"available": -4},
        {"available": 0.5},
    ],
)
def test_o4_a_row_that_does_not_count_or_has_nothing_to_give_is_never_taken(
    changes: dict[str, JsonValue],
) -> None:
    """O4, P3"""
    found = allocated(pieces("1"), builders.row(id_batch=1, **changes), batch(2, date_expire=None))

    assert taken(found) == [(2, "1")]


def test_o4_a_batch_is_still_taken_on_the_day_it_expires() -> None:
    """O4, P3"""
    assert taken(allocated(pieces("1"), batch(1, date_expire=builders.TODAY.isoformat()))) == [(1, "1")]


def test_o4_several_lines_of_one_item_share_its_stock() -> None:
    """O4"""
    found = allocated([pieces("3", key=0), pieces("3", key=1)], batch(1, 4), batch(2, 2))

    assert [(take.key, take.id_batch, take.qty) for take in found.takes] == [
        (0, 1, D(3)),
        (1, 1, D(1)),
        (1, 2, D(2)),
    ]


def test_o4_only_whole_pieces_are_taken() -> None:
    """O4"""
    found = allocated(pieces("4"), batch(1, 2.5), batch(2, 1.9))

    assert taken(found) == [(1, "2"), (2, "1")]
    assert found.short == (Shortage(0, ITEM, D(1), "no-stock"),)


def test_o4_half_a_piece_cannot_be_had() -> None:
    """O4"""
    found = allocated(pieces("1.5"), batch(1))

    assert found.short == (Shortage(0, ITEM, D("0.5"), "no-stock"),)


@pytest.mark.parametrize(
    ("unit", "wanted", "quantity"),
    [("g", "3.5", "3.5"), ("mg", "3.5", "3500"), ("Grams", "0.001", "0.001"), ("oz", "28.349523125", "1")],
)
def test_o4_a_weight_is_taken_in_the_batchs_own_unit(unit: str, wanted: str, quantity: str) -> None:
    """O4, T5"""
    (take,) = allocated(weight(wanted), grams(1, 50_000, unit)).takes

    assert take.qty == D(quantity)
    assert take.amount == D(wanted)


def test_o4_a_weight_goes_over_batches_of_different_units() -> None:
    """O4"""
    rows = (
        grams(1, 1, "oz", date_expire="2026-03-01"),
        grams(2, 500, "mg", date_expire="2026-04-01"),
        grams(3, 100, "g"),
    )

    found = allocated(weight("30"), *rows)

    assert [(take.id_batch, take.qty, take.amount) for take in found.takes] == [
        (1, D(1), D("28.349523125")),
        (2, D(500), D("0.5")),
        (3, D("1.150476875"), D("1.150476875")),
    ]


def test_o4_ounces_that_never_end_are_sent_as_near_as_json_carries_them() -> None:
    """O4"""
    (take,) = allocated(weight("3.5"), grams(1, 2, "oz")).takes

    assert take.qty == D("0.123458867")
    assert D(repr(float(take.qty))) == take.qty
    assert take.amount == D("3.5")


def test_o4_what_the_poss_own_arithmetic_left_over_is_no_stock() -> None:
    """O4"""
    rows = (grams(1, 4.440892098500626e-16), grams(2, 1.2000000000000002), grams(3, 9))

    assert taken(allocated(weight("3.5"), *rows)) == [(2, "1.2"), (3, "2.3")]


def test_o4_a_quantity_is_never_rounded_to_more_than_there_is() -> None:
    """O4"""
    found = allocated(weight("3"), grams(1, 2.0000000006))

    assert taken(found) == [(1, "2")]
    assert found.short == (Shortage(0, ITEM, D(1), "no-stock"),)


def test_o4_a_rest_too_small_to_be_weighed_is_no_further_line() -> None:
    """O4"""
    found = allocated(weight("3.0000000001"), grams(1, 3), grams(2, 9))

    assert [(take.id_batch, take.qty, take.amount) for take in found.takes] == [(1, D(3), D("3.0000000001"))]
    assert found.is_complete


@pytest.mark.parametrize(
    ("over", "short"), [("4e-10", "0"), ("5e-10", "0"), ("6e-10", "6e-10"), ("1e-9", "1e-9")]
)
def test_o4_what_is_missing_counts_from_half_of_the_finest_weight_on(over: str, short: str) -> None:
    """O4"""
    found = allocated(weight(str(3 + D(over))), grams(1, 3))

    assert sum(shortage.missing for shortage in found.short) == D(short)


@pytest.mark.parametrize("left", [0, -2, -0.5])
def test_o4_an_oversold_batch_gives_no_weight_and_takes_none_back(left: float) -> None:
    """O4"""
    assert taken(allocated(weight("3.5"), grams(1, left), grams(2, 9))) == [(2, "3.5")]


def test_o4_the_smallest_weight_is_not_rounded_to_nothing() -> None:
    """O4"""
    (take,) = allocated(weight("0.0000000001"), grams(1, 3)).takes

    assert take.qty == D("1e-9")


def test_o4_pieces_are_no_weight() -> None:
    """O4, T5"""
    found = allocated(weight("3.5"), batch(1, 100))

    assert found == Allocation((), (Shortage(0, ITEM, D("3.5"), "no-stock"),))


def test_o5_a_product_that_the_pos_does_not_have_is_unknown_and_the_other_lines_are_filled() -> None:
    """O5"""
    found = allocated([pieces("1"), pieces("2", 1, id_item=9), pieces("1", 2, id_item=None)], batch(1))

    assert taken(found) == [(1, "1")]
    assert found.short == (
        Shortage(1, 9, D(2), "unknown-product"),
        Shortage(2, None, D(1), "unknown-product"),
    )
    assert not found.is_complete


def test_o5_a_product_of_which_no_row_counts_is_known_and_out_of_stock() -> None:
    """O5"""
    found = allocated(pieces("1"), batch(1, 0), batch(2, qc_hold=True))

    assert found.short == (Shortage(0, ITEM, D(1), "no-stock"),)


@pytest.mark.parametrize("need", [pieces("0"), pieces("-2"), weight("0")])
def test_o5_a_line_that_wants_nothing_is_never_left_out_in_silence(need: Need) -> None:
    """O5"""
    found = allocated(need, batch(1), grams(2, 5))

    assert found == Allocation((), (Shortage(0, ITEM, need.amount, "no-amount"),))


def test_o4_no_lines_need_nothing() -> None:
    """O4"""
    assert allocated([], batch(1)) == Allocation()


def test_o4_tiers_by_weight_want_quantity_times_weight_and_everything_else_pieces() -> None:
    """O4"""
    order = Order(
        id="abc",
        status="CONFIRMED",
        pick_up_type="IN_STORE",
        lines=(
            OrderLine("4001", D(2), price_type="REGULAR"),
            OrderLine("4040 ", D(3), purchase_weight=D("3.5"), price_type="WEIGHT_TIER"),
            OrderLine("4041", D(4), purchase_weight=D("3.5"), price_type="PRICE_TIER"),
            OrderLine("4042", D(1), price_type="WEIGHT_TIER"),
            OrderLine("gone", D(1)),
            OrderLine("²", D(1)),
        ),
    )

    assert needs_of(order) == (
        Need(0, 4001, D(2)),
        Need(1, 4040, D("10.5"), by_weight=True),
        Need(2, 4041, D(4)),
        Need(3, 4042, D(0), by_weight=True),
        Need(4, None, D(1)),
        Need(5, None, D(1)),
    )


def test_o4_what_one_order_takes_the_next_does_not_see() -> None:
    """O4"""
    rows = (batch(1, 4), batch(1, 4, id_area=1001), batch(2, 4, id_item=8))

    left = left_after(rows, allocated([pieces("2"), pieces("1", 1)], *rows).takes)

    assert [row.available for row in left] == [1, 4, 4]
    assert left[1] is rows[1]
    assert left[2] is rows[2]
