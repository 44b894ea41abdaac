"""Orders per second, as `benchmarks/push_many.py` finds them."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.running import BENCHMARKS, run


def orders() -> dict[str, Any]:
    """What it printed, line by line."""
    print("\nOrders")
    with TemporaryDirectory() as folder:
        ran = run((sys.executable, str(BENCHMARKS / "push_many.py")), Path(folder))
    lines = ran.out.strip().splitlines()
    print("\n".join(f"  {line}" for line in lines))
    if ran.code:
        print(f"  exit {ran.code}\n{ran.talk}")
    return {"exit": ran.code, "lines": lines, "cpu_seconds": round(ran.cpu_seconds, 2)}
