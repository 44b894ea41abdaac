"""O6: what was agreed for each line, after all discounts, to the cent."""

from decimal import Decimal
from typing import Any

import pytest

from alleaves_sync.aiq.order_models import Order, OrderLine
from alleaves_sync.rules.pricing import LinePrice, agreed_prices, hidden_discount, shares

D = Decimal
CENT = D("0.01")


def line(price: str | None, quantity: str = "1", less: str | None = None, **changes: Any) -> OrderLine:
    """A line at `price`, which `less` is after discounts."""
    return OrderLine(
        "7",
        D(quantity),
        price=None if price is None else D(price),
        price_with_discounts=None if less is None else D(less),
        **changes,
    )


def by_weight(price: str, quantity: str = "1", less: str | None = None) -> OrderLine:
    return line(price, quantity, less, purchase_weight=D("3.5"), price_type="WEIGHT_TIER")


def order(*lines: OrderLine, discount: str | None = None, total: str | None = None) -> Order:
    return Order(
        id="abc",
        status="CONFIRMED",
        pick_up_type="IN_STORE",
        lines=lines,
        discount_total=None if discount is None else D(discount),
        total=None if total is None else D(total),
    )


def agreed(*lines: OrderLine, discount: str | None = None) -> list[LinePrice]:
    prices = agreed_prices(order(*lines, discount=discount))
    return [price for price in prices if price is not None]


def units(*lines: OrderLine, discount: str | None = None) -> list[list[str]]:
    """The price of every piece, of all lines."""
    return [[str(unit) for unit in price.units or ()] for price in agreed(*lines, discount=discount)]


def test_o6_a_count_line_carries_the_price_of_one_unit() -> None:
    """O6"""
    assert agreed(line("30", "2")) == [LinePrice(D(60), D(30), 2)]
    assert units(line("30", "2")) == [["30", "30"]]


def test_o6_a_weight_line_carries_the_price_of_the_line() -> None:
    """O6: two times 3.5 g at $28."""
    (price,) = agreed(by_weight("28", "2"))

    assert price == LinePrice(D(56))
    assert price.units is None
    assert (price.count, price.cheaper) == (0, 0)


def test_o6_a_discount_of_the_line_is_in_its_price() -> None:
    """O6"""
    assert units(line("20", "2", less="18")) == [["18", "18"]]
    assert agreed(by_weight("28", less="25.2")) == [LinePrice(D("25.2"))]
    assert units(line(None, less="18")) == [["18"]]


def test_o6_a_product_given_away_costs_nothing() -> None:
    """O6"""
    assert units(line("20", less="0")) == [["0"]]


def test_o6_without_a_price_nothing_was_agreed() -> None:
    """O6"""
    assert agreed_prices(order(line(None), line("5"))) == (None, LinePrice(D(5), D(5), 1))


def test_o6_prices_are_not_rounded() -> None:
    """O6, M4"""
    assert units(line("23.1481", "3")) == [["23.1481"] * 3]
    assert [str(price.total) for price in agreed(line("30", "2"), by_weight("28.5"))] == ["60", "28.5"]


def test_o6_part_of_a_piece_has_no_price_per_piece() -> None:
    """O6: allocation refuses it; nothing is divided here."""
    assert agreed(line("10", "1.5")) == [LinePrice(D(15))]


def test_o6_an_order_level_discount_is_spread_by_value() -> None:
    """O6"""
    assert [price.total for price in agreed(line("30"), by_weight("60"), line("10"), discount="10")] == [
        D(27),
        D(54),
        D(9),
    ]


def test_o6_cents_that_do_not_divide_go_to_the_largest_remainder_first() -> None:
    """O6: of 1.00 over 10, 10 and 20.20 the exact parts are 24.88, 24.88 and 50.25 cents."""
    totals = [price.total for price in agreed(line("10"), line("10"), line("20.20"), discount="1")]

    assert totals == [D("9.75"), D("9.75"), D("19.70")]


def test_o6_of_equal_remainders_the_first_line_is_served_first() -> None:
    """O6"""
    totals = [price.total for price in agreed(line("10"), line("10"), line("10"), discount="1")]

    assert totals == [D("9.66"), D("9.67"), D("9.67")]


def test_o6_a_discount_that_does_not_divide_by_the_pieces_makes_some_a_cent_cheaper() -> None:
    """O6"""
    (price,) = agreed(line("10", "3"), discount="1")

    assert price == LinePrice(D(29), D("9.67"), 3, cheaper=1)
    assert price.units == (D("9.66"), D("9.67"), D("9.67"))


def test_o6_a_coupon_for_more_than_the_order_makes_it_free_and_not_less() -> None:
    """O6"""
    assert units(line("3", "2"), line("0.015"), discount="50") == [["0.00", "0.00"], ["0.005"]]


def test_o6_what_one_line_cannot_give_the_others_do() -> None:
    """O6: no piece of 0.999 is more than 0.99 off."""
    prices = agreed(line("0.999", "1000"), line("10"), discount="1000")

    assert [price.total for price in prices] == [D("9.000"), D("0.00")]
    assert sum(price.total for price in prices) == D("1009") - 1000


