"""What keeps the contract is taken; what does not is told, never a traceback; nothing is written.

The long form: `python benchmarks/real/fuzz.py`.
"""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests.fuzz import contract
from tests.fuzz.by_schema import KINDS, SOURCES, Kind, Source, bodies, judged, keeps
from tests.fuzz.contract import Untranslatable, added, translated
from tests.fuzz.targets import TARGETS
from tests.strategies import fast

_TIMES = 5
#: What this program asks for and whose answer it does not read.
_UNREAD = {"aiq reportPosOrder"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SOURCES)
def test_what_keeps_the_contract_is_taken_and_what_does_not_is_told(
    name: str, kind: Kind, tmp_path: Path
) -> None:
    @settings(fast, max_examples=_TIMES)
    @given(bodies(SOURCES[name], kind))
    def ends_as_it_may(content: bytes) -> None:
        assert kind == "broken" or keeps(SOURCES[name], content)
        judged(SOURCES[name], kind, content, tmp_path)

    ends_as_it_may()


def test_every_answer_of_the_contract_is_tried() -> None:
    tried = {f"{one.api} {operation}" for one in SOURCES.values() for operation in one.operations}
    known = {f"{api} {name}" for api in contract.APIS for name in contract.operations(api)}
    assert tried == known - _UNREAD


@pytest.mark.parametrize("source", [one for one in SOURCES.values() if one.end == "taken"])
def test_answers_that_are_tried_as_one_have_one_schema(source: Source) -> None:
    for operation in source.operations:
        assert contract.answer(source.api, operation) == source.schema


def test_a_refused_call_is_never_taken_for_a_good_one(tmp_path: Path) -> None:
    assert TARGETS["POS refusal"].end(b'{"message": "no"}', tmp_path).code == "request-refused"


def test_a_body_that_keeps_the_contract_and_is_refused_would_be_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="kept, and wrong-answer"):
        judged(SOURCES["areas"], "kept", b'[{"id_area": "1", "name": "Retail"}]', tmp_path)
    with pytest.raises(AssertionError, match="promised, and wrong-answer"):
        judged(SOURCES["login"], "promised", b'{"token": ""}', tmp_path)


# -- translation ---------------------------------------------------------------------------------------------

_HOLDER: dict[str, Any] = {
    "Place": {"type": "object", "properties": {"title": {"type": "string"}}, "title": "A place"},
    "Tree": {"type": "array", "items": {"$ref": "#/Tree"}},
}


@pytest.mark.parametrize(
    ("openapi", "schema"),
    [
        (
            {"$ref": "#/Place", "description": "x"},
            {"type": "object", "properties": {"title": {"type": "string"}}},
        ),
        ({"type": "string", "nullable": True, "x-evidence": "code"}, {"type": ["string", "null"]}),
        (
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"type": "number", "minimum": 1, "exclusiveMinimum": True},
            {"type": "number", "exclusiveMinimum": 1},
        ),
        ({"type": "number", "maximum": 1, "exclusiveMaximum": False}, {"type": "number", "maximum": 1}),
        ({"items": {"default": 1}}, {"items": {}}),
    ],
)
def test_a_schema_of_openapi_becomes_json_schema(openapi: dict[str, Any], schema: dict[str, Any]) -> None:
    assert translated(openapi, _HOLDER) == schema


@pytest.mark.parametrize(
    "openapi",
    [
        {"$ref": "#/Tree"},
        {"$ref": "#/Place", "minProperties": 1},
        {"$ref": "other.yaml#/Place"},
        {"discriminator": {"propertyName": "kind"}},
        {"properties": {"a": {"prefixItems": []}}},
    ],
)
def test_what_cannot_be_translated_is_told(openapi: dict[str, Any]) -> None:
    with pytest.raises(Untranslatable):
        translated(openapi, _HOLDER)


def test_words_are_laid_over_the_schema_that_they_are_about() -> None:
    words = {"Place": {"required": ["title"], "properties": {"title": {"minLength": 1}}}}
    assert translated({"$ref": "#/Place"}, _HOLDER, words) == {
        "type": "object",
        "properties": {"title": {"type": "string", "minLength": 1}},
        "required": ["title"],
    }
    assert added({"a": {"b": 1}}, {"a": {"c": 2}, "d": [3]}) == {"a": {"b": 1, "c": 2}, "d": [3]}
