"""One file at a time: created, replaced or moved so that every instant shows the old or the complete new version.

Order of a write: temporary file beside the target, fsync, a last look at the target, rename, fsync of the
directory. Whatever interrupts it, the temporary file is removed; what a killed process leaves behind is dealt
with by `leftovers`.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ghostsync.errors import FolderError, TargetChanged
from ghostsync.folder.durable import exchange, rename_new, sync_directory, sync_file
from ghostsync.folder.faults import shown
from ghostsync.folder.reading import MAX_BYTES, digest, digest_or_absent, open_file

NEW_PREFIX = ".ghostsync-new-"
SWAP_PREFIX = ".ghostsync-swap-"
TEMP_SUFFIX = ".tmp"
_CHUNK = 64 * 1024
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def changed(path: str, what: str) -> TargetChanged:
    return TargetChanged(
        f"{what}; it was left as it is",
        subject=shown(path),
        remedy="The next run takes a new look and plans again.",
    )


def temporary_name(prefix: str) -> str:
    return f"{prefix}{secrets.token_hex(8)}{TEMP_SUFFIX}"


@contextmanager
def temporary(directory: int, prefix: str) -> Iterator[str]:
    """An unused name that is free again afterwards, whatever happened: exceptions of every kind included."""
    name = temporary_name(prefix)
    try:
        yield name
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=directory)


def fill(descriptor: int, data: bytes) -> None:
    """Write all of it: one `os.write` may stop short, on a full disk above all."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def open_new(directory: int, name: str, mode: int) -> int:
    return os.open(name, _CREATE, mode, dir_fd=directory)


def _take_over(source: os.stat_result, directory: int, name: str, descriptor: int) -> None:
    """Owner, mode and extended attributes (ACLs, tags) of the file that is about to be replaced."""
    if (source.st_uid, source.st_gid) != (os.geteuid(), os.getegid()):
        # Only root may give a file away; for others the file becomes theirs, as with any editor.
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, source.st_uid, source.st_gid)
    os.fchmod(descriptor, source.st_mode & 0o7777)
    if sys.platform.startswith("linux"):
        # A file system without them, or an attribute that only the system may set: no loss of text.
        with contextlib.suppress(OSError):
            old = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
            try:
                for attribute in os.listxattr(old):
                    os.setxattr(descriptor, attribute, os.getxattr(old, attribute))
            finally:
                os.close(old)


def _refuse_read_only(directory: int, name: str, path: str, result: os.stat_result) -> None:
    """A rename would succeed on a read-only file all the same: its owner meant the mode as a wish."""
    if result.st_mode & 0o222 and os.access(name, os.W_OK, dir_fd=directory):
        return
    raise FolderError(
        "is read-only",
        subject=shown(path),
        remedy="Make it writable (chmod u+w), or leave it as it is on purpose.",
    )


def create(directory: int, name: str, path: str, data: bytes) -> os.stat_result:
    """A new file, durable. TargetChanged when the name is taken, also by a file that came this instant."""
    try:
        return _create(directory, name, data)
    except FileExistsError:
        raise changed(path, "a file of this name has come into being") from None


def _create(directory: int, name: str, data: bytes) -> os.stat_result:
    with temporary(directory, NEW_PREFIX) as temp:
        descriptor = open_new(directory, temp, 0o666)
        try:
            fill(descriptor, data)
            sync_file(descriptor)
            result = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        rename_new(directory, temp, name)
        sync_directory(directory)
        return result


def replace(directory: int, name: str, path: str, data: bytes, *, expected_sha: str) -> os.stat_result:
    """New content for a file that holds exactly what `expected_sha` says; TargetChanged when it does not."""
    try:
        sha, before = digest(directory, name, path)
    except FileNotFoundError:
        raise changed(path, "the file has gone") from None
    if sha != expected_sha:
        raise changed(path, "the file was edited meanwhile")
    _refuse_read_only(directory, name, path, before)
    with temporary(directory, SWAP_PREFIX) as temp:
        descriptor = open_new(directory, temp, 0o600)
        try:
            _take_over(before, directory, name, descriptor)
            fill(descriptor, data)
            sync_file(descriptor)
            result = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        if digest_or_absent(directory, name, path) != expected_sha:
            raise changed(path, "the file was edited meanwhile")
        _swap_in(directory, temp, name, path, expected_sha)
        sync_directory(directory)
        return result


