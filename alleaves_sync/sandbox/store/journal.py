"""What was asked of the sandbox: counters, a log of requests and, on demand, whole exchanges."""

import json
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

#: Requests that the log keeps; older ones are forgotten.
LOG_LENGTH: Final = 20_000


@dataclass(frozen=True)
class Asked:
    """One request. `path` is the whole path, `query` its parameters, `body` the parsed JSON or None."""

    method: str
    path: str
    query: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return parsed(self.raw)


@dataclass(frozen=True)
class Exchange:
    """One request of a service and its answer. `path` is below the base URL: `/inventory/search`.

    `answer` is the parsed JSON, or None where the answer was none.
    """

    api: Literal["alleaves", "aiq"]
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    status: int
    answer: Any


def parsed(raw: bytes) -> Any:
    """The JSON of a body, None where it is empty or not JSON."""
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


class Journal:
    """`calls` counts by endpoint, for example `POST /api/order/{id_order}/item`."""

    def __init__(self, recording: bool = False) -> None:
        self.calls: Counter[str] = Counter()
        self.requests: deque[Asked] = deque(maxlen=LOG_LENGTH)
        self.exchanges: list[Exchange] = []
        self.recording = recording

    def note(self, endpoint: str, asked: Asked) -> None:
        self.calls[endpoint] += 1
        self.requests.append(asked)

    def forget(self) -> None:
        """Start anew: no calls, no requests, no exchanges."""
        self.calls.clear()
        self.requests.clear()
        self.exchanges.clear()

    def asked(self, path_part: str, method: str | None = None) -> list[Asked]:
        """The requests whose path contains `path_part`, oldest first."""
        return [one for one in list(self.requests) if path_part in one.path and method in (None, one.method)]
