"""What the operating system refuses -> FolderErrors that say what happened, to which file, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from ghostsync.errors import FolderError, TargetChanged, UnsafePath

NO_LINKS = "Put the real file or directory there, or name it in [folder] ignore; ghostsync follows no links."

_ACCESS = "Give the user that runs ghostsync access to it: `ls -l` shows owner and mode."
_MEANINGS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: (
        "the disk is full",
        "Free some space; the next run goes on from here. Nothing was changed.",
    ),
    errno.EDQUOT: ("the disk quota is used up", "Free some space or raise the quota. Nothing was changed."),
    errno.EROFS: ("the file system is mounted read-only", "Mount it writable, then run again."),
    errno.EACCES: ("permission denied", _ACCESS),
    errno.EPERM: ("the operation is not permitted", _ACCESS),
    errno.EIO: ("the disk reported an I/O error", "Look at the disk's health (dmesg) before you go on."),
    errno.ENAMETOOLONG: ("the name is longer than this file system allows", "Give the file a shorter name."),
    errno.ENOTDIR: ("a part of the path is a file, not a directory", "Move that file out of the way."),
    errno.EISDIR: ("a directory stands where the file should be", "Rename or move that directory."),
    errno.EMFILE: ("too many files are open in this process", "Raise the limit (ulimit -n), then run again."),
    errno.ENFILE: ("too many files are open on this machine", "Close some programs, then run again."),
    errno.ESTALE: ("the network file system lost it", "Mount the file system again, then run again."),
    errno.ELOOP: ("it is a symbolic link, or lies behind one", NO_LINKS),
}
WHOLE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE})
"""Faults that will hit the next file just the same."""


def shown(name: str) -> str:
    """A name as it can be printed and stored: bytes that are not UTF-8 appear as hexadecimal escapes."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def folder_error(error: OSError, path: str, done: str) -> FolderError:
    """done: the participle that did not happen, as in "cannot be written"."""
    if error.errno == errno.ENOENT:
        return TargetChanged(
            f"cannot be {done}: it is not there any more",
            subject=shown(path),
            remedy="The next run takes a new look.",
        )
    meaning, remedy = _MEANINGS.get(
        error.errno or 0, (error.strerror or type(error).__name__, "Correct the cause, then run again.")
    )
    kind = UnsafePath if error.errno == errno.ELOOP else FolderError
    return kind(f"cannot be {done}: {meaning}", subject=shown(path), remedy=remedy)


@contextmanager
def telling(path: str, done: str) -> Iterator[None]:
    """Raise every OSError of the block as the FolderError of `path`."""
    try:
        yield
    except OSError as error:
        raise folder_error(error, path, done) from error
