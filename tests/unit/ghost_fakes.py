"""A scripted Ghost for unit tests: answers are functions of the request, time stands still unless moved."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import httpx

from ghostsync.config import AdminKey, HttpSection
from ghostsync.ghost.address import parse_address
from ghostsync.ghost.clock import ServerClock
from ghostsync.ghost.transport import AdminClient

URL = "https://blog.example.com"
NOW = 1_780_000_000  # the server's clock
KEY_ID = "5f3e9a1b2c4d5e6f7a8b9c0d"
SECRET = "c0ffee" * 10 + "beef"
KEY = f"{KEY_ID}:{SECRET}"
SITE = {"title": "Blog", "url": f"{URL}/", "version": "6.65", "timezone": "Europe/Vienna", "site_uuid": "u-1"}
# Ghost 6 has typographic apostrophes in it, Ghost 4 and 5 plain ones.
BOOT_PAGE = (
    "<!DOCTYPE html><html><title>We\u2019ll be right back</title><h1>We\u2019ll be right back.</h1>"
    "<p>We\u2019re busy updating our site to give you the best experience, and will be back soon.</p></html>"
)


def key() -> AdminKey:
    return AdminKey.parse(KEY, source="test")


def answer(status: int, body: Any = None, *, now: float = NOW, **headers: str) -> httpx.Response:
    """JSON (or, for a str, HTML) with a `Date`; header names are given with _ for -."""
    named = {"Date": formatdate(now, usegmt=True)} | {k.replace("_", "-"): v for k, v in headers.items()}
    if isinstance(body, str):
        return httpx.Response(status, text=body, headers={"Content-Type": "text/html"} | named)
    content = b"" if body is None else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers={"Content-Type": "application/json"} | named)


def says(
    type: str, message: str = "No.", *, context: str | None = None, code: str | None = None, **more: Any
) -> Any:
    return {"errors": [{"message": message, "context": context, "type": type, "code": code, **more}]}


def refused_token(message: str) -> httpx.Response:
    return answer(401, says("UnauthorizedError", f"Invalid token: {message}", code="INVALID_JWT"))


class Clock:
    """A clock that is moved by hand. lead: by how much the local wall clock is ahead of the server's."""

    def __init__(self, lead: float = 0.0) -> None:
        self.passed = 0.0
        self.lead = lead

    def server_clock(self) -> ServerClock:
        return ServerClock(wall=lambda: NOW + self.passed + self.lead, monotonic=lambda: 5000 + self.passed)


class Script:
    """Answers `site/` by itself and everything else by `handler`; keeps what was asked."""

    def __init__(
        self, handler: Callable[[httpx.Request], httpx.Response], site: dict[str, Any] | None = None
    ) -> None:
        self.handler = handler
        self.site = SITE if site is None else site
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/ghost/api/admin/site/"):
            return answer(200, {"site": self.site})
        self.requests.append(request)
        return self.handler(request)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)

    @property
    def paths(self) -> list[str]:
        return [f"{r.method} {r.url.path}" for r in self.requests]


def in_turn(*steps: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    """One step for each request; the last one serves all that follow."""
    left = list(steps)

    def handler(request: httpx.Request) -> httpx.Response:
        step = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(step, Exception):
            raise step
        return httpx.Response(step.status_code, content=step.content, headers=step.headers)

    return handler


def client(
    handler: Callable[[httpx.Request], httpx.Response], *, clock: Clock | None = None, **http: Any
) -> AdminClient:
    transport = handler.transport if isinstance(handler, Script) else Script(handler).transport
    return AdminClient(
        parse_address(URL),
        key(),
        HttpSection(**http),
        transport=transport,
        clock=(clock or Clock()).server_clock(),
    )
