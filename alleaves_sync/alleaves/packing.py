"""From the bytes of a page to records as small as they get, and from those to models.

A store has tens of thousands of rows of 3 KB, and in most runs nearly none has changed. So a page is checked
as strictly as a model is, straight from its bytes, and what a rule reads of a record is kept as one string of
bytes: the same string for the same values. Only what has to be looked at becomes a model.
"""

import dataclasses
import marshal
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic_core import CoreSchema, SchemaValidator, core_schema

from alleaves_sync.alleaves.models import calendar_date, exact

T = TypeVar("T")

# The last one without references between values: equal values give equal bytes.
_FORMAT = 2
_MOST = 2**63 - 1  # no database has ids and counts beyond

Values = Mapping[str, Any]
"""A record as its bytes say it, checked: texts, numbers (int or float), truth values, lists, Values."""


def stable_bytes(value: object) -> bytes:
    """Equal bytes for equal values, of what a record can hold, in every process of the same Python."""
    return marshal.dumps(cast("Any", value), _FORMAT)


@lru_cache(4096)  # a store's rows end on some hundreds of days
def _date_text(value: str) -> str | None:
    found = calendar_date(value)
    return None if found is None else found.isoformat()


class Packing(Generic[T]):
    """How records of one model are read, packed and unpacked.

    `model` is a frozen dataclass of int, str, bool, Decimal, date, unions of these with None, and tuples of
    such dataclasses. `beside` are the fields of another one, which are read with a record and not packed.
    """

    def __init__(self, model: type[T], beside: type[object]) -> None:
        form = _Form(model)
        schema = core_schema.typed_dict_schema(form.fields() | _Form(beside).fields())
        self._validator = SchemaValidator(core_schema.list_schema(schema))
        self._unpack = form.build
        names, dumps = form.names, marshal.dumps
        self.pack: Callable[[Callable[[str], Any]], bytes] = lambda get: dumps(
            tuple(map(get, names)), _FORMAT
        )
        """What belongs to the model, from a record's `get`; a field that is missing is as good as null."""

    def read(self, body: bytes) -> list[Values]:
        """The records of a JSON list. Raises pydantic's ValidationError."""
        return cast("list[Values]", self._validator.validate_json(body))

    def unpack(self, packed: bytes) -> T:
        """The model again. `packed` must come from this process, or one of the same program."""
        return cast("T", self._unpack(marshal.loads(packed)))  # noqa: S302 - see the docstring


@dataclass(frozen=True, slots=True)
class _Field:
    """The schema of a value on the wire, and what makes the model's value of it (None: it is the same)."""

    schema: CoreSchema
    convert: Callable[[Any], object] | None = None


class _Form:
    """One dataclass: its fields on the wire, and the way from their values to it."""

    def __init__(self, model: type[object]) -> None:
        hints = get_type_hints(model)
        self._model: Callable[..., object] = model
        self._defaults = {field.name: field.default for field in dataclasses.fields(cast("Any", model))}
        self._fields = {name: _field(hints[name]) for name in self._defaults}
        self.names = tuple(self._defaults)
        self._changing = tuple(
            (place, self._fields[name].convert, None if default is dataclasses.MISSING else default)
            for place, (name, default) in enumerate(self._defaults.items())
            if self._fields[name].convert is not None or default not in {None, dataclasses.MISSING}
        )

    def fields(self) -> dict[str, core_schema.TypedDictField]:
        return {
            name: core_schema.typed_dict_field(
                field.schema, required=self._defaults[name] is dataclasses.MISSING
            )
            for name, field in self._fields.items()
        }

    def build(self, values: Iterable[Any]) -> object:
        found = list(values)
        for place, convert, default in self._changing:
            if found[place] is None:
                found[place] = default
            elif convert is not None:
                found[place] = convert(found[place])
        return self._model(*found)

    def build_all(self, records: Iterable[Values]) -> tuple[object, ...]:
        return tuple(self.build(map(record.get, self.names)) for record in records)


# A JSON text is not a number, though Decimal would take it: the contract says number, so it is told.
_SIMPLE: Mapping[object, _Field] = {
    int: _Field(core_schema.int_schema(strict=True, ge=-_MOST, le=_MOST)),
    str: _Field(core_schema.str_schema(strict=True)),
    bool: _Field(core_schema.bool_schema(strict=True)),
    Decimal: _Field(
        core_schema.union_schema(
            [core_schema.int_schema(strict=True), core_schema.float_schema(strict=True, allow_inf_nan=False)]
        ),
        exact,
    ),
    date: _Field(
        core_schema.no_info_after_validator_function(_date_text, core_schema.str_schema(strict=True)),
        date.fromisoformat,
    ),
}


def _field(hint: object) -> _Field:
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    kinds = get_args(hint)
    if get_origin(hint) is tuple:
        form = _Form(kinds[0])
        return _Field(core_schema.list_schema(core_schema.typed_dict_schema(form.fields())), form.build_all)
    choices = [_SIMPLE[kind] for kind in kinds if kind is not types.NoneType]
    if len(choices) == 1:
        return _Field(core_schema.nullable_schema(choices[0].schema), choices[0].convert)
    schema = core_schema.union_schema([choice.schema for choice in choices])
    return _Field(core_schema.nullable_schema(schema), _exact_number)


def _exact_number(value: str | float) -> str | Decimal:
    return value if isinstance(value, str) else exact(value)
