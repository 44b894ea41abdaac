"""HTTP for both services: the one place that decides about retries, timeouts and sizes.

`Transport` sends calls to one service within a `Budget` of time and hands back an `Answer`; what goes wrong
is told as the `ServiceError`s of `alleaves_sync.errors`. Nothing else in this program imports `requests`.
"""

from alleaves_sync.transport.answer import Answer, plain_text, server_message
from alleaves_sync.transport.budget import Budget
from alleaves_sync.transport.hosts import shared_hosts
from alleaves_sync.transport.http import Transport
from alleaves_sync.transport.threads import Begin, threads

__all__ = [
    "Answer",
    "Begin",
    "Budget",
    "Transport",
    "plain_text",
    "server_message",
    "shared_hosts",
    "threads",
]
