"""A relay between the command and the sandbox that meddles: it cuts, drips, garbles, or answers by itself.

It reads each request whole. One that `target` finds (`METHOD /path`) gets the twist; the others pass. Every
connection carries one request, so that the relay never has to guess where an answer ends.
"""

import random
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

Twist = Callable[[socket.socket, Callable[[], bytes]], None]
"""Gets the client's socket, and a way to ask the sandbox for its whole answer."""

_CHUNK = 65536


class Relay:
    """Listens on loopback; `url` is its address. `requests` and `twisted` count what passed."""

    def __init__(
        self, upstream: str, target: str, twist: Twist | None, tls: ssl.SSLContext | None = None
    ) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "", parts.port or 80)
        self._target, self._twist, self._tls = re.compile(target), twist, tls
        self.requests, self.twisted, self.read_bytes = 0, 0, 0
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._socket.getsockname()[1]}"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError), client:
            client.settimeout(60)
            if self._tls is None:
                self._answer(client)
                return
            with self._tls.wrap_socket(client, server_side=True) as wrapped:
                self._answer(wrapped)

    def _answer(self, client: socket.socket) -> None:
        request = _request_of(client)
        if not request:
            return
        self.requests += 1
        self.read_bytes += len(request)
        name = b" ".join(request.split(b" ", 2)[:2]).decode("latin-1")
        if self._twist is not None and self._target.search(name):
            self.twisted += 1
            self._twist(client, lambda: self._ask(request))
        else:
            client.sendall(self._ask(request))

    def _ask(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(b"connection:")]
        with socket.create_connection(self._upstream, timeout=60) as server:
            server.sendall(b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body)
            return b"".join(iter(lambda: server.recv(_CHUNK), b""))


def _request_of(client: socket.socket) -> bytes:
    whole = b""
    while b"\r\n\r\n" not in whole:
        more = client.recv(_CHUNK)
        if not more:
            return b""
        whole += more
    head = whole.partition(b"\r\n\r\n")[0]
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    length = len(head) + 4 + (int(found[1]) if found else 0)
    while len(whole) < length:
        whole += client.recv(_CHUNK)
    return whole


# -- twists of the sandbox's own answer ----------------------------------------------------------------------


def cut(chance: random.Random) -> Twist:
    """The answer ends after a random number of its bytes."""

    def twist(client: socket.socket, answer: Callable[[], bytes]) -> None:
        whole = answer()
        client.sendall(whole[: chance.randrange(len(whole))])

    return twist


def reset(chance: random.Random) -> Twist:
    """As `cut`, with a reset (RST) instead of an end."""

    def twist(client: socket.socket, answer: Callable[[], bytes]) -> None:
        whole = answer()
        client.sendall(whole[: chance.randrange(len(whole))])
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return twist


def garble(chance: random.Random, bytes_apart: int = 400) -> Twist:
    """About one byte in `bytes_apart` of the answer is another one; the length stays."""

    def twist(client: socket.socket, answer: Callable[[], bytes]) -> None:
        whole = bytearray(answer())
        for _ in range(max(1, len(whole) // bytes_apart)):
            whole[chance.randrange(len(whole))] = chance.randrange(256)
        client.sendall(whole)

    return twist


def delay(seconds: float) -> Twist:
    """The answer comes whole, and late."""

    def twist(client: socket.socket, answer: Callable[[], bytes]) -> None:
        whole = answer()
        time.sleep(seconds)
        client.sendall(whole)

    return twist


def drip(seconds: float, size: int = 1) -> Twist:
    """The answer comes `size` bytes every so many seconds."""

    def twist(client: socket.socket, answer: Callable[[], bytes]) -> None:
        whole = answer()
        for start in range(0, len(whole), size):
            client.sendall(whole[start : start + size])
            time.sleep(seconds)

    return twist


def after_asking(kind: Callable[[socket.socket], None]) -> Twist:
    """The sandbox does what it is asked, and the client gets another answer."""

    def twist(client: socket.socket, answer: Callable[[], bytes]) -> None:
        answer()
        kind(client)

    return twist


def instead(kind: Callable[[socket.socket], None]) -> Twist:
    """The sandbox never hears of it."""
    return lambda client, _answer: kind(client)
