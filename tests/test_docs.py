"""The pages say what there is: commands, options, keys, codes, targets, dependencies."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel
from typer.main import get_command

from alleaves_sync import __version__, errors
from alleaves_sync.cli.app import app
from alleaves_sync.cli.views.push_view import REASONS
from alleaves_sync.config.settings import CommonSettings, LocationSettings, WireField
from alleaves_sync.rules.audit import MEANINGS as FAULTS
from alleaves_sync.rules.mapping.rules import Reason, WarningCode
from tests.fences import ROOT, tables_of

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_the_page_of_the_commands_is_current() -> None:
    ended = subprocess.run(
        [sys.executable, ROOT / "scripts" / "cli_reference.py", "--check"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ended.returncode == 0, ended.stderr


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command with its words, and all that are under it."""
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from _commands(f"{path} {name}", one)


def test_every_command_and_option_is_on_the_page_of_the_commands() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for path, command in _commands("alleaves-sync", get_command(app)):
        section = page.split(f"## {path}\n")[1].split("\n## ")[0]
        for option in chain.from_iterable(one.opts for one in command.params if one.opts[0][0] == "-"):
            assert option in section, f"{path} {option}"


def test_every_exit_code_is_in_the_readme_and_in_the_runbook() -> None:
    for page in ("README.md", "docs/operations.md"):
        codes = re.findall(r"^\| (\d+) \|", tables_of(page), re.MULTILINE)
        assert codes == ["0", "1", "2", "3", "65", "69", "77", "78", "130"], page


def _codes(kind: type[errors.AlleavesSyncError]) -> Iterator[str]:
    yield kind.code
    for one in kind.__subclasses__():
        yield from _codes(one)


def test_every_code_of_an_error_an_item_a_warning_or_an_order_is_in_the_runbook() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", tables_of("docs/operations.md"), re.MULTILINE)
    told = {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}
    known = {*_codes(errors.AlleavesSyncError), *get_args(Reason), *get_args(WarningCode), *REASONS}
    known |= {*FAULTS}
    assert known <= told
    assert told - known == {"usage", "defect"}


def _keys(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(field.annotation, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def _written(section: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, value in section.items():
        if isinstance(value, dict) and value:
            yield from _written(value, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def test_the_example_configuration_has_every_key() -> None:
    text = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    common = yaml.safe_load(text)
    (location,) = common.pop("locations").values()
    assert common.pop("defaults") == {}
    assert set(_written(common)) == set(_keys(CommonSettings))
    assert set(_written(location)) == set(_keys(LocationSettings))


def test_every_key_of_the_example_configuration_has_its_comment() -> None:
    """A key is explained above it, or by the comment of the section or of the switches that it is in."""
    lines = (ROOT / "config.example.yaml").read_text(encoding="utf-8").splitlines()
    plain = {"locations", "monitoring", "alleaves", "inventory", "categories", "tiers", "orders", "patients"}
    plain |= {"aiq", "base_url", "username", "password", "venue_id"}
    explained = False
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            explained = bool(text)
        else:
            name = text.split(":")[0]
            assert explained or name in plain or text.endswith(": true"), line
            explained = explained and text.endswith(": true")


def test_every_key_of_wire_is_on_the_page_about_connecting() -> None:
    page = (ROOT / "docs" / "connecting.md").read_text(encoding="utf-8")
    assert all(f"      {key}: " in page and f"`{key}`" in page for key in get_args(WireField))


@pytest.mark.parametrize("name", ["alleaves", "aiq"])
def test_the_contracts_are_openapi(name: str) -> None:
    document = yaml.safe_load((ROOT / "docs" / "contract" / f"{name}.openapi.yaml").read_text())
    assert document["openapi"].startswith("3.1")
    named = set(re.findall(r"'\$ref': '#/([^']+)'", str(document)))
    for reference in named:
        part: Any = document
        for step in reference.split("/"):
            part = part[step]
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    operations = [
        one for path in document["paths"].values() for key, one in path.items() if key != "parameters"
    ]
    assert all({"operationId", "x-evidence", "responses"} <= set(operation) for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_every_dependency_has_its_reason() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    wanted = [*declared["dependencies"], *chain(*declared["optional-dependencies"].values())]
    for requirement in wanted:
        (name,) = re.findall(r"^[\w-]+", requirement)
        assert name.startswith(("types-", "alleaves-sync")) or re.search(
            rf"\b{name}\b", page, re.IGNORECASE
        ), name


def test_the_changelog_knows_this_version() -> None:
    assert f"\n## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
