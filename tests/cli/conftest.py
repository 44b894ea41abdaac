"""A sandbox for the commands, and a way to run them inside the test."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alleaves_sync.cli.run import run
from alleaves_sync.sandbox import Sandbox


@dataclass(frozen=True)
class Ran:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


class Program:
    """Runs command lines in a folder of their own, with an environment of their own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def __call__(self, *args: str) -> Ran:
        self._capsys.readouterr()
        code = run(args)
        out, err = self._capsys.readouterr()
        return Ran(code, out, err)


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command arranges the program's log lines for its process; a test leaves them as they were."""
    logger = logging.getLogger("alleaves_sync")
    handlers, propagate, level = logger.handlers[:], logger.propagate, logger.level
    yield
    logger.handlers[:], logger.propagate = handlers, propagate
    logger.setLevel(level)


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    for name in (
        "ALLEAVES_SYNC_CONFIG",
        "ALLEAVES_USERNAME",
        "ALLEAVES_PASSWORD",
        "ALLEAVES_PIN",
        "AIQ_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    return Program(tmp_path, capsys)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(items=30) as served:
        yield served


@pytest.fixture
def store(program: Program, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The sandbox, with a configuration for it in the program's folder."""
    monkeypatch.setenv("ALLEAVES_PASSWORD", sandbox.password)
    write_config(program.folder, sandbox)
    return sandbox


def write_config(
    folder: Path, sandbox: Sandbox, extra: str = "", names: tuple[str, ...] = ("downtown",)
) -> None:
    """A `config.yaml` for locations of the sandbox."""
    places = "".join(f"  {name}: {{}}\n" for name in names)
    (folder / "config.yaml").write_text(
        f"""
state: ./state.db
defaults:
  areas: [Retail]
  alleaves:
    base_url: {sandbox.alleaves_url}
    location_id: {sandbox.location_id}
    username: {sandbox.username}
    password: ${{ALLEAVES_PASSWORD}}
  aiq:
    base_url: {sandbox.aiq_url}
locations:
{places}{extra}"""
    )
