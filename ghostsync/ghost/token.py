"""Admin API tokens: short-lived JWTs made from the key (Ghost's documentation, "Token authentication").

HS256 over the hex-decoded secret, `kid` in the header, `aud` of the API version. Ghost refuses a token after `exp`
and also 300 s after `iat`, whatever `exp` says.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import httpx
import jwt

from ghostsync.config import AdminKey

MAX_LIFETIME = 300.0  # Ghost's own `maxAge`
_RENEW_AT = 0.8  # of its life, so that a request is on its way long before the token dies


class Token:
    """One signed token with its times in the server's seconds. Shows no signature in repr or str."""

    __slots__ = ("_encoded", "claims", "header", "renew_at")

    def __init__(self, encoded: str, header: dict[str, Any], claims: dict[str, Any], renew_at: float) -> None:
        self._encoded = encoded
        self.header = header
        self.claims = claims
        self.renew_at = renew_at

    @property
    def encoded(self) -> str:
        return self._encoded

    def __repr__(self) -> str:
        return f"Token(exp={self.claims['exp']})"


class TokenSource:
    """Hands out one token to all requests and makes the next one before it expires.

    Making one takes no await, so requests that wait together share one renewal. now: the server's clock.
    lifetime: seconds, at most 300.
    """

    def __init__(self, key: AdminKey, audience: str, *, now: Callable[[], float], lifetime: float) -> None:
        self._key = key
        self._audience = audience
        self._now = now
        self._lifetime = min(lifetime, MAX_LIFETIME)
        self._token: Token | None = None
        self.made = 0

    def __repr__(self) -> str:
        return f"TokenSource({self._key!r}, {self._audience!r})"

    def current(self) -> Token:
        """A token with at least a fifth of its life left."""
        token = self._token
        if token is None or self._now() >= token.renew_at:
            token = self._token = self._make()
        return token

    def replace(self, refused: Token) -> Token:
        """A token other than the one Ghost has just refused; of many refused at once, one renewal serves all."""
        if self._token is refused:
            self._token = None
        return self.current()

    def _make(self) -> Token:
        self.made += 1
        now = self._now()
        issued = int(now)
        header = {"alg": "HS256", "typ": "JWT", "kid": self._key.id}
        claims = {"iat": issued, "exp": issued + int(self._lifetime), "aud": self._audience}
        encoded = jwt.encode(claims, self._key.secret, algorithm="HS256", headers=header)
        return Token(encoded, header, claims, renew_at=issued + self._lifetime * _RENEW_AT)


class GhostAuth(httpx.Auth):
    """Puts a token on a request. As an `httpx.Auth`, so that no frame of ours holds the header's text."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Ghost {self._token.encoded}"
        yield request
