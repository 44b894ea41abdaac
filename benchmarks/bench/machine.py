"""What the figures were measured on, and with."""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.contenders import python_of

PACKAGES = {
    "floor": ("requests", "orjson"),
    "sqlite-utils": ("sqlite-utils", "requests"),
    "dlt": ("dlt", "duckdb", "pyarrow", "sqlalchemy"),
    "singer-tap": ("singer-python", "orjson"),
    "singer-target": ("target-duckdb", "duckdb"),
    "airbyte": ("airbyte", "airbyte-cdk", "duckdb"),
}


def machine(programs: dict[str, str]) -> dict[str, Any]:
    """Processor, cores, memory, system, load, and the versions of everything that was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load": [round(one, 2) for one in os.getloadavg()],
        "programs": {name: _said([program, "--version"]) for name, program in programs.items()},
        "peers": {name: _versions(name, packages) for name, packages in PACKAGES.items()},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _said(command: Sequence[str]) -> str:
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    return ran.stdout.strip() or f"exit {ran.returncode}"


def _versions(peer: str, packages: Sequence[str]) -> str:
    python = python_of(peer)
    if not python.exists():
        return "not installed"
    code = "import sys; from importlib.metadata import version as v"
    code += "; print(*(name + ' ' + v(name) for name in sys.argv[1:]), sep=', ')"
    return _said([str(python), "-c", code, *packages])
