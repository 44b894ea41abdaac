"""Cannabinoids and terpenes: L1-L5."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import get_args

from alleaves_sync.aiq.models import (
    CANNABINOIDS,
    TERPENES,
    Cannabinoid,
    ContentUnit,
    LabValue,
    Terpene,
)
from alleaves_sync.alleaves.models import Compound, InventoryRow
from alleaves_sync.rules.mapping.rules import ItemWarning
from alleaves_sync.rules.mapping.text import clean
from alleaves_sync.rules.mapping.units import as_sent

# Exactly as the vendor's page writes them (L1).
_TERPENE_NAMES: Mapping[str, Terpene] = {
    "3-Carene": "threeCarene",
    "Alpha Pinene": "alphaPinene",
    "Beta Caryophyllene": "betaCaryophyllene",
    "Beta Eudesmol": "betaEudesmol",
    "Beta Myrcene": "betaMyrcene",
    "Beta Pinene": "betaPinene",
    "Bisabolol": "bisabolol",
    "Caryophyllene Oxide": "caryophylleneOxide",
    "Guaiol": "guaiol",
    "Humulene": "humulene",
    "Limonene": "limonene",
    "Linalool": "linalool",
    "Ocimene": "ocimene",
    "Terpinolene": "terpinolene",
    "Terpinene": "terpinene",
    "Trans-Nerolidol": "transNerolidol",
}
_CANNABINOID_NAMES: Mapping[str, Cannabinoid] = {name.casefold(): name for name in CANNABINOIDS}
_ORDER = {name: place for place, name in enumerate((*CANNABINOIDS, *TERPENES))}
_WORST_FIRST: tuple[ContentUnit, ...] = ("mg", "mg/g", "%")  # L4: the best unit wins
_UNITS: Mapping[str, ContentUnit] = {unit: unit for unit in get_args(ContentUnit)}

_NUMBER = r"[+-]?(?:\d{1,15}\.?\d{0,30}|\.\d{1,30})"
_RESULT = re.compile(rf"({_NUMBER})\s*(%|mg/g|mg)?", re.IGNORECASE)
# At the end of a name: "THC %", "THC (mg/g)", "THC%". Letters need a blank or a bracket before them.
_NAME_UNIT = re.compile(r"\s*\(\s*(%|mg/g|mg)\s*\)$|\s*(%)$|\s+(mg/g|mg)$", re.IGNORECASE)
_TEXTS = 4096  # the same names and results come thousands of times
_CLOSE = 0.7  # difflib's ratio from which a name is taken for a misspelling


@dataclass(frozen=True, slots=True)
class Labs:
    """The values to send in the order of the contract, where the cannabinoids came from, the warnings."""

    values: tuple[LabValue, ...]
    sources: tuple[str, ...]
    warnings: tuple[ItemWarning, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    amount: Decimal
    unit: ContentUnit


def _unit_of(text: str | None) -> ContentUnit | None:
    return None if text is None else _UNITS[text.casefold()]


@lru_cache(_TEXTS)
def split_name(name: str) -> tuple[str, ContentUnit | None]:
    """A compound's name without the unit at its end, and that unit (L1, L2)."""
    found = _NAME_UNIT.search(name)
    if found is None:
        return name, None
    return name[: found.start()].strip(), _unit_of(next(unit for unit in found.groups() if unit))


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


@lru_cache(maxsize=1024)
def nearest_terpene(name: str) -> str | None:
    """The one of the 16 that `name` probably means, None where it is like none of them (L1)."""
    wanted = _squeezed(name)
    ratios = {
        known: difflib.SequenceMatcher(None, wanted, _squeezed(known)).ratio() for known in _TERPENE_NAMES
    }
    best = max(ratios, key=lambda known: ratios[known])
    return best if ratios[best] >= _CLOSE else None


def _is_nothing(result: str | Decimal | None) -> bool:
    # L2: 0, ND and empty are not sent, silently.
    if result is None or isinstance(result, Decimal):
        return not result
    text = result.strip()
    if not text or text.casefold() == "nd":
        return True
    reading = read_result(text, None)
    return reading is not None and not reading.amount


