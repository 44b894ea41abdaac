"""Whether the body of a request is what the contract says. The sandbox has no schema library to lean on:
its one dependency is the web server."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from alleaves_sync.sandbox.constants import Record


class Refused(Exception):
    """The request is answered with `status` and a message, and nothing is changed."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "text": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "list": (list,),
    "date": (str,),
    "time": (str,),
    "moment": (str,),
}
ARTICLES: Final = {"integer": "an", "object": "an"}


@dataclass(frozen=True)
class Field:
    """What one field of a body may be. `above` is exclusive, `least` and `most` are inclusive."""

    kind: str
    required: bool = False
    nullable: bool = False
    least: float | None = None
    above: float | None = None
    most: float | None = None
    choices: Collection[Any] | None = None

    def fault(self, value: object) -> str | None:
        """What is wrong with a value that is there, or None."""
        if value is None:
            return None if self.nullable else "must not be null"
        kinds = KINDS[self.kind]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            return f"must be {ARTICLES.get(self.kind, 'a')} {self.kind}"
        if self.choices is not None and value not in self.choices:
            return f"must be one of {', '.join(str(choice) for choice in self.choices)}"
        return self._out_of_range(value) or self._unreadable(value)

    def _out_of_range(self, value: object) -> str | None:
        if not isinstance(value, int | float):
            return None
        if self.least is not None and value < self.least:
            return f"must be at least {self.least:g}"
        if self.above is not None and value <= self.above:
            return f"must be above {self.above:g}"
        if self.most is not None and value > self.most:
            return f"must be at most {self.most:g}"
        return None

    def _unreadable(self, value: object) -> str | None:
        readers = {"date": date.fromisoformat, "time": time.fromisoformat, "moment": moment}
        reader = readers.get(self.kind)
        try:
            if reader is not None:
                reader(str(value))
        except ValueError:
            return f"must be a {self.kind}"
        return None


Shape = Mapping[str, Field]


def faults(body: Record, shape: Shape) -> list[str]:
    """All that is wrong with an object, one sentence each; unknown fields are allowed."""
    found = []
    for name, field in shape.items():
        if name not in body:
            if field.required:
                found.append(f"{name} is required")
        elif (fault := field.fault(body[name])) is not None:
            found.append(f"{name} {fault}")
    return found


def checked(body: object, shape: Shape) -> Record:
    """The body as an object, or `Refused` with everything that is wrong."""
    if not isinstance(body, dict):
        raise Refused("the body must be a JSON object")
    if problems := faults(body, shape):
        raise Refused("; ".join(problems))
    return body


def moment(text: str) -> datetime:
    """A date-time with its zone; ValueError otherwise."""
    read = datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError(text)
    return read


def whole_number(text: str | None, name: str, default: int, least: int, most: int | None = None) -> int:
    """An integer of the query string."""
    if text is None or text == "":
        return default
    try:
        number = int(text)
    except ValueError:
        raise Refused(f"{name} must be an integer") from None
    if number < least or (most is not None and number > most):
        raise Refused(f"{name} must be {least} to {most}" if most else f"{name} must be at least {least}")
    return number
