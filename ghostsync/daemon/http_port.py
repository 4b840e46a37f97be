"""A small HTTP port with limits: sizes, times, connections, and one request for each connection.

h11 does the protocol. Strangers may reach a port, and nothing that they send may cost much.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import h11

LARGEST_HEAD = 16_384  # bytes
LARGEST_BODY = 25_000_000  # bytes: Ghost sends a post's HTML and text, as it is and as it was
PATIENCE = 10.0  # seconds for one whole exchange
CONNECTIONS = 64

Page = tuple[int, str, bytes]
"""Status, content type, body."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. path: without its query. headers: names in lower case. body: read as it comes."""

    method: str
    path: str
    headers: dict[str, str]
    body: AsyncIterator[bytes]


class TooLarge(Exception):
    """The body is longer than anything that Ghost sends: a finding for `HttpPort`, which answers 413."""


class HttpPort:
    """The callback of `asyncio.start_server`. answer: makes the page for a request."""

    def __init__(
        self,
        answer: Callable[[Asked], Awaitable[Page]],
        *,
        patience: float = PATIENCE,
        connections: int = CONNECTIONS,
        largest: int = LARGEST_BODY,
    ) -> None:
        self._answer = answer
        self._patience = patience
        self._connections = connections
        self._largest = largest
        self._open = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= self._connections:
                with contextlib.suppress(OSError, TimeoutError, h11.ProtocolError):
                    async with asyncio.timeout(self._patience):
                        await self._exchange(_Line(reader, writer, self._largest))
        finally:
            self._open -= 1
            writer.close()

    async def _exchange(self, line: _Line) -> None:
        method = ""
        try:
            head = await line.event()
            if not isinstance(head, h11.Request):
                return
            method = head.method.decode("latin-1")
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
            path = head.target.decode("latin-1").partition("?")[0]
            page = await self._answer(Asked(method, path, headers, line.body()))
        except TooLarge:
            page = 413, "text/plain", b"too large\n"
        except h11.RemoteProtocolError as error:
            page = error.error_status_hint, "text/plain", b"this is no HTTP request\n"
        await line.send(page, with_body=method != "HEAD")


class _Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, largest: int) -> None:
        self._reader = reader
        self._writer = writer
        self._largest = largest
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)

    async def event(self) -> object:
        while (found := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._writer.write(
                    self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b""
                )
            self._http.receive_data(await self._reader.read(65_536))
        return found

    async def body(self) -> AsyncIterator[bytes]:
        size = 0
        while isinstance(part := await self.event(), h11.Data):
            size += len(part.data)
            if size > self._largest:
                raise TooLarge
            yield bytes(part.data)

    async def send(self, page: Page, *, with_body: bool) -> None:
        if self._http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return
        status, kind, body = page
        headers = [
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        out = self._http.send(h11.Response(status_code=status, headers=headers)) or b""
        if with_body and body:
            out += self._http.send(h11.Data(data=body)) or b""
        out += self._http.send(h11.EndOfMessage()) or b""
        self._writer.write(out)
        await self._writer.drain()
