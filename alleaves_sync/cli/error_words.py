"""Small pieces of sentences."""

from collections.abc import Sequence

from alleaves_sync import errors

# What is wrong, and what to do, by the reason that the error carries.
STATE_WORDS = {
    "newer": (
        "was written by a newer version of alleaves-sync",
        "Update alleaves-sync, or name another file under state.",
    ),
    "corrupt": (
        "is damaged, or is not a state file",
        "Move it away: the next run rebuilds the menu from the storefront and the orders from the POS.",
    ),
    "read-only": ("may not be written", "Give this user the right to write the file and its folder."),
    "full": (
        "cannot be read: the disk has no room left for it",
        "Free some space on the disk, then run again.",
    ),
    "unreachable": ("cannot be opened", "Check the path under state, and that its folder exists."),
}
CRONTAB_WORDS = {
    "missing": (
        "This machine has no crontab program",
        "Install cron; or use systemd: alleaves-sync cron print --systemd",
    ),
    "refused": (
        "The crontab of this user cannot be used",
        "Ask for the right to it (cron.allow); or use systemd: alleaves-sync cron print --systemd",
    ),
    "block": (
        "The block of alleaves-sync in the crontab has lost its first or its last line",
        "Run crontab -e, delete what is left of the block, then run: alleaves-sync cron install",
    ),
    "path": (
        "The path of the configuration cannot stand in a crontab",
        "Rename the file or its folder: a line break is in its name.",
    ),
}


def told(problems: Sequence[errors.Problem]) -> tuple[str, ...]:
    """The problems of a file, one a line."""
    return tuple(
        ": ".join(part for part in (problem.path, problem.message) if part)
        + (f" -> {problem.remedy}" if problem.remedy else "")
        for problem in problems
    )


def count(things: Sequence[object], name: str) -> str:
    """How many things there are."""
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def tries(attempts: int) -> str:
    """How often it was tried, where that was more than once."""
    return f" ({attempts} tries)" if attempts > 1 else ""


def said(message: str) -> str:
    """The server's own words."""
    return f" It said: {sentence(message)}" if message.strip() else ""


def quoted(words: Sequence[str]) -> str:
    """Words in quotes."""
    return " or ".join(f"{word!r}" for word in words)


def sentence(text: str) -> str:
    """`text` with a capital and a full stop, where it has none."""
    trimmed = text.strip()
    return trimmed[:1].upper() + trimmed[1:] + ("" if not trimmed or trimmed[-1] in ".!?" else ".")
