"""Small pieces of sentences."""

from collections.abc import Sequence

from alleaves_sync import errors


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
