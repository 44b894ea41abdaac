"""From the bytes of an answer to models, and to plain words about what does not fit.

Values are never shown, but for those of products (`InvalidRecord`): those are no secret, and the person who
has to correct one in the POS wants to see it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from alleaves_sync.alleaves.models import Fetched, InvalidRecord, InventoryRow, Item
from alleaves_sync.alleaves.packing import Packing, Values
from alleaves_sync.alleaves.session import SERVICE
from alleaves_sync.errors import WrongAnswer
from alleaves_sync.transport import plain_text

T = TypeVar("T")
Record = TypeVar("Record", InventoryRow, Item)

_LONGEST_VALUE = 40
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Words for what pydantic calls its errors.
_WORDS = {
    "missing": "is missing",
    "string_type": "is not a text",
    "bool_type": "is not true or false",
    "int_type": "is not a whole number",
    "tuple_type": "is not a list",
    "list_type": "is not a list",
    "dataclass_type": "is not an object",
    "dict_type": "is not an object",
    "json_invalid": "is not JSON",
}
_OTHER = "is not valid"

# Filled on first use: making one takes a quarter of the time of all imports together.
_ADAPTERS: dict[object, TypeAdapter[Any]] = {}
_PACKINGS: dict[str, Packing[Any]] = {}


@dataclass(frozen=True, slots=True)
class Announced:
    """What a page says of the whole read, in every record."""

    total_rows: int


@dataclass(frozen=True, slots=True)
class PerhapsAnnounced:
    """The same, where the contract does not promise it."""

    total_rows: int | None = None


class Packed(NamedTuple):
    """A record in as few bytes as it gets; `expires` is the last day (`YYYY-MM-DD`) on which it counts."""

    id_item: int
    expires: str | None
    content: bytes


@dataclass(frozen=True, slots=True)
class RecordKind(Generic[Record]):
    """One sort of record that is read page by page.

    `key` are the fields that tell two records apart; `announced` says whether a read in which no record names
    `total_rows` proves nothing; `expiry` is the field with the day on which a record ends.
    """

    name: str
    path: str
    model: type[Record]
    key: tuple[str, ...]
    announced: type["Announced | PerhapsAnnounced"]
    expiry: str | None = None

    @property
    def total_required(self) -> bool:
        """Whether a record without `total_rows` is broken."""
        return self.announced is Announced

    @property
    def endpoint(self) -> str:
        """The name of the call in errors."""
        return f"POST {self.path}"


INVENTORY = RecordKind(
    name="inventory",
    path="/inventory/search",
    model=InventoryRow,
    key=("id_batch", "id_area"),
    announced=Announced,
    expiry="date_expire",
)
ITEMS = RecordKind(
    name="items",
    path="/inventory/item/search",
    model=Item,
    key=("id_item",),
    announced=PerhapsAnnounced,
)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page: each record, fitting or not, under its key; the totals its records announce."""

    entries: tuple[tuple[Hashable, T | InvalidRecord], ...]
    totals: frozenset[int]


def decode_list(model: type[T], body: bytes, endpoint: str) -> tuple[T, ...]:
    """A list of `model`s. Raises WrongAnswer that names the field (`0.id_location`) and never a value."""
    return _decode(_list_adapter(model), body, endpoint)


def decode_one(model: type[T], body: bytes, endpoint: str) -> T:
    """One `model`. Raises WrongAnswer that names the field (`items.0.qty`) and never a value."""
    if (model, None) not in _ADAPTERS:
        _ADAPTERS[model, None] = TypeAdapter(model)
    adapter: TypeAdapter[T] = _ADAPTERS[model, None]
    return _decode(adapter, body, endpoint)


def _decode(adapter: TypeAdapter[T], body: bytes, endpoint: str) -> T:
    try:
        return adapter.validate_json(body.removeprefix(_BYTE_ORDER_MARK))
    except ValidationError as error:
        fault = _first(error)
        field = ".".join(map(str, fault["loc"])) or "answer"
        problem = _WORDS.get(fault["type"], _OTHER)
    raise WrongAnswer(SERVICE, endpoint, field, problem)


def decode_page(kind: RecordKind[Record], body: bytes) -> Page[Record]:
    """The records of one page as models; as `pack_page`."""
    page = pack_page(kind, body)
    return Page(tuple((key, _unpacked(kind, entry)) for key, entry in page.entries), page.totals)


def _unpacked(kind: RecordKind[Record], entry: Packed | InvalidRecord) -> Record | InvalidRecord:
    return entry if isinstance(entry, InvalidRecord) else unpack(kind, entry.content)


def unpack(kind: RecordKind[Record], content: bytes) -> Record:
    """The model of a packed record."""
    return _packing(kind).unpack(content)


def pack_page(kind: RecordKind[Record], body: bytes) -> Page[Packed]:
    """The records of one page. One that does not fit becomes an InvalidRecord and leaves the others alone.

    Raises WrongAnswer where the body is not a list in JSON.
    """
    packing = _packing(kind)
    try:
        records = packing.read(body.removeprefix(_BYTE_ORDER_MARK))
    except ValidationError:
        return _record_by_record(kind, body)
    totals = frozenset(total for record in records if (total := record.get("total_rows")) is not None)
    return Page(_packed(kind, packing, records), totals)


