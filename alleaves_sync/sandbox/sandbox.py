"""The sandbox as one object: a store, its web server and, on demand, life in it."""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from alleaves_sync.sandbox.api.app import make_app
from alleaves_sync.sandbox.api.server import Server
from alleaves_sync.sandbox.constants import (
    AIQ_PREFIX,
    ALLEAVES_PREFIX,
    API_KEY,
    LOCATION_ID,
    PASSWORD,
    PIN,
    USERNAME,
    VENUE_ID,
)
from alleaves_sync.sandbox.store.journal import Exchange
from alleaves_sync.sandbox.store.store import Store, utc_now
from alleaves_sync.sandbox.store.tokens import Clock

#: Between two steps of a live store, in seconds.
LIVE_PAUSE: Final = 3.0


class Sandbox:
    """Both services on one port of the loopback address.

        with Sandbox(items=50, faults=["unavailable:2"]) as sandbox:
            requests.get(sandbox.aiq_url + "/products", ...)

    `customers`, `orders` (waiting in the storefront; the first six are one of each kind) and `history`
    (closed orders) say how many there are. `live` moves the stock by itself every 3 seconds, or every
    so many seconds; `latency` is added to every answer, in seconds; `max_take` is the largest page of
    rows that the POS gives, whatever is asked; `token_ttl` is the life of a token in seconds; `gzip` allows
    compressed answers; `recording` keeps every exchange in `exchanges`. OSError where the port is in use.
    """

    username = USERNAME
    password = PASSWORD
    pin = PIN
    location_id = LOCATION_ID
    api_key = API_KEY
    venue_id = VENUE_ID

    def __init__(
        self,
        *,
        seed: int = 7,
        items: int = 400,
        locations: int = 1,
        customers: int = 60,
        orders: int = 6,
        history: int = 120,
        faults: Sequence[str] = (),
        live: bool | float = False,
        max_take: int | None = None,
        token_ttl: float = 86_400,
        latency: float = 0,
        gzip: bool = False,
        recording: bool = False,
        clock: Clock = utc_now,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.store = Store(
            seed=seed,
            items=items,
            locations=locations,
            customers=customers,
            orders=orders,
            history=history,
            faults=faults,
            token_ttl=token_ttl,
            max_take=max_take,
            recording=recording,
            clock=clock,
        )
        self._stopping = threading.Event()
        self._pause = LIVE_PAUSE if live is True else float(live)
        app = make_app(self.store, self._stopping, latency=latency, compress=gzip)
        self._server = Server(app, host, port)
        self.url = f"http://{host}:{self._server.port}"
        self.alleaves_url = self.url + ALLEAVES_PREFIX
        self.aiq_url = self.url + AIQ_PREFIX

    @property
    def exchanges(self) -> list[Exchange]:
        """What was said so far, with `recording`."""
        return self.store.journal.exchanges

    def start(self) -> Self:
        """Serve in the background."""
        self._prepare()
        self._server.start()
        return self

    def serve_forever(self) -> None:
        """Serve in this thread, until Ctrl-C."""
        self._prepare()
        try:
            self._server.serve_forever()
        finally:
            self.stop()

    def _prepare(self) -> None:
        self.store.inventory.warm()
        if self._pause:
            threading.Thread(target=self._live, name="sandbox-life", daemon=True).start()

    def _live(self) -> None:
        while not self._stopping.wait(self._pause):
            self.store.tick()

    def stop(self) -> None:
        """Stop, and let go of the port and all connections."""
        self._stopping.set()
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
