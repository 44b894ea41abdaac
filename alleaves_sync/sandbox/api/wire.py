"""How both services read and write JSON."""

import json
from typing import Any

from flask import Response, request

from alleaves_sync.sandbox.api.checks import Refused


def json_body() -> Any:
    """The request's body; a body that is not JSON is refused."""
    try:
        return json.loads(request.get_data())
    except ValueError:
        raise Refused("the body must be JSON") from None


def json_answer(value: Any, status: int = 200) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status=status, mimetype="application/json")


def refusal(refused: Refused, storefront: bool) -> Response:
    """The error in the manner of the service that refuses."""
    if not storefront:
        return json_answer({"message": refused.message, "error": f"{refused.status}"}, refused.status)
    names = {401: "UnauthenticatedError", 404: "NotFoundError", 413: "PayloadTooLargeError"}
    name = names.get(refused.status, "ValidationError")
    errors = [{"type": name, "message": refused.message}]
    return json_answer({"name": name, "message": refused.message, "errors": errors}, refused.status)
