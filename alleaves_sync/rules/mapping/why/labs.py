"""The compounds that were read and those that were refused: L1-L5."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from alleaves_sync.aiq.models import LabValue
from alleaves_sync.alleaves.models import Compound, InventoryRow
from alleaves_sync.rules.mapping.labs import Labs, labs_of
from alleaves_sync.rules.mapping.rules import Rules
from alleaves_sync.rules.mapping.stock import ItemRows
from alleaves_sync.rules.mapping.text import clean

Outcome = Literal["sent", "other-value", "nothing", "refused", "switched-off", "not-read"]

_BEATEN = "L4: another value counts: the highest, % before mg/g before mg"
_OFF = "L5: fields.labs or fields.terpenes is off"
_COLUMNS = ("thc", "thc_mg", "cbd", "cbd_mg")


@dataclass(frozen=True, slots=True)
class LabPart:
    """One entry of a chemical profile (`source` compounds), or one of the columns thc, thc_mg, cbd, cbd_mg.

    `value`: what was read of it, if anything. `because` says the rule and why, where it is not sent.
    """

    id_batch: int
    id_area: int | None
    source: str
    name: str
    result: str
    outcome: Outcome
    value: LabValue | None
    because: str


def lab_parts(rows: Sequence[InventoryRow], sorted_rows: ItemRows, rules: Rules) -> tuple[LabPart, ...]:
    """Every entry and every filled column of all rows, those of rows that are read first."""
    labs = labs_of(sorted_rows.stocked, labs=rules.labs, terpenes=rules.terpenes)
    stocked = sorted_rows.stocked
    parts = [part for row in stocked for part in _of_row(row, labs, rules)]
    return (*parts, *(part for row in rows if row not in stocked for part in _unread(row)))


def _of_row(row: InventoryRow, labs: Labs, rules: Rules) -> Iterator[LabPart]:
    for entry in row.compounds:
        outcome, value, because = _entry(row, entry, labs, rules)
        yield _part(row, entry, outcome, value, because)
    for column, amount in _columns(row):
        alone = _bare(row, (), column, amount)
        found = labs_of((alone,), labs=True, terpenes=False).values
        value = found[0] if found else None
        outcome, because = _column(column, value, labs, rules)
        yield LabPart(row.id_batch, row.id_area, column, column, f"{amount:f}", outcome, value, because)


def _unread(row: InventoryRow) -> Iterator[LabPart]:
    because = "L4: the row does not count, or has no stock"
    for entry in row.compounds:
        yield _part(row, entry, "not-read", None, because)
    for column, amount in _columns(row):
        yield LabPart(row.id_batch, row.id_area, column, column, f"{amount:f}", "not-read", None, because)


def _part(
    row: InventoryRow, entry: Compound, outcome: Outcome, value: LabValue | None, because: str
) -> LabPart:
    result = "" if entry.result is None else str(entry.result)
    name = clean(entry.compound) or ""
    return LabPart(row.id_batch, row.id_area, "compounds", name, result, outcome, value, because)


def _columns(row: InventoryRow) -> Iterator[tuple[str, Decimal]]:
    for column in _COLUMNS:
        amount: Decimal | None = getattr(row, column)
        if amount is not None:
            yield column, amount


def _bare(
    row: InventoryRow, compounds: tuple[Compound, ...], column: str = "", amount: Decimal | None = None
) -> InventoryRow:
    """The row with nothing but these entries, or this column."""
    columns: dict[str, Any] = dict.fromkeys(_COLUMNS)
    if column:
        columns[column] = amount
    return replace(row, compounds=compounds, **columns)


def _entry(
    row: InventoryRow, entry: Compound, labs: Labs, rules: Rules
) -> tuple[Outcome, LabValue | None, str]:
    # The entry alone through the rule itself.
    alone = (_bare(row, (entry,)),)
    read = labs_of(alone, labs=rules.labs, terpenes=rules.terpenes)
    if read.values:
        (value,) = read.values
        return ("sent", value, "") if value in labs.values else ("other-value", value, _BEATEN)
    if read.warnings:
        return "refused", None, f"L1, L2: {read.warnings[0].message}"
    whole = labs_of(alone, labs=True, terpenes=True)
    if whole.values or whole.warnings:
        return "switched-off", next(iter(whole.values), None), _OFF
    return "nothing", None, "L2: 0, ND or empty"


def _column(column: str, value: LabValue | None, labs: Labs, rules: Rules) -> tuple[Outcome, str]:
    if value is None:
        return "nothing", "L2: nothing above 0"
    if not rules.labs:
        return "switched-off", _OFF
    if column not in labs.sources:
        return "not-read", "L3: the profiles say something of THC or CBD"
    return ("sent", "") if value in labs.values else ("other-value", _BEATEN)