def _swap_in(directory: int, temp: str, name: str, path: str, expected_sha: str) -> None:
    """Put `temp` in the place of `name`, and prove that nothing but the expected content was displaced.

    An editor may save between the last look and the rename. Exchanging the two names keeps what was
    displaced, so that such a save is found and put back.
    """
    try:
        exchanged = exchange(directory, temp, name)
    except FileNotFoundError:
        raise changed(path, "the file has gone") from None
    if not exchanged:
        # RACE: without renameat2 (not Linux, or an old or foreign file system) a save that lands between the
        # last look and this rename, some microseconds, is overwritten and is not in history.
        os.rename(temp, name, src_dir_fd=directory, dst_dir_fd=directory)
        return
    # RACE: an editor that keeps the old file open and writes into it after this second look writes into a
    # file without a name. Editors that save by renaming, and those that open anew to save, are safe.
    try:
        same = digest(directory, temp, path)[0] == expected_sha
    except BaseException:
        exchange(directory, temp, name)
        raise
    if not same:
        exchange(directory, temp, name)
        raise changed(path, "the file was saved at the very moment of the write")


def move_new(
    directory: int,
    name: str,
    path: str,
    target: int,
    new: str,
    *,
    expected_sha: str,
    limit: int | None = MAX_BYTES,
) -> None:
    """Move a file into another directory under a free name, durably in both, unless it has changed.

    FileExistsError when the new name is taken. The content is looked at again after the move: a save that came
    in between is moved back. limit: of its size; None for none.
    """
    if digest_or_absent(directory, name, path, limit) != expected_sha:
        raise changed(path, "the file was edited or has gone meanwhile")
    try:
        rename_new(directory, name, new, target=target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_across(directory, name, path, target, new, expected_sha)
        return
    if digest_or_absent(target, new, path, limit) != expected_sha:
        # RACE: should a file of the old name exist again already, the save stays in the trash, unharmed.
        with contextlib.suppress(FileExistsError):
            rename_new(target, new, name, target=directory)
        raise changed(path, "the file was saved at the very moment of its removal")
    sync_directory(target)
    sync_directory(directory)


def _copy_over(directory: int, name: str, path: str, target: int, new: str, expected_sha: str) -> bool:
    """Copy a file that nobody else knows by this name, durably; False when it is not the expected one."""
    with open_file(directory, name, path) as source, temporary(target, NEW_PREFIX) as temp:
        descriptor = open_new(target, temp, 0o666)
        try:
            if copy(source, descriptor) != expected_sha:
                return False
            sync_file(descriptor)
        finally:
            os.close(descriptor)
        rename_new(target, temp, new)
        sync_directory(target)
        return True


def copy(source: int, target: int) -> str:
    """All bytes from the beginning of one open file to the place of the other; returns their hex SHA-256."""
    hasher = hashlib.sha256()
    os.lseek(source, 0, os.SEEK_SET)
    while chunk := os.read(source, _CHUNK):
        hasher.update(chunk)
        fill(target, chunk)
    return hasher.hexdigest()


def _move_across(directory: int, name: str, path: str, target: int, new: str, expected_sha: str) -> None:
    """As `move_new`, where the two directories lie on different disks: copied, then removed.

    The file is set aside first, so that what is copied and what is removed is the same file, and a save under
    the old name meanwhile is a new file. Killed in between, it is a leftover that goes to the trash.
    """
    aside = temporary_name(SWAP_PREFIX)
    rename_new(directory, name, aside)
    done = False
    try:
        done = _copy_over(directory, aside, path, target, new, expected_sha)
    finally:
        if not done:
            # A file that has the name again stays, and this one is a leftover: nothing is overwritten.
            with contextlib.suppress(FileExistsError):
                rename_new(directory, aside, name)
    if not done:
        raise changed(path, "the file was saved at the very moment of its removal")
    os.unlink(aside, dir_fd=directory)
    sync_directory(directory)
