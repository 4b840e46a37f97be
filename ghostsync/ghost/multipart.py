"""A file as multipart/form-data (RFC 7578), read and sent piece by piece: memory does not grow with the file."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import BinaryIO

from ghostsync.errors import InvalidRequest

_CHUNK = 64 * 1024  # several copies of a piece are on their way at once


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a form. name, mime: as announced to Ghost. size: what `file` must give, to the byte."""

    name: str
    mime: str
    file: BinaryIO
    size: int


class Form:
    """A form of one file or two and some short fields, which may be sent more than once.

    progress: told how many bytes of the files have been sent; less than before when it begins again. ended: whether its
    last byte may have been sent. An error that reading raises ends the request, and the server has half a form.
    """

    def __init__(
        self,
        files: dict[str, Part],
        fields: dict[str, str],
        *,
        subject: str,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        boundary = secrets.token_hex(16)
        self._subject = subject
        self._progress = progress
        self._head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ).encode()
        self._parts = [(_head(boundary, name, part), part) for name, part in files.items()]
        self._tail = f"--{boundary}--\r\n".encode()
        self.length = (
            len(self._head)
            + sum(len(head) + part.size + 2 for head, part in self._parts)  # each ends with a line break
            + len(self._tail)
        )
        # A known length: proxies may refuse at once what is too large, and not one of them must buffer it for a length.
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(self.length),
        }
        self.sent = 0
        self.ended = False

    async def chunks(self) -> AsyncIterator[bytes]:
        self.sent, self.ended = 0, False
        if self._head:
            yield self._head
        for head, part in self._parts:
            yield head
            async for chunk in self._content(part):
                yield chunk
            yield b"\r\n"
        self.ended = True
        yield self._tail

    async def _content(self, part: Part) -> AsyncIterator[bytes]:
        part.file.seek(0)
        left = part.size
        while left:
            chunk = await _read(part.file, min(_CHUNK, left))
            if not chunk:
                break
            left -= len(chunk)
            yield chunk
            self.sent += len(chunk)
            if self._progress is not None:
                self._progress(self.sent)
        if left or await _read(part.file, 1):
            raise InvalidRequest(
                "the file changed while it was sent; Ghost got nothing of it",
                subject=self._subject,
                remedy="The next run sends it as it is then.",
                sent=False,
            )


async def _read(file: BinaryIO, size: int) -> bytes:
    """In a thread: a slow disk must not hold up everything else."""
    return await asyncio.to_thread(lambda: file.read(size))


def _head(boundary: str, name: str, part: Part) -> bytes:
    # As browsers write names (HTML, "multipart/form-data encoding algorithm").
    shown = part.name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    return (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{shown}"\r\n'
        f"Content-Type: {part.mime}\r\n\r\n"
    ).encode()
