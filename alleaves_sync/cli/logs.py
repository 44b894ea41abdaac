"""Log lines on stderr, as text or JSON; only this program's own.

The loggers of libraries stay silent: urllib3's DEBUG prints whole queries.
"""

import json
import logging
import sys
from datetime import UTC, datetime

_PROGRAM = "alleaves_sync"
_EXTRA = ("run_id", "location")


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


def start(verbosity: int, *, quiet: bool = False, as_json: bool = False) -> None:
    """Send this program's log lines to stderr; replaces what an earlier call arranged."""
    logger = logging.getLogger(_PROGRAM)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else TextLines())
    logger.handlers[:] = [handler]
    logger.propagate = False
    logger.setLevel(_level(verbosity, quiet))


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
