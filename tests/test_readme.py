"""Every command that the pages show, run as it stands there: from a clone in the home folder, in order."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from crontab import CronTab

from alleaves_sync.sandbox import Sandbox
from tests.fences import ROOT, lines_of

PROGRAM = "alleaves-sync"
PAGES = ("README.md", "docs/operations.md", "docs/connecting.md", "docs/ci.md")
LONGEST_SECONDS = 120
# The answers that a person would type, for the one command that asks.
ANSWERS = (
    "--name downtown --area Retail --username {username} --location-id {location_id} --venue-id {venue_id} "
    "--base-url {alleaves_url} --aiq-base-url {aiq_url} --publish-url {aiq_url}/products/sync --write-env"
)
# The machine's `crontab`, for one that keeps its entries in the home folder.
CRONTAB = """#!/bin/sh
case "$1" in
-l) cat "$HOME/crontab" 2>/dev/null || { echo "no crontab for shop" >&2; exit 1; } ;;
-) cat > "$HOME/crontab" ;;
-r) rm "$HOME/crontab" ;;
esac
"""
# Commands that rightly do not end with 0: the sandbox has orders that need a person.
ENDINGS = {
    ("README.md", "alleaves-sync push-order --confirmed --dry-run"): 3,
    ("README.md", "alleaves-sync push-order --confirmed"): 3,
    ("docs/operations.md", "alleaves-sync status"): 3,
    ("docs/connecting.md", "alleaves-sync push-order --confirmed --dry-run"): 3,
}


@dataclass(frozen=True)
class Clone:
    """A home folder with the program in `~/alleaves-sync`, and a store to connect it to."""

    home: Path
    environment: Mapping[str, str]
    sandbox: Sandbox

    @property
    def folder(self) -> Path:
        return self.home / PROGRAM

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a line of the page by a shell."""
        return subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    home = tmp_path_factory.mktemp("home")
    program = home / PROGRAM / ".venv" / "bin" / PROGRAM
    program.parent.mkdir(parents=True)
    _script(program, f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m alleaves_sync "$@"\n')
    _script(program.with_name("crontab"), CRONTAB)
    with Sandbox(items=60) as sandbox:
        (home / PROGRAM / "rows.json").write_text(json.dumps(sandbox.store.rows()))
        environment = {
            "HOME": str(home),
            "PATH": f"{program.parent}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "ALLEAVES_PASSWORD": sandbox.password,
            "AIQ_API_KEY": sandbox.api_key,
        }
        yield Clone(home, environment, sandbox)


def _script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture(scope="module")
def followed(clone: Clone) -> Clone:
    """The clone, after all commands of the pages."""
    known = {key: str(getattr(clone.sandbox, key)) for key in re.findall(r"{(\w+)}", ANSWERS)}
    for page in PAGES:
        exports = []  # what the page does to the commands after it
        for line in lines_of(page, "sh"):
            if line.startswith("export "):
                exports.append(line)
            elif not line.startswith("make "):
                assert line.startswith(f"{PROGRAM} "), f"nothing here can run: {line}"
                typed = f"{line} {ANSWERS.format(**known)}" if line == f"{PROGRAM} init" else line
                ended = clone.run("\n".join([*exports, typed]))
                assert ended.returncode == ENDINGS.get((page, line), 0), (
                    f"{line}: {ended.stdout}\n{ended.stderr}"
                )
                assert "Traceback" not in ended.stderr
    return clone


def test_make_commands_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = (*PAGES, "CONTRIBUTING.md")
    shown = [shlex.split(line) for page in pages for line in lines_of(page, "sh") if line.startswith("make ")]
    assert shown[:2] == [["make", "demo"], ["make", "test"]]
    assert {words[1] for words in shown} <= targets


def test_the_commands_work_in_the_order_of_the_pages(followed: Clone) -> None:
    assert (followed.folder / "menu.csv").read_text().startswith("posProductId")
    assert json.loads((followed.folder / "mapping.json").read_text())["locations"][0]["items"]


def test_the_crontab_entries_work_in_the_bare_environment_of_cron(followed: Clone) -> None:
    """After the commands of the pages: nothing is left to do, and so nothing is said."""
    by_hand = "\n".join(lines_of("README.md", "crontab"))
    jobs = list(CronTab(tab=f"{by_hand}\n"))
    installed = list(CronTab(tab=(followed.home / "crontab").read_text()))
    every = ["*/10 * * * *", "*/2 * * * *"]
    assert [job.slices.render() for job in jobs] == [job.slices.render() for job in installed] == every
    for job in jobs:
        command = job.command or ""
        ended = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=followed.home,
            env={"HOME": str(followed.home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "shop"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        if "sync-inventory" in command:
            assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
        else:
            assert ended.returncode in {0, 3}, ended.stderr
