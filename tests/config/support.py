"""Small configuration files for tests."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent, indent

import pytest

from alleaves_sync.config import Settings, load
from alleaves_sync.errors import ConfigInvalid, Problem

CANARY = "canary-hunter2-canary"
ENVIRON = {"PW": CANARY, "KEY": f"{CANARY}-key"}


def location(extra: str = "", name: str = "downtown", alleaves: str = "") -> str:
    """A location with what is required, and more lines of its own."""
    lines = f"  {name}:\n    areas: [Retail]\n    alleaves:\n      location_id: 1000\n      username: shop\n"
    lines += "      password: ${PW}\n" + indent(dedent(alleaves).strip("\n"), "      ").rstrip() + "\n"
    return lines + indent(dedent(extra).strip("\n"), "    ").rstrip() + "\n"


def config(*locations: str, top: str = "") -> str:
    """A whole file."""
    return f"{dedent(top).strip()}\nlocations:\n{''.join(locations or (location(),))}"


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    """The file `config.yaml` in `folder`."""
    path = folder / "config.yaml"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def loaded(folder: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> Settings:
    """The settings of a file with this text."""
    return load(write(folder, text), environ)


def problems(
    folder: Path, text: str, environ: Mapping[str, str] = ENVIRON, mode: int = 0o600
) -> dict[str, Problem]:
    """The problems of a file with this text, by their paths; no secret is in any of them."""
    with pytest.raises(ConfigInvalid) as caught:
        load(write(folder, text, mode), environ)
    assert CANARY not in repr(caught.value.problems)
    return {problem.path: problem for problem in caught.value.problems}
