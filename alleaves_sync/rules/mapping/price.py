"""The price of an item: M1-M5. Never computed, never rounded, never borrowed from the other kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from alleaves_sync.alleaves.models import InventoryRow
from alleaves_sync.rules.mapping.rules import Rules


class Priced(Protocol):
    """An inventory row or a price tier: both have the same six columns."""

    @property
    def price_retail(self) -> Decimal | None: ...
    @property
    def price_retail_adult_use(self) -> Decimal | None: ...
    @property
    def price_retail_medical_use(self) -> Decimal | None: ...
    @property
    def price_otd(self) -> Decimal | None: ...
    @property
    def price_otd_adult_use(self) -> Decimal | None: ...
    @property
    def price_otd_medical_use(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True)
class Price:
    """An amount in the store's currency and the column that it stood in."""

    amount: Decimal
    column: str


def otd_is_on(deciding: Sequence[InventoryRow], rules: Rules) -> bool:
    """Whether out-the-door prices count (M1); any deciding row's flag is enough (P3a)."""
    if rules.otd_pricing != "follow":
        return rules.otd_pricing == "always"
    return any(row.use_otd_price or row.use_location_otd_price for row in deciding)


def is_for_menu(row: InventoryRow, rules: Rules) -> bool:
    """Whether the item is meant for the menu's use (P5)."""
    return row.is_adult_use if rules.menu == "adult_use" else row.is_medical_use


def columns(main: InventoryRow, rules: Rules, *, otd: bool) -> tuple[str, ...]:
    """The columns to try, in order: the menu's, then the generic one of the same kind (M2, M3).

    What is not cannabis and not for the menu's use (accessories) has only the generic one.
    """
    generic = "price_otd" if otd else "price_retail"
    if not main.is_cannabis and not is_for_menu(main, rules):
        return (generic,)
    return (f"{generic}_{'adult' if rules.menu == 'adult_use' else 'medical'}_use", generic)


def price_of(priced: Priced, names: Sequence[str]) -> Price | None:
    """The first column that is set; 0, null and negative are not (M3)."""
    for name in names:
        amount: Decimal | None = getattr(priced, name)
        if amount is not None and amount > 0:
            return Price(amount, name)
    return None


def highest(deciding: Sequence[InventoryRow], names: Sequence[str]) -> tuple[Price | None, bool]:
    """The highest price of the deciding rows (M5), and whether they agree (one without a price does not)."""
    if len(deciding) == 1:
        return price_of(deciding[0], names), True
    found = [price_of(row, names) for row in deciding]
    priced = [price for price in found if price is not None]
    agree = len({None if price is None else price.amount for price in found}) <= 1
    return max(priced, key=lambda price: price.amount, default=None), agree
