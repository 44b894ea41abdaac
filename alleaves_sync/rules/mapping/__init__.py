"""Pure: POS rows in; products, and why, out. The rules are `docs/contract/rules.md`."""

from alleaves_sync.rules.mapping.areas import AreaSelection
from alleaves_sync.rules.mapping.item import invalid_item, map_item
from alleaves_sync.rules.mapping.menu import faults_by_item, map_menu, strays
from alleaves_sync.rules.mapping.rules import ItemWarning, MappedItem, Reason, Rules, Status

__all__ = [
    "AreaSelection",
    "ItemWarning",
    "MappedItem",
    "Reason",
    "Rules",
    "Status",
    "faults_by_item",
    "invalid_item",
    "map_item",
    "map_menu",
    "strays",
]
