"""The schemas of the contract, and of the configuration, as JSON Schema that stands by itself.

hypothesis-jsonschema reads JSON Schema up to draft 7, without references into other documents. Both files of
docs/contract are OpenAPI 3.1, whose schemas are JSON Schema 2020-12: references are put in place, remarks
(`description`, `default`, `x-...`) left out. What OpenAPI 3.0 says otherwise is translated too: `nullable`,
and limits that are exclusive by a flag. Not translated, and told by Untranslatable: a schema that holds
itself, rules beside a reference, and any keyword that is not in `_KEYWORDS` (`discriminator`, `prefixItems`,
`unevaluatedProperties` and the like; neither file has one).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import yaml

from alleaves_sync.config.settings import CommonSettings, LocationSettings
from tests.contract_check import CONTRACTS, Api

Schema: TypeAlias = dict[str, Any]
Words: TypeAlias = Mapping[str, Schema]
"""By the name of a schema: what is added to it."""
Change: TypeAlias = Callable[[Schema], Schema]

APIS: tuple[Api, ...] = ("alleaves", "aiq")

_REMARKS = frozenset({"title", "description", "default", "example", "examples", "deprecated", "readOnly"})
_REMARKS |= {"writeOnly", "externalDocs", "xml"}
_ONE = frozenset({"items", "additionalProperties", "propertyNames", "not"})
_SEVERAL = frozenset({"oneOf", "anyOf", "allOf"})
_KEYWORDS = _ONE | _SEVERAL
_KEYWORDS |= {"type", "enum", "const", "properties", "required", "pattern", "format", "multipleOf"}
_KEYWORDS |= {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"}
_KEYWORDS |= {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
_LIMITS = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}


class Untranslatable(ValueError):
    """A schema that cannot be said in JSON Schema of draft 7."""


@cache
def document(api: Api) -> dict[str, Any]:
    """One file of the contract."""
    found: dict[str, Any] = yaml.safe_load((CONTRACTS / f"{api}.openapi.yaml").read_text("utf-8"))
    return found


def operations(api: Api) -> dict[str, dict[str, Any]]:
    """The operations of one file by their `operationId`."""
    paths = document(api)["paths"].values()
    return {
        one["operationId"]: one
        for path in paths
        for one in path.values()
        if isinstance(one, dict) and "operationId" in one
    }


def answer(api: Api, operation: str, status: int = 200) -> Schema:
    """The schema of an operation's answer, its references still in it."""
    response = operations(api)[operation]["responses"][str(status)]
    if "$ref" in response:
        response = _at(document(api), response["$ref"])
    found: Schema = response["content"]["application/json"]["schema"]
    return found


def configuration() -> dict[str, Any]:
    """The schema of `config.yaml` as the models of the settings have it, definitions included."""
    whole, place = CommonSettings.model_json_schema(), LocationSettings.model_json_schema()
    definitions: dict[str, Any] = whole.pop("$defs") | place.pop("$defs") | {"Location": place}
    places = {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#/$defs/Location"}}
    whole["properties"]["locations"] = places
    definitions["Configuration"] = whole | {"required": ["locations"]}
    return {"$defs": definitions}


def translated(
    schema: Schema, holder: Mapping[str, Any], words: Words | None = None, change: Change = lambda one: one
) -> Schema:
    """`schema` of the document `holder` by itself.

    `words` are added to the schemas that it refers to; `change` is applied to every schema in it.
    """
    found: Schema = _Translation(holder, words or {}, change).of(schema, ())
    return found


def added(schema: Schema, more: Mapping[str, Any]) -> Schema:
    """`schema` with `more` laid over it: objects are joined, anything else is replaced."""
    joined = dict(schema)
    for key, value in more.items():
        inner = joined.get(key)
        joined[key] = added(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return joined


@dataclass(frozen=True)
class _Translation:
    holder: Mapping[str, Any]
    words: Words
    change: Change

    def of(self, schema: Any, opened: tuple[str, ...]) -> Any:
        if isinstance(schema, bool):
            return schema
        rules = {name: rule for name, rule in schema.items() if not _is_remark(name)}
        if "$ref" in rules:
            return self._followed(rules, opened)
        found: Schema = {}
        for name, rule in _without_flags(rules):
            if name not in _KEYWORDS:
                raise Untranslatable(name)
            if name in _ONE:
                found[name] = self.of(rule, opened)
            elif name in _SEVERAL:
                found[name] = [self.of(one, opened) for one in rule]
            elif name == "properties":
                found[name] = {key: self.of(one, opened) for key, one in rule.items()}
            else:
                found[name] = rule
        return self.change(found)

    def _followed(self, rules: Schema, opened: tuple[str, ...]) -> Any:
        reference = rules["$ref"]
        if len(rules) > 1:
            raise Untranslatable(f"rules beside {reference}")
        if reference in opened:
            raise Untranslatable(f"{reference} holds itself")
        target = _at(self.holder, reference)
        more = self.words.get(reference.rpartition("/")[2])
        return self.of(added(target, more) if more else target, (*opened, reference))


def _without_flags(rules: Schema) -> Iterator[tuple[str, Any]]:
    """The rules in the words of JSON Schema where OpenAPI 3.0 had flags of its own."""
    nullable = rules.get("nullable") is True
    for name, rule in rules.items():
        if name == "nullable":
            continue
        if name in _LIMITS and rules.get(_LIMITS[name]) is True:
            yield _LIMITS[name], rule
        elif name in _LIMITS.values() and isinstance(rule, bool):
            continue
        elif nullable and name == "type":
            yield name, [*([rule] if isinstance(rule, str) else rule), "null"]
        elif nullable and name == "enum":
            yield name, [*rule, None]
        else:
            yield name, rule


def _is_remark(name: str) -> bool:
    return name in _REMARKS or name.startswith("x-")


def _at(holder: Mapping[str, Any], reference: str) -> Any:
    if not reference.startswith("#/"):
        raise Untranslatable(f"{reference} is in another document")
    node: Any = holder
    for step in reference.removeprefix("#/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node
