"""What counts as the contents of an order, and that nobody is in a `repr`."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from alleaves_sync.aiq.order_models import Address, Order, OrderLine, User, Window, fingerprint

SECRET = "Ada Abelwood"
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LINE = OrderLine("4001", Decimal(2), None, Decimal(30), Decimal(27), "REGULAR")
ORDER = Order(
    "abc1",
    "CONFIRMED",
    "DELIVERY",
    (LINE, OrderLine("4040", Decimal(1), Decimal("3.5"), Decimal(28), None, "WEIGHT_TIER")),
    user=User("u1", SECRET, SECRET, "5185550100", "a@b.invalid", date(1990, 1, 1), "NY-1", "NY"),
    number="10001",
    menu_type="ADULT_USE",
    address=Address("1 Main St", None, "Albany", "NY", "12203"),
    window=Window(NOW, NOW + timedelta(hours=1)),
    notes="ring twice",
    subtotal=Decimal(88),
    discount_total=Decimal(6),
    total=Decimal(82),
    created=NOW,
    modified=NOW,
)


@pytest.mark.parametrize(
    "same",
    [
        replace(ORDER, status="CANCELLED", modified=NOW + timedelta(days=1)),
        replace(ORDER, total=Decimal("82.00"), subtotal=Decimal("8.8E+1")),
        replace(
            ORDER,
            window=Window(
                *(at.astimezone(timezone(timedelta(hours=-5))) for at in (NOW, NOW + timedelta(hours=1)))
            ),
        ),
    ],
)
def test_status_times_of_change_and_spelling_are_not_contents(same: Order) -> None:
    assert fingerprint(same) == fingerprint(ORDER)


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, lines=(replace(LINE, quantity=Decimal(3)), ORDER.lines[1])),
        replace(ORDER, lines=(replace(LINE, pos_product_id="4002"), ORDER.lines[1])),
        replace(ORDER, lines=(replace(LINE, price=Decimal(31)), ORDER.lines[1])),
        replace(ORDER, lines=(replace(LINE, price_with_discounts=None), ORDER.lines[1])),
        replace(ORDER, lines=(LINE, replace(ORDER.lines[1], purchase_weight=Decimal(7)))),
        replace(ORDER, lines=(LINE,)),
        replace(ORDER, pick_up_type="IN_STORE"),
        replace(ORDER, menu_type="MEDICAL"),
        replace(ORDER, window=None),
        replace(ORDER, pickup_window=ORDER.window),
        replace(ORDER, discount_total=Decimal(7)),
        replace(ORDER, total=None),
        replace(ORDER, user=replace(ORDER.user, id="u2")),
        replace(ORDER, address=Address("2 Main St", None, "Albany", "NY", "12203")),
        replace(ORDER, notes="ring once"),
    ],
)
def test_another_thing_to_push_is_another_fingerprint(other: Order) -> None:
    assert fingerprint(other) != fingerprint(ORDER)


def test_u6_a_fingerprint_does_not_confirm_a_guessed_address() -> None:
    guesses = (
        replace(ORDER, address=Address(f"{n} Main St", None, "Albany", "NY", "12203")) for n in range(5000)
    )
    assert len({fingerprint(guess) for guess in guesses}) <= 256


def test_u6_nobody_is_in_a_repr() -> None:
    shown = repr(ORDER)
    for private in (SECRET, "5185550100", "a@b", "1990", "NY-1", "Main St", "Albany", "ring"):
        assert private not in shown
    assert "abc1" in shown
