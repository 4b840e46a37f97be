"""A proxy between ghostsync and a Ghost that spoils some answers, by a plan that a seed makes.

It runs in a thread of its own, so that the command under test and the Ghost behind it know nothing of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate

import httpx

from ghostsync.ghost.clock import parse_http_date
from ghostsync.sandbox.faults import BOOTING

COLLISION = (
    b'{"errors":[{"message":"Saving failed!","type":"UpdateCollisionError","code":"UPDATE_COLLISION"}]}'
)
FAILED = b'{"errors":[{"message":"An unexpected error occurred.","type":"InternalServerError"}]}'
LATE = 0.05  # seconds after the client has gone until a late request reaches Ghost
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}

FAULTS = (
    "lost",  # carried out; the connection is closed without an answer
    "reset",  # the connection is reset before Ghost sees the request
    "hang",  # Ghost never sees it, and no answer comes
    "late",  # no answer comes, and Ghost sees it after the client has given up
    "drip",  # carried out; the answer comes byte by byte, in time
    "truncated",  # carried out; half of the answer comes
    "429",
    "500",
    "500 after",  # carried out, and yet 500
    "502",
    "503",
    "409",  # a collision that is none (PUT only)
    "redirect",
    "past",  # carried out; the Date header is an hour behind
    "future",  # carried out; the Date header is an hour ahead
)


@dataclass
class Plan:
    """rate: the share of requests that go wrong. spoiled: what was done, for the message of a failing test. first: faults
    for the first requests of these methods, (method, fault).
    """

    seed: object
    rate: float = 0.0
    first: list[tuple[str, str]] = field(default_factory=list)
    spoiled: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._random = random.Random(str(self.seed))  # repeatable on purpose

    def next(self, method, path):
        for order in self.first:
            if order[0] == method:
                self.first.remove(order)
                return order[1]
        if self._random.random() >= self.rate:
            return ""
        fault = self._random.choice(FAULTS)
        if fault == "409" and method != "PUT":
            fault = "reset"
        self.spoiled.append(f"{method} {path}: {fault}")
        return fault


class Proxy:
    """upstream: the Ghost's address. plan: may be exchanged at any time. holds: what comes late waits for `quiet`.
    ahead: seconds by which Ghost's clock seems to be ahead.
    """

    def __init__(self, upstream):
        self._upstream = upstream
        self._open = set()
        self._late = set()
        self.plan = Plan(0)
        self.url = ""
        self.holds = False
        self.ahead = 0
        self._arrive = asyncio.Event()

    async def serve(self, ready, stop):
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._client = httpx.AsyncClient(base_url=self._upstream, trust_env=False, timeout=60)
        server = await asyncio.start_server(self._connection, sock=listener)
        ready.set()
        await stop.wait()
        server.close()
        for task in [*self._open, *self._late]:
            task.cancel()
        await asyncio.gather(*self._open, *self._late, return_exceptions=True)
        await self._client.aclose()
        # Only now: it waits until all connections are closed.
        await server.wait_closed()

    async def settle(self):
        """Return when nothing is on its way any more."""
        self._arrive.set()
        while self._late:
            await asyncio.gather(*self._late, return_exceptions=True)
        self._arrive.clear()

    async def _connection(self, reader, writer):
        task = asyncio.current_task()
        self._open.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _exchange(self, reader, writer):
        """One request. False ends the connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        headers = {n: v for n, v in headers.items() if n not in {"host", "connection", "accept-encoding"}}
        request = self._client.build_request(method, target, headers=headers, content=body)
        fault = self.plan.next(method, request.url.path)
        if fault == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            return False
        if fault in {"hang", "late"}:
            if fault == "late":
                self._send_later(request, reader)
            await reader.read()  # until the client has had enough
            return False
        if fault in _SIMPLE:
            status, data, more = _SIMPLE[fault]
            await _answer(writer, status, {"content-type": "text/html; charset=utf-8", **more}, data)
            return True
        response = await self._on_its_way(self._client.send(request))
        data = response.content
        headers = {n: v for n, v in response.headers.items() if n.lower() not in HOP_BY_HOP}
        match fault:
            case "lost":
                return False
            case "500 after":
                await _answer(writer, 500, {"content-type": "application/json"}, FAILED)
                return True
            case "truncated":
                await _answer(writer, response.status_code, headers, data[: len(data) // 2], length=len(data))
                return False
        hour = {"past": -3600, "future": 3600}.get(fault, 0)
        if hour or self.ahead:
            told = parse_http_date(response.headers.get("date", ""))
            if told is not None:
                headers = {n: v for n, v in headers.items() if n.lower() != "date"}
                headers["date"] = formatdate(told + hour + self.ahead, usegmt=True)
        await _answer(writer, response.status_code, headers, data, slowly=fault == "drip")
        return True

    def _send_later(self, request, reader):
        async def send():
            while not reader.at_eof():
                await asyncio.sleep(0.01)
            if self.holds:
                await self._arrive.wait()
            else:
                await asyncio.sleep(LATE)
            with contextlib.suppress(httpx.HTTPError):
                await self._client.send(request)

        self._on_its_way(send())

    def _on_its_way(self, sending):
        """A task that `quiet` waits for: the client may have given up, and Ghost carries it out all the same."""
        task = asyncio.create_task(sending)
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return task


_SIMPLE = {
    "429": (429, b"Slow down.", {"retry-after": "0"}),
    "500": (500, FAILED, {"content-type": "application/json"}),
    "502": (502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", {}),
    "503": (503, BOOTING.encode(), {"retry-after": "0"}),
    "409": (409, COLLISION, {"content-type": "application/json"}),
    "redirect": (301, b"", {"location": "http://127.0.0.1:9/elsewhere/"}),
}


async def _answer(writer, status, headers, data, *, length=None, slowly=False):
    lines = [f"HTTP/1.1 {status} As-Ordered", *(f"{name}: {value}" for name, value in headers.items())]
    lines.append(f"content-length: {len(data) if length is None else length}")
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    size = max(1, len(data) // 10) if slowly else max(1, len(data))
    for start in range(0, len(data), size):
        writer.write(data[start : start + size])
        await writer.drain()
        if slowly:
            await asyncio.sleep(0.01)
    await writer.drain()


@contextmanager
def proxied(upstream) -> Iterator[Proxy]:
    """A running proxy; `settle` of the returned object may be called from this thread through `quiet`."""
    proxy = Proxy(upstream)
    ready = threading.Event()
    box = {}

    async def main():
        box["loop"], box["stop"] = asyncio.get_running_loop(), asyncio.Event()
        await proxy.serve(ready, box["stop"])

    thread = threading.Thread(target=asyncio.run, args=(main(),), name="proxy", daemon=True)
    thread.start()
    assert ready.wait(10)
    proxy.quiet = lambda: asyncio.run_coroutine_threadsafe(proxy.settle(), box["loop"]).result(30)
    try:
        yield proxy
    finally:
        box["loop"].call_soon_threadsafe(box["stop"].set)
        thread.join()
