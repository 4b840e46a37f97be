"""What it takes that a file survives a power cut, and the two renames that POSIX does not have.

`renameat2` (Linux) renames without overwriting, and exchanges two names atomically. Python has no call for
it, hence ctypes. Where the C library or the file system lacks it, the callers fall back.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import sys
from collections.abc import Callable

_NOREPLACE = 1
_EXCHANGE = 2
_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EPERM})


def sync_file(descriptor: int) -> None:
    """Return when the bytes are on the medium."""
    if sys.platform == "darwin":
        # There fsync leaves the data in the drive's cache.
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_directory(descriptor: int) -> None:
    """Return when the directory's entries are on the medium (where the file system can say so)."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        # CIFS and some FUSE file systems know no fsync of a directory.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}:
            raise


def _find_renameat2() -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return None
    function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    function.restype = ctypes.c_int
    return function


_renameat2 = _find_renameat2()


def _rename(directory: int, old: str, new: str, flags: int, *, target: int | None = None) -> bool:
    """False when this system cannot do it; OSError when it can and the rename failed."""
    if _renameat2 is None:
        return False
    into = directory if target is None else target
    if _renameat2(directory, os.fsencode(old), into, os.fsencode(new), flags) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), new)


def exchange(directory: int, one: str, other: str) -> bool:
    """Let two names of one directory swap their files, atomically. False when this system cannot."""
    return _rename(directory, one, other, _EXCHANGE)


def rename_new(directory: int, old: str, new: str, *, target: int | None = None) -> None:
    """Rename within `directory` (or into `target`), never over an existing file: then FileExistsError."""
    if _rename(directory, old, new, _NOREPLACE, target=target):
        return
    into = directory if target is None else target
    try:
        os.link(old, new, src_dir_fd=directory, dst_dir_fd=into, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    else:
        os.unlink(old, dir_fd=directory)
        return
    # RACE: a file system with neither renameat2 nor hard links (FAT through an old kernel). A file that
    # somebody creates under this very name between the look and the rename is overwritten.
    with contextlib.suppress(FileNotFoundError):
        os.stat(new, dir_fd=into, follow_symlinks=False)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
    os.rename(old, new, src_dir_fd=directory, dst_dir_fd=into)
