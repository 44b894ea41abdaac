"""What was agreed for each line of an order (O6). Pure.

The storefront says prices per line and discounts of the whole order; the POS takes a price per line of its
own. Between them every cent is given to somebody, and none is made up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from alleaves_sync.aiq.order_models import Order, OrderLine
from alleaves_sync.rules.exact import exactly

_ZERO = Decimal(0)
_CENT = Decimal("0.01")
_CENTS = 2


@dataclass(frozen=True, slots=True)
class LinePrice:
    """The agreed price of one order line. All of it, and how it falls on its units.

    `total` is of the whole line: all pieces, or all of the weight. `unit` is the price of one piece; None for
    what is not sold in whole pieces. Where a discount does not divide, the first `cheaper` of the `count`
    pieces cost a cent less than `unit`, so that `units` always adds up to `total`.
    """

    total: Decimal
    unit: Decimal | None = None
    count: int = 0
    cheaper: int = 0

    @property
    def units(self) -> tuple[Decimal, ...] | None:
        """The price of each piece, the cheaper ones first; None where the line has one price (weight)."""
        if self.unit is None:
            return None
        with exactly():
            return (self.unit - _CENT,) * self.cheaper + (self.unit,) * (self.count - self.cheaper)


def agreed_prices(order: Order) -> tuple[LinePrice | None, ...]:
    """Per line of the order what was agreed, after all discounts; None where the order does not say a price.

    Prices without a discount of the whole order are as they came (23.1481 stays). Such a discount is spread
    over the lines by value, to the cent, the largest remainder first; no piece gets cheaper than nothing.
    """
    with exactly():
        limits = [_limit(line) for line in order.lines]
        weights = [max(_value(line) or _ZERO, _ZERO) for line in order.lines]
        less = _spread(hidden_discount(order), weights, limits)
        return tuple(map(_line_price, order.lines, less))


def hidden_discount(order: Order) -> Decimal:
    """What is off the whole order and in no line's price, in whole cents; 0 where that is not certain.

    `discountTotal` alone says that there is a discount: what is between lines and `total` may be taxes and
    fees. Whether it counts the discounts of the lines, too, is told by the order's own sum: a total of the
    discounted lines less all of `discountTotal` does not. Otherwise it does, and they are taken off it.
    """
    told = abs(order.discount_total or _ZERO)  # O6a: a negative discount is its amount
    if not told:
        return _ZERO
    with exactly():
        net = _sum_of(_value(line) for line in order.lines)
        if net is not None and order.total is not None:
            if _cents(net) == _cents(order.total):
                return _ZERO  # O6a: whatever it is off (a delivery), the lines are paid whole
            if _cents(net - told) == _cents(order.total):
                return _cents(told)
        shown = [_line_discount(line) for line in order.lines]
        together = _sum_of(None if discount is None else _cents(discount) for discount in shown)
        if together is None:
            return _ZERO
        # Where a line's discount is no whole cents, a cent more or less is the storefront's rounding.
        unsure = _CENT * sum(discount != _cents(discount) for discount in shown if discount is not None)
        hidden = _cents(told - together)
        return hidden if hidden > unsure else _ZERO


def shares(total: Decimal, quantities: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """A line's price split over its batches by quantity, to the cent, the largest remainder first (O6).

    Adds up to `total` exactly: what of it is not whole cents stays with the first.
    """
    if not quantities:
        return ()
    with exactly():
        whole = _whole_cents(total)
        others = _spread(whole, quantities, [whole] * len(quantities))[1:]
        return (total - sum(others, _ZERO), *others)


def _line_price(line: OrderLine, less: Decimal) -> LinePrice | None:
    price = _price(line)
    if price is None:
        return None
    value = price * line.quantity
    if not _in_pieces(line):
        return LinePrice(value - less)
    count = int(line.quantity)
    each, cheaper = divmod(int(less.scaleb(_CENTS)), count)
    return LinePrice(value - less, price - each * _CENT if less else price, count, cheaper)


def _in_pieces(line: OrderLine) -> bool:
    whole = line.quantity > 0 and line.quantity == line.quantity.to_integral_value()
    return line.price_type != "WEIGHT_TIER" and whole


def _price(line: OrderLine) -> Decimal | None:
    """Of one piece, or of one `purchaseWeight`, after the discounts that the line shows."""
    return line.price if line.price_with_discounts is None else line.price_with_discounts


def _value(line: OrderLine) -> Decimal | None:
    price = _price(line)
    return None if price is None else price * line.quantity


def _line_discount(line: OrderLine) -> Decimal | None:
    """What the line shows to be off; None where it does not say what from."""
    price = _price(line)
    if line.price is None or price is None:
        return None
    return max(line.price - price, _ZERO) * line.quantity


def _limit(line: OrderLine) -> Decimal:
    """The most that can be off a line: its whole cents, piece by piece."""
    price = _price(line) or _ZERO
    most = _whole_cents(price) * line.quantity if _in_pieces(line) else _whole_cents(price * line.quantity)
    return max(most, _ZERO)


def _spread(amount: Decimal, weights: Sequence[Decimal], limits: Sequence[Decimal]) -> list[Decimal]:
    """`amount` (whole cents) in parts by weight, to the cent, the largest remainder first.

    None gets more than its limit (whole cents). What a limit keeps from one goes to the others, the earlier
    first; what is over all limits goes to nobody.
    """
    together = sum(weights, _ZERO)
    if amount <= 0 or together <= 0:
        return [_ZERO] * len(weights)
    exact = [amount * weight / together for weight in weights]
    parts = list(map(min, map(_whole_cents, exact), limits))
    left = amount - sum(parts, _ZERO)
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    turns = [(place, _CENT) for place in by_remainder] + [(place, amount) for place in range(len(parts))]
    for place, most in turns:
        more = min(most, left, limits[place] - parts[place])
        parts[place] += more
        left -= more
    return parts


def _sum_of(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None where one of them is not known."""
    total = _ZERO
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, rounding=ROUND_HALF_UP)


def _whole_cents(value: Decimal) -> Decimal:
    return value.quantize(_CENT, rounding=ROUND_DOWN)
