"""A store that lives: sales, deliveries and new prices, step by step. Callers hold the store's lock."""

import random
from collections.abc import Callable
from typing import Final

from alleaves_sync.sandbox.store.inventory import Inventory
from alleaves_sync.sandbox.store.table import Entry

#: Rows that move in one step.
MOVES: Final = 4
#: One step in so many brings a new order.
STEPS_PER_ORDER: Final = 5


class Life:
    """Moves rows of all locations; the same seed and the same number of steps do the same."""

    def __init__(self, seed: int, inventory: Inventory) -> None:
        self._rng = random.Random(f"{seed}/life")
        self._inventory = inventory
        self._steps = 0
        self._told_of = 0

    def step(self) -> list[str]:
        """One step; a line for each thing that happened."""
        self._steps += 1
        rows = [row for table in self._inventory.rows.values() for row in table if _moves(row)]
        chosen = self._rng.sample(rows, min(MOVES, len(rows)))
        doings: tuple[Callable[[Entry], str], ...] = (self._sell, self._receive, self._price)
        return [self._rng.choices(doings, (6, 2, 1))[0](row) for row in chosen]

    def orders_due(self) -> int:
        """New orders since the last call."""
        due = self._steps // STEPS_PER_ORDER - self._told_of
        self._told_of += due
        return due

    def _sell(self, row: Entry) -> str:
        sold = min(self._rng.randrange(1, 4), max(row["available"], 0))
        self._inventory.move(row, available=-sold, on_hand=-sold)
        return f"{row['item'].strip()}: {sold:g} sold"

    def _receive(self, row: Entry) -> str:
        came = self._rng.randrange(5, 25)
        self._inventory.move(row, available=came, on_hand=came)
        return f"{row['item'].strip()}: {came} received"

    def _price(self, row: Entry) -> str:
        old = row["price_retail_adult_use"] or 10
        new = round(max(1, old + self._rng.choice((-2, -1, 1, 2))), 4)
        for other in self._inventory.rows_of(row["id_item"]):
            self._inventory.change_row(
                other, {"price_retail_adult_use": new, "price_otd_adult_use": round(new * 1.13, 2)}
            )
        return f"{row['item'].strip()}: price {old:g} to {new:g}"


def _moves(row: Entry) -> bool:
    """Whether a row lies somewhere and has an amount: a test may have put a text there."""
    return row["id_area"] is not None and isinstance(row["available"], int | float)
