"""Bad input is told, never a traceback, and nothing is written.

The long form: `python benchmarks/real/fuzz.py`.
"""

import base64
import json
import random
from pathlib import Path

import pytest

from tests.fuzz.by_schema import KINDS, SOURCES, judged
from tests.fuzz.feeds import ROOT
from tests.fuzz.targets import TARGETS, ends_well

TIMES = 25
FOUND = sorted((ROOT / "tests/data/fuzz").glob("*.json"))


@pytest.mark.parametrize("name", TARGETS)
def test_bad_input_ends_with_an_error_of_our_own_or_is_taken(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    for seed in range(TIMES):
        content = target.make(random.Random(f"{name} {seed}"))
        try:
            ends_well(target, content, tmp_path)
        except Exception as error:
            error.add_note(f"{name}, seed {seed}: {content[:300]!r}")
            raise


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_once_ends_well_for_ever(path: Path, tmp_path: Path) -> None:
    """Each file: the target, the kind of input, the bytes that broke it (base64), and why."""
    case = json.loads(path.read_text())
    content = base64.b64decode(case["content"])
    if (kind := case.get("kind")) in KINDS:
        judged(SOURCES[case["target"]], kind, content, tmp_path)
    ends_well(TARGETS[case["target"]], content, tmp_path)
