"""The JSON feed: the whole menu in one file, replaced atomically, and only where it differs."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from alleaves_sync.errors import WriteFailed
from alleaves_sync.files import replace_file

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
    except OSError as error:
        raise WriteFailed(path, error.strerror or str(error)) from error
    replace_file(path, _encoded(products()))
    return True


def _encoded(products: Iterable[str]) -> Iterator[bytes]:
    return (piece.encode() for piece in _pieces(products))


def _holds(path: Path, pieces: Iterable[bytes]) -> bool:
    if not path.exists():
        return False
    with path.open("rb") as file:
        return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)
