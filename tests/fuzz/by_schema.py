"""Bodies made from the contract's schemas, of three kinds, for the readers of `targets.py`.

`promised` keeps the schema and what the contract says in words: it has to be taken. `kept` keeps the schema:
taken, or refused for a reason that `promises.py` names. `broken` is a promised one with a few things wrong
(`spoiling.py`): taken or refused. No body may end otherwise, or be written anywhere.
"""

import json
import random
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema
from jsonschema import Draft202012Validator

from tests.contract_check import Api
from tests.fuzz import contract, promises
from tests.fuzz.contract import Schema, Words, added, translated
from tests.fuzz.promises import Whole, as_it_is, why_refused
from tests.fuzz.spoiling import spoiled
from tests.fuzz.targets import TARGETS, ends_well

Kind: TypeAlias = Literal["promised", "kept", "broken"]
KINDS: tuple[Kind, ...] = ("promised", "kept", "broken")

_MOST = 3  # records of a list: what three of them do not show, thirty do not
_TRIES = 5
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Source:
    """Where the bodies for a target come from; `operations` are those of `api` that answer so.

    `schema` has its references into `holder`; `more` and `words` are what is said in words of it and of the
    schemas that it refers to; `whole` makes one body of the records; `end` is how a good one ends.
    """

    target: str
    schema: Schema
    holder: dict[str, Any]
    words: Words
    more: Schema
    whole: Whole
    api: Api = "aiq"
    operations: tuple[str, ...] = ()
    end: str = "taken"
    codec: str = "utf-8"


def _answer(
    api: Api,
    target: str,
    *operations: str,
    more: Schema | None = None,
    whole: Whole = as_it_is,
    status: int = 200,
    end: str = "taken",
) -> Source:
    words = promises.AIQ_WORDS if api == "aiq" else promises.ALLEAVES_WORDS
    schema = contract.answer(api, operations[0], status)
    return Source(target, schema, contract.document(api), words, more or {}, whole, api, operations, end)


def _orders(target: str, schema: Schema, whole: Whole) -> Source:
    return Source(target, schema, contract.document("aiq"), promises.AIQ_WORDS, {}, whole)


_ORDER: Schema = {"$ref": "#/components/schemas/Order"}
_WEBHOOK: Schema = {
    "type": "object",
    "required": ["type", "data"],
    "properties": {"type": {"type": "string"}, "data": _ORDER},
}
_CONFIG: Schema = {"$ref": "#/$defs/Configuration"}

_ALL = (
    _answer("alleaves", "login", "authenticate", more=promises.TOKEN),
    _answer("alleaves", "rows", "searchInventory", whole=promises.rows),
    _answer("alleaves", "items", "searchItems", whole=promises.items),
    _answer("alleaves", "areas", "listAreas"),
    _answer("alleaves", "locations", "listLocations"),
    _answer("alleaves", "customers", "searchCustomers", more=promises.CUSTOMERS),
    _answer("alleaves", "customer made", "createCustomer"),
    _answer("alleaves", "POS orders", "listOrders"),
    _answer("alleaves", "POS order", "getOrder", "createOrder", "updateOrder", "updateOrderItem"),
    _answer("alleaves", "POS line added", "addOrderItem"),
    _answer("alleaves", "POS refusal", "addOrderItem", status=400, end="request-refused"),
    _answer("aiq", "storefront's products", "listProducts", whole=promises.product_page),
    _answer("aiq", "storefront's verdicts", "syncProducts", more=promises.VERDICTS),
    _answer("aiq", "storefront's orders", "listOrders", whole=promises.order_page),
    _answer("aiq", "storefront's order", "getOrder", whole=promises.asked_order),
    _orders("order file", {"anyOf": [_ORDER, {"type": "array", "items": _ORDER}]}, promises.order_file),
    _orders("webhook file", _WEBHOOK, promises.webhook),
    Source(
        "config",
        _CONFIG,
        contract.configuration(),
        promises.CONFIG_WORDS,
        {},
        promises.configuration,
        codec="ascii",  # JSON spells other letters in halves (\\ud83c\\udf3f), which YAML does not know
    ),
)
SOURCES = {one.target: one for one in _ALL}


# -- making --------------------------------------------------------------------------------------------------

_FORMATS = {
    "day": st.dates().map(str),
    "moment": st.builds(
        "{:%Y-%m-%dT%H:%M:%S}{}".format,
        st.datetimes(datetime(1971, 1, 1), datetime(2198, 1, 1)),  # noqa: DTZ001 - the zone comes behind it
        st.sampled_from(["Z", "+00:00", "-05:00", "+05:30", ".5Z", ".123456+13:45"]),
    ),
}
_OWN_FORMATS = {"date": "day", "date-time": "moment"}


