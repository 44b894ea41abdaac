"""Telling an item that is as it was when it was last decided about: it need not be mapped again.

The mapping is pure: the same records under the same rules give the same product, the same reasons and the
same warnings. So a decision is kept with a fingerprint of everything that it was made from.
"""

import secrets
from collections.abc import Set as AbstractSet
from functools import cache
from hashlib import blake2b
from pathlib import Path

from alleaves_sync.flows.menu.reading import PosItem
from alleaves_sync.rules.actions import FieldGroup
from alleaves_sync.rules.mapping import Rules

_DIGEST = 16
_PROGRAM = Path(__file__).parents[2]
# The code that decides. A rule that was changed counts with the next run, whatever version it calls itself.
_DECIDING = (
    "aiq/models.py",
    "aiq/wire.py",
    "alleaves/models.py",
    "alleaves/packing.py",
    "rules/actions.py",
    "rules/mapping",
    "rules/plan.py",
)


class Recognition:
    """Fingerprints of items under the rules of one run, and the fields that are switched off in it."""

    def __init__(self, rules: Rules, switched_off: AbstractSet[FieldGroup]) -> None:
        self._today = rules.today.isoformat()
        self._key = blake2b(repr(_decisive(rules, switched_off)).encode(), key=_code()).digest()

    def source(self, item: PosItem) -> bytes | None:
        """The fingerprint of an item; None for one with something broken, which is looked at every time."""
        if item.faults:
            return None
        found = blake2b(digest_size=_DIGEST, key=self._key)
        for row in item.rows:
            found.update(row.digest)
            # Of the date itself only this matters: a row counts on any day up to its last one (P3).
            if row.expires is not None and row.expires < self._today:
                found.update(b"ended")
        if item.item is not None:
            found.update(b"item")
            found.update(item.item.digest)
        return found.digest()


def _decisive(rules: Rules, switched_off: AbstractSet[FieldGroup]) -> tuple[object, ...]:
    # In an order that is the same in every process. Not `today`: see above.
    return (
        sorted(rules.areas.keys),
        sorted(rules.areas.ids),
        rules.menu,
        rules.otd_pricing,
        rules.threshold_needs_checkbox,
        rules.tier_price,
        rules.use_default_categories,
        sorted(rules.category_map.items()),
        rules.labs,
        rules.terpenes,
        sorted(switched_off),
    )


@cache
def _code() -> bytes:
    found = blake2b()
    try:
        for name in _DECIDING:
            place = _PROGRAM / name
            for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
                found.update(path.read_bytes())
    except OSError:  # installed without its text: nobody can tell whether it has changed
        return secrets.token_bytes()
    return found.digest()
