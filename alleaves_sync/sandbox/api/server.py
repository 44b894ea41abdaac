"""The web server: werkzeug's, with connections that stay open, and silent."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

#: How long a connection may stay silent before the server closes it, in seconds.
IDLE: Final = 60


class Handler(WSGIRequestHandler):
    """Serves many requests on one connection.

    Werkzeug closes the connection after each answer, because an application may leave a part of the
    request unread. The sandbox reads every request to its end, and a client's pool of connections is
    one of the things that it is there to try out.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE

    def run_wsgi(self) -> None:
        """Answer one request."""
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self.environ = self.make_environ()
        status, headers = "", list[tuple[str, str]]()

        def start_response(
            told: str, told_headers: list[tuple[str, str]], _exc_info: Any = None
        ) -> Callable[[bytes], object]:
            nonlocal status, headers
            status, headers = told, told_headers
            return self.wfile.write

        try:
            body: Iterable[bytes] = self.server.app(self.environ, start_response)
            code, _, reason = status.partition(" ")
            self.send_response(int(code), reason)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            with contextlib.closing(ClosingIterator(body)) as parts:
                for part in parts:
                    self.wfile.write(part)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def setup(self) -> None:
        super().setup()
        open_connections(self.server).add(self.connection)

    def finish(self) -> None:
        open_connections(self.server).discard(self.connection)
        super().finish()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  werkzeug's name
        """Say nothing: what was asked stands in the journal."""


def open_connections(server: BaseWSGIServer) -> set[socket.socket]:
    found: set[socket.socket] = server.__dict__.setdefault("open_connections", set())
    return found


class Server:
    """Serves an application on one port of one address from the moment it is made.

    OSError where the address is in use.
    """

    def __init__(self, app: Flask, host: str, port: int) -> None:
        with socket.create_server((host, port), backlog=128) as listening:
            self.port: int = listening.getsockname()[1]
            self._server = make_server(
                host, self.port, app, threaded=True, request_handler=Handler, fd=listening.fileno()
            )
        self._thread: threading.Thread | None = None
        self._started = False

    def start(self) -> None:
        """Serve in the background."""
        self._started = True
        self._thread = threading.Thread(target=self.serve_forever, name="sandbox", daemon=True)
        self._thread.start()

    def serve_forever(self) -> None:
        """Serve in this thread until `stop` is called in another one."""
        self._started = True
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        """Stop serving and close all connections, those that are open and idle included."""
        if self._started:  # shutdown waits for the end of what has begun
            self._server.shutdown()
        if self._thread is not None:
            self._thread.join()
        for connection in list(open_connections(self._server)):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
