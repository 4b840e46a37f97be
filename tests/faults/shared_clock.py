"""A clock that several processes read and set forward, so that a process under test waits for Ghost without losing time."""

from __future__ import annotations

import mmap
import struct
import time


class SharedClock:
    """The machine's clock plus an offset that lies in the file `path`. Made by the first who opens it."""

    def __init__(self, path):
        self.path = path
        with path.open("a+b") as file:
            file.truncate(8)
            self._memory = mmap.mmap(file.fileno(), 8)

    @property
    def offset(self):
        return struct.unpack("d", self._memory)[0]

    def __call__(self):
        return time.time() + self.offset

    def advance(self, seconds):
        self._memory[:] = struct.pack("d", self.offset + seconds)

    async def sleep(self, seconds):
        self.advance(seconds)
