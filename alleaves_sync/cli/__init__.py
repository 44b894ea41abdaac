"""The command line: what a person types and sees. Typer and Rich live in this package and nowhere else."""

import os
import sys

__all__ = ["main"]


def main() -> None:
    """The console script `alleaves-sync`: run the command of `sys.argv` and end the process with its exit
    code."""
    try:
        # First of all: what a command needs takes a while to import, and a signal may come meanwhile.
        from alleaves_sync.cli import signals as interrupts

        interrupts.listen()
        from alleaves_sync.cli.run import run

        code = run(sys.argv[1:])
        interrupts.ignore()
    except KeyboardInterrupt as error:
        from alleaves_sync.cli import signals as interrupts

        interrupts.end(error)
    if code in (interrupts.INTERRUPTED, interrupts.TERMINATED):
        # Threads that still wait for an answer nobody wants would hold the end back. Every transaction is
        # whole or not there, and the locks end with the process.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
