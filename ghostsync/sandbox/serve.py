"""Run a sandbox on loopback: in the running event loop, or in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future

import uvicorn

from ghostsync.sandbox.app import SandboxApp
from ghostsync.sandbox.ghost import SandboxGhost

HOST = "127.0.0.1"


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


@contextlib.asynccontextmanager
async def serve(ghost: SandboxGhost, *, port: int = 0) -> AsyncIterator[str]:
    """An address on loopback that answers until the block ends (`async with`). port 0: any free one."""
    config = uvicorn.Config(
        SandboxApp(ghost),
        log_config=None,
        access_log=False,
        log_level="critical",
        lifespan="off",
        # The Date header is the sandbox's own clock.
        date_header=False,
        server_header=False,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    sock = _listen(port)
    address = f"http://{HOST}:{sock.getsockname()[1]}"
    ghost.url = f"{address}/"
    # Not `Server.serve`: it takes over the process's signals and looks only every 0.1 s whether it may end.
    await server.startup(sockets=[sock])
    try:
        yield address
    finally:
        server.force_exit = True  # answers in flight are not waited for
        await server.shutdown(sockets=[sock])
        for connection in list(server.server_state.connections):
            # Those that were in the middle of an answer; the loop may end before they notice by themselves.
            connection.transport.abort()
        await asyncio.sleep(0)


@contextlib.contextmanager
def serve_in_thread(ghost: SandboxGhost, *, port: int = 0) -> Iterator[str]:
    """The same for callers without an event loop, such as a command under test (`with`)."""
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        stop = asyncio.Event()
        try:
            async with serve(ghost, port=port) as address:
                started.set_result((address, asyncio.get_running_loop(), stop))
                await stop.wait()
        except OSError as error:
            started.set_exception(error)

    thread = threading.Thread(target=asyncio.run, args=(run(),), name="sandbox", daemon=True)
    thread.start()
    address, loop, stop = started.result()
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
