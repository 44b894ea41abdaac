"""Answers that no honest server gives: bombs, drips, endless ones, lies, pages, and broken JSON."""

import gzip
import io
import random
import socket
import threading
import time
import zlib
from collections.abc import Callable
from functools import cache
from tempfile import TemporaryDirectory

from relay import Relay, Twist, cut, delay, drip, garble, instead, reset
from stand import BUDGET_SECONDS, SLACK_SECONDS, Verdict, damage, judged, new_trial

from alleaves_sync.sandbox import Sandbox

Write = Callable[[socket.socket], None]

GIB = 1024**3
MIB = 1024**2

ROWS = "POST /api/inventory/search"
ITEMS = "POST /api/inventory/item/search"
LOGIN = "POST /api/auth"
SEND = "POST /2023-03/products/sync"
LIST = "GET /2023-03/products"


def head(*lines: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {kind}", *lines, "", ""]).encode("latin-1")


def body(content: bytes, *lines: str, status: str = "200 OK", kind: str = "application/json") -> Write:
    whole = head(f"Content-Length: {len(content)}", "Connection: close", *lines, status=status, kind=kind)
    return lambda client: client.sendall(whole + content)


def stream(first: bytes, chunk: bytes, total: int | None, pause: float = 0) -> Write:
    """`chunk` again and again until `total` bytes (None: for ever)."""

    def write(client: socket.socket) -> None:
        client.sendall(first)
        sent = 0
        while total is None or sent < total:
            client.sendall(chunk)
            sent += len(chunk)
            time.sleep(pause)

    return write


@cache
def bomb(size: int, kind: str) -> bytes:
    """`size` bytes of JSON text, packed a thousandfold."""
    piece = b" " * MIB
    if kind == "gzip":
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
            file.write(b"[")
            for _ in range(size // MIB):
                file.write(piece)
            file.write(b"]")
        return packed.getvalue()
    packer = zlib.compressobj(9)
    return b"".join(
        [packer.compress(b"["), *(packer.compress(piece) for _ in range(size // MIB)), packer.flush()]
    )


def chunked(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


PAGE = b"<!doctype html><html><title>Sign in</title><form>\xe2\x80\xa6</form></html>"
ROW = b'[{"id_batch": 1, "id_area": 1, "total_rows": 1'

#: Name -> (what is written, the exit codes that are right for an answer to a read)
ANSWERS: dict[str, tuple[Write, tuple[int, ...]]] = {
    "headers drip, a byte a second": (stream(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", None, 1), (69,)),
    "headers drip, ten bytes a second": (stream(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a", None, 0.1), (69,)),
    "status line drips": (stream(b"HTTP/1.1 2", b"0", None, 0.3), (69,)),
    "body drips, a byte a second": (stream(head("Content-Length: 100000"), b"[", None, 1), (69,)),
    "chunk length drips": (stream(head("Transfer-Encoding: chunked") + b"1;", b"x", None, 0.2), (69,)),
    "chunked, a byte a chunk, without end": (
        stream(head("Transfer-Encoding: chunked"), chunked(b"["), None, 0.05),
        (69,),
    ),
    "chunked without end": (stream(head("Transfer-Encoding: chunked"), chunked(b" " * MIB), None), (69,)),
    "trailers without end": (
        stream(head("Transfer-Encoding: chunked") + chunked(b"[]") + b"0\r\n", b"X-T: 1\r\n" * 1000, None),
        (69,),
    ),
    "1 GiB with its length": (stream(head(f"Content-Length: {GIB}"), b" " * MIB, GIB), (69,)),
    "1 GiB without a length": (stream(head("Connection: close"), b" " * MIB, GIB), (69,)),
    "1 GiB with status 500": (
        stream(head(f"Content-Length: {GIB}", status="500 No"), b" " * MIB, GIB),
        (69,),
    ),
    "gzip bomb, 1 GiB": (lambda c: body(bomb(GIB, "gzip"), "Content-Encoding: gzip")(c), (69,)),  # noqa: PLW0108
    "gzip bomb in gzip, 1 GiB": (
        lambda c: body(gzip.compress(bomb(GIB, "gzip")), "Content-Encoding: gzip, gzip")(c),  # noqa: PLW0108
        (69,),
    ),
    "deflate bomb, 1 GiB": (lambda c: body(bomb(GIB, "deflate"), "Content-Encoding: deflate")(c), (69,)),  # noqa: PLW0108
    "gzip that is none": (body(b"[]", "Content-Encoding: gzip"), (69,)),
    "gzip that is cut off": (
        lambda c: body(  # noqa: PLW0108
            gzip.compress(b"[" + random.Random(1).randbytes(9000).hex().encode())[:2000],
            "Content-Encoding: gzip",
        )(c),
        (69,),
    ),
    "an unknown encoding": (body(b"\x01\x02", "Content-Encoding: snappy"), (69,)),
    "headers without end": (stream(b"HTTP/1.1 200 OK\r\n", b"X-More: yes\r\n" * 1000, None), (69,)),
    "one header of 100 MiB": (stream(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * MIB, 100 * MIB), (69,)),
    "100 (Continue) without end": (stream(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, None), (69,)),
    "redirect to itself": (body(b"", "Location: /api/inventory/search", status="302 Found"), (69,)),
    "length too long": (lambda c: c.sendall(head("Content-Length: 5000") + b"[]"), (69,)),
    "length too short": (body(ROW, "Content-Length: 3"), (69,)),
    "two lengths": (lambda c: c.sendall(head("Content-Length: 2", "Content-Length: 9") + b"[]"), (69, 3)),
    "negative length": (lambda c: c.sendall(head("Content-Length: -1", "Connection: close") + b"[{"), (69,)),
    "not HTTP at all": (lambda c: c.sendall(b"\x00\x01\x02 220 smtp ready\r\n\r\n"), (69,)),
    "closed without a word": (lambda _c: None, (69,)),
    "401 for ever": (body(b'{"message": "no"}', status="401 Unauthorized"), (77,)),
    "403 for ever": (body(b'{"message": "no"}', status="403 Forbidden"), (77,)),
    "404": (body(PAGE, status="404 Not Found", kind="text/html"), (69,)),
    "429 for ever, wait a year": (body(b"{}", "Retry-After: 31536000", status="429 Slow Down"), (69,)),
    "503 for ever": (body(PAGE, status="503 Busy", kind="text/html"), (69,)),
    "200 with a login page": (body(PAGE, kind="text/html"), (69,)),
    "200 with a login page as JSON": (body(PAGE), (69,)),
    "200 without a body": (body(b""), (69,)),
    "204": (lambda c: c.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"), (69,)),
    "null": (body(b"null"), (69,)),
    "an object": (body(b'{"message": "maintenance"}'), (69,)),
    "a text": (body(b'"ok"'), (69,)),
    "list of null": (body(b"[null]"), (69, 1)),
    "UTF-16": (body("[]".encode("utf-16")), (69,)),
    "Latin-1 in UTF-8's place": (body(b'[{"id_batch": 1, "item": "Caf\xe9"}]'), (69, 1)),
    "nested 200,000 deep": (body(b"[" * 200_000 + b"]" * 200_000), (69,)),
    "nested in a field": (body(ROW + b', "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}]"), (69, 1, 3)),
    "cut-off JSON of the right length": (body(ROW), (69,)),
    "1e400 and NaN": (
        body(b'[{"id_batch": 1, "id_area": 1, "id_item": 1, "available": 1e400, "total_rows": NaN}]'),
        (69, 1, 3),
    ),
    "a number of 100,000 digits": (
        body(b'[{"id_batch": ' + b"9" * 100_000 + b', "id_area": 1, "id_item": 1, "total_rows": 1}]'),
        (69, 1, 3),
    ),
    "total_rows of a quadrillion": (
        body(ROW.replace(b'"total_rows": 1', b'"total_rows": 1000000000000000') + b"}]"),
        (69,),
    ),
}

#: What every call can meet, one of each kind: those of ANSWERS that are tried at the other calls, too.
EVERYWHERE = (
    "headers drip, ten bytes a second",
    "gzip bomb, 1 GiB",
    "1 GiB without a length",
    "headers without end",
    "redirect to itself",
    "length too long",
    "closed without a word",
    "200 with a login page",
    "200 without a body",
    "nested 200,000 deep",
    "UTF-16",
    "null",
    "404",
    "503 for ever",
)
OTHERS = {"login": LOGIN, "items": ITEMS, "storefront's list": LIST, "sending": SEND}


def broken(group: str, name: str, target: str, twist: Twist, codes: tuple[int, ...]) -> Verdict:
    """One trial: in step, then the store moves, then a run with the twist, then one without."""
    with TemporaryDirectory() as folder, Sandbox(items=50, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        trial.write()
        trial.begin()
        before = trial.storefront()
        box.store.tick(20)
        now = trial.mapping()
        with Relay(box.url, target + r"(\?|$)", twist) as relay:
            trial.write(pos=relay.url, aiq=relay.url)
            if target == LIST:
                for file in trial.folder.glob("state.db*"):
                    file.unlink()
            ended = trial.sync()
            also = list(damage(before, now, trial.storefront()))
            also += [] if relay.twisted else ["the twist was never reached"]
        return judged(group, name, trial, ended, codes, also=also, mend=trial.write, most_mb=400)


def elsewhere(status: int) -> Verdict:
    """A login that is answered with a redirect to another host: nothing may arrive there."""
    group, name = "redirect", f"login redirected ({status}) to another host"
    arrived: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                arrived.append(client.recv(65536))

    threading.Thread(target=listen, daemon=True).start()
    port = listener.getsockname()[1]
    with TemporaryDirectory() as folder, Sandbox(items=20, orders=0, history=0) as box:
        trial = new_trial(folder, box)
        answer = body(b"", f"Location: http://localhost:{port}/api/auth", status=f"{status} Elsewhere")
        with Relay(box.url, LOGIN, instead(answer)) as relay:
            trial.write(pos=relay.url)
            ended = trial.sync()
        listener.close()
        also = [f"{len(arrived)} requests arrived there"] if arrived else []
        return judged(group, name, trial, ended, (69,), also=also, mend=trial.write)


def trials(seeds: int) -> list[Callable[[], Verdict]]:
    """All of this module."""
    found: list[Callable[[], Verdict]] = []
    for name, (write, codes) in ANSWERS.items():
        found.append(lambda n=name, w=write, c=codes: broken("rows", n, ROWS, instead(w), c))
    for place, target in OTHERS.items():
        for name in EVERYWHERE:
            # The storefront's own key is wrong at 401 alone; what it says about products is 1 or 69.
            codes = (69, 1) if target == SEND else (69,)
            found.append(
                lambda n=name, p=place, t=target, c=codes: broken(p, n, t, instead(ANSWERS[n][0]), c)
            )
    for status in (301, 302, 307, 308):
        found.append(lambda s=status: elsewhere(s))  # noqa: PERF401
    for seed in range(seeds):
        for kind, make in (("cut", cut), ("reset", reset), ("garbled", garble)):
            for target in (ROWS, ITEMS, SEND):
                found.append(  # noqa: PERF401
                    lambda k=kind, m=make, t=target, s=seed: broken(
                        "relay",
                        f"{k}, {t.rpartition('/')[2]}, seed {s}",
                        t,
                        m(random.Random(s)),
                        (0, 1, 3, 69),
                    )
                )
    found.append(lambda: broken("relay", "every answer 1 s late", ".*", delay(1), (0, 69)))
    found.append(lambda: broken("relay", "rows drip, 200 bytes each 0.1 s", ROWS, drip(0.1, 200), (69,)))
    return found


LONGEST = BUDGET_SECONDS + SLACK_SECONDS