def bodies(source: Source, kind: Kind) -> st.SearchStrategy[bytes]:
    """Bodies of one kind."""
    if kind == "broken":
        return _broken(source)
    return _shapes(source.target, in_words=kind == "promised").map(lambda value: json.dumps(value).encode())


@cache
def _shapes(target: str, *, in_words: bool) -> st.SearchStrategy[Any]:
    """Values of the schema: with some of its own fields, with every one of them, with any others as well."""
    source = SOURCES[target]
    if in_words:
        schema = translated(added(source.schema, source.more), source.holder, source.words, _reworded)
    else:
        schema = translated(source.schema, source.holder, change=_short)
    some, every = (_own_fields(schema, source.codec, every=every) for every in (False, True))
    return st.one_of(some, every, every, _from(schema, source.codec)).map(source.whole)


def _from(schema: Schema, codec: str) -> st.SearchStrategy[Any]:
    return from_schema(schema, custom_formats=_FORMATS, codec=codec)


def _own_fields(schema: Any, codec: str, *, every: bool) -> st.SearchStrategy[Any]:
    """What hypothesis-jsonschema makes, but for objects whose fields are named: without any others.

    It puts those together anew for every draw. Put together once, they come many times as fast. `every`:
    no field is missing, and no list is empty.
    """
    kinds = schema.get("type") if isinstance(schema, dict) else None
    kinds = [kinds] if isinstance(kinds, str) else kinds or []
    found: st.SearchStrategy[Any]
    if "object" in kinds and "properties" in schema and "enum" not in schema:
        fields = {name: _own_fields(rule, codec, every=every) for name, rule in schema["properties"].items()}
        required = {
            name: fields.pop(name) for name in (schema["properties"] if every else schema.get("required", ()))
        }
        found = st.fixed_dictionaries(required, optional=fields)
    elif kinds == ["object"] and isinstance(schema.get("additionalProperties"), dict):
        names = {"type": "string"} | schema.get("propertyNames", {})
        values = _own_fields(schema["additionalProperties"], codec, every=every)
        found = st.dictionaries(
            _from(names, codec), values, min_size=max(every, schema.get("minProperties", 0)), max_size=_MOST
        )
    elif kinds == ["array"] and "items" in schema:
        found = st.lists(
            _own_fields(schema["items"], codec, every=every),
            min_size=max(every, schema.get("minItems", 0)),
            max_size=schema["maxItems"],
        )
    elif not kinds and ("anyOf" in schema or "oneOf" in schema):
        choices = schema.get("anyOf") or schema["oneOf"]
        found = st.one_of([_own_fields(one, codec, every=every) for one in choices])
        return found.filter(Draft202012Validator(schema).is_valid)
    else:
        return _from(schema, codec)
    return st.none() | found if "null" in kinds else found


def _short(schema: Schema) -> Schema:
    return schema | {"maxItems": max(_MOST, schema.get("minItems", 0))} if "items" in schema else schema


def _reworded(schema: Schema) -> Schema:
    """With what this program's calendar has and a database holds: no year 0, no leap second, 64 bits."""
    schema = _short(schema)
    if schema.get("format") in _OWN_FORMATS:
        schema = schema | {"format": _OWN_FORMATS[schema["format"]]}
    kinds = schema.get("type", ())
    if kinds == "integer" or "integer" in kinds:
        schema = {"minimum": -_LARGEST, "maximum": _LARGEST} | schema
    return schema


@st.composite
def _broken(draw: st.DrawFn, source: Source) -> bytes:
    """A promised body that does not keep the schema any more; seldom one that still does."""
    value = draw(_shapes(source.target, in_words=True))
    chance = random.Random(draw(st.integers(0, 2**32 - 1)))
    tries = (spoiled(value, chance) for _ in range(_TRIES))
    return next((content for content in tries if not keeps(source, content)), spoiled(value, chance))


# -- judging -------------------------------------------------------------------------------------------------


@cache
def _validator(target: str) -> Draft202012Validator:
    source = SOURCES[target]
    return Draft202012Validator(translated(source.schema, source.holder))


def keeps(source: Source, content: bytes) -> bool:
    """Whether a body is JSON that keeps the schema, formats aside (they are remarks to JSON Schema)."""
    try:
        return _validator(source.target).is_valid(json.loads(content))
    except (ValueError, RecursionError):
        return False


def judged(source: Source, kind: Kind, content: bytes, folder: Path) -> str:
    """How the target ended, in a word or a few. AssertionError where a body of this kind may not end so."""
    end = ends_well(TARGETS[source.target], content, folder)
    if kind == "broken" or end.code == source.end:
        return end.code
    unnamed = [reason for reason in end.reasons if kind == "promised" or why_refused(reason) is None]
    assert end.reasons, f"{kind}, and {end.code}"
    assert not unnamed, f"{kind}, and {end.code}: {unnamed}"
    return f"{end.code} ({why_refused(end.reasons[0])})"
