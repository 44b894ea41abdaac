"""audit: the faults in a store's data, found in the POS's answer or in saved rows. Writes nothing."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from alleaves_sync.config import Location
from alleaves_sync.errors import OptionsConflict
from alleaves_sync.flows.csv_cells import safe_cell
from alleaves_sync.flows.explain.report import SavedRows, rows_and_rules
from alleaves_sync.flows.pos import Clock, utc_now
from alleaves_sync.flows.progress import Progress
from alleaves_sync.rules.audit import MEANINGS, Code, Fault, audit


@dataclass(frozen=True, slots=True)
class Audit:
    """The faults of one location, worst first."""

    location: Location
    faults: tuple[Fault, ...]

    @property
    def counts(self) -> dict[Code, int]:
        """How many of each kind there are, worst first; kinds without any are left out."""
        found = Counter(fault.code for fault in self.faults)
        return {code: found[code] for code in MEANINGS if found[code]}

    def has_any(self, codes: Iterable[str]) -> bool:
        """Whether a fault of one of these kinds was found."""
        return not {*codes}.isdisjoint(self.counts)


def audit_location(
    location: Location, saved: SavedRows | None, progress: Progress, clock: Clock = utc_now
) -> Audit:
    """Audit one location, from the POS or from saved rows. Raises as `map_location`."""
    rows, rules = rows_and_rules(location, saved, progress, clock)
    return Audit(location, tuple(audit(rows.inventory, rows.catalogue, rules)))


def check_codes(codes: Sequence[str]) -> None:
    """Raises OptionsConflict for a code that there is not; the nearest is named."""
    for code in codes:
        if code not in MEANINGS:
            near = get_close_matches(code, MEANINGS, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"there are: {', '.join(MEANINGS)}"
            raise OptionsConflict(f"there is no fault {code!r}", remedy)


def as_csv(audits: Iterable[Audit]) -> str:
    """All faults as one table."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("location", "code", "id_item", "name", "status", "message"))
    for one in audits:
        for fault in one.faults:
            row = (fault.code, fault.id_item, fault.name, fault.status, fault.message)
            writer.writerow(map(safe_cell, (one.location.name, *row)))
    return out.getvalue()
