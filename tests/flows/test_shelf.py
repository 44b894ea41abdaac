"""The stock that the orders of one run share: what the POS refused to one of them."""

from decimal import Decimal
from typing import cast

import pytest

from alleaves_sync.alleaves import AlleavesClient, Area, Fetched, InventoryRow
from alleaves_sync.flows.orders.stock import Shelf
from alleaves_sync.rules.allocation import Need, Take
from tests import builders
from tests.shop import Shop

ROWS = (builders.row(id_item=7, id_batch=1), builders.row(id_item=8, id_batch=2))


class StubbornPos:
    """Goes on showing the same stock, whatever it refused to give."""

    def inventory(self) -> Fetched[InventoryRow]:
        return Fetched(ROWS, (), len(ROWS))

    def areas(self) -> tuple[Area, ...]:
        return (builders.area(),)


@pytest.fixture
def shelf(shop: Shop) -> Shelf:
    return Shelf(cast("AlleavesClient", StubbornPos()), shop.location, lambda: builders.TODAY)


def test_o5_what_the_pos_refused_is_known_and_has_no_stock(shelf: Shelf) -> None:
    """A person is told that stock is missing, not that the POS has no such product."""
    shelf.refused(Take(0, 7, 1, builders.RETAIL_ID, Decimal(2), Decimal(2)))
    allocation = shelf.allocate([Need(0, 7, Decimal(2), False), Need(1, 8, Decimal(2), False)])
    assert [(short.id_item, short.reason) for short in allocation.short] == [(7, "no-stock")]
    assert [take.id_item for take in allocation.takes] == [8]


def test_o7a_what_was_refused_to_one_order_is_no_end_of_another(shelf: Shelf) -> None:
    assert not shelf.withholds([7, 8])
    shelf.refused(Take(0, 7, 1, builders.RETAIL_ID, Decimal(2), Decimal(2)))
    assert shelf.withholds([7])
    assert shelf.withholds([8, 7])
    assert not shelf.withholds([8])
