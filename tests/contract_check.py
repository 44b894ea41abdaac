"""Holds what goes over the wire against the contracts in docs/contract.

`check_exchange` takes one request and its answer and raises AssertionError with the path of each fault:

    POST /inventory/search: answer 200: [3].available: 'plenty' is not of type 'number'

Answers may have fields that the contract does not know; requests may not: a field of a request that
nobody has seen accepted is a mistake, or a change to the contract that was not made.
"""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeAlias
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

Api: TypeAlias = Literal["alleaves", "aiq"]

CONTRACTS: Final = Path(__file__).parents[1] / "docs" / "contract"

#: What a refusal says in both services, for statuses that a contract does not list.
REFUSAL: Final = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}

#: From a request body or a response to the schema of its JSON.
JSON_SCHEMA: Final = "/content/application~1json/schema"

FORMATS: Final = FormatChecker(formats=["date"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or (bool(urlsplit(value).scheme) and " " not in value)


class Exchanged(Protocol):
    """One request and its answer, as the sandbox records them."""

    @property
    def api(self) -> Api: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> Any: ...
    @property
    def status(self) -> int: ...
    @property
    def answer(self) -> Any: ...


@dataclass(frozen=True)
class Operation:
    """One operation of a contract; `template` is its path there, `filled` the values of its braces."""

    api: str
    method: str
    template: str
    filled: Mapping[str, str]

    @property
    def pointer(self) -> str:
        return f"#/paths/{self.template.replace('/', '~1')}/{self.method.lower()}"

    def parameters(self, place: str) -> dict[str, str]:
        """The parameters of the query or the path: by name, where in the contract each stands."""
        parents = self.pointer.rpartition("/")[0], self.pointer
        return {
            one["name"]: f"{parent}/parameters/{number}"
            for parent in parents
            for number, one in enumerate(_at(self.api, f"{parent}/parameters") or [])
            if one["in"] == place
        }


def check_exchange(
    api: Api, method: str, path: str, query: Mapping[str, Any], body: Any, status: int, answer: Any
) -> None:
    """Hold a request and its answer against the contract. `path` is below the base URL."""
    check_request(api, method, path, query, body)
    check_answer(api, method, path, status, answer)


def check_recorded(exchanges: Iterable[Exchanged]) -> int:
    """Hold everything that a sandbox recorded against the contract. Returns how much that was."""
    count = 0
    for one in exchanges:
        check_exchange(one.api, one.method, one.path, one.query, one.body, one.status, one.answer)
        count += 1
    return count


def check_request(api: Api, method: str, path: str, query: Mapping[str, Any], body: Any) -> None:
    """Hold a request against the contract; fields and parameters that it does not know are faults."""
    operation = _operation(api, method, path)
    faults = [*_value_faults(operation, "path", operation.filled), *_value_faults(operation, "query", query)]
    place = _followed(api, f"{operation.pointer}/requestBody")
    if place is None:
        faults += [] if body is None else ["a body that the contract does not have"]
    elif body is None:
        # Signing in alone may come without a body, with HTTP Basic.
        faults += ["the body is missing"] if _at(api, place).get("required") else []
    else:
        faults += _faults(f"{api}-strict{place}{JSON_SCHEMA}", body)
    assert not faults, _told(method, path, "request", faults)


def check_answer(api: Api, method: str, path: str, status: int, answer: Any) -> None:
    """Hold an answer against the contract; refusals that it does not list need a `message`."""
    operation = _operation(api, method, path)
    place = _followed(api, f"{operation.pointer}/responses/{status}")
    if place is not None:
        faults = _faults(f"{api}{place}{JSON_SCHEMA}", answer)
    elif status < 400:
        faults = ["a status that the contract lacks"]
    else:
        faults = [_fault(error) for error in Draft202012Validator(REFUSAL).iter_errors(answer)]
    assert not faults, _told(method, path, f"answer {status}", faults)


@cache
def _contract(api: str) -> dict[str, Any]:
    contract: dict[str, Any] = yaml.safe_load((CONTRACTS / f"{api}.openapi.yaml").read_text("utf-8"))
    return contract


@cache
def _registry() -> Registry[Any]:
    """Both contracts under their names; `-strict` ones know no other fields than their own."""
    resources = []
    for api in ("alleaves", "aiq"):
        strict = copy.deepcopy(_contract(api))
        _close(strict)
        for name, contract in ((api, _contract(api)), (f"{api}-strict", strict)):
            resources.append((name, DRAFT202012.create_resource(contract)))
    registry: Registry[Any] = Registry()
    return registry.with_resources(resources)


def _close(node: Any) -> None:
    """Forbid other fields than the named ones wherever fields are named."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            node.setdefault("additionalProperties", False)
        for inner in node.values():
            _close(inner)
    elif isinstance(node, list):
        for inner in node:
            _close(inner)


def _operation(api: str, method: str, path: str) -> Operation:
    for template, operations in _contract(api)["paths"].items():
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        if (found := re.fullmatch(pattern, path)) and method.lower() in operations:
            return Operation(api, method, template, found.groupdict())
    raise AssertionError(f"{method} {path}: not an operation of the {api} contract")


def _at(api: str, pointer: str) -> Any:
    """What stands in a contract at a JSON pointer (`#/...`), or None."""
    node: Any = _contract(api)
    for step in pointer.removeprefix("#/").split("/"):
        node = node[int(step)] if isinstance(node, list) else (node or {}).get(step.replace("~1", "/"))
    return node


def _followed(api: str, pointer: str) -> str | None:
    """Where the request body or the response at a pointer stands, its references followed."""
    node = _at(api, pointer)
    while node is not None and "$ref" in node:
        pointer = node["$ref"]
        node = _at(api, pointer)
    return None if node is None else pointer


@cache
def _validator(reference: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": reference}, registry=_registry(), format_checker=FORMATS)


def _faults(reference: str, value: Any) -> list[str]:
    return [_fault(error) for error in _validator(reference).iter_errors(value)]


def _value_faults(operation: Operation, place: str, values: Mapping[str, Any]) -> list[str]:
    """Faults of the parameters of the path or the query, whose values are text on the wire."""
    known = operation.parameters(place)
    faults = [f"{place} {name}: not in the contract" for name in values if name not in known]
    for name, pointer in known.items():
        parameter = _at(operation.api, pointer)
        if name in values:
            found = _faults(f"{operation.api}{pointer}/schema", _read(parameter["schema"], values[name]))
            faults += [f"{place} {name}: {fault}" for fault in found]
        elif parameter.get("required"):
            faults.append(f"{place} {name}: missing")
    return faults


def _read(schema: Mapping[str, Any], value: Any) -> Any:
    """The value of a parameter in its own kind: on the wire all of them are text."""
    if schema.get("type") == "integer" and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    return value


def _told(method: str, path: str, what: str, faults: list[str]) -> str:
    return "\n".join(f"{method} {path}: {what}: {fault}" for fault in faults)


def _fault(error: ValidationError) -> str:
    place = error.json_path.removeprefix("$")
    return f"{place or 'whole'}: {error.message[:200]}"
