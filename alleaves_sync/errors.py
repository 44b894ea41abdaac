"""One tree of errors, grouped by what the person at the keyboard can do about it.

Errors carry data, never sentences: `cli/problems.py` is the one place that turns them into words, a remedy
and an exit code. Nothing in here may hold a password, a token, a request's body or patient data.
`code` is a stable word for JSON, metrics and the `runs` table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


class AlleavesSyncError(Exception):
    """Root of everything that this program raises on purpose."""

    code: ClassVar[str] = "error"


# -- the configuration has to be changed (exit 78) -----------------------------------------------------------


class ConfigError(AlleavesSyncError):
    """The configuration is missing, wrong, or names something that the POS does not have."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a file: where (`locations.downtown.areas`), what, and what to do about it."""

    path: str
    message: str
    remedy: str = ""


@dataclass
class ConfigMissing(ConfigError):
    """No configuration file was found at any of `looked_at`."""

    code = "config-missing"
    looked_at: Sequence[Path]


@dataclass
class ConfigInvalid(ConfigError):
    """The configuration file cannot be used; all its problems at once."""

    code = "config-invalid"
    path: Path
    problems: Sequence[Problem]


@dataclass
class PosLocationUnknown(ConfigError):
    """The POS account does not see the configured `location_id`; `known` is (id, name) of those it sees."""

    code = "pos-location-unknown"
    location: str
    location_id: int
    known: Sequence[tuple[int, str]]


@dataclass
class AreasUnmatched(ConfigError):
    """Area `selectors` that match neither an area record nor any row (P2); `areas` is what there is."""

    code = "areas-unmatched"
    location: str
    selectors: Sequence[str]
    areas: Sequence[str]


# -- the command was called wrongly (exit 2) -----------------------------------------------------------------


class UsageError(AlleavesSyncError):
    """A name or an option on the command line that means nothing."""


@dataclass
class LocationNotConfigured(UsageError):
    """`--location NAME` that is not in the configuration."""

    code = "unknown-location"
    name: str
    known: Sequence[str]


@dataclass
class ItemUnknown(UsageError):
    """An item named on the command line that the POS does not have; `nearest` are the closest there are."""

    code = "unknown-item"
    name: str
    nearest: Sequence[str]


@dataclass
class NotRecorded(UsageError):
    """An `item` or a `run` named on the command line that the state files do not know."""

    code = "not-recorded"
    kind: str
    name: str
    nearest: Sequence[str]


@dataclass
class OptionsConflict(UsageError):
    """Options or arguments that do not go together, or one that is missing."""

    code = "options"
    problem: str
    remedy: str


# -- an input file is missing or bad (exit 65) ---------------------------------------------------------------


@dataclass
class InputInvalid(AlleavesSyncError):
    """A file (or `-`, stdin) that was given to the command cannot be used; all its problems at once."""

    code = "input-invalid"
    source: str
    problems: Sequence[Problem]


# -- the other side does not answer, or answers wrongly (exit 69) --------------------------------------------


class ServiceError(AlleavesSyncError):
    """The POS or the storefront could not be used. `service` is `Alleaves` or `AIQ`.

    `endpoint` is the method and the path, without host, query or body (`POST /inventory/search`).
    """

    service: str
    endpoint: str


@dataclass
class Unreachable(ServiceError):
    """No answer: name not found, refused, dropped, timed out. `sent` tells whether it may have arrived."""

    code = "unreachable"
    service: str
    endpoint: str
    reason: str
    attempts: int = 1
    sent: bool = True


@dataclass
class ServerFailed(ServiceError):
    """The server kept answering 5xx or 429 until the tries were used up."""

    code = "server-failed"
    service: str
    endpoint: str
    status: int
    attempts: int = 1


@dataclass
class RequestRefused(ServiceError):
    """A 4xx that no repetition mends. `message` is the server's own, cut short and cleaned."""

    code = "request-refused"
    service: str
    endpoint: str
    status: int
    message: str = ""


@dataclass
class WrongAnswer(ServiceError):
    """An answer that does not fit the contract; `field` says where in it."""

    code = "wrong-answer"
    service: str
    endpoint: str
    field: str
    problem: str


@dataclass
class ReadIncomplete(ServiceError):
    """The proof of completeness failed: `got` unique records where `expected` were announced."""

    code = "read-incomplete"
    service: str
    endpoint: str
    got: int
    expected: int
    attempts: int


@dataclass
class OutOfTime(ServiceError):
    """The time budget of the run was used up before this call could be made or ended."""

    code = "out-of-time"
    service: str
    endpoint: str
    budget_seconds: float
    cause: str = ""


_TOO_MANY_REQUESTS = 429


def is_unclear(error: ServiceError) -> bool:
    """Whether a call that must not be made twice may have been done although it ended in `error`.

    Only for calls that the transport does not repeat by itself: before another kind of call gave up, an
    earlier try of it may have arrived.
    """
    match error:
        case RequestRefused() | OutOfTime():
            return False
        case ServerFailed(status=status):
            return status != _TOO_MANY_REQUESTS
        case Unreachable(sent=sent):
            return sent
        case _:
            return True


# -- the login was refused (exit 77) -------------------------------------------------------------------------


@dataclass
class LoginRefused(AlleavesSyncError):
    """`service` refused the credentials. `account` is the user name, or where the key is configured."""

    code = "login-refused"
    service: str
    account: str
    base_url: str
    message: str = ""


# -- the state file cannot be used, or not be written (exit 78 and 3) ----------------------------------------


@dataclass
class StateUnusable(AlleavesSyncError):
    """The state file is `newer` than this program, `corrupt`, `read-only`, `full` (no room on the disk to
    read it) or `unreachable`; left as it is."""

    code = "state-unusable"
    path: Path
    reason: str
    detail: str = ""


@dataclass
class WriteFailed(AlleavesSyncError):
    """A file could not be written (disk full, permission, locked for too long). The old content is intact."""

    code = "write-failed"
    path: Path
    detail: str


# -- a person must look (exit 3) -----------------------------------------------------------------------------


@dataclass
class BrakeEngaged(AlleavesSyncError):
    """The run would take `leaving` of `listed` products off the menu; `rows` is what the POS brought."""

    code = "brake"
    location: str
    leaving: int
    listed: int
    rows: int
    max_drop: float


@dataclass
class CrontabUnusable(AlleavesSyncError):
    """The user's crontab could not be read or written, and was left as it is.

    `missing`: there is no `crontab` program; `refused`: it said no (`detail`); `block`: our block is broken
    at the line `detail`; `path`: the configuration's path cannot stand in a crontab.
    """

    code = "crontab-unusable"
    reason: str
    detail: str = ""


@dataclass
class NeverSynced(AlleavesSyncError):
    """There is no menu of this location yet."""

    code = "never-synced"
    location: str
    path: Path
