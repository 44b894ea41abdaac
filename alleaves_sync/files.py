"""How a file is replaced: a reader sees the old one or the new one, no part."""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from alleaves_sync.errors import WriteFailed


def replace_file(path: Path, pieces: Iterable[bytes], mode: int = 0o644) -> None:
    """Write beside, fsync, rename. Raises WriteFailed, the old file intact.

    A link stays a link to the new file; a device or a pipe is written to, never replaced.
    """
    try:
        _replace(path, pieces, mode)
    except OSError as error:
        raise WriteFailed(path, error.strerror or str(error)) from error


def _replace(path: Path, pieces: Iterable[bytes], mode: int) -> None:
    if path.exists() and not (path.is_file() or path.is_dir()):
        with path.open("wb") as device:
            device.writelines(pieces)
        return
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
