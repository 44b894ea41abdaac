"""From pydantic's errors to problems in words: what is wrong, the value unless it is secret, the nearest
word."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from alleaves_sync.config.raw import Path, Raw, nearest, told
from alleaves_sync.config.settings import LocationSettings
from alleaves_sync.errors import Problem

SECRETS = frozenset({"password", "pin", "api_key"})
_LONGEST_SHOWN = 60
_SECTION = "must be a section of `key: value` lines"
_EMPTY = "is empty"

# What a value must be, by pydantic's name of the error. `{...}` are the error's own limits.
_WORDS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of usual size",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "decimal_parsing": "must be a number",
    "decimal_type": "must be a number",
    "decimal_max_digits": "must be a number of usual size",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "string_type": "must be text",
    "path_type": "must be a path",
    "string_too_short": _EMPTY,
    "string_pattern_mismatch": "must be two capital letters such as US",
    "too_short": "names nothing",
    "tuple_type": "must be a list such as [Retail, Front]",
    "dict_type": _SECTION,
    "mapping_type": _SECTION,
    "model_type": _SECTION,
    "model_attributes_type": _SECTION,
    "missing": "is missing",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
}
_REMEDIES = {
    ("areas",): "Name the areas whose stock goes on the menu; alleaves-sync areas shows them.",
    ("alleaves", "location_id"): "alleaves-sync init shows the locations of the account.",
    ("inventory", "max_drop"): "It is a share: 0.5 is half of the listed products.",
    ("fields", "quantity"): "The quantity always follows the POS.",
}


def worded(
    error: ValidationError,
    model: type[BaseModel],
    written: Callable[[Path], Raw],
    place: Callable[[Path], Path],
    more_keys: Sequence[str] = (),
) -> list[Problem]:
    """The problems of `error`, raised by `model`.

    `written` gives what the file has at a path, before variables were replaced (what came out of a variable
    is never shown); `place` gives the path to tell; `more_keys` are known keys at the top beside the model's
    fields.
    """
    return [_problem(detail, model, written, place, more_keys) for detail in error.errors(include_url=False)]


def _problem(
    detail: ErrorDetails,
    model: type[BaseModel],
    written: Callable[[Path], Raw],
    place: Callable[[Path], Path],
    more_keys: Sequence[str],
) -> Problem:
    path = tuple(str(step) for step in detail["loc"])
    remedy = _REMEDIES.get(path, "")
    if detail["type"] == "extra_forbidden":
        return Problem(told(place(path)), "is not a known key", remedy or _meant(path, model, more_keys))
    words = _words(detail, written(path))
    return Problem(
        told(place(path)), words + _shown(path, written(path)), remedy or _near_value(detail, path, written)
    )


def _words(detail: ErrorDetails, value: Raw) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if value is None and kind not in {"missing", "too_short"}:
        return _EMPTY
    if kind == "literal_error":
        return f"must be one of {str(context['expected']).replace(' or ', ', ').replace(chr(39), '')}"
    if kind == "too_short" and isinstance(value, str):
        return _EMPTY
    if kind == "value_error":
        return str(context["error"])
    return _WORDS.get(kind, "does not fit").format_map(context)


def _shown(path: Path, value: Raw) -> str:
    """The value, where it is one line that may be shown."""
    if not isinstance(value, str) or not value.strip() or SECRETS.intersection(path) or "@" in value:
        return ""  # what holds an @ may be an address with a password in it
    short = value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}..."
    return f", not {short!r}" if path[-1:] and _is_leaf(path) else ""


def _is_leaf(path: Path) -> bool:
    """Whether a single value belongs at `path`. Text in the place of a section may be a misplaced secret."""
    return fields_at(LocationSettings, path) is None


def _near_value(detail: ErrorDetails, path: Path, written: Callable[[Path], Raw]) -> str:
    value = written(path)
    if detail["type"] != "literal_error" or not isinstance(value, str):
        return ""
    expected = str(detail.get("ctx", {}).get("expected", ""))
    near = nearest(value.replace(" ", "_").replace("-", "_"), expected.split("'")[1::2])
    return f"Did you mean {near}?" if near else ""


def _meant(path: Path, model: type[BaseModel], more_keys: Sequence[str]) -> str:
    """The known key that an unknown one was probably meant to be: of its section, else of another."""
    known = [*(fields_at(model, path[:-1]) or {}), *(more_keys if len(path) == 1 else ())]
    near = nearest(path[-1], known)
    if near:
        return f"Did you mean {near}?"
    elsewhere = next((told(other) for other in _all_keys(model) if other[-1] == path[-1]), "")
    return f"Did you mean {elsewhere}?" if elsewhere else f"Known here: {', '.join(known)}."


def fields_at(model: type[BaseModel], path: Path) -> Mapping[str, Any] | None:
    """The fields of the section at `path` of `model`; None where no section belongs."""
    for step in path:
        field = model.model_fields.get(step)
        inner = (
            next((part for part in _types(field.annotation) if _is_section(part)), None) if field else None
        )
        if inner is None:
            return None
        model = inner
    return model.model_fields


def _types(annotation: object) -> tuple[Any, ...]:
    return (annotation, *get_args(annotation))


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _all_keys(model: type[BaseModel], path: Path = ()) -> list[Path]:
    keys: list[Path] = []
    for name in fields_at(model, path) or {}:
        keys += [(*path, name), *_all_keys(model, (*path, name))]
    return keys
