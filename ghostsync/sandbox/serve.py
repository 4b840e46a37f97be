"""Run a sandbox on loopback: in the running event loop, or in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import uvicorn

from ghostsync.sandbox.app import SandboxApp
from ghostsync.sandbox.ghost import SandboxGhost

HOST = "127.0.0.1"


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone: they belong to the command that runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(port: int) -> socket.socket:
    """A listening socket, made before anything starts, so that no request can come too early."""
    # Naming the protocol matters: asyncio turns Nagle's delay off only where it is TCP by name (40 ms an answer).
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
        sock.listen(128)
    except OSError:
        sock.close()
        raise
    return sock


def _server(ghost: SandboxGhost) -> _Server:
    config = uvicorn.Config(
        SandboxApp(ghost),
        log_config=None,
        access_log=False,
        log_level="critical",
        lifespan="off",
        # The Date header is the sandbox's own clock.
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return _Server(config)


def _adopt_address(ghost: SandboxGhost, sock: socket.socket) -> str:
    address = f"http://{HOST}:{sock.getsockname()[1]}"
    ghost.url = f"{address}/"
    return address


@contextlib.asynccontextmanager
async def serve(ghost: SandboxGhost, *, port: int = 0) -> AsyncIterator[str]:
    """An address on loopback that answers until the block ends (`async with`). port 0: any free one."""
    sock = _listen(port)
    server = _server(ghost)
    address = _adopt_address(ghost, sock)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield address
    finally:
        server.should_exit = True
        await task
        sock.close()


@contextlib.contextmanager
def serve_in_thread(ghost: SandboxGhost, *, port: int = 0) -> Iterator[str]:
    """The same for callers without an event loop, such as a command under test (`with`)."""
    sock = _listen(port)
    server = _server(ghost)
    address = _adopt_address(ghost, sock)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="sandbox", daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()
        sock.close()
