"""The command line: what a person types and sees. Typer and Rich live in this package and nowhere else."""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """The console script `alleaves-sync`: run the command of `sys.argv` and end the process with its exit
    code."""
    from alleaves_sync.cli.interrupts import INTERRUPTED, TERMINATED
    from alleaves_sync.cli.run import run

    code = run(sys.argv[1:])
    if code in (INTERRUPTED, TERMINATED):
        # Threads that still wait for an answer nobody wants would hold the end back. Every transaction is
        # whole or not there, and the locks end with the process.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
