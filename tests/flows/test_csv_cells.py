"""A CSV file opened in a spreadsheet runs nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alleaves_sync.flows.csv_cells import safe_cell
from tests.strategies import fast

STARTS = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize("start", STARTS)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert safe_cell(f"{start}1+cmd|' /C calc'!A0") == f"'{start}1+cmd|' /C calc'!A0"
    assert safe_cell(start) == f"'{start}"


@pytest.mark.parametrize(
    "value", [-5, -0.5, None, "", "5 = 5", " =1", "'90s Haze", '[{"fileUrl":"x"}]', "A-1"]
)
def test_everything_else_stays_as_it_is_numbers_above_all(value: object) -> None:
    assert safe_cell(value) is value


@fast
@given(st.text("'=+-@\t\ra1 ", max_size=6))
def test_taking_the_apostrophe_away_gives_back_what_it_was(text: str) -> None:
    cell = safe_cell(text)
    assert isinstance(cell, str)
    assert not cell.startswith(STARTS)
    assert re.sub(r"^'(?='*[=+\-@\t\r])", "", cell) == text
