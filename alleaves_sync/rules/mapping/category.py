"""Category, weight and strain: C1-C4, W1, S1."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from alleaves_sync.aiq.models import CannabisType, Category, WeightUnit
from alleaves_sync.rules.mapping.text import clean

_SEPARATOR = " > "
_NO_CATEGORY = "uncategorized"
_PATHS = 1024  # a store has some dozens of categories, and thousands of items in them

_DEFAULT_NAMES: Mapping[Category, tuple[str, ...]] = {
    "FLOWER": ("Flower",),
    "PRE_ROLLS": ("Pre rolls",),
    "VAPORIZERS": ("Vapes", "Vaporizers", "Cartridges"),
    "CONCENTRATES": ("Concentrates", "Extracts"),
    "EDIBLES": ("Edibles",),
    "TINCTURES": ("Tinctures",),
    "TOPICALS": ("Topicals",),
    "ACCESSORIES": ("Accessories", "Gear"),
    "BEVERAGES": ("Beverages", "Drinks"),
    "MERCHANDISE": ("Merchandise", "Apparel"),
    "CBD_PRODUCTS": ("CBD",),
    "GIFT_CARDS": ("Gift Cards",),
    "CAPSULES": ("Capsules",),
    "SEEDS": ("Seeds",),
}


def _loose(segment: str) -> str:
    # C2: without case, spaces, "-", "_" and a plural ending.
    word = re.sub(r"[\s\-_]+", "", segment.casefold())
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word.removesuffix("s")


_DEFAULTS: Mapping[str, Category] = {
    _loose(name): category for category, names in _DEFAULT_NAMES.items() for name in names
}


def segments(path: str) -> tuple[str, ...]:
    """The parts of a POS category path, trimmed, empty ones and a last "Uncategorized" left out (C1)."""
    parts = tuple(part for part in (clean(piece) for piece in path.split(_SEPARATOR)) if part)
    while parts and parts[-1].casefold() == _NO_CATEGORY:
        parts = parts[:-1]
    return parts


@lru_cache(_PATHS)
def sub_type(path: str) -> str | None:
    """The last segment as the POS spells it (C1)."""
    last = clean(path.rpartition(_SEPARATOR)[2])
    return None if last is None or last.casefold() == _NO_CATEGORY else last


@lru_cache(_PATHS)
def map_key(path: str) -> str:
    """How a path is compared with the configuration's map (C3): trimmed, without case."""
    return _SEPARATOR.join(piece.strip() for piece in path.split(_SEPARATOR)).strip().casefold()


def category(path: str, configured: Mapping[str, Category], *, use_defaults: bool) -> Category | None:
    """The AIQ category of a POS path (C2, C3), None where it is unmapped (C4). `map_key` makes the keys."""
    own = configured.get(map_key(path))
    if own is None:
        own = configured.get(map_key(path.rpartition(_SEPARATOR)[2]))
    if own is not None or not use_defaults:
        return own
    return _default(path)


@lru_cache(_PATHS)
def _default(path: str) -> Category | None:
    # C2: the last segment that is a known name.
    found = (_DEFAULTS.get(_loose(segment)) for segment in reversed(segments(path)))
    return next((match for match in found if match is not None), None)


_WEIGHT_UNITS: Mapping[str, WeightUnit] = {
    "grams": "GRAMS",
    "milligrams": "MILLIGRAMS",
    "ounces": "OUNCES",
    "each": "EACH",
}


def weight(value: Decimal | None, unit: str | None) -> tuple[Decimal | None, WeightUnit | None]:
    """Weight and its unit (W1). No weight: neither. No unit: grams. A unit of another name: UNKNOWN."""
    if value is None or value <= 0:
        return None, None
    name = clean(unit)
    if name is None:
        return value, "GRAMS"
    return value, _WEIGHT_UNITS.get(name.casefold(), "UNKNOWN")


_CANNABIS_TYPES: Mapping[frozenset[str], CannabisType] = {
    frozenset({"indica"}): "INDICA",
    frozenset({"sativa"}): "SATIVA",
    frozenset({"hybrid"}): "HYBRID",
    frozenset({"cbd"}): "CBD",
    frozenset({"hybrid", "indica"}): "HYBRID_INDICA",
    frozenset({"indica", "dominant"}): "HYBRID_INDICA",
    frozenset({"hybrid", "indica", "dominant"}): "HYBRID_INDICA",
    frozenset({"hybrid", "sativa"}): "HYBRID_SATIVA",
    frozenset({"sativa", "dominant"}): "HYBRID_SATIVA",
    frozenset({"hybrid", "sativa", "dominant"}): "HYBRID_SATIVA",
}


@lru_cache(_PATHS)
def cannabis_type(strain_type: str | None) -> CannabisType | None:
    """The kind of cannabis that a text names (S1): one word of a kind, or both words of a hybrid."""
    if not strain_type:
        return None
    return _CANNABIS_TYPES.get(frozenset(re.findall(r"[^\W\d_]+", strain_type.casefold())))
