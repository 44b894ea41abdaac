"""`completion`: lets the shell complete commands, options and the names of locations."""

import os
from enum import StrEnum
from typing import Annotated

import typer

PROGRAM = "alleaves-sync"
ASKED = "_ALLEAVES_SYNC_COMPLETE"  # set by the shell's script, to how it asks: `complete_bash`


class Shell(StrEnum):
    """The shells that there are scripts for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def register(app: typer.Typer) -> None:
    """Hang the command in."""
    app.command("completion")(completion)


def completion(
    ctx: typer.Context,
    shell: Annotated[Shell, typer.Argument(metavar="bash|zsh|fish", help="The shell.")],
) -> int:
    """Print what makes a shell complete words.

    bash: into ~/.local/share/bash-completion/completions/alleaves-sync. fish: into
    ~/.config/fish/completions/alleaves-sync.fish. zsh: source <(alleaves-sync completion zsh) in ~/.zshrc,
    after compinit.
    """
    return _ask(ctx.find_root().command, f"source_{shell}")


def answer(command: object) -> int:
    """Answer a shell that wants words completed. Nothing but words is ever printed."""
    try:
        return _ask(command, os.environ[ASKED])
    except Exception:  # noqa: BLE001 - a line that is being typed is no place for a complaint
        return 1


def _ask(command: object, instruction: str) -> int:
    from typer._completion_classes import completion_init  # its public way in adds options of its own
    from typer.completion import shell_complete

    completion_init()
    return shell_complete(command, {}, PROGRAM, ASKED, instruction)  # type: ignore[arg-type]


def location_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """The configured locations that begin so; none where the configuration cannot be read.

    The variables that it names need not be set in the shell that is typed in: only its keys count.
    """
    import yaml

    from alleaves_sync.config import find_config

    try:
        path = find_config(ctx.find_root().params.get("config"), os.environ)
        names = yaml.safe_load(path.read_bytes())["locations"]
        return sorted(name for name in map(str, names) if name.startswith(incomplete))
    except Exception:  # noqa: BLE001 - as above; `check` says what is wrong with it
        return []