@lru_cache(_TEXTS)
def read_result(result: str | Decimal | None, name_unit: ContentUnit | None) -> _Reading | None:
    """A result with its unit (L2): the value's, else the name's, else mg. None where it is not a number."""
    if isinstance(result, Decimal):
        return _Reading(result, name_unit or "mg")
    found = _RESULT.fullmatch((result or "").strip())
    if found is None:
        return None
    return _Reading(as_sent(Decimal(found[1])), _unit_of(found[2]) or name_unit or "mg")


class _Collector:
    """Gathers the readings of all rows of one item; conflicts go to the highest of the best unit (L4)."""

    def __init__(self, *, labs: bool, terpenes: bool) -> None:
        self._labs, self._terpenes = labs, terpenes
        self._best: dict[Cannabinoid | Terpene, _Reading] = {}
        self._warnings: dict[ItemWarning, None] = {}
        self.potency_stated = False

    def add(self, entry: Compound) -> None:
        name, unit = split_name(clean(entry.compound) or "")
        cannabinoid = _CANNABINOID_NAMES.get(name.casefold())
        if cannabinoid in {"thc", "cbd"}:
            self.potency_stated = True  # L3: also where it says that there is none
        if _is_nothing(entry.result):
            return
        if cannabinoid is not None:
            if self._labs:
                self._read(cannabinoid, name, entry.result, unit)
        elif self._terpenes:
            terpene = _TERPENE_NAMES.get(name)
            if terpene is not None:
                self._read(terpene, name, entry.result, unit)
            elif name:
                self._unknown(name)

    def _read(
        self,
        compound: Cannabinoid | Terpene,
        name: str,
        result: str | Decimal | None,
        unit: ContentUnit | None,
    ) -> None:
        reading = read_result(result, unit)
        if reading is None or reading.amount < 0:
            self._warn(ItemWarning("result-unreadable", f"{name}: {str(result)[:40]!r} is no content"))
        else:
            self.offer(compound, reading)

    def offer(self, compound: Cannabinoid | Terpene, reading: _Reading) -> None:
        held = self._best.get(compound, reading)
        self._best[compound] = max(held, reading, key=_rank)

    def _unknown(self, name: str) -> None:
        near = nearest_terpene(name)
        hint = f", did you mean {near}?" if near else ""
        self._warn(ItemWarning("compound-unknown", f"{name[:60]!r} is not a terpene of the menu{hint}"))

    def _warn(self, warning: ItemWarning) -> None:
        self._warnings[warning] = None

    @property
    def has_values(self) -> bool:
        return bool(self._best)

    def values(self) -> tuple[LabValue, ...]:
        return tuple(
            LabValue(compound, self._best[compound].amount, self._best[compound].unit)
            for compound in sorted(self._best, key=_ORDER.__getitem__)
        )

    def warnings(self) -> tuple[ItemWarning, ...]:
        return tuple(self._warnings)


def _rank(reading: _Reading) -> tuple[int, Decimal]:
    return _WORST_FIRST.index(reading.unit), reading.amount


def _column_readings(rows: Iterable[InventoryRow]) -> Iterable[tuple[Cannabinoid, str, _Reading]]:
    # L3: the columns serve where the profiles name neither THC nor CBD.
    for row in rows:
        columns: tuple[tuple[Cannabinoid, str, Decimal | None, ContentUnit], ...] = (
            ("thc", "thc", row.thc, "%"),
            ("thc", "thc_mg", row.thc_mg, "mg"),
            ("cbd", "cbd", row.cbd, "%"),
            ("cbd", "cbd_mg", row.cbd_mg, "mg"),
        )
        for compound, column, amount, unit in columns:
            if amount is not None and amount > 0:
                yield compound, column, _Reading(amount, unit)


def labs_of(stocked: Sequence[InventoryRow], *, labs: bool, terpenes: bool) -> Labs:
    """What the rows that count and have stock say (L4); parts that are switched off are not read (L5)."""
    collector = _Collector(labs=labs, terpenes=terpenes)
    for row in stocked:
        for entry in row.compounds:
            collector.add(entry)
    sources = {"compounds"} if collector.has_values else set()
    if labs and not collector.potency_stated:
        for compound, column, reading in _column_readings(stocked):
            collector.offer(compound, reading)
            sources.add(column)
    return Labs(collector.values(), tuple(sorted(sources)), collector.warnings())
