"""Telling others about a run: a ping address (healthchecks.io style) and a Prometheus textfile.

Nothing in here can change what became of a run: a ping that fails and a file that cannot be written are said
in the log and forgotten. What leaves through here is made of outcomes and code words: nothing private.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alleaves_sync.errors import AlleavesSyncError
from alleaves_sync.transport import Budget, Transport

_PING_SECONDS = 3.0  # a run never waits longer than this for whoever watches it, before it and after it

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watch:
    """What the watched run says of itself before it ends: good or not, and a few words."""

    good: bool = True
    text: str = ""


@dataclass(frozen=True, slots=True)
class LocationMetrics:
    """One location's figures; None where there is none yet. Times are aware."""

    location: str
    last_success: datetime | None
    seconds: float | None
    rows: int
    listed: int
    hidden: int
    withheld: int
    changes: int
    waiting_orders: int
    refused: bool
    orders_last_success: datetime | None = None
    orders_seconds: float | None = None


@contextmanager
def watched(ping_url: str | None) -> Iterator[Watch]:
    """Ping around a run: `/start`, then the address itself, or `/fail` with a short text."""
    watch = Watch()
    _ping(ping_url, "/start")
    try:
        yield watch
    except BaseException as error:
        _ping(ping_url, "/fail", error.code if isinstance(error, AlleavesSyncError) else type(error).__name__)
        raise
    _ping(ping_url, "" if watch.good else "/fail", watch.text)


def _ping(url: str | None, ending: str, text: str = "") -> None:
    if url is None:
        return
    trouble: list[str] = []
    # In a thread: looking up a name knows no time limit, and may take a minute where no server answers.
    thread = threading.Thread(target=_send, args=(url, ending, text, trouble), name="ping", daemon=True)
    thread.start()
    thread.join(_PING_SECONDS)
    if thread.is_alive():
        trouble.append("no answer in time")
    if trouble:
        _log.warning("the ping%s could not be sent: %s", ending and f" ({ending})", trouble[0])


def _send(url: str, ending: str, text: str, trouble: list[str]) -> None:
    try:
        with Transport("the ping address", url, Budget(_PING_SECONDS)) as transport:
            transport.send("POST", ending, repeatable=True, json_body=text.encode(), json_answer=False)
    except AlleavesSyncError as error:
        trouble.append(error.code)


def write_metrics(path: Path, locations: Sequence[LocationMetrics]) -> None:
    """Write the textfile of all locations, replaced at once. Never raises."""
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile  # noqa: PLC0415 - only when asked for

    registry = CollectorRegistry()

    def gauge(name: str, words: str) -> Gauge:
        return Gauge(f"alleaves_sync_{name}", words, ["location"], registry=registry)

    success = gauge("last_success_timestamp_seconds", "When the last good run ended.")
    duration = gauge("last_run_duration_seconds", "How long the last run took.")
    refused = gauge("brake_engaged", "1 when the last run was refused by the brake.")
    waiting = gauge("orders_waiting", "Orders that wait for a person.")
    orders_success = gauge(
        "orders_last_success_timestamp_seconds", "When confirmed orders were last read and dealt with."
    )
    orders_duration = gauge(
        "orders_last_run_duration_seconds", "How long the last push of confirmed orders took."
    )
    counts = {
        "rows": gauge("rows", "Rows that the POS brought."),
        "listed": gauge("products_listed", "Products on the menu."),
        "hidden": gauge("products_hidden", "Products that are synced with quantity 0."),
        "withheld": gauge("products_withheld", "Items that are not sent."),
        "changes": gauge("products_changed", "Products that the last run created, updated or took off."),
    }
    for one in locations:
        if one.last_success is not None:
            success.labels(one.location).set(one.last_success.timestamp())
        if one.seconds is not None:
            duration.labels(one.location).set(one.seconds)
        if one.orders_last_success is not None:
            orders_success.labels(one.location).set(one.orders_last_success.timestamp())
        if one.orders_seconds is not None:
            orders_duration.labels(one.location).set(one.orders_seconds)
        refused.labels(one.location).set(one.refused)
        waiting.labels(one.location).set(one.waiting_orders)
        for name, metric in counts.items():
            metric.labels(one.location).set(getattr(one, name))
    try:
        write_to_textfile(str(path), registry)
    except OSError as error:
        _log.warning("the metrics could not be written to %s: %s", path, error.strerror or error)
