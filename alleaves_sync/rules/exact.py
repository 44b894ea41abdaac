"""Sums and products of amounts from the wire without rounding. Pure."""

from contextlib import AbstractContextManager
from decimal import MAX_EMAX, MIN_EMIN, Context, localcontext

# Enough digits for the product of any two numbers that JSON can carry, and for their sum with any other.
_DIGITS = 1500
_EXACT = Context(prec=_DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN)


def exactly() -> AbstractContextManager[Context]:
    """While this is entered, only a division rounds, and far below anything that is counted or paid."""
    return localcontext(_EXACT)