def _packed(
    kind: RecordKind[Record], packing: Packing[Record], records: Iterable[Values]
) -> tuple[tuple[Hashable, Packed], ...]:
    key, expiry, pack = kind.key, kind.expiry or "", packing.pack
    return tuple(
        (tuple(map(record.get, key)), Packed(record["id_item"], record.get(expiry), pack(record.get)))
        for record in records
    )


def _packing(kind: RecordKind[Record]) -> Packing[Record]:
    if kind.name not in _PACKINGS:
        _PACKINGS[kind.name] = Packing(kind.model, kind.announced)
    return _PACKINGS[kind.name]


def _list_adapter(model: type[T]) -> TypeAdapter[tuple[T, ...]]:
    if model not in _ADAPTERS:
        _ADAPTERS[model] = TypeAdapter(tuple[model, ...])  # type: ignore[valid-type]
    return _ADAPTERS[model]


def _record_by_record(kind: RecordKind[Record], body: bytes) -> Page[Packed]:
    entries: list[tuple[Hashable, Packed | InvalidRecord]] = []
    totals = set[int]()
    same = Counter[bytes]()
    for raw in _tolerant_list(kind, body):
        # Back into JSON, since the same strictness means other things for Python values than for JSON.
        text = json.dumps(raw, ensure_ascii=False).encode(errors="replace")
        record = _record(kind, raw, text)
        key = _key_in(kind, raw)
        if key is None:
            digest = hashlib.sha256(text).digest()
            key = (digest, same[digest])  # two unreadable ones that look alike on one page are still two
            same[digest] += 1
        entries.append((key, record))
        total = _whole_number(raw, "total_rows")
        totals |= set() if total is None else {total}
    return Page(tuple(entries), frozenset(totals))


def _tolerant_list(kind: RecordKind[Record], body: bytes) -> list[object]:
    """The page as Python values. A byte or half a character that is no text spoils nothing but itself."""
    try:
        raw = json.loads(body.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        raise WrongAnswer(SERVICE, kind.endpoint, "answer", _WORDS["json_invalid"]) from None
    if not isinstance(raw, list):
        raise WrongAnswer(SERVICE, kind.endpoint, "answer", _WORDS["tuple_type"])
    return raw


def _record(kind: RecordKind[Record], raw: object, text: bytes) -> Packed | InvalidRecord:
    packing = _packing(kind)
    try:
        (record,) = packing.read(b"[" + text + b"]")
    except ValidationError as error:
        field, problem = _told(raw, _first(error))
    else:
        return _packed(kind, packing, [record])[0][1]
    name = raw.get("item") if isinstance(raw, dict) else None
    shown = plain_text(name) if isinstance(name, str) else ""
    return InvalidRecord(_whole_number(raw, "id_item"), shown, field, problem)


def _first(error: ValidationError) -> ErrorDetails:
    return error.errors(include_url=False, include_context=False, include_input=False)[0]


def _told(raw: object, fault: ErrorDetails) -> tuple[str, str]:
    """The field (`compounds.0.result`) and its problem with the value, as far as the record has them."""
    path: list[str] = []
    value: Any = raw
    steps = fault["loc"][1:]  # without the place in the list
    for step in steps:
        if _has(value, step):
            value = value[step]
        elif fault["type"] != "missing":
            break  # not a field but the branch of a choice, of a number (whole or not) or of text or number
        path.append(str(step))
    field = ".".join(path) or "record"
    if fault["type"] == "missing":
        return field, _WORDS["missing"]
    words = _WORDS.get(fault["type"], _OTHER)
    if len(path) < len(steps):
        words = "is neither a text nor a number" if fault["type"] == "string_type" else "is not a number"
    return field, words if isinstance(value, dict | list) else f"{words}: {_shown(value)}"


def _has(value: object, step: int | str) -> bool:
    return (isinstance(value, list) and isinstance(step, int)) or (isinstance(value, dict) and step in value)


def _shown(value: object) -> str:
    text = plain_text(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def _key_in(kind: RecordKind[Record], raw: object) -> Hashable | None:
    """The key of a record that may not fit; None where it cannot be read. Only its first part must be set."""
    if not isinstance(raw, dict):
        return None
    values = tuple(raw.get(name) for name in kind.key)
    whole = all(type(value) is int or (value is None and place > 0) for place, value in enumerate(values))
    return values if whole else None


def _whole_number(raw: object, name: str) -> int | None:
    value = raw.get(name) if isinstance(raw, dict) else None
    return value if type(value) is int else None  # a bool is an int to isinstance


def decode_saved(kind: RecordKind[Record], body: bytes) -> Fetched[Record]:
    """All records of a saved answer, the same record once. Raises WrongAnswer where it is not a list."""
    entries = dict(decode_page(kind, body).entries)
    invalid = tuple(record for record in entries.values() if isinstance(record, InvalidRecord))
    fitting = tuple(record for record in entries.values() if not isinstance(record, InvalidRecord))
    return Fetched(fitting, invalid, len(entries))
