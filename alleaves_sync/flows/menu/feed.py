"""The JSON feed: the whole menu in one file, replaced atomically, and only where it differs."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from alleaves_sync.errors import WriteFailed

_AT_ONCE = 500  # products in one piece


def feed_text(products: Iterable[str]) -> str:
    """The products (JSON texts) as one JSON list, one product a line."""
    return "".join(_pieces(products))


def _pieces(products: Iterable[str]) -> Iterator[str]:
    some = iter(products)
    first = next(some, None)
    if first is None:
        yield "[]\n"
        return
    yield f"[\n{first}"
    while more := list(islice(some, _AT_ONCE)):
        yield ",\n" + ",\n".join(more)
    yield "\n]\n"


def write_feed(path: Path, products: Callable[[], Iterable[str]]) -> bool:
    """Bring the feed up to date; whether it had to be written. Raises WriteFailed, the old file intact.

    `products` gives the products (JSON texts) anew with each call: a large menu never stands in memory.
    """
    try:
        if _holds(path, _encoded(products())):
            return False
        _replace(path, _encoded(products()), 0o644)
    except OSError as error:
        raise WriteFailed(path, error.strerror or str(error)) from error
    return True


def _encoded(products: Iterable[str]) -> Iterator[bytes]:
    return (piece.encode() for piece in _pieces(products))


def _holds(path: Path, pieces: Iterable[bytes]) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)


def replace_file(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write beside, fsync, rename: a reader sees the old file or the new one, no part. Raises OSError.

    A link stays a link to the new file; a device or a pipe is written to, never replaced.
    """
    _replace(path, [content], mode)


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