@pytest.mark.parametrize("value", ["-5", "0"])
def test_o6_a_line_worth_nothing_takes_no_part_in_a_discount(value: str) -> None:
    """O6"""
    assert [price.total for price in agreed(line(value), line("10"), discount="1")] == [D(value), D(9)]


def test_o6_an_order_that_is_worth_nothing_or_little_costs_no_less_than_nothing() -> None:
    """O6"""
    assert [price.total for price in agreed(line("0"), by_weight("0"), discount="1")] == [D(0), D(0)]
    assert [price.total for price in agreed(line("0.80"), discount="0.30")] == [D("0.50")]


def test_o6_a_line_of_less_than_nothing_takes_no_part_in_a_discount() -> None:
    """O6: allocation refuses it."""
    totals = [price.total for price in agreed(line("1", "-1"), line("2"), discount="1")]

    assert totals == [D(-1), D(1)]


@pytest.mark.parametrize("discount", [None, "0"])
def test_o6_without_a_discount_none_is_spread(discount: str | None) -> None:
    """O6"""
    assert hidden_discount(order(line("30"), discount=discount, total="12")) == 0


def test_o6a_a_discount_that_the_total_does_not_take_off_the_lines_is_not_spread() -> None:
    """O6a: a coupon on the delivery."""
    assert hidden_discount(order(line("10"), discount="7", total="10")) == 0


@pytest.mark.parametrize("total", ["8", None])
def test_o6a_a_negative_discount_is_its_amount(total: str | None) -> None:
    """O6a"""
    assert hidden_discount(order(line("10"), discount="-2", total=total)) == 2


def test_o6_a_discount_that_the_lines_show_is_not_given_twice() -> None:
    """O6"""
    shown = (line("20", "2", less="18"), by_weight("28", less="25"))

    assert hidden_discount(order(*shown, discount="7", total="61")) == 0
    assert hidden_discount(order(*shown, discount="9.50", total="58.50")) == D("2.50")
    assert hidden_discount(order(*shown, discount="9.50")) == D("2.50")
    assert hidden_discount(order(*shown, discount="3")) == 0


def test_o6_a_discount_that_the_sum_takes_off_the_discounted_lines_is_hidden_as_a_whole() -> None:
    """O6: 18 and 25 less 5 is 38, so the 5 are not those of the lines."""
    shown = (line("20", less="18"), by_weight("28", less="25"))

    assert hidden_discount(order(*shown, discount="5", total="38")) == 5


def test_o6_taxes_and_fees_are_no_discount_and_hide_none() -> None:
    """O6"""
    lines = (line("20"), line("10"))

    assert hidden_discount(order(*lines, discount="3", total="31.16")) == 3
    assert hidden_discount(order(*lines, total="25")) == 0
    assert hidden_discount(order(*lines, discount="0", total="36.40")) == 0


def test_o6_where_a_line_does_not_show_its_discount_none_is_made_up() -> None:
    """O6: the 2 may be those of the line, which shows only what is left."""
    assert hidden_discount(order(line(None, less="18"), line("10"), discount="2")) == 0
    assert hidden_discount(order(line(None), line("10"), discount="2")) == 0
    assert hidden_discount(order(line(None, less="18"), line("10"), discount="2", total="26")) == 2


def test_o6_a_surcharge_of_a_line_is_not_a_discount_of_the_order() -> None:
    """O6"""
    assert hidden_discount(order(line("20", less="22"), discount="1")) == 1


def test_o6_the_storefronts_rounding_is_not_a_discount() -> None:
    """O6: 10 % of 23.1481 is 2.31481; the storefront may have said 2.32."""
    shown = line("23.1481", less="20.8333")

    assert hidden_discount(order(shown, discount="2.32")) == 0
    assert hidden_discount(order(shown, discount="4.81")) == D("2.50")


def test_o6_the_sample_orders_have_no_hidden_discount() -> None:
    """O6: as the contract's own example sends them."""
    first = (line("30", "2", less="30"), line("20", less="18"))

    assert hidden_discount(order(*first, discount="0", total="78")) == 0
    assert [price.total for price in agreed(*first, discount="0")] == [D(60), D(18)]


def test_o6_a_line_split_over_batches_shares_its_price_by_quantity() -> None:
    """O6"""
    assert shares(D(28), [D("1.75"), D("1.75")]) == (D(14), D(14))
    assert shares(D(10), [D(1), D(1), D(1)]) == (D("3.34"), D("3.33"), D("3.33"))
    assert shares(D("0.01"), [D(1), D(2)]) == (D(0), CENT)


def test_o6_what_is_no_whole_cents_stays_with_the_first_batch() -> None:
    """O6"""
    assert shares(D("23.1481"), [D("3.5")]) == (D("23.1481"),)
    assert shares(D("23.1481"), [D(1), D(1)]) == (D("11.5781"), D("11.57"))
    assert shares(D("23.1481"), []) == ()
