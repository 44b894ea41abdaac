"""`${NAME}` and `${NAME:-default}`: from the environment, else from the `.env` beside the configuration.

`$${` is a literal `${`. What comes out of a variable is not expanded again.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from dotenv.parser import parse_stream

from alleaves_sync.config.raw import Path, Raw, told
from alleaves_sync.errors import Problem

_PATTERN = re.compile(
    r"""
    (?P<literal> \$\$\{ )
    | \$\{ (?P<name> [A-Za-z_][A-Za-z0-9_]* ) (?: :- (?P<default> (?: [^}$] | \$(?!\{) )* ) )? \}
    | (?P<wrong> \$\{ )
    """,
    re.VERBOSE,
)
_OTHERS = 0o077


@dataclass(frozen=True)
class DotEnv:
    """The `.env` file: its values, whether others can read it, what is wrong with it."""

    path: FilePath
    values: Mapping[str, str] = field(default_factory=dict)
    open_to_others: bool = False
    problems: tuple[Problem, ...] = ()


def read_dotenv(path: FilePath) -> DotEnv:
    """The `.env` at `path`; an empty one where there is no such file."""
    try:
        with path.open("rb") as file:
            mode = path.stat().st_mode
            content = file.read().decode("utf-8-sig")
    except FileNotFoundError:
        return DotEnv(path)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        return DotEnv(path, problems=(Problem(path.name, f"cannot be read: {why}"),))
    lines = list(parse_stream(io.StringIO(content)))
    known = {line.key: line.value for line in lines if line.key is not None and line.value is not None}
    # Told without the line: it may be a secret that lost its name.
    wrong = (
        Problem(f"{path.name} line {line.original.line}", "is not NAME=value", "Write # before a remark.")
        for line in lines
        if line.error
    )
    return DotEnv(path, known, open_to_others=bool(mode & _OTHERS), problems=tuple(wrong))


class Variables:
    """Puts values in the place of variables, notes problems, and which names were used."""

    def __init__(self, environ: Mapping[str, str], dotenv: DotEnv) -> None:
        self._values = {**dotenv.values, **environ}
        self._dotenv = dotenv.path
        self.problems: list[Problem] = []
        self.used: set[str] = set()

    def expand(self, raw: Raw, path: Path = ()) -> Raw:
        """`raw` with every variable in its texts replaced; a missing one stays as written and is a
        problem."""
        if isinstance(raw, str):
            return _PATTERN.sub(lambda match: self._replace(match, path), raw)
        if isinstance(raw, dict):
            return {key: self.expand(value, (*path, key)) for key, value in raw.items()}
        if isinstance(raw, list):
            return [self.expand(value, (*path, str(at))) for at, value in enumerate(raw)]
        return raw

    def _replace(self, match: re.Match[str], path: Path) -> str:
        if match["literal"]:
            return "${"
        if match["wrong"]:
            self.problems.append(
                Problem(
                    told(path),
                    "holds a ${ that is neither ${NAME} nor ${NAME:-default}",
                    "Write $${ where a literal ${ is meant.",
                )
            )
            return match[0]
        name, default = match["name"], match["default"]
        self.used.add(name)
        value = self._values.get(name)
        if value or (value is not None and default is None):
            return value
        if default is not None:
            return default
        self.problems.append(
            Problem(
                told(path),
                f"the variable {name} is not set",
                f"Set it in the environment or in {self._dotenv}.",
            )
        )
        return match[0]


def has_variable(text: str) -> bool:
    """Whether (a part of) `text` comes from the environment; a default written in the file does not."""
    return any(match["name"] and not match["default"] for match in _PATTERN.finditer(text))


def escaped(text: str) -> str:
    """`text` so that it comes back from `expand` unchanged."""
    return text.replace("${", "$${")
