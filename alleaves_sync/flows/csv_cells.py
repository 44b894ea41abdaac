"""Cells of CSV files that a spreadsheet does not take for formulas."""

import re

# What Excel, Calc and Sheets begin a formula with; a tab or line end before it is skipped.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def safe_cell(value: object) -> object:
    """`value`; a text that begins like a formula gets an apostrophe before it, a number never.

    So does such a text behind apostrophes of its own, so that taking one away gives back what it was.
    """
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return value
