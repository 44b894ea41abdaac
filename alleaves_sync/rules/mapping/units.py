"""Units of weight (T5): exact factors to grams, and nothing guessed."""

from decimal import Decimal

_GRAMS = {
    "mg": Decimal("0.001"),
    "g": Decimal(1),
    "oz": Decimal("28.349523125"),
}
_SPELLINGS = {
    "milligram": "mg",
    "milligrams": "mg",
    "gram": "g",
    "grams": "g",
    "ounce": "oz",
    "ounces": "oz",
}
_COUNTS = frozenset({"ea", "each", "unit", "units"})


def grams_per(unit: str | None) -> Decimal | None:
    """Grams in one `unit` (mg, g, oz); None where it is not a unit of weight that converts exactly."""
    short = (unit or "").strip().casefold()
    return _GRAMS.get(_SPELLINGS.get(short, short))


def as_sent(value: Decimal) -> Decimal:
    """The value as JSON carries it: with more digits than a double has, it would differ when read back."""
    return value if value == value.to_integral_value() else Decimal(repr(float(value)))


def is_count(unit: str | None) -> bool:
    """Whether `unit` counts pieces."""
    return (unit or "").strip().casefold() in _COUNTS
