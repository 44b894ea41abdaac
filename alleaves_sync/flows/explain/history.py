"""history: what the runs changed, from the state file alone."""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from alleaves_sync.config import Location
from alleaves_sync.errors import NotRecorded, StateUnusable
from alleaves_sync.state import ChangeAction, ChangeRecord, StateFile

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one product: the AIQ fields with their old and new values, and when it was sent (UTC)."""

    location: str
    run_id: str
    at: datetime
    pos_product_id: str
    name: str
    action: ChangeAction
    fields: Mapping[str, tuple[JsonValue, JsonValue]]


@dataclass(frozen=True, slots=True)
class Found:
    """What one location has: whether it knows the item or run at all, its changes; if not, what it knows."""

    is_known: bool
    changes: tuple[Change, ...]
    known: tuple[str, ...] = ()


def of_item(location: Location, wanted: str) -> Found:
    """All changes of the items with that id or whole name, oldest first. Raises StateUnusable."""
    wanted = wanted.strip()
    with StateFile.open_for_reading(location.state) as state:
        names = {item.pos_product_id: item.name for item in state.items(location.name)}
        meant = [
            key for key, name in names.items() if key == wanted or name.casefold() == wanted.casefold()
        ] or [wanted]  # an item that is gone has left its changes
        records = [record for key in meant for record in state.history(location.name, key)]
    return _found(
        bool(records) or meant[0] in names,
        tuple(_change(location, record, names) for record in records),
        [*names, *names.values()],
    )


def of_run(location: Location, run_id: str) -> Found:
    """All changes of one run. Raises StateUnusable."""
    with StateFile.open_for_reading(location.state) as state:
        known = state.run_ids(location.name)
        names = {item.pos_product_id: item.name for item in state.items(location.name)}
        records = list(state.changes_of_run(location.name, run_id))
    return _found(
        run_id in known or bool(records),
        tuple(_change(location, record, names) for record in records),
        known,
    )


def of_products(location: Location, names: Mapping[str, str]) -> dict[str, tuple[Change, ...]]:
    """The changes of several products, by id, oldest first; `names` is theirs by id. Raises StateUnusable."""
    with StateFile.open_for_reading(location.state) as state:
        return {
            key: tuple(_change(location, record, names) for record in state.history(location.name, key))
            for key in names
        }


def _found(is_known: bool, changes: tuple[Change, ...], known: Iterable[str]) -> Found:
    return Found(is_known, changes, () if is_known else tuple(known))


def together(kind: str, wanted: str, found: Sequence[Found]) -> list[Change]:
    """The changes of all locations. Raises NotRecorded where none of them knows what is `wanted`."""
    if found and not any(one.is_known for one in found):
        # Only now: among three months of runs, names alike take seconds to find.
        raise NotRecorded(kind, wanted, _alike(wanted, [name for one in found for name in one.known]))
    return [change for one in found for change in one.changes]


def _alike(wanted: str, known: Iterable[str]) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(wanted, sorted({*known} - {""}), n=_NEAREST))


def _change(location: Location, record: ChangeRecord, names: Mapping[str, str]) -> Change:
    try:
        fields = {name: (old, new) for name, (old, new) in json.loads(record.fields).items()}
    except (ValueError, AttributeError, TypeError):
        detail = f"a change of item {record.pos_product_id} in run {record.run_id}"
        raise StateUnusable(location.state, "corrupt", detail) from None
    return Change(
        location.name,
        record.run_id,
        record.at,
        record.pos_product_id,
        names.get(record.pos_product_id, ""),
        record.action,
        fields,
    )
