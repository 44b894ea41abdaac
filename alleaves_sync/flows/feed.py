"""The JSON feed: the whole menu in one file, replaced atomically, and only where it differs."""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from alleaves_sync.errors import WriteFailed


def feed_text(products: Iterable[str]) -> str:
    """The products (JSON texts) as one JSON list, one product a line."""
    lines = ",\n".join(products)
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def write_feed(path: Path, products: Iterable[str]) -> bool:
    """Bring the feed up to date; whether it had to be written. Raises WriteFailed, the old file intact."""
    content = feed_text(products).encode()
    try:
        if path.exists() and path.read_bytes() == content:
            return False
        replace_file(path, content)
    except OSError as error:
        raise WriteFailed(path, error.strerror or str(error)) from error
    return True


def replace_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write beside, fsync, rename: a reader sees the old file or the new one, no part. Raises OSError.

    A link stays a link to the new file; a device or a pipe is written to, never replaced.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        path.write_bytes(content)
        return
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
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
