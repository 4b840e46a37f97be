"""The running daemon's ear: a socket in `.ghostsync/`, for `status`, `reload` and whatever else asks on this machine.

One line of JSON in, one line of JSON out, then it hangs up. The directory is its user's alone (0700), and so is the
socket. It belongs to whoever holds the folder's lock, so a socket that is left from a crash is simply replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from ghostsync.errors import UsageError
from ghostsync.state.private import PRIVATE

SOCKET_NAME = "daemon.sock"
PATIENCE = 5.0  # seconds for one exchange
LONGEST = 4_000_000  # bytes of one line
_ASKED = 1_000
Answer = Callable[[str], Awaitable[dict[str, Any]]]


@contextmanager
def _address(root: Path) -> Iterator[str]:
    """The socket's path, short enough for the kernel (107 bytes) however deep the folder lies."""
    directory = os.open(root / PRIVATE, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        short = Path(f"/proc/self/fd/{directory}")
        yield str((short if short.exists() else root / PRIVATE) / SOCKET_NAME)
    finally:
        os.close(directory)


@asynccontextmanager
async def listening(root: Path, answer: Answer) -> AsyncIterator[None]:
    """Answer until the block ends. answer: of the word that was asked. Raises OSError where there can be no socket."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(root) as address:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(address)  # noqa: PTH108 - it may lead through /proc
            door.bind(address)
            os.chmod(address, 0o600)  # noqa: PTH101
    except OSError:
        door.close()
        raise

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                asked = json.loads(await reader.readline())
                told = await answer(str(asked.get("ask", "")) if isinstance(asked, dict) else "")
                writer.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(serve, sock=door, limit=_ASKED)
    try:
        yield
    finally:
        server.close()
        with contextlib.suppress(OSError):
            (root / PRIVATE / SOCKET_NAME).unlink()


def ask(root: Path, word: str) -> dict[str, Any] | None:
    """What the folder's daemon answers; None when none is there or it does not answer in time."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, _address(root) as address:
            line.settimeout(PATIENCE)
            line.connect(address)
            line.sendall(json.dumps({"ask": word}).encode() + b"\n")
            told = b""
            while not told.endswith(b"\n") and len(told) < LONGEST and (more := line.recv(65536)):
                told += more
        found = json.loads(told)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def ask_running(root: Path, word: str) -> dict[str, Any]:
    """As `ask`, where there has to be a daemon. Raises UsageError when none answers."""
    told = ask(root, word)
    if told is None:
        raise UsageError(
            "no daemon answers for this folder",
            subject=str(root),
            remedy="Start one with `ghostsync run`, or see `ghostsync service`.",
        )
    return told
