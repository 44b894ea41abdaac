"""The one place that turns an error into words, a remedy and an exit code.

Written for the person who runs the shop's systems: one line of what is wrong, one of what to do about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import singledispatch

from alleaves_sync import errors
from alleaves_sync.cli.error_words import (
    CRONTAB_WORDS,
    STATE_WORDS,
    count,
    quoted,
    said,
    sentence,
    told,
    tries,
)
from alleaves_sync.cli.grouping import MOST_SHOWN

_DONE, _PARTLY, _USAGE, _LOOK = 0, 1, 2, 3
_INPUT, _SERVICE, _LOGIN, _CONFIG = 65, 69, 77, 78
_NOT_FOUND, _TOO_MANY = 404, 429
_NEXT_RUN = "The next run tries again, and sends again what is in doubt."


@dataclass(frozen=True)
class Explained:
    """An error in words: a stable `code`, what is wrong, what to do, the exit code, and the details."""

    code: str
    what: str
    remedy: str
    exit_code: int
    details: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join((self.what, *(f"({detail})" for detail in self.details), self.remedy)).strip()


def exit_code(codes: Sequence[int]) -> int:
    """The exit code of several locations: all the same -> that; else 3 where one needs a person, else 1."""
    different = set(codes)
    if len(different) <= 1:
        return different.pop() if different else _DONE
    return _LOOK if _LOOK in different else _PARTLY


@singledispatch
def explain(error: errors.AlleavesSyncError) -> Explained:
    """`error` in words."""
    return Explained(error.code, f"Something went wrong: {type(error).__name__}.", "See -vv.", _LOOK)


# -- configuration -------------------------------------------------------------------------------------------


@explain.register
def _(error: errors.ConfigMissing) -> Explained:
    return Explained(
        error.code,
        "There is no configuration file.",
        "Make one with: alleaves-sync init. Or name one: alleaves-sync --config PATH ...",
        _CONFIG,
        tuple(f"looked at {path}" for path in error.looked_at),
    )


@explain.register
def _(error: errors.ConfigInvalid) -> Explained:
    return Explained(
        error.code,
        f"{error.path} has {count(error.problems, 'problem')}.",
        "Correct the file, then run: alleaves-sync check --offline",
        _CONFIG,
        told(error.problems),
    )


@explain.register
def _(error: errors.PosLocationUnknown) -> Explained:
    return Explained(
        error.code,
        f"This Alleaves account does not see a location with the id {error.location_id}.",
        f"Set locations.{error.location}.alleaves.location_id to one of those above."
        if error.known
        else "Ask Alleaves to give this account access to the location.",
        _CONFIG,
        tuple(f"{number}  {name}" for number, name in error.known),
    )


@explain.register
def _(error: errors.AreasUnmatched) -> Explained:
    return Explained(
        error.code,
        f"Alleaves has no area {quoted(error.selectors)} in this location.",
        f"Set locations.{error.location}.areas to names, ids, paths or types of these areas; "
        "alleaves-sync areas shows them.",
        _CONFIG,
        tuple(error.areas) or ("the location has no areas at all",),
    )


# -- usage and input -----------------------------------------------------------------------------------------


@explain.register
def _(error: errors.LocationNotConfigured) -> Explained:
    near = get_close_matches(error.name.strip("*?"), error.known, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    shown = ", ".join(error.known[:MOST_SHOWN]) or "none"
    more = f" and {len(error.known) - MOST_SHOWN} more" if len(error.known) > MOST_SHOWN else ""
    return Explained(
        error.code,
        f"No location of the configuration is called {error.name!r}.",
        f"{hint}There {'are' if len(error.known) != 1 else 'is'}: {shown}{more}.",
        _USAGE,
    )


@explain.register
def _(error: errors.ItemUnknown) -> Explained:
    return Explained(
        error.code,
        f"Alleaves has no item {error.name!r} in this location.",
        f"Nearest: {', '.join(error.nearest)}."
        if error.nearest
        else "Give the id or the whole name of an item.",
        _USAGE,
    )


@explain.register
def _(error: errors.NotRecorded) -> Explained:
    ways = {
        "item": "Give the id or the whole name of an item.",
        "run": "The report of sync-inventory --json tells run ids.",
    }
    return Explained(
        error.code,
        f"The state file knows no {error.kind} {error.name!r}.",
        f"Nearest: {', '.join(error.nearest)}." if error.nearest else ways[error.kind],
        _USAGE,
    )


@explain.register
def _(error: errors.OptionsConflict) -> Explained:
    return Explained(error.code, sentence(error.problem), sentence(error.remedy), _USAGE)


@explain.register
def _(error: errors.InputInvalid) -> Explained:
    return Explained(
        error.code,
        f"{'The standard input' if error.source == '-' else error.source} cannot be used: "
        f"{count(error.problems, 'problem')}.",
        "Correct it and run the command again.",
        _INPUT,
        told(error.problems),
    )


# -- services ------------------------------------------------------------------------------------------------


@explain.register
def _(error: errors.Unreachable) -> Explained:
    return Explained(
        error.code,
        f"{error.service} does not answer ({error.endpoint}): {error.reason}{tries(error.attempts)}.",
        f"Check this machine's network and the address in the configuration. {_NEXT_RUN}",
        _SERVICE,
    )


@explain.register
def _(error: errors.ServerFailed) -> Explained:
    busy = error.status == _TOO_MANY
    return Explained(
        error.code,
        f"{error.service} {'asks for fewer requests' if busy else 'has a fault of its own'}: "
        f"{error.status} for {error.endpoint}{tries(error.attempts)}.",
        f"Wait. If it lasts, {'run less often' if busy else f'ask {error.service}'}. {_NEXT_RUN}",
        _SERVICE,
    )


@explain.register
def _(error: errors.RequestRefused) -> Explained:
    remedy = (
        "Check the address in the configuration: it seems to lead elsewhere."
        if error.status == _NOT_FOUND
        else f"Check what this account may do at {error.service}."
    )
    return Explained(
        error.code,
        f"{error.service} refused {error.endpoint} with {error.status}.{said(error.message)}",
        f"{remedy} {_NEXT_RUN}",
        _SERVICE,
    )


@explain.register
def _(error: errors.WrongAnswer) -> Explained:
    where = f" (at {error.field})" if error.field else ""
    return Explained(
        error.code,
        f"{error.service} answered {error.endpoint} in an unknown form{where}: {error.problem}.",
        f"Check the address in the configuration; if it is right, report this. {_NEXT_RUN}",
        _SERVICE,
    )


@explain.register
def _(error: errors.ReadIncomplete) -> Explained:
    return Explained(
        error.code,
        f"{error.service} announced {error.expected} records and sent {error.got} "
        f"({error.endpoint}){tries(error.attempts)}.",
        f"Nothing is decided from half an answer. {_NEXT_RUN} If it lasts, ask {error.service}.",
        _SERVICE,
    )


@explain.register
def _(error: errors.OutOfTime) -> Explained:
    cause = f" The last trouble: {error.cause}." if error.cause else ""
    return Explained(
        error.code,
        f"The {error.budget_seconds:g} seconds of a run are over ({error.service} {error.endpoint}).{cause}",
        f"Raise time_budget_seconds and interval_minutes if {error.service} is always slow. {_NEXT_RUN}",
        _SERVICE,
    )


@explain.register
def _(error: errors.LoginRefused) -> Explained:
    return Explained(
        error.code,
        f"{error.service} at {error.base_url} refused the login of {error.account}.{said(error.message)}",
        "Check the user name, password and pin." if error.service == "Alleaves" else "Check the API key.",
        _LOGIN,
    )


# -- files ---------------------------------------------------------------------------------------------------


@explain.register
def _(error: errors.StateUnusable) -> Explained:
    what, remedy = STATE_WORDS.get(
        error.reason, (f"cannot be used ({error.reason})", "Check the path under state.")
    )
    return Explained(
        error.code,
        f"The state file {error.path} {what}. It was not touched.",
        remedy,
        _CONFIG,
        (error.detail,) if error.detail else (),
    )


@explain.register
def _(error: errors.WriteFailed) -> Explained:
    # SQLite's own word, after 30 seconds of waiting.
    locked = error.detail == "database is locked"
    why = f"another program holds it ({error.detail})" if locked else error.detail
    return Explained(
        error.code,
        f"{error.path} could not be written: {why}. What it held before is intact.",
        "End what is writing to the file (a database tool, a copy by hand), then run again; "
        "state backup and Datasette do not hold it."
        if locked
        else "Check the free space of the disk and the rights on the folder, then run again.",
        _LOOK,
    )


# -- a person must look --------------------------------------------------------------------------------------


@explain.register
def _(error: errors.BrakeEngaged) -> Explained:
    found = "Alleaves brought no rows at all" if not error.rows else f"Alleaves brought {error.rows} rows"
    return Explained(
        error.code,
        f"Refused: {error.leaving} of {error.listed} listed products would leave the menu in this run. "
        f"{found}. Nothing was changed.",
        "Three ways out: correct the stock in Alleaves; run once with --force if it is right; "
        f"raise inventory.max_drop (now {error.max_drop:g}).",
        _LOOK,
    )


@explain.register
def _(error: errors.CrontabUnusable) -> Explained:
    what, remedy = CRONTAB_WORDS[error.reason]
    details = (error.detail,) if error.detail else ()
    return Explained(error.code, f"{what}. It was not changed.", remedy, _LOOK, details)


@explain.register
def _(error: errors.NeverSynced) -> Explained:
    return Explained(
        error.code,
        f"There is no menu of {error.location} yet in {error.path}.",
        f"Run: alleaves-sync sync-inventory --location {error.location}",
        _LOOK,
    )
