"""The command line: what a person types and sees. Typer and Rich live in this package and nowhere else."""

import sys

__all__ = ["main"]


def main() -> None:
    """The console script `alleaves-sync`: run the command of `sys.argv` and end the process with its exit
    code."""
    from alleaves_sync.cli.run import run

    sys.exit(run(sys.argv[1:]))
