"""Writes a new `config.yaml` and the `.env` beside it: mode 0600, in one piece, and only what can be read
back."""

import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from alleaves_sync.config.loading import load
from alleaves_sync.errors import ConfigInvalid, WriteFailed


def write_config(path: Path, text: str, environ: Mapping[str, str]) -> None:
    """Write `text` to `path`, if it is a configuration that can be used with `environ`.

    Raises ConfigInvalid (nothing is written then) and WriteFailed (what was there is intact).
    """
    try:
        beside = _beside(path, text)
    except OSError as error:
        raise WriteFailed(path, error.strerror or str(error)) from error
    try:
        load(beside, environ)
        beside.replace(path)
    except ConfigInvalid as error:
        raise ConfigInvalid(path, error.problems) from None
    except OSError as error:
        raise WriteFailed(path, error.strerror or str(error)) from error
    finally:
        beside.unlink(missing_ok=True)


def add_to_dotenv(path: Path, values: Mapping[str, str]) -> tuple[str, ...]:
    """Add `values` to the `.env` at `path`; returns the names that it has already with another value, and
    keeps.

    Raises WriteFailed, the old file intact.
    """
    try:
        old = path.read_text("utf-8") if path.exists() else ""
        there = dotenv_values(stream=io.StringIO(old), interpolate=False)
        new = {name: value for name, value in values.items() if name not in there}
        if new:
            start = old if not old or old.endswith("\n") else f"{old}\n"
            lines = "".join(f"{name}={_quoted(value)}\n" for name, value in new.items())
            _beside(path, start + lines).replace(path)
    except (OSError, UnicodeDecodeError) as error:
        detail = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise WriteFailed(path, detail or str(error)) from error
    return tuple(name for name, value in values.items() if name in there and there[name] != value)


def _beside(path: Path, text: str) -> Path:
    """A new file with `text`, for nobody but its owner, in the folder of `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made with mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _quoted(value: str) -> str:
    """`value` as a `.env` file reads it back, whatever is in it."""
    inside = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{inside}'"
