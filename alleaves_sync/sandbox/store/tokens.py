"""Time, and bearer tokens: real JWTs, signed here, so that a client can read when they end."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from datetime import datetime

from alleaves_sync.sandbox.constants import USER_ID

Clock = Callable[[], datetime]


def iso(when: datetime) -> str:
    """A moment as both services write it: UTC, milliseconds, Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Tokens:
    """Issues and checks tokens of one life time in seconds."""

    def __init__(self, ttl: float, clock: Clock) -> None:
        self.ttl = ttl
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._revoked: set[str] = set()
        self._issued = 0

    def issue(self) -> str:
        """A new token; its `exp` claim is in whole seconds since 1970."""
        now = self._clock().timestamp()
        self._issued += 1
        claims = {"sub": str(USER_ID), "iat": int(now), "exp": int(now + self.ttl), "jti": str(self._issued)}
        head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        signed = f"{head}.{_encode(json.dumps(claims).encode())}"
        return f"{signed}.{self._signature(signed)}"

    def fault(self, token: str) -> str | None:
        """Why a token is not good, or None."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(signed).encode(), signature.encode()):
            return "Invalid token"
        if token in self._revoked:
            return "Token expired"
        expires = json.loads(_decode(signed.partition(".")[2]))["exp"]
        return "Token expired" if self._clock().timestamp() >= expires else None

    def revoke(self, token: str) -> None:
        self._revoked.add(token)

    def _signature(self, signed: str) -> str:
        return _encode(hmac.new(self._key, signed.encode(), hashlib.sha256).digest())
