"""The sandbox over HTTP: an ASGI application with Ghost's routes, statuses and headers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ghostsync.sandbox import auth, page, static
from ghostsync.sandbox.faults import BOOTING, Fault, When
from ghostsync.sandbox.ghost import VERSION, SandboxGhost, Seen
from ghostsync.sandbox.problems import ApiError, Intercepted, no_route
from ghostsync.sandbox.publishing import Plain
from ghostsync.sandbox.resources import Resources

_API = re.compile(r"/ghost/api/(?:(?P<version>v2|v3|v4|canary)/)?admin/(?P<rest>.*)")
_SHORT = ".".join(VERSION.split(".")[:2])
Handler = Callable[[Request, str], Awaitable[tuple[int, Any]]]


class SandboxApp:
    """One ASGI application for one SandboxGhost; use it with a server or with httpx.ASGITransport."""

    def __init__(self, ghost: SandboxGhost) -> None:
        self.ghost = ghost
        self._resources = Resources(ghost)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        request = Request(scope, receive)
        fault = self._fault(request)
        if fault is not None and fault.when is When.BEFORE:
            self._note(request, fault.status)
            await _answer_fault(fault, scope, receive, send)
            return
        if fault is not None and fault.when is When.DURING and request.method != "GET":
            await _take_some(receive, fault.upto)
            self._note(request, 0)
            await _answer_fault(fault, scope, receive, send)
            return
        response = await self._respond(request)
        self._note(request, response.status_code)
        if fault is not None and fault.when is When.DURING:
            await _give_some(response, fault.upto, send)
        if fault is not None:
            await _answer_fault(fault, scope, receive, send)
            return
        await response(scope, receive, send)

    def _fault(self, request: Request) -> Fault | None:
        for fault in self.ghost.faults:
            if fault.matches(request.method, request.url.path):
                fault.times -= 1
                return fault
        return None

    def _note(self, request: Request, status: int) -> None:
        self.ghost.requests.append(Seen(request.method, request.url.path, request.url.query, status))

    async def _respond(self, request: Request) -> Response:
        ghost = self.ghost
        ghost.store.publish_due()
        date = formatdate(int(ghost.store.clock()), usegmt=True)
        if ghost.booting:
            headers = {"Date": date, "Retry-After": "5", "Content-Type": "text/html; charset=utf-8"}
            return Response(BOOTING, 503, headers)
        match = _API.fullmatch(request.url.path)
        if match is None:
            return self._outside(request, date)
        version, rest = match["version"] or "", match["rest"]
        headers = {"Date": date, "Content-Version": f"v{_SHORT}", "Vary": "Accept-Version, Accept-Encoding"}
        if version:
            headers["Deprecation"] = f'version="{"v4" if version == "canary" else version}"'
        if rest and not rest.endswith("/"):
            if request.method == "GET":
                query = f"?{request.url.query}" if request.url.query else ""
                headers["Location"] = f"{request.url.path}/{query}"
                return Response(b"", 301, headers)
            rest += "/"
        try:
            status, body = await self._dispatch(request, rest, version)
        except ApiError as error:
            status, body = error.status, error.body()
        except Intercepted as error:
            return Response(error.html, error.status, {"Date": date, "Content-Type": "text/html"})
        if status == HTTPStatus.CREATED:
            resource = next(iter(body))
            if id := body[resource][0].get("id"):
                headers["Location"] = f"{ghost.url}ghost/api/admin/{resource}/{id}/"
        return _json(request, status, body, headers)

    def _outside(self, request: Request, date: str) -> Response:
        """What is not the Admin API: uploaded files, posts as pages to look at, and Ghost's own 404s."""
        path = request.url.path.lstrip("/")
        if path.startswith("ghost/api/"):
            return _json(request, 404, no_route().body(), {"Date": date})
        if (found := static.respond(request, self.ghost.store, path, {"Date": date})) is not None:
            return found
        status, html = page.render_page(self.ghost, path)
        return Response(html, status, {"Date": date, "Content-Type": "text/html; charset=utf-8"})

    async def _dispatch(self, request: Request, rest: str, version: str) -> tuple[int, Any]:
        handler, argument, public = self._resources.route(request.method, rest)
        request.state.staff = False
        if not public:
            header = request.headers.get("authorization")
            request.state.staff = auth.kid_of(header) == self.ghost.staff_key_id
            auth.check(
                header,
                kid=self.ghost.staff_key_id if request.state.staff else self.ghost.key_id,
                secret=self.ghost.secret,
                now=self.ghost.store.clock(),
                version=version,
            )
        return await handler(request, argument)


def _json(request: Request, status: int, body: Any, headers: dict[str, str]) -> Response:
    """An answer, mostly JSON, with Ghost's weak ETag, which a GET may have been asked about."""
    if isinstance(body, Plain):
        named = {"Content-Disposition": f'Attachment; filename="{body.name}"'}
        return Response(
            body.text, status, {**headers, **named, "Content-Type": "application/yaml; charset=utf-8"}
        )
    data = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    digest = base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode().rstrip("=")
    etag = f'W/"{len(data):x}-{digest}"'
    headers = {**headers, "ETag": etag, "Cache-Control": "no-cache, private, no-store, must-revalidate"}
    if request.method == "GET" and status == HTTPStatus.OK and request.headers.get("if-none-match") == etag:
        return Response(b"", 304, headers)
    if body is None:
        return Response(b"", status, headers)
    return Response(data, status, {**headers, "Content-Type": "application/json; charset=utf-8"})


async def _answer_fault(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    data = fault.body.encode()
    if fault.status and not fault.truncate:
        headers = {"Content-Type": "text/html; charset=utf-8", **fault.headers}
        await Response(data, fault.status, headers)(scope, receive, send)
        return
    # Promise more than is sent, then fail: the server closes the connection and the client is left without
    # an answer. Only a real socket shows this; over httpx.ASGITransport the error itself comes out.
    length = str(2 * len(data) + 2).encode()
    start = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": fault.status or 200, "headers": start})
    await send({"type": "http.response.body", "body": data, "more_body": True})
    raise ConnectionAbortedError("the sandbox cuts this answer, as ordered")


async def _take_some(receive: Receive, upto: int) -> None:
    """Read so much of a request's body and no more."""
    while upto > 0:
        message = await receive()
        upto -= len(message.get("body", b"")) if message.get("more_body") else upto


async def _give_some(response: Response, upto: int, send: Send) -> None:
    await send(
        {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
    )
    await send({"type": "http.response.body", "body": bytes(response.body)[:upto], "more_body": True})
    raise ConnectionAbortedError("the sandbox cuts this answer, as ordered")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
