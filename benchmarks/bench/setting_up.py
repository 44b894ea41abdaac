"""The environments of the floor and the peers: one each, outside the project's own.

A peer that cannot be installed is named, with the end of what pip said; the others go on.
"""

import shutil
import subprocess
import sys

from bench.contenders import python_of
from bench.running import BENCHMARKS, PLACE


def set_up() -> int:
    """Make what is missing or out of date. The number of environments that could not be made."""
    failed = 0
    for wanted in sorted((BENCHMARKS / "peers").glob("*.txt")):
        name, folder = wanted.stem, PLACE / wanted.stem
        mark = folder / "installed.txt"
        if mark.exists() and mark.read_text() == wanted.read_text():
            print(f"{name}: there")
            continue
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(python_of(name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        ran = subprocess.run([*install, "-r", str(wanted)], check=False, capture_output=True, text=True)
        if ran.returncode:
            failed += 1
            shutil.rmtree(folder)
            print(f"{name}: CANNOT BE INSTALLED\n{ran.stderr[-1000:]}")
            continue
        mark.write_text(wanted.read_text())
        print(f"{name}: installed")
    return failed
