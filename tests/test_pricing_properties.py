"""O6 for every order: no cent is lost, none is given twice, and a part is what its value says."""

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.aiq.models import PriceType
from alleaves_sync.aiq.order_models import Order, OrderLine
from alleaves_sync.rules.exact import exactly
from alleaves_sync.rules.pricing import agreed_prices, hidden_discount, shares
from tests.strategies import WILD, fast

CENT = Decimal("0.01")
_PRICES = st.none() | st.integers(0, 30_000).map(lambda cents: cents * CENT)
_QUANTITIES = st.integers(1, 9).map(Decimal)


@st.composite
def lines(
    draw: st.DrawFn,
    prices: st.SearchStrategy[Decimal | None] = _PRICES,
    quantities: st.SearchStrategy[Decimal] = _QUANTITIES,
) -> list[OrderLine]:
    kinds: st.SearchStrategy[PriceType | None] = st.sampled_from(["REGULAR", "REGULAR", "WEIGHT_TIER", None])
    return [
        OrderLine(
            "7",
            draw(quantities),
            price=draw(prices),
            price_with_discounts=draw(prices),
            price_type=draw(kinds),
        )
        for _ in range(draw(st.integers(0, 5)))
    ]


def value(some: OrderLine) -> Decimal:
    price = some.price if some.price_with_discounts is None else some.price_with_discounts
    return (price or Decimal(0)) * some.quantity


@fast
@given(lines(), _PRICES, _PRICES)
def test_o6_every_cent_of_the_discount_is_given_once(
    some: list[OrderLine], discount: Decimal | None, total: Decimal | None
) -> None:
    """O6"""
    whole = Order("abc", "CONFIRMED", "IN_STORE", tuple(some), discount_total=discount, total=total)

    prices = agreed_prices(whole)

    hidden, before = hidden_discount(whole), sum(map(value, some))
    after = sum(price.total for price in prices if price is not None)
    assert after == before - min(hidden, before)
    assert 0 <= hidden <= (discount or 0)


@fast
@given(lines(), _PRICES)
def test_o6_pieces_add_up_to_their_line_and_differ_by_a_cent_at_most(
    some: list[OrderLine], discount: Decimal | None
) -> None:
    """O6"""
    whole = Order("abc", "CONFIRMED", "IN_STORE", tuple(some), discount_total=discount)

    for each, price in zip(some, agreed_prices(whole), strict=True):
        if price is not None and price.units is not None:
            assert sum(price.units) == price.total
            assert len(price.units) == each.quantity
            assert min(price.units) >= 0
            assert max(price.units) - min(price.units) <= CENT


@fast
@given(lines(), _PRICES)
def test_o6_a_line_bears_its_part_by_value_to_the_cent(
    some: list[OrderLine], discount: Decimal | None
) -> None:
    """O6"""
    whole = Order("abc", "CONFIRMED", "IN_STORE", tuple(some), discount_total=discount)

    together = sum(map(value, some))
    hidden = min(hidden_discount(whole), Decimal(together))
    for each, price in zip(some, agreed_prices(whole), strict=True):
        if price is not None and together:
            assert abs(value(each) - price.total - hidden * value(each) / together) < CENT


def _decimals(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Decimal]:
    return numbers.map(lambda number: Decimal(repr(number)))


_WILD = _decimals(WILD)


@fast
@given(lines(st.none() | _WILD, _WILD), st.none() | _WILD, st.none() | _WILD)
def test_o6_whatever_json_can_carry_is_priced_without_an_error(
    some: list[OrderLine], discount: Decimal | None, total: Decimal | None
) -> None:
    """O6"""
    whole = Order("abc", "CONFIRMED", "IN_STORE", tuple(some), discount_total=discount, total=total)

    prices = agreed_prices(whole)

    assert len(prices) == len(some)
    with exactly():
        for each, price in zip(some, prices, strict=True):
            assert price is None or price.total <= value(each)


@fast
@given(_WILD, st.lists(st.decimals("0.001", 1000, places=3), min_size=1, max_size=6))
def test_o6_shares_add_up_exactly(total: Decimal, quantities: Sequence[Decimal]) -> None:
    """O6"""
    parts = shares(total, quantities)

    assert len(parts) == len(quantities)
    with exactly():
        assert sum(parts) == total
    assert total < 0 or min(parts) >= 0
