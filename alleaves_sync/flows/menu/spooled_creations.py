"""New products of a plan, on their way to the storefront: few in memory, the others in the run's spool.

A plan has to be whole before anything of it is sent (the brake), and the first run of a large store creates
all that it has. Any other run creates so few that none of them gets here.
"""

import pickle
from collections.abc import Iterator
from typing import Final

from alleaves_sync.flows.menu.spool import Spool
from alleaves_sync.rules.actions import Action

SORT: Final = 3
"""What they are in the spool."""
_IN_MEMORY = 15_000
_AT_ONCE = 250


class SpooledCreations:
    """The actions in the order in which they come; `plan.Creations`. Readable while the spool is open.

    Raises WriteFailed where the folder for temporary files is full.
    """

    def __init__(self, spool: Spool, in_memory: int = _IN_MEMORY, at_once: int = _AT_ONCE) -> None:
        self._spool, self._most, self._at_once = spool, in_memory, at_once
        self._first: list[Action] = []
        self._spooled = 0
        self._last: list[Action] = []

    def append(self, action: Action, /) -> None:
        """Take in one more."""
        if len(self._first) < self._most:
            self._first.append(action)
            return
        self._last.append(action)
        if len(self._last) == self._at_once:
            self._spool.add(SORT, [(0, None, pickle.dumps(self._last, pickle.HIGHEST_PROTOCOL))])
            self._spooled += len(self._last)
            self._last.clear()

    def __iter__(self) -> Iterator[Action]:
        yield from self._first
        for content in self._spool.contents(SORT):
            yield from pickle.loads(content)  # noqa: S301 - from a file without a name, of this process
        yield from self._last

    def __len__(self) -> int:
        return len(self._first) + self._spooled + len(self._last)
