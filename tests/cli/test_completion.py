"""The shell completes commands, options and locations; it is never disturbed by what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from alleaves_sync.cli.app import app
from alleaves_sync.cli.commands.completion import ASKED, Shell, location_names
from tests.cli.conftest import Program

CONFIG = "locations:\n  downtown: {}\n  uptown: {areas: [Retail], alleaves: {password: '${NOT_SET}'}}\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the program, and a configuration that names variables that are not set."""
    (tmp_path / "config.yaml").write_text(CONFIG)
    program = tmp_path / "bin" / "alleaves-sync"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m alleaves_sync "$@"\n')
    program.chmod(0o755)
    return tmp_path


def ran(folder: Path, *command: str, **variables: str) -> tuple[str, str]:
    """stdout and stderr of a process in the folder."""
    environment = {
        "PATH": f"{folder}/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    ended = subprocess.run(
        command, cwd=folder, env=environment | variables, capture_output=True, text=True, check=False
    )
    return ended.stdout, ended.stderr


def completed(folder: Path, *lines: str) -> list[list[str]]:
    """What a real bash offers for the last word of each line."""
    asked = "source <(alleaves-sync completion bash); complete -p alleaves-sync >/dev/null || exit\n"
    for line in lines:
        words = line.split(" ")
        asked += f"""
            COMP_WORDS=({" ".join(f"'{word}'" for word in words)}) COMP_CWORD={len(words) - 1}
            _alleaves_sync_completion alleaves-sync
            echo "${{COMPREPLY[@]}}"
        """
    out, err = ran(folder, "bash", "--norc", "-c", asked)
    assert err == ""
    return [offered.split() for offered in out.splitlines()]


def test_bash_completes_commands_options_and_the_names_of_locations(place: Path) -> None:
    offered = completed(
        place,
        "alleaves-sync st",
        "alleaves-sync state pru",
        "alleaves-sync sync-inventory --dry",
        "alleaves-sync status --location ",
        "alleaves-sync status -l up",
    )
    assert offered == [["status", "state"], ["prune"], ["--dry-run"], ["downtown", "uptown"], ["uptown"]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, []),
        ("", []),
        ("locations: [", []),
        ("locations: 3", []),
        ("- 1", []),
        ("locations: {1: {}, dock: {}, downtown: {}}", ["dock", "downtown"]),
    ],
)
def test_locations_are_those_of_the_configuration_that_the_line_names(
    place: Path, text: str | None, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is missing or wrong has none, and disturbs nobody."""
    monkeypatch.chdir(place)
    if text is not None:
        (place / "other.yaml").write_text(text)
    group = get_command(app)
    with group.make_context("alleaves-sync", ["-c", "other.yaml", "status"], resilient_parsing=True) as ctx:
        assert location_names(ctx, "do") == names  # type: ignore[arg-type]  # typer's own, of no public type


@pytest.mark.parametrize("asked", ["complete_bash", "nonsense", "source_none"])
def test_whatever_a_shell_asks_it_gets_no_complaint_but_typers_own(place: Path, asked: str) -> None:
    out, err = ran(place, "alleaves-sync", **{ASKED: asked})
    assert out == ""
    assert "Traceback" not in err


@pytest.mark.parametrize("shell", [Shell.ZSH, Shell.FISH])
def test_zsh_and_fish_are_answered_in_their_own_way(place: Path, shell: Shell) -> None:
    typed = {"_TYPER_COMPLETE_ARGS": "alleaves-sync status -l up", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    out, err = ran(place, "alleaves-sync", **{ASKED: f"complete_{shell}"}, **typed)
    assert "uptown" in out
    assert "downtown" not in out
    assert err == ""


@pytest.mark.parametrize("shell", list(Shell))
def test_each_shell_gets_a_script_that_asks_this_program(program: Program, shell: Shell) -> None:
    ended = program("completion", shell)
    assert ended.code == 0
    assert ASKED in ended.out
    assert ended.err == ""


def test_another_shell_is_wrong_usage(program: Program) -> None:
    assert program("completion", "tcsh").code == 2
