"""Contents from the repository, one after the other, through one process: `git cat-file --batch`."""

from __future__ import annotations

import hashlib
from types import TracebackType
from typing import IO, Self

from ghostsync.errors import GitError
from ghostsync.git.command import Git

_LARGEST = 64_000_000
"""Bytes; a document is far smaller, and what is larger is passed over without being kept."""
_PIECE = 1 << 20


def blob_id(git: Git, data: bytes) -> str:
    """The hash that git gives to a content."""
    return hashlib.new(git.hash, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class Objects:
    """Open from the first question to `close`. Contents are as the repository holds them, before filters."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process = git.start("cat-file", "--batch")

    def read(self, name: str) -> bytes | None:
        """An object by its hash, or by `ref:path`. None where there is no such object, or where it is too large to be a
        document. Raises GitError.
        """
        if "\n" in name:
            return None
        source, answer = self._pipes()
        try:
            source.write(name.encode("utf-8", "surrogateescape") + b"\n")
            source.flush()
        except OSError:
            raise self._ended() from None
        head = answer.readline()
        if not head:
            raise self._ended()
        # "<hash> <type> <size>", or "<name> missing" and the like; a name may hold blanks itself.
        words = head.rstrip(b"\n").rsplit(b" ", 2)
        if len(words) < 3 or not words[2].isdigit():
            return None
        return self._content(answer, int(words[2]))

    def _content(self, answer: IO[bytes], size: int) -> bytes | None:
        if size > _LARGEST:
            left = size + 1
            while left and (piece := answer.read(min(left, _PIECE))):
                left -= len(piece)
            return None
        data = answer.read(size)
        if len(data) < size or answer.read(1) != b"\n":
            raise self._ended()
        return data

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        source, answer = self._process.stdin, self._process.stdout
        if source is None or answer is None:
            raise self._ended()
        return source, answer

    def _ended(self) -> GitError:
        return GitError(
            "git cat-file ended before it had answered",
            subject=str(self._git.directory),
            remedy="`git fsck` tells whether the repository is damaged.",
        )

    def close(self) -> None:
        """End the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
