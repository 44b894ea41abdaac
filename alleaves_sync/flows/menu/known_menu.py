"""What the storefront is known to hold: from the state file, else from the storefront itself.

The state file is a cache: without it the menu is rebuilt from the storefront's product list, else from the
feed file, so that prices locked by `fields.price: false` survive.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from alleaves_sync.aiq import wire
from alleaves_sync.aiq.models import Product
from alleaves_sync.aiq.storefront import Listed, Storefront
from alleaves_sync.errors import InputInvalid, Problem, StateUnusable
from alleaves_sync.rules.actions import ItemState, Known
from alleaves_sync.rules.mapping import ItemWarning, Reason
from alleaves_sync.state import Decided, ItemRecord, StateFile


@dataclass(frozen=True, slots=True)
class KnownMenu:
    """What is known by `posProductId`, whether it was rebuilt, and storefront ids that are no POS item's."""

    products: Mapping[str, Known]
    rebuilt: bool = False
    foreign: tuple[str, ...] = ()


class RecordedMenu(Mapping[str, Known]):
    """The known products of a state file that may be closed; each is read from its JSON when asked for."""

    def __init__(self, records: Iterable[ItemRecord], path: Path) -> None:
        self._records = {record.pos_product_id: record for record in records}
        self._path = path

    def __getitem__(self, key: str) -> Known:
        """Raises KeyError, and StateUnusable for a text that is no product."""
        return _known(self._records[key], self._path)

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


class StoredMenu(Mapping[str, Known]):
    """The known products of an open state file, each read when it is asked for.

    In most runs nearly nothing has changed: what was `decided` is enough for all the others.
    """

    def __init__(self, state: StateFile, location: str) -> None:
        self._state, self._location = state, location

    def decided(self) -> Iterator[Decided]:
        """What stands of every item, in the order of their ids as numbers. Raises StateUnusable."""
        return self._state.decided(self._location)

    def __getitem__(self, key: str) -> Known:
        """Raises KeyError, and StateUnusable for a text that is no product."""
        record = self._state.item(self._location, key)
        if record is None:
            raise KeyError(key)
        return _known(record, self._state.path)

    def __iter__(self) -> Iterator[str]:
        return (one.pos_product_id for one in self.decided())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def stored_menu(
    state: StateFile, location: str, storefront: Storefront | None, feed: Path | None
) -> KnownMenu:
    """`known_menu` for a run: what the state file knows stays there, and is asked for product by product."""
    if state.menu_is_known(location, None if storefront is None else storefront.address):
        return KnownMenu(StoredMenu(state, location))
    return _from_elsewhere(storefront, feed)


def known_menu(
    state: StateFile, location: str, storefront: Storefront | None, feed: Path | None
) -> KnownMenu:
    """The known menu of a location. Raises StateUnusable, InputInvalid (a broken feed), ServiceError."""
    if state.menu_is_known(location, None if storefront is None else storefront.address):
        return KnownMenu(RecordedMenu(state.items(location), state.path))
    return _from_elsewhere(storefront, feed)


def _from_elsewhere(storefront: Storefront | None, feed: Path | None) -> KnownMenu:
    if storefront is not None:
        return _rebuilt(storefront.products())
    if feed is not None and feed.exists():
        return _rebuilt(read_feed(feed))
    return KnownMenu({})


def adopt(state: StateFile, location: str, menu: KnownMenu, at: datetime, on: str) -> None:
    """Write a rebuilt menu into the state file; `on` is the storefront that holds it, or empty."""
    records = (
        ItemRecord(
            key,
            known.held.name or "" if known.held else "",
            "listed" if known.is_listed else "hidden",
            product=_dumped(known.product),
            attempted=_dumped(known.attempted),
            updated_at=at,
        )
        for key, known in menu.products.items()
    )
    state.adopt(location, records, at, on=on)


def _dumped(product: Product | None) -> str | None:
    return None if product is None else wire.dump(product)


def _known(record: ItemRecord, path: Path) -> Known:
    try:
        product = None if record.product is None else wire.parse(record.product)
        attempted = None if record.attempted is None else wire.parse(record.attempted)
    except ValueError as error:
        detail = f"item {record.pos_product_id}: {error}"
        raise StateUnusable(path, "corrupt", detail) from None
    return Known(product, attempted, _state(record))


def _state(record: ItemRecord) -> ItemState | None:
    try:
        warnings = read_warnings(record.warnings)
    except ValueError:
        return None  # nothing hangs on the last decision: it is made anew
    return ItemState(
        record.pos_product_id,
        record.name,
        record.pos_category or "",
        record.status,
        cast("tuple[Reason, ...]", record.reasons),  # only ever compared with what this program decides
        warnings,
        record.unmapped,
        record.source,
    )


def read_warnings(text: str | None) -> tuple[ItemWarning, ...]:
    """What `warnings_text` wrote. Raises ValueError."""
    if text is None:
        return ()
    try:
        return tuple(ItemWarning(code, message) for code, message in json.loads(text))
    except TypeError:
        raise ValueError("no list of pairs") from None


def warnings_text(warnings: Iterable[ItemWarning]) -> str | None:
    """Warnings as the state file keeps them: a JSON list of pairs; None for none."""
    pairs = [(warning.code, warning.message) for warning in warnings]
    return json.dumps(pairs, ensure_ascii=False) if pairs else None


def _rebuilt(listed: Iterable[Listed]) -> KnownMenu:
    products: dict[str, Known] = {}
    foreign: list[str] = []
    for one in listed:
        if not _is_item_id(one.pos_product_id):
            foreign.append(one.pos_product_id)
        elif one.product is None:  # unreadable: in doubt, so it is sent whole
            products[one.pos_product_id] = Known(attempted=Product(one.pos_product_id))
        else:
            products[one.pos_product_id] = Known(one.product)
    return KnownMenu(products, rebuilt=True, foreign=tuple(foreign))


def _is_item_id(key: str) -> bool:
    # P1: ours are `str(id_item)`. "007" or other alphabets' digits are somebody else's.
    return key.isascii() and key.isdecimal() and (key == "0" or not key.startswith("0"))


def read_feed(path: Path) -> Iterator[Listed]:
    """The products of a feed file that this program wrote. Raises InputInvalid."""
    try:
        entries = json.loads(path.read_bytes())
        products = [wire.parse(json.dumps(entry)) for entry in entries]
    except (OSError, ValueError, TypeError) as error:
        raise InputInvalid(str(path), [Problem("", f"is no feed of this program: {error}")]) from None
    return (Listed(product.pos_product_id, product) for product in products)
