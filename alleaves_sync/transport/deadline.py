"""Connections that hold every single read to the time that is left.

The timeout of requests counts from byte to byte. A server that sends a byte of its headers, or of a chunk's
length, every few seconds never runs into it, and both are read until they end. Here each look at the network
waits no longer than the budget has left, so that an answer never outlasts it, whichever part of it drips.
"""

import io
import socket
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from alleaves_sync.transport.budget import Budget


class _Reader(io.RawIOBase):
    """The bytes of a socket; TimeoutError when the budget is over, or `longest` seconds bring nothing."""

    def __init__(self, sock: socket.socket, source: io.RawIOBase, budget: Budget, longest: float) -> None:
        self._sock, self._source, self._budget, self._longest = sock, source, budget, longest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # a writable buffer: typeshed's name for it is private
        left = self._budget.remaining()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(min(left, self._longest))
        return cast("int | None", self._source.readinto(buffer))

    def close(self) -> None:
        self._source.close()
        super().close()


class DeadlineAdapter(HTTPAdapter):
    """Requests' way to its connections, each of which reads within `budget`; no retries of its own."""

    def __init__(self, budget: Budget, longest: float, pool_size: int) -> None:
        def answer(sock: socket.socket, *args: Any, **kwargs: Any) -> HTTPResponse:
            found = HTTPResponse(sock, *args, **kwargs)
            source = found.fp.detach()
            found.fp = io.BufferedReader(_Reader(sock, source, budget, longest))
            return found

        self._pools = _pools(answer)
        super().__init__(pool_maxsize=pool_size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(answer: Callable[..., HTTPResponse]) -> dict[str, type[HTTPConnectionPool]]:
    # http.client asks its connection's `response_class` for whatever reads an answer, a proxy's included.
    class Plain(HTTPConnection):
        response_class = staticmethod(answer)  # type: ignore[assignment]  # a function that makes one

    class Encrypted(HTTPSConnection):
        response_class = staticmethod(answer)  # type: ignore[assignment]

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
