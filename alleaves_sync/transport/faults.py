"""What went wrong below HTTP, in a few words.

The texts of requests and urllib3 are never shown: they hold whole addresses, and a query can name a patient.
"""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import requests
from urllib3 import exceptions as urllib3

# An address or a header that cannot be put on the wire. No other ValueError: it may come from the reading.
_NOT_SENDABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    urllib3.LocationValueError,
    UnicodeEncodeError,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`reason` in a few words; `sent`: the call may have arrived; `mendable`: time may mend it."""

    reason: str
    sent: bool = True
    mendable: bool = True


def fault_of(error: Exception, connect_seconds: float, read_seconds: float) -> Fault:
    """The fault behind what requests or urllib3 raised, with the timeouts (in seconds) that were set."""
    if isinstance(error, _NOT_SENDABLE):
        return Fault("request not valid", sent=False, mendable=False)
    chain = tuple(_chain(error))
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return Fault(f"certificate not valid: {link.verify_message}", sent=False, mendable=False)
    for kinds, fault in _faults(connect_seconds, read_seconds):
        if any(isinstance(link, kinds) for link in chain):
            return fault
    return Fault("connection dropped")


def _faults(connect: float, read: float) -> tuple[tuple[tuple[type[BaseException], ...], Fault], ...]:
    # From the narrow to the wide: a refused connection is also a "new connection error".
    return (
        ((urllib3.NameResolutionError, socket.gaierror), Fault("name not found", sent=False)),
        ((ConnectionRefusedError,), Fault("connection refused", sent=False)),
        ((urllib3.NewConnectionError,), Fault("no connection", sent=False)),
        (
            (requests.ConnectTimeout, urllib3.ConnectTimeoutError),
            Fault(f"no connection after {connect:.3g} s", sent=False),
        ),
        ((requests.exceptions.ProxyError, urllib3.ProxyError), Fault("proxy failed", sent=False)),
        ((TimeoutError, urllib3.ReadTimeoutError), Fault(f"timed out after {read:.3g} s")),
        ((ssl.SSLError, urllib3.SSLError), Fault("TLS failed")),
        ((urllib3.DecodeError,), Fault("answer cannot be unpacked")),
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it was made from: both libraries hide the true one in several places."""
    todo, seen = [error], set[int]()
    while todo:
        current = todo.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (*current.args, getattr(current, "reason", None), current.__cause__, current.__context__)
        todo.extend(link for link in inner if isinstance(link, BaseException))
