"""The point of sale, Alleaves, over HTTP: log in, read locations, areas, rows and items.

`AlleavesClient` is loaded on first use: the models are wanted in many places, the HTTP libraries in few.
"""

from typing import TYPE_CHECKING

from alleaves_sync.alleaves.models import (
    Area,
    Compound,
    Fetched,
    InvalidRecord,
    InventoryRow,
    Item,
    Media,
    PosLocation,
    PriceTier,
)

if TYPE_CHECKING:
    from alleaves_sync.alleaves.client import AlleavesClient

__all__ = [
    "AlleavesClient",
    "Area",
    "Compound",
    "Fetched",
    "InvalidRecord",
    "InventoryRow",
    "Item",
    "Media",
    "PosLocation",
    "PriceTier",
]


def __getattr__(name: str) -> object:
    if name != "AlleavesClient":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from alleaves_sync.alleaves.client import AlleavesClient  # noqa: PLC0415 - see the docstring

    return AlleavesClient
