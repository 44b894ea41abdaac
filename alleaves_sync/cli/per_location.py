"""One command, several locations: a failing one never stops the next."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

from alleaves_sync.cli.console import error_json, tell
from alleaves_sync.cli.error_messages import exit_code, explain
from alleaves_sync.config import Location
from alleaves_sync.errors import AlleavesSyncError

Value = TypeVar("Value")


@dataclass(frozen=True)
class Good(Generic[Value]):
    """A location that went well."""

    location: Location
    value: Value
    exit_code: int = 0


@dataclass(frozen=True)
class Failed:
    """A location that did not."""

    location: Location
    error: AlleavesSyncError

    @property
    def exit_code(self) -> int:
        """The exit code that this error alone would give."""
        return explain(self.error).exit_code


@dataclass(frozen=True)
class Results(Generic[Value]):
    """What became of each location, in the configuration's order."""

    all: Sequence[Good[Value] | Failed]

    @property
    def good(self) -> Sequence[Good[Value]]:
        """Those that went well."""
        return [result for result in self.all if isinstance(result, Good)]

    @property
    def exit_code(self) -> int:
        """0, or what the rule for several locations makes of their codes."""
        return exit_code([result.exit_code for result in self.all])

    def document(
        self, entry: Callable[[Value], Mapping[str, object]], empty: Mapping[str, object]
    ) -> dict[str, object]:
        """The JSON document: `entry` of each good location, `empty` and the error of each failed one.

        Where nothing went well, the first error also stands at the top, as with any other error.
        """
        entries = [
            {"location": result.location.name, **entry(result.value)}
            if isinstance(result, Good)
            else {"location": result.location.name, **empty, "error": explain(result.error).text}
            for result in self.all
        ]
        failed = [result for result in self.all if isinstance(result, Failed)]
        top = {"error": error_json(explain(failed[0].error))} if failed and not self.good else {}
        return {"locations": entries, **top}


def each(
    locations: Sequence[Location],
    work: Callable[[Location], Value],
    code: Callable[[Value], int] = lambda _value: 0,
) -> Results[Value]:
    """Run `work` for each location, one after the other; `code` is the exit code of a good result.

    Locations of one POS account share its login, and what is known of hosts that are down. An
    `AlleavesSyncError` is told on stderr at once and noted; anything else is raised.
    """
    results: list[Good[Value] | Failed] = []
    with _together(locations):
        for location in locations:
            try:
                value = work(location)
            except AlleavesSyncError as error:
                tell(explain(error), place=location.name)
                results.append(Failed(location, error))
            else:
                results.append(Good(location, value, code(value)))
    return Results(results)


def _together(locations: Sequence[Location]) -> AbstractContextManager[None]:
    if len(locations) <= 1:
        return nullcontext()
    from alleaves_sync.flows.parallel import together  # brings the HTTP libraries

    return together()
