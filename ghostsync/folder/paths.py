"""Opening what lies below the folder, one path component at a time, so that no link leads out of it.

Every component is opened with O_NOFOLLOW relative to its parent's descriptor. A path that is swapped for a
link between two steps is refused by the kernel, not by a check that came too early.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ghostsync.errors import FolderUnusable, UnsafePath
from ghostsync.folder.durable import sync_directory
from ghostsync.folder.faults import NO_LINKS, shown

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def split(path: str) -> tuple[str, ...]:
    """The components of a relative path. Raises UnsafePath for anything that could mean another place."""
    parts = tuple(path.split("/"))
    if any(part in {"", ".", ".."} for part in parts) or "\0" in path:
        raise UnsafePath(
            "is not a plain path inside the folder",
            subject=shown(path) or '""',
            remedy="Use a relative path without empty parts, '.' or '..'.",
        )
    if not path.isascii():
        try:
            path.encode("utf-8")
        except UnicodeEncodeError:
            raise UnsafePath(
                "is not a UTF-8 name", subject=shown(path), remedy="Rename the file to a name in UTF-8."
            ) from None
    return parts


@contextmanager
def open_root(root: Path) -> Iterator[int]:
    """A descriptor of the folder itself (which alone may be reached through a link: the user named it)."""
    try:
        descriptor = os.open(root, _DIRECTORY)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR}:
            what = "the folder does not exist" if error.errno == errno.ENOENT else "is a file, not a folder"
            remedy = "Is its disk mounted? Otherwise name the right folder with -C."
        else:
            what = f"the folder cannot be opened: {error.strerror}"
            remedy = "Give the user that runs ghostsync access to it."
        raise FolderUnusable(what, subject=shown(str(root)), remedy=remedy) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_child(parent: int, name: str, *, path: str) -> int:
    """A descriptor of the directory `name` in `parent`. UnsafePath when it is a link; else OSError."""
    try:
        return os.open(name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    except OSError as error:
        # Linux says ENOTDIR for a link here, others ELOOP: look, to tell a link from a file.
        if error.errno in {errno.ENOTDIR, errno.ELOOP} and is_link(parent, name):
            raise UnsafePath("lies behind a symbolic link", subject=shown(path), remedy=NO_LINKS) from error
        raise


def is_link(parent: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except OSError:
        return False


@contextmanager
def open_directory(
    root: int, parts: tuple[str, ...], *, create: bool = False, mode: int = 0o777
) -> Iterator[int]:
    """A descriptor of the directory `parts` below `root`; create makes what is missing, durably."""
    descriptor = os.dup(root)
    try:
        for depth, part in enumerate(parts, 1):
            path = "/".join(parts[:depth])
            try:
                child = open_child(descriptor, part, path=path)
            except FileNotFoundError:
                if not create:
                    raise
                # FileExistsError: somebody else made it in this moment, which serves as well.
                try:
                    os.mkdir(part, mode, dir_fd=descriptor)
                    sync_directory(descriptor)
                except FileExistsError:
                    pass
                child = open_child(descriptor, part, path=path)
            os.close(descriptor)
            descriptor = child
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_parent(root: int, path: str, *, create: bool = False) -> Iterator[tuple[int, str]]:
    """(descriptor of the directory that holds `path`, its last component)."""
    *parents, name = split(path)
    with open_directory(root, tuple(parents), create=create) as directory:
        yield directory, name
