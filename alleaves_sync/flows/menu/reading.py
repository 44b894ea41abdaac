"""Reading the POS for a run: everything of one location, proven complete, waiting in a spool item by item.

A whole store never stands in memory: in most runs nearly nothing of it has to be looked at.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from alleaves_sync.aiq.models import Product
from alleaves_sync.alleaves import AlleavesClient, InvalidRecord
from alleaves_sync.alleaves.packing import stable_bytes
from alleaves_sync.alleaves.wire import INVENTORY, ITEMS, Packed, unpack
from alleaves_sync.config import Location
from alleaves_sync.flows.menu.spool import Spool, Spooled
from alleaves_sync.flows.pos import Clock, find_location, rules_at, select_areas, zone_of
from alleaves_sync.rules.mapping import MappedItem, Rules, faults_by_item, invalid_item, map_item, strays

# What is in the spool, beside what `spooled_creations` puts there.
_ROW, _ITEM, _BROKEN_ROW = range(3)
_ROWS = frozenset({_ROW, _BROKEN_ROW})


class Gathered:
    """The records of one read on their way into the spool; broken ones are kept as they are."""

    def __init__(self, spool: Spool, sort: int) -> None:
        self._spool, self._sort = spool, sort
        self._keys: set[bytes] = set()  # packed: a tuple of two numbers takes three times the room
        self.invalid: list[InvalidRecord] = []

    def __len__(self) -> int:
        return len(self._keys)

    def clear(self) -> None:
        """Begin anew."""
        if self._keys:
            self._spool.clear(self._sort)
        self._keys.clear()
        self.invalid.clear()

    def add(self, entries: Iterable[tuple[Hashable, Packed | InvalidRecord]]) -> None:
        """Take in a page."""
        self._spool.add(self._sort, self._fitting(entries))

    def _fitting(self, entries: Iterable[tuple[Hashable, Packed | InvalidRecord]]) -> Iterator[Packed]:
        for key, entry in entries:
            packed = stable_bytes(key)
            if packed in self._keys:
                continue
            self._keys.add(packed)
            if isinstance(entry, InvalidRecord):
                self.invalid.append(entry)
            else:
                yield entry


@dataclass(frozen=True, slots=True)
class PosItem:
    """One item as it waits: its packed rows, its packed catalogue record, and what is broken of it."""

    id_item: int
    rows: Sequence[Spooled]
    item: Spooled | None
    faults: Sequence[InvalidRecord]
    read: Callable[[Spooled], bytes]

    def mapped(self, rules: Rules, held: Product | None) -> MappedItem:
        """The item through all the rules, its `sources` left out; with something broken it is withheld."""
        if self.faults:
            return invalid_item(self.id_item, self.faults)
        rows = [unpack(INVENTORY, self.read(row)) for row in self.rows]
        item = None if self.item is None else unpack(ITEMS, self.read(self.item))
        return map_item(rows, item, rules, held, with_sources=False)


@dataclass(frozen=True, slots=True)
class PosStream:
    """All of one location as the POS told it, proven complete.

    `rows` is how many rows it brought, broken ones included, `catalogue` how many catalogue records; `strays`
    are broken records that no item can be withheld for, as `mapping.strays`.
    """

    spool: Spool
    faults: Mapping[int, Sequence[InvalidRecord]]
    strays: tuple[InvalidRecord, ...]
    rows: int
    catalogue: int
    rules: Rules
    zone_is_known: bool

    def items(self) -> Iterator[PosItem]:
        """Every item that has a row, broken or not, in order of `id_item`; as `mapping.map_menu`."""
        return _items(self.spool, self.faults)


def stream_pos(client: AlleavesClient, location: Location, clock: Clock, spool: Spool) -> PosStream:
    """Log in and fetch everything of a location into `spool`. Raises as `pos.read_pos`, and WriteFailed."""
    pos_location = find_location(client, location)
    areas = client.areas()
    inventory, catalogue = Gathered(spool, _ROW), Gathered(spool, _ITEM)
    client.gather_inventory(inventory)
    client.gather_items(catalogue)
    broken = [fault.id_item for fault in inventory.invalid if fault.id_item is not None]
    spool.add(_BROKEN_ROW, ((id_item, None, b"") for id_item in broken))
    rows = map(partial(unpack, INVENTORY), spool.contents(_ROW))
    selection = select_areas(location, areas, rows, any_rows=len(inventory) > 0)
    zone = zone_of(pos_location)
    return PosStream(
        spool,
        faults_by_item(chain(inventory.invalid, catalogue.invalid)),
        strays(inventory.invalid, catalogue.invalid, lambda: {item.id_item for item in _items(spool, {})}),
        len(inventory),
        len(catalogue),
        rules_at(location.settings, selection, zone, clock),
        zone is not None,
    )


def _items(spool: Spool, faults: Mapping[int, Sequence[InvalidRecord]]) -> Iterator[PosItem]:
    for id_item, records in spool.items():
        rows = [record for record in records if record.sort in _ROWS]
        if rows:
            item = next((record for record in records if record.sort == _ITEM), None)
            yield PosItem(id_item, rows, item, faults.get(id_item, ()), spool.read)
