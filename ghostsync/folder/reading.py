"""Reading one file as it was at one moment, and never anything but a regular file of bounded size."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from ghostsync.errors import FolderError
from ghostsync.folder.faults import NO_LINKS, shown
from ghostsync.sync.model import ABSENT, Stat

MAX_BYTES = 16 * 1024 * 1024
"""A Markdown document beyond this is a mistake (an image renamed, a log); Ghost itself takes far less."""

_CHUNK = 256 * 1024
_TRIES = 3
# O_NONBLOCK: a FIFO that took the file's place between the look and the open must not hang the scan.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


def stat_of(result: os.stat_result) -> Stat:
    return Stat(size=result.st_size, mtime_ns=result.st_mtime_ns, inode=result.st_ino)


def refusal(path: str, result: os.stat_result, limit: int | None = MAX_BYTES) -> FolderError | None:
    """Why this directory entry is no document that can be read, or None. limit: None for files of any size."""
    if stat.S_ISLNK(result.st_mode):
        return FolderError("is a symbolic link", subject=shown(path), remedy=NO_LINKS)
    if not stat.S_ISREG(result.st_mode):
        return FolderError(
            "is no regular file (a directory, pipe, socket or device)",
            subject=shown(path),
            remedy="Move it out of the folder, or name it in [folder] ignore.",
        )
    if limit is not None and result.st_size > limit:
        return FolderError(
            f"is {result.st_size / 1e6:.0f} MB; a document may have at most {limit // (1024 * 1024)} MB",
            subject=shown(path),
            remedy="Split it, or name it in [folder] ignore.",
        )
    return None


@contextmanager
def open_file(directory: int, name: str, path: str) -> Iterator[int]:
    """A descriptor of `name`, whatever it is, but of no link."""
    try:
        descriptor = os.open(name, _FLAGS, dir_fd=directory)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise FolderError("is a symbolic link", subject=shown(path), remedy=NO_LINKS) from error
        raise
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _chunks(descriptor: int, path: str, limit: int | None = MAX_BYTES) -> Iterator[bytes]:
    seen = 0
    while chunk := os.read(descriptor, _CHUNK):
        seen += len(chunk)
        if limit is not None and seen > limit:
            raise FolderError(
                "grew beyond what a document may have while it was read",
                subject=shown(path),
                remedy="Name it in [folder] ignore if it is no document.",
            )
        yield chunk


def same_moment(before: os.stat_result, after: os.stat_result, count: int) -> bool:
    """Whether nothing was written between two looks at a file of which `count` bytes were read."""
    return before.st_mtime_ns == after.st_mtime_ns and before.st_size == after.st_size == count


def _unsteady(path: str) -> FolderError:
    return FolderError(
        "kept changing while it was read", subject=shown(path), remedy="The next run reads it again."
    )


def read_bytes(directory: int, name: str, path: str) -> bytes:
    """The bytes of one moment. FolderError when it is no readable document; else OSError."""
    for _ in range(_TRIES):
        with open_file(directory, name, path) as descriptor:
            before = os.fstat(descriptor)
            if error := refusal(path, before):
                raise error
            data = b"".join(_chunks(descriptor, path))
            if same_moment(before, os.fstat(descriptor), len(data)):
                return data
    raise _unsteady(path)


def digest(directory: int, name: str, path: str, limit: int | None = MAX_BYTES) -> tuple[str, os.stat_result]:
    """(hex SHA-256, the stat that belongs to it), streamed. Errors as in `read_bytes`."""
    for _ in range(_TRIES):
        with open_file(directory, name, path) as descriptor:
            before = os.fstat(descriptor)
            if error := refusal(path, before, limit):
                raise error
            hasher = hashlib.sha256()
            count = 0
            for chunk in _chunks(descriptor, path, limit):
                hasher.update(chunk)
                count += len(chunk)
            after = os.fstat(descriptor)
            if same_moment(before, after, count):
                return hasher.hexdigest(), after
    raise _unsteady(path)


def digest_or_absent(directory: int, name: str, path: str, limit: int | None = MAX_BYTES) -> str:
    """As `digest`, but ABSENT when there is no such file."""
    try:
        return digest(directory, name, path, limit)[0]
    except FileNotFoundError:
        return ABSENT
