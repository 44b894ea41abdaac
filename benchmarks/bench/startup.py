"""How long a command takes to say its help, beside Python itself and beside importing what it stands on."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from place import table

from bench.aims import VERSION_TO_TYPER, Aim
from bench.running import run

PYTHON = "python -c pass"
TYPER = "python -c 'import typer'"
VERSION = "--version"
# The names of all commands, groups with theirs; in a process of its own, since this one stays small.
NAMES = """
import json
from typer.main import get_command
from alleaves_sync.cli.app import app
def names(command, path):
    below = getattr(command, "commands", {})
    return [path] + [name for key in below for name in names(below[key], path + [key])]
print(json.dumps(names(get_command(app), [])))
"""


def startup(product: str, program: str, rounds: int) -> tuple[Any, list[Aim]]:
    """Interleaved, after one round that does not count; medians."""
    commands: dict[str, Sequence[str]] = {
        PYTHON: (sys.executable, "-c", "pass"),
        TYPER: (sys.executable, "-c", "import typer"),
        VERSION: (program, "--version"),
    }
    with TemporaryDirectory() as name:
        folder = Path(name)
        for path in json.loads(run((sys.executable, "-c", NAMES), folder).out):
            commands[" ".join([*path, "--help"])] = (program, *path, "--help")
        walls: dict[str, list[float]] = {one: [] for one in commands}
        cpus: dict[str, list[float]] = {one: [] for one in commands}
        for number in range(rounds + 1):
            for one, command in commands.items():
                ran = run(command, folder)
                if ran.code:
                    raise SystemExit(f"{one}: exit {ran.code}\n{ran.talk}")
                if number:
                    walls[one].append(1000 * ran.seconds)
                    cpus[one].append(1000 * ran.cpu_seconds)
    print(f"\nStart-up of {product}, medians of {rounds}")
    table(
        ("command", "ms", "min-max", "CPU ms", "x import typer"),
        [
            (
                one,
                f"{median(times):.0f}",
                f"{min(times):.0f}-{max(times):.0f}",
                f"{median(cpus[one]):.0f}",
                f"{_ratio(walls, one):.2f}",
            )
            for one, times in walls.items()
        ],
    )
    told = {one: {"milliseconds": walls[one], "cpu_milliseconds": cpus[one]} for one in commands}
    aim = Aim("--version / import typer", _ratio(walls, VERSION), VERSION_TO_TYPER, cpu=_ratio(cpus, VERSION))
    return told, [aim]


def _ratio(times: Mapping[str, Sequence[float]], one: str) -> float:
    return median(times[one]) / median(times[TYPER])
