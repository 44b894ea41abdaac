"""Which areas count (P2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from alleaves_sync.alleaves.models import Area, InventoryRow


def _key(text: object) -> str:
    return str(text).strip().casefold()


def _row_keys(row: InventoryRow) -> frozenset[str]:
    return _keys(row.id_area, row.area, row.area_path, row.area_type)


@lru_cache(1024)  # a store has some dozens of areas, and thousands of rows in them
def _keys(*values: object) -> frozenset[str]:
    return frozenset(_key(value) for value in values if value is not None)


def _area_keys(area: Area) -> frozenset[str]:
    return _keys(area.id_area, area.name, area.path, area.area_type)


@dataclass(frozen=True, slots=True)
class AreaSelection:
    """The selected areas of a location: by the selectors themselves and by the ids of the records they match.

    `unmatched` are the selectors that match neither an area record nor any row: a spelling mistake, which
    must never become an empty menu.
    """

    keys: frozenset[str]
    ids: frozenset[int]
    unmatched: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, selectors: Sequence[str], areas: Sequence[Area], rows: Iterable[InventoryRow]
    ) -> "AreaSelection":
        """Resolve `selectors` (an area's id, name, path or type) against the records and the rows."""
        wanted = {_key(selector): selector for selector in selectors}
        present = [area for area in areas if not area.deleted]
        ids = frozenset(area.id_area for area in present if not wanted.keys().isdisjoint(_area_keys(area)))
        missing = wanted.keys() - {key for area in present for key in _area_keys(area)}
        for row in rows:
            if not missing:
                break
            missing -= _row_keys(row)
        return cls(frozenset(wanted), ids, tuple(wanted[key] for key in wanted if key in missing))

    def holds(self, row: InventoryRow) -> bool:
        """Whether the row lies in a selected area. A sold-out row has no area, so it lies in none."""
        if row.id_area in self.ids:
            return True
        return not self.keys.isdisjoint(_row_keys(row))

    def holds_area(self, area: Area) -> bool:
        """Whether an area record is selected."""
        return area.id_area in self.ids
