"""The stock that the orders of one run are filled from (O4): read once, lowered by what they take, and read
again where the POS says otherwise (O5)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from alleaves_sync.alleaves import AlleavesClient, InventoryRow
from alleaves_sync.alleaves.order_models import PosLine
from alleaves_sync.config import Location
from alleaves_sync.errors import AreasUnmatched
from alleaves_sync.flows.pos import area_labels, rules_of
from alleaves_sync.rules.allocation import Allocation, Need, Take, allocate, left_after
from alleaves_sync.rules.mapping import AreaSelection
from alleaves_sync.rules.mapping.units import grams_per

_ONE = Decimal(1)


class Shelf:
    """The rows of a location, by item. Reading them raises LoginRefused, ServiceError, AreasUnmatched (P2).

    `today` gives the location's date.
    """

    def __init__(self, client: AlleavesClient, location: Location, today: Callable[[], date]) -> None:
        self._client = client
        self._location = location
        self._today = today
        self._rows: dict[int, tuple[InventoryRow, ...]] | None = None
        self._units: dict[int, str] = {}
        self._weighed: set[int] = set()
        self._refused: set[tuple[int, int]] = set()
        self._selection: AreaSelection | None = None

    def allocate(self, needs: Sequence[Need]) -> Allocation:
        """The needs onto batches; nothing is taken yet."""
        rows = self._read()
        rules = rules_of(self._location.settings, self._selection_of(()), self._today())
        wanted = dict.fromkeys(need.id_item for need in needs if need.id_item is not None)
        return allocate(needs, [row for item in wanted for row in rows.get(item, ())], rules)

    def take(self, take: Take) -> None:
        """The POS has given it to an order."""
        rows = self._read()
        rows[take.id_item] = left_after(rows.get(take.id_item, ()), [take])

    def refused(self, take: Take) -> None:
        """The POS did not give it. What it has is read again; a place that still claims to have it is left
        alone for the rest of the run."""
        self.forget()
        rows = self._read().get(take.id_item, ())
        there = next(
            (row for row in rows if (row.id_batch, row.id_area) == (take.id_batch, take.id_area)), None
        )
        if there is not None and there.available >= take.qty:
            self._refused.add((take.id_batch, take.id_area))
            self._leave_out()

    def forget(self) -> None:
        """What is known is no longer true: something was given back, or may have been taken."""
        self._rows = None

    def grams(self, line: PosLine) -> Decimal:
        """The weight of a line of the POS, whose quantity is in its batch's own unit."""
        self._read()
        return line.qty * (grams_per(self._units.get(line.id_batch or 0)) or _ONE)

    def is_weighed(self, id_item: int | None) -> bool:
        """Whether the POS sells the item by weight: then a line has one price, whatever its quantity."""
        self._read()
        return id_item in self._weighed

    def _read(self) -> dict[int, tuple[InventoryRow, ...]]:
        if self._rows is None:
            records = self._client.inventory().records
            self._selection_of(records)
            by_item: defaultdict[int, list[InventoryRow]] = defaultdict(list)
            for row in records:
                by_item[row.id_item].append(row)
                self._units[row.id_batch] = row.uom_short
                if row.uom_type.strip().casefold() == "weight":
                    self._weighed.add(row.id_item)
            self._rows = {item: tuple(rows) for item, rows in by_item.items()}
            self._leave_out()
        return self._rows

    def _leave_out(self) -> None:
        if self._rows is not None and self._refused:
            self._rows = {item: tuple(map(self._given, rows)) for item, rows in self._rows.items()}

    def _given(self, row: InventoryRow) -> InventoryRow:
        """The row with what the POS gives of it: it is known, but there is nothing to take."""
        return replace(row, available=Decimal(0)) if (row.id_batch, row.id_area) in self._refused else row

    def withholds(self, items: Iterable[int]) -> bool:
        """Whether the POS claims to have stock of one of these items that it did not give to an order."""
        rows = self._read()
        places = {(row.id_batch, row.id_area) for item in items for row in rows.get(item, ())}
        return not places.isdisjoint(self._refused)

    def _selection_of(self, rows: Sequence[InventoryRow]) -> AreaSelection:
        if self._selection is None:
            areas = self._client.areas()
            selection = AreaSelection.of(self._location.settings.areas, areas, rows)
            if selection.unmatched and rows:
                raise AreasUnmatched(self._location.name, selection.unmatched, area_labels(areas))
            self._selection = selection
        return self._selection
