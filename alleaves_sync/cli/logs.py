"""Log lines on stderr, as text or JSON; only this program's own.

The loggers of libraries stay silent: urllib3's DEBUG prints whole queries. Every line from within a run says
which run and location it is about. With `--log-format json` all talk on stderr is such lines, errors too.
"""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from alleaves_sync.flows.run import current_run

_PROGRAM = "alleaves_sync"
_EXTRA = ("location", "run_id")


class TextLines(logging.Formatter):
    """`12:00:00 INFO downtown: message`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line for `record`."""
        place = getattr(record, "location", "")
        prefix = f"{place}: " if place else ""
        return f"{_time(record):%H:%M:%S} {record.levelname} {prefix}{_message(record)}"


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and run id and location where they are
    known."""

    def format(self, record: logging.LogRecord) -> str:
        """One line for `record`."""
        line = {
            "time": _time(record).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        known = {name: getattr(record, name) for name in _EXTRA if getattr(record, name, None) is not None}
        return json.dumps({**line, **known}, ensure_ascii=False, default=str)


class _OfTheRun(logging.Filter):
    """Adds the run and the location that the thread works for, unless the line names others."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line through."""
        run = current_run()
        if run is not None and not hasattr(record, "location"):
            record.location, record.run_id = run.location, run.run_id
        return True


def start(verbosity: int, *, quiet: bool = False, as_json: bool = False) -> None:
    """Send this program's log lines to stderr; replaces what an earlier call arranged."""
    logger = logging.getLogger(_PROGRAM)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else TextLines())
    handler.addFilter(_OfTheRun())
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(_level(verbosity, quiet))


def are_json() -> bool:
    """Whether log lines, and so all talk on stderr, are JSON."""
    handlers = logging.getLogger(_PROGRAM).handlers
    return any(isinstance(handler.formatter, JsonLines) for handler in handlers)


def json_line(level: str, message: str, more: Mapping[str, object]) -> str:
    """A line of talk as JSON; what is empty in `more` is left out."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    known = {name: value for name, value in more.items() if value}
    return json.dumps({"time": now, "level": level, "message": message, **known}, ensure_ascii=False) + "\n"


def _level(verbosity: int, quiet: bool) -> int:
    if quiet:
        return logging.ERROR
    return {0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _message(record: logging.LogRecord) -> str:
    # An exception is told by its type: its text may hold values.
    cause = record.exc_info[0] if record.exc_info else None
    text = " ".join(record.getMessage().split())
    return f"{text} ({cause.__name__})" if cause else text
