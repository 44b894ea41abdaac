"""A real HTTP server on the loopback address that says what a test tells it to, and a clock to go with it."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import IO, Any, Self, cast
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What to answer. `raw` writes bytes of its own instead, after which the connection is closed."""

    status: int = 200
    body: bytes = b"[]"
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: Callable[[IO[bytes]], None] | None = None


def reply(value: object, status: int = 200, **headers: str) -> Reply:
    """`value` as JSON; header names are written with underscores."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


def drop() -> Reply:
    """No answer at all: the connection is closed."""
    return Reply(raw=lambda _out: None)


def raw(text: bytes) -> Reply:
    """These bytes and then the end of the connection."""

    def write(out: IO[bytes]) -> None:
        out.write(text)

    return Reply(raw=write)


Answers = Callable[[Asked], Reply]


def in_turn(*replies: Reply) -> Answers:
    """The replies one after the other, the last one for ever."""
    left = list(replies)
    return lambda _asked: left.pop(0) if len(left) > 1 else left[0]


class Loopback:
    """The server; `asked` is every request so far, `connections` how many connections were made."""

    def __init__(self, answers: Answers) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                outer.connections += 1

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base names it so
                pass

            def answer(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(
                    self.command, parts.path, dict(parse_qsl(parts.query)), dict(self.headers.items()), body
                )
                outer.asked.append(asked)
                self._write(answers(asked))

            do_GET = do_POST = do_PUT = answer  # noqa: N815 - http.server looks for these names

            def _write(self, said: Reply) -> None:
                try:
                    if said.raw is not None:
                        self.close_connection = True
                        said.raw(cast("IO[bytes]", self.wfile))
                        return
                    self.send_response(said.status)
                    for name, text in said.headers.items():
                        self.send_header(name, text)
                    self.send_header("Content-Length", str(len(said.body)))
                    self.end_headers()
                    self.wfile.write(said.body)
                except OSError:
                    self.close_connection = True  # the client has gone, as some tests want it to

        class Server(ThreadingHTTPServer):
            daemon_threads = False
            request_queue_size = 32

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class FakeTime:
    """Seconds that pass only when somebody sleeps, or by `tick` at every look."""

    def __init__(self, tick: float = 0.0) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []
        self._tick = tick

    def clock(self) -> float:
        self.seconds += self._tick
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
