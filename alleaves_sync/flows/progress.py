"""How a flow tells how far it is, without knowing who watches."""

from typing import Protocol


class Progress(Protocol):
    """Told about pages that were read and products that were sent. May be called from several threads."""

    def pages(self, location: str, what: str, done: int, total: int) -> None:
        """`done` of `total` records of `what` ("rows", "items") have been read."""

    def products(self, location: str, done: int, total: int) -> None:
        """`done` of `total` products have been sent."""


class SilentProgress:
    """Watches nothing."""

    def pages(self, location: str, what: str, done: int, total: int) -> None:
        """Take no notice."""

    def products(self, location: str, done: int, total: int) -> None:
        """Take no notice."""


SILENT: Progress = SilentProgress()
