"""docs/rules.md: every rule of the contract has an example there, and every example is true."""

import json
import re
from typing import Any

import pytest

from tests.fences import ROOT
from tests.rule_examples import PAGE, examples, run

EXAMPLES = list(examples())


def rules_of_the_contract() -> list[str]:
    text = (ROOT / "docs" / "contract" / "rules.md").read_text(encoding="utf-8")
    return re.findall(r"^\| ([A-Z]\d+[a-z]?) \|", text, re.MULTILINE)


def test_every_rule_of_the_contract_has_its_section_in_the_same_order() -> None:
    sections = re.findall(r"^### (\w+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sections == rules_of_the_contract()
    assert len(sections) == len(set(sections))


@pytest.mark.parametrize(
    ("rule", "example"), EXAMPLES, ids=[f"{rule}-{place}" for place, (rule, _) in enumerate(EXAMPLES)]
)
def test_the_example_of_a_rule_is_true(rule: str, example: dict[str, Any]) -> None:
    assert example, f"{rule} has no example"
    run(example)


@pytest.mark.parametrize("key", ["gives", "sends", "takes", "ends", "is", "decides"])
def test_an_example_that_is_not_true_is_noticed(key: str) -> None:
    example = next(one for _, one in EXAMPLES if one.get(key))
    with pytest.raises((AssertionError, KeyError)):
        run(example | {key: json.loads('{"7": {"quantity": -1}}') if key == "gives" else "nothing like it"})
