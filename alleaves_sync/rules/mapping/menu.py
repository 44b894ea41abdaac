"""All items of a location: rows and catalogue records joined by `id_item` (P1), one result each."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from alleaves_sync.aiq.models import Product
from alleaves_sync.alleaves.models import Fetched, InvalidRecord, InventoryRow, Item
from alleaves_sync.rules.mapping.item import invalid_item, map_item
from alleaves_sync.rules.mapping.rules import MappedItem, Rules

NOTHING_HELD: Mapping[str, Product] = MappingProxyType({})


def map_menu(
    inventory: Fetched[InventoryRow],
    catalogue: Fetched[Item],
    rules: Rules,
    held: Mapping[str, Product] = NOTHING_HELD,
) -> Iterator[MappedItem]:
    """Map every item that has a row, in order of `id_item`; a catalogue record without rows is none (P3).

    An item with a broken row or a broken catalogue record is withheld (P6a); broken records that belong to no
    item are `strays`. `held` is by `posProductId`, given only where prices are not synced (M6).
    """
    rows: defaultdict[int, list[InventoryRow]] = defaultdict(list)
    for row in inventory.records:
        rows[row.id_item].append(row)
    records = {item.id_item: item for item in catalogue.records}
    faults = faults_by_item(chain(inventory.invalid, catalogue.invalid))
    broken = {record.id_item for record in inventory.invalid if record.id_item is not None}
    for id_item in sorted(rows.keys() | broken):
        if id_item in faults:
            yield invalid_item(id_item, faults[id_item])
        else:
            yield map_item(rows[id_item], records.get(id_item), rules, held.get(str(id_item)))


def strays(
    rows: Iterable[InvalidRecord],
    catalogue: Sequence[InvalidRecord],
    with_rows: Callable[[], Container[int | None]],
) -> tuple[InvalidRecord, ...]:
    """Broken records that no item can be withheld for: no readable id, or a catalogue record without rows.

    `with_rows` gives the ids of items that have a row, broken or not; it is asked only where they matter.
    """
    nameless = tuple(record for record in rows if record.id_item is None)
    if not catalogue:
        return nameless
    known = with_rows()
    rowless = (record for record in catalogue if record.id_item is None or record.id_item not in known)
    return (*nameless, *rowless)


def faults_by_item(invalid: Iterable[InvalidRecord]) -> dict[int, list[InvalidRecord]]:
    """Broken records by the item that is withheld for them."""
    found: defaultdict[int, list[InvalidRecord]] = defaultdict(list)
    for record in invalid:
        if record.id_item is not None:
            found[record.id_item].append(record)
    return found
