"""Where the processor time of a first and of an unchanged run goes, by function (cProfile, main thread).

The profiler makes calls dearer than they are, small ones most: compare shares before and after, not seconds.
Threads that read pages ahead are not in it.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.compare import RUNS
from bench.contenders import CONFIG
from bench.running import feed, run

LINES = 40
RUN = """
import cProfile, pstats, sys, time
root, out = sys.argv[1:3]
if root != '-':
    sys.path.insert(0, root)
sys.argv = ['alleaves-sync', *sys.argv[3:]]
profiler = cProfile.Profile(time.thread_time)
def whole():
    from alleaves_sync.cli import main
    try:
        main()
    except SystemExit:
        pass
profiler.runcall(whole)
with open(out, 'w') as file:
    stats = pstats.Stats(profiler, stream=file)
    for order in ('cumulative', 'tottime'):
        stats.sort_stats(order).print_stats(%d)
"""


def profile(rows: int, root: str = "-") -> dict[str, Any]:
    """Both runs of the package under `root` (`-`: the installed one); the tables go to standard output."""
    told: dict[str, Any] = {}
    with feed(rows) as served, TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.yaml").write_text(CONFIG.format(url=served.url))
        (folder / "config.yaml").chmod(0o600)
        for sort in RUNS:
            out = folder / f"{sort}.txt"
            given = ("--config", str(folder / "config.yaml"), "sync-inventory", "--json")
            command = (sys.executable, "-c", RUN % LINES, root, str(out), *given)
            ran = run(command, folder, {"BENCH_PASSWORD": "bench"})
            if not out.exists():
                raise SystemExit(f"exit {ran.code}\n{ran.talk}")
            text = out.read_text()
            print(f"\nProfile, {sort} run, {rows:,} rows, {ran.seconds:.2f} s under the profiler\n{text}")
            told[sort] = text.splitlines()
    return told
