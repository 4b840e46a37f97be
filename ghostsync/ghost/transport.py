"""One HTTP client for one site: tokens, limits, time-outs, retries, and every failure as a `GhostError`.

Proxies and certificates follow the environment as httpx does: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY,
SSL_CERT_FILE, SSL_CERT_DIR; for http on this machine the environment is ignored, since no proxy could reach it.
Redirects are never followed: a write may turn into a GET, and a header may go to a stranger.

Longer than other modules: a request, its token, its limits and its failure are one thing, read from top to bottom.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpx

import ghostsync
from ghostsync.config import AdminKey, HttpSection
from ghostsync.errors import (
    AddressWrong,
    AnswerUnreadable,
    GhostError,
    InvalidRequest,
    NotFound,
    TokenExpired,
)
from ghostsync.ghost.address import Address
from ghostsync.ghost.answers import Answer, Asked, judge, read_answer
from ghostsync.ghost.clock import ServerClock
from ghostsync.ghost.faults import fault
from ghostsync.ghost.multipart import Form
from ghostsync.ghost.retry import attempts
from ghostsync.ghost.token import GhostAuth, Token, TokenSource
from ghostsync.ghost.versions import API_PATHS, ApiPath

_SITE = "site/"
# Ghost's Node closes an idle connection after 5 s. One that is closed while a POST is on its way leaves the POST
# uncertain, so ours are given up earlier.
_KEEPALIVE = 4.0
_PATIENCE = 10  # times [http] timeout: the longest a whole exchange may take, however busily it drips
_COPYING, _COPY_SPEED = 60.0, 2_000_000  # seconds at least, and bytes a second: a slow disk behind a proxy
_REPEATABLE = frozenset({"GET", "DELETE"})


@dataclass(slots=True)
class Exchange:
    """One request and what came back. status: 0 without an answer. sent, received: bytes of the bodies."""

    method: str
    resource: str
    status: int = 0
    sent: int = 0
    received: int = 0
    seconds: float = 0.0


class AdminClient:
    """Requests to the Admin API of one site. key: None when only `site/` will be asked."""

    def __init__(
        self,
        address: Address,
        key: AdminKey | None,
        http: HttpSection,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: ServerClock | None = None,
    ) -> None:
        self.address = address
        self.clock = clock or ServerClock()
        self.api: ApiPath | None = None
        self.counts: Counter[str] = Counter()
        self.observe: Callable[[Exchange], None] = lambda _: None
        """Told of every exchange; for metrics."""
        self._key = key
        self._http = http
        self._tokens: TokenSource | None = None
        self._finding = asyncio.Lock()
        self._slots = asyncio.Semaphore(http.max_in_flight)
        loopback = _plain_loopback(address.url)
        self._client = httpx.AsyncClient(
            transport=transport,
            trust_env=not loopback,
            # The authorities of a TLS connection take 20 ms to load, and there will be none.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if loopback else True,
            headers={
                "User-Agent": f"ghostsync/{ghostsync.__version__}",
                "Accept": "application/json",
                # Within one machine packing and unpacking takes longer than the bytes do.
                **({"Accept-Encoding": "identity"} if loopback else {}),
            },
            # The semaphore decides who waits for a connection, so the pool itself never has to.
            timeout=httpx.Timeout(http.timeout, connect=min(http.timeout, 10.0), pool=None),
            limits=httpx.Limits(max_connections=http.max_in_flight, keepalive_expiry=_KEEPALIVE),
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._client.aclose()

    @property
    def retries(self) -> int:
        """How often a request may be repeated, as configured."""
        return self._http.retries

    @property
    def renewals(self) -> int:
        """How many tokens were made so far."""
        return self._tokens.made if self._tokens else 0

    @property
    def token(self) -> Token | None:
        """The token in use, None before the API was found."""
        return self._tokens.current() if self._tokens else None

    async def site(self) -> Answer:
        """`GET site/`, which needs no token: finds the API, and tells the server's clock. Raises AddressWrong."""
        async with self._finding:
            return await self._site()

    async def call(
        self,
        method: str,
        resource: str,
        *,
        subject: str,
        params: Mapping[str, str] | None = None,
        payload: Mapping[str, Any] | None = None,
        once: bool = False,
        text: bool = False,
    ) -> Answer:
        """One authorised request to a resource ("posts/" ...; always with the slash). subject: for errors. once: never
        repeated, whatever comes of it. text: the answer need not be JSON.
        """
        content = _encode(payload, subject) if payload is not None else None
        return await self._repeated(method, resource, subject, params, content, once=once, text=text)

    async def upload(self, resource: str, form: Form, *, subject: str) -> Answer:
        """One authorised POST of a form with a file. Begun again only while its last byte is still here: no Ghost keeps
        anything of a form that did not end.
        """
        return await self._repeated("POST", resource, subject, None, form)

    @asynccontextmanager
    async def stream(
        self, method: str, url: str, headers: Mapping[str, str], *, subject: str
    ) -> AsyncIterator[httpx.Response]:
        """One exchange without the key, its body still to be read, for what Ghost serves to everybody. Limited by progress
        and not by its whole time. Errors of the connection, while reading too, are raised as GhostErrors.
        """
        request = self._client.build_request(method, url, headers=headers)
        failed: GhostError | None = None
        exchange = Exchange(method, "content")
        began = time.monotonic()
        async with self._slots:
            self.counts[method] += 1
            try:
                response = await self._client.send(request, stream=True)
                try:
                    yield response
                finally:
                    exchange.status, exchange.received = response.status_code, response.num_bytes_downloaded
                    await response.aclose()
            except httpx.RequestError as error:
                failed = fault(error, subject)
            finally:
                exchange.seconds = time.monotonic() - began
                self.observe(exchange)
        if failed is not None:
            raise failed

    async def _repeated(
        self,
        method: str,
        resource: str,
        subject: str,
        params: Mapping[str, str] | None,
        content: bytes | Form | None,
        *,
        once: bool = False,
        text: bool = False,
    ) -> Answer:
        api = await self._found()
        lost: GhostError | None = (
            None  # an answer that never came, although the request may have been applied
        )
        async for attempt in attempts(0 if once else self._http.retries, repeatable=method in _REPEATABLE):
            with attempt:
                try:
                    return await self._authorised(method, api, resource, subject, params, content, text=text)
                except GhostError as error:
                    if method == "DELETE" and lost is not None and isinstance(error, NotFound):
                        return Answer(204, httpx.Headers(), b"", int(self.clock.now()))
                    lost = error if error.sent else lost
                    raise
        raise AssertionError("the attempts end with an answer or an error")

    async def _found(self) -> ApiPath:
        if self.api is None:
            async with self._finding:
                if self.api is None:
                    await self._site()
        if self.api is None:
            raise AssertionError("_site() finds the API or raises")
        return self.api

    async def _site(self) -> Answer:
        if self.api is not None:
            try:
                answer = await self._ask_site(self.api)
            except (NotFound, AddressWrong):
                self.api = None  # an upgraded Ghost may have dropped the path
            else:
                if "deprecation" not in answer.headers:
                    return answer
                self.api = None  # it has a better one by now
        for api in API_PATHS:
            try:
                answer = await self._ask_site(api)
            except (NotFound, AddressWrong) as error:
                if error.status != 404:
                    raise
                continue
            self._use(api)
            return answer
        raise AddressWrong(
            "something answers, but not a Ghost Admin API",
            subject=self.address.url,
            remedy="Set [site] url to the address of the site itself, or of its subdirectory.",
            status=404,
            sent=False,
        )

    def _use(self, api: ApiPath) -> None:
        self.api = api
        if self._key is not None:
            self._tokens = TokenSource(
                self._key, api.audience, now=self.clock.now, lifetime=self._http.token_lifetime
            )

    async def _ask_site(self, api: ApiPath) -> Answer:
        async for attempt in attempts(self._http.retries, repeatable=True):
            with attempt:
                answer = await self._send("GET", api, _SITE, self.address.url, None, None, None)
        if not isinstance(answer.json.get("site"), dict):
            raise AddressWrong(
                "something answers in JSON, but not a Ghost Admin API",
                subject=self.address.url,
                remedy="Set [site] url to the address of the site itself, or of its subdirectory.",
                sent=False,
            )
        return answer

    async def _authorised(
        self,
        method: str,
        api: ApiPath,
        resource: str,
        subject: str,
        params: Mapping[str, str] | None,
        content: bytes | Form | None,
        *,
        text: bool,
    ) -> Answer:
        if self._tokens is None:
            raise AssertionError("a client without a key asks for site/ only")
        async with self._slots:
            token = self._tokens.current()
            try:
                return await self._send(method, api, resource, subject, params, content, token, text=text)
            except TokenExpired:
                # The refusal brought the server's clock along, and nothing was applied, so any method may go again.
                token = self._tokens.replace(token)
            return await self._send(method, api, resource, subject, params, content, token, text=text)

    async def _send(
        self,
        method: str,
        api: ApiPath,
        resource: str,
        subject: str,
        params: Mapping[str, str] | None,
        content: bytes | Form | None,
        token: Token | None,
        *,
        text: bool = False,
    ) -> Answer:
        """One exchange. Errors are raised outside the `except`, so that no httpx request hangs on them."""
        suffix = f"{api.path}{resource}"
        url = f"{self.address.url}{suffix}"
        form = content if isinstance(content, Form) else None
        request = self._request(method, url, params, content)
        failed: GhostError | None = None
        self.counts[method] += 1
        exchange = Exchange(
            method, resource.partition("/")[0], sent=len(content) if isinstance(content, bytes) else 0
        )
        began = time.monotonic()
        try:
            # A form is limited by its progress alone: each write, and the wait for the answer.
            async with asyncio.timeout(None if form else self._http.timeout * _PATIENCE):
                response = await self._client.send(
                    request, auth=GhostAuth(token) if token else None, stream=True
                )
                try:
                    seconds = self.clock.learn(response.headers)
                    known = int(self.clock.now()) if self.clock.known else 0
                    answer = await read_answer(
                        response, server_time=known if seconds is None else seconds, subject=subject
                    )
                finally:
                    exchange.status, exchange.received = response.status_code, response.num_bytes_downloaded
                    await response.aclose()
        except (httpx.RequestError, TimeoutError) as error:
            failed = fault(error, self.address.url)
            failed.sent = failed.sent and (form is None or form.ended)
        else:
            failed = judge(
                answer,
                Asked(
                    url=url,
                    suffix=suffix,
                    subject=subject,
                    address=self.address.url,
                    key_id=self._key.id if self._key else "",
                    lead=self.clock.local_lead(),
                    text=text,
                ),
            )
        exchange.seconds = time.monotonic() - began
        exchange.sent = form.sent if form else exchange.sent
        self.observe(exchange)
        if failed is None:
            return answer
        if isinstance(failed, AnswerUnreadable) and resource == _SITE:
            raise AddressWrong(
                f"something answers, but not a Ghost Admin API ({failed.what})",
                subject=self.address.url,
                remedy="Set [site] url to the address of the site itself, or of its subdirectory.",
                status=failed.status,
                sent=False,
            )
        raise failed

    def _request(
        self, method: str, url: str, params: Mapping[str, str] | None, content: bytes | Form | None
    ) -> httpx.Request:
        if isinstance(content, Form):
            return self._client.build_request(
                method,
                url,
                params=params,
                content=content.chunks(),
                headers=content.headers,
                timeout=self._patience(content),
            )
        headers = {"Content-Type": "application/json"} if content is not None else None
        return self._client.build_request(method, url, params=params, content=content, headers=headers)

    def _patience(self, form: Form) -> httpx.Timeout:
        """When a file has arrived, Ghost (and a proxy before it, perhaps) copies it before it answers."""
        wait = max(self._http.timeout, _COPYING) + form.length / _COPY_SPEED
        return httpx.Timeout(self._http.timeout, read=wait, connect=min(self._http.timeout, 10.0), pool=None)


def _plain_loopback(address: str) -> bool:
    url = httpx.URL(address)
    return url.scheme == "http" and (url.host == "localhost" or url.host.startswith(("127.", "::1")))


def _encode(payload: Mapping[str, Any], subject: str) -> bytes:
    try:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError) as error:  # UnicodeEncodeError is a ValueError: half of a surrogate pair
        what = f"the document cannot be sent as JSON: {error}"
    raise InvalidRequest(
        what, subject=subject, remedy="Remove the character or value from the file.", sent=False
    )
