"""The web application: both services and the admin API, with what happens around every request."""

import gzip
import re
import threading
import time
from collections.abc import Mapping
from typing import Final, Literal

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from alleaves_sync.sandbox.api import admin_api, aiq_api, alleaves_api
from alleaves_sync.sandbox.api.checks import Refused
from alleaves_sync.sandbox.api.wire import refusal
from alleaves_sync.sandbox.constants import ADMIN_PREFIX, AIQ_PREFIX, ALLEAVES_PREFIX
from alleaves_sync.sandbox.faults import striking
from alleaves_sync.sandbox.store.journal import Asked, Exchange, parsed
from alleaves_sync.sandbox.store.store import Store

SMALLEST_TO_COMPRESS: Final = 500
APIS: Final[Mapping[str, Literal["alleaves", "aiq"]]] = {ALLEAVES_PREFIX: "alleaves", AIQ_PREFIX: "aiq"}


def make_app(store: Store, stopping: threading.Event, *, latency: float = 0, compress: bool = False) -> Flask:
    """The application over one store; `stopping` ends all waiting."""
    app = Flask("sandbox")
    app.extensions["sandbox_store"] = store
    app.register_blueprint(alleaves_api.api)
    app.register_blueprint(aiq_api.api)
    app.register_blueprint(admin_api.api)

    @app.before_request
    def arrive() -> Response | None:
        g.target = f"{request.method} {request.path}"
        asked = Asked(request.method, request.path, request.args.to_dict(), request.get_data())
        if request.path.startswith(ADMIN_PREFIX):
            return None
        store.journal.note(_endpoint(), asked)
        if latency:
            time.sleep(latency)
        return striking.before(store.faults, g.target, stopping)

    @app.after_request
    def leave(answer: Response) -> Response:
        if request.path.startswith(ADMIN_PREFIX):
            return answer
        if answer.status_code < 400:
            answer = striking.after(store.faults, g.target, answer, stopping)
        if store.journal.recording:
            _record(store, answer)
        return _compressed(answer) if compress else answer

    @app.errorhandler(Refused)
    def refuse(refused: Refused) -> Response:
        return refusal(refused, request.path.startswith(AIQ_PREFIX))

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> Response:
        refused = Refused(error.description or "refused", error.code or 500)
        return refusal(refused, request.path.startswith(AIQ_PREFIX))

    return app


def _endpoint() -> str:
    """The operation as the contract writes it: `POST /api/order/{id_order}/item`."""
    rule = request.url_rule.rule if request.url_rule else request.path
    return f"{request.method} " + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def _record(store: Store, answer: Response) -> None:
    prefix = next((known for known in APIS if request.path.startswith(f"{known}/")), None)
    if prefix is None:
        return
    content = None if answer.is_streamed else parsed(answer.get_data())
    store.journal.exchanges.append(
        Exchange(
            api=APIS[prefix],
            method=request.method,
            path=request.path.removeprefix(prefix),
            query=request.args.to_dict(),
            body=parsed(request.get_data()),
            status=answer.status_code,
            answer=content,
        )
    )


def _compressed(answer: Response) -> Response:
    wanted = "gzip" in request.headers.get("Accept-Encoding", "")
    if not wanted or answer.is_streamed or len(answer.get_data()) < SMALLEST_TO_COMPRESS:
        return answer
    answer.set_data(gzip.compress(answer.get_data(), compresslevel=1))
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    return answer
