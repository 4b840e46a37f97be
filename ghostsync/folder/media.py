"""Pictures, films and other files that documents refer to: looked at, opened to be sent, moved away.

A path in a document is anybody's: an imported post may name any file of this machine. So nothing is opened that lies
outside of the folder, behind a link, or hidden, nor the file with the site's key.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ghostsync.errors import FileMissing, FolderError, TargetChanged, UnsafePath
from ghostsync.folder.facts import facts_of
from ghostsync.folder.faults import folder_error, shown
from ghostsync.folder.files import changed
from ghostsync.folder.names import fold
from ghostsync.folder.paths import open_child, split
from ghostsync.folder.reading import open_file, same_moment, stat_of
from ghostsync.folder.scan import GRANULARITY_NS
from ghostsync.sync.model import MediaFile

CONFIG = "ghostsync.toml"
_CHUNK = 64 * 1024
_TRIES = 3


def check_path(path: str) -> tuple[str, ...]:
    """The components of a path where media may lie. UnsafePath for all others."""
    parts = split(path)
    if any(part.startswith(".") for part in parts):
        raise UnsafePath(
            "is hidden, and what is hidden is never published",
            subject=shown(path),
            remedy="Put the file under a name that does not begin with a dot, in a directory likewise.",
        )
    if fold(path) == CONFIG:
        raise UnsafePath(
            "is ghostsync's own configuration, which is never published",
            subject=path,
            remedy="Remove the reference.",
        )
    return parts


class Looks:
    """Looks at many files, each directory listed once. root: the open folder. private: (device, inode) of files that are
    never to be read. now_ns: the wall clock before the first look.
    """

    def __init__(self, root: int, *, private: Iterable[tuple[int, int]], now_ns: int) -> None:
        self._root = root
        self._private = frozenset(private)
        self._settled_before = now_ns - GRANULARITY_NS
        self._listed: dict[tuple[str, ...], dict[str, list[str]]] = {}

    def at(self, path: str, known: MediaFile | None) -> MediaFile:
        """The file as it is now. known: as it was last seen; an equal stat that was settled then spares the hashing (I10).
        Raises FolderError.
        """
        try:
            parts = check_path(path)
            with self._directory(parts, path) as directory:
                return self._file(directory, parts, path, known)
        except OSError as error:
            raise folder_error(error, path, "read") from error

    @contextmanager
    def _directory(self, parts: tuple[str, ...], path: str) -> Iterator[int]:
        """The directory of the file, reached by names that are spelled as on disk, each of them."""
        descriptor = os.dup(self._root)
        try:
            for depth, part in enumerate(parts[:-1]):
                self._check_spelling(descriptor, parts[:depth], part, path)
                child = open_child(descriptor, part, path=path)
                os.close(descriptor)
                descriptor = child
            self._check_spelling(descriptor, parts[:-1], parts[-1], path)
            yield descriptor
        finally:
            os.close(descriptor)

    def _check_spelling(self, directory: int, above: tuple[str, ...], name: str, path: str) -> None:
        """On a Mac or Windows any spelling opens the file; in a clone on Linux, and in Ghost, only one does."""
        if above not in self._listed:
            names: dict[str, list[str]] = {}
            for entry in os.listdir(directory):
                names.setdefault(fold(shown(entry)), []).append(entry)
            self._listed[above] = names
        alike = self._listed[above].get(fold(name), [])
        others = [other for other in alike if other != name]
        if not others:
            if not alike:
                raise FileMissing(
                    "there is no such file",
                    subject=shown(path),
                    remedy="Correct the path in the document (it counts from the document's directory; from the folder's "
                    "root with a / before it), or put the file there.",
                )
            return
        other = "/".join((*above, min(others)))
        how = "upper and lower case" if other.lower() == "/".join((*above, name)).lower() else "Unicode form"
        if name in alike:
            raise FolderError(
                f"{shown(other)} differs from it in {how} only",
                subject=shown(path),
                remedy="Rename one of the two: macOS and Windows cannot hold both.",
            )
        raise FolderError(
            f"there is no such file, but {shown(other)}, which differs in {how} only",
            subject=shown(path),
            remedy="Spell the name in the document as the file has it.",
        )

    def _file(self, directory: int, parts: tuple[str, ...], path: str, known: MediaFile | None) -> MediaFile:
        name = parts[-1]
        for _ in range(_TRIES):
            with open_media(directory, name, path, self._private) as file:
                before = os.fstat(file.fileno())
                seen = stat_of(before)
                settled = seen.mtime_ns < self._settled_before
                if known is not None and known.settled and known.stat == seen:
                    return known if known.path == path else _renamed(known, path)
                hasher = hashlib.sha256()
                count = 0
                while chunk := file.read(_CHUNK):
                    hasher.update(chunk)
                    count += len(chunk)
                facts = facts_of(name, file)
                if same_moment(before, os.fstat(file.fileno()), count):
                    return MediaFile(path, seen, hasher.hexdigest(), facts, settled)
        raise FolderError(
            "kept changing while it was read", subject=shown(path), remedy="The next run reads it again."
        )


def _renamed(file: MediaFile, path: str) -> MediaFile:
    return MediaFile(path, file.stat, file.sha, file.facts, file.settled)


@contextmanager
def open_media(
    directory: int, name: str, path: str, private: frozenset[tuple[int, int]]
) -> Iterator[BinaryIO]:
    """An ordinary file that is not empty and not private, open for reading. FolderError for all else, or OSError."""
    with open_file(directory, name, path) as descriptor:
        result = os.fstat(descriptor)
        if stat.S_ISDIR(result.st_mode):
            raise FolderError(
                "is a directory", subject=shown(path), remedy="Name a file in it, or pack it into a .zip."
            )
        if not stat.S_ISREG(result.st_mode):
            raise FolderError(
                "is no regular file (a pipe, socket or device)", subject=shown(path), remedy="Name a file."
            )
        if (result.st_dev, result.st_ino) in private:
            raise UnsafePath(
                "holds the site's key, which is never published",
                subject=shown(path),
                remedy="Remove the reference, and keep the key outside of the folder.",
            )
        if result.st_size == 0:
            raise FolderError(
                "is empty", subject=shown(path), remedy="Is it still being written, or was a copy cut short?"
            )
        with os.fdopen(os.dup(descriptor), "rb", buffering=0) as file:
            yield file


class Proven(io.RawIOBase):
    """A file that is read from its beginning to its end and gives its last bytes only if all of them were the expected ones:
    what is sent is what was hashed, or it is not sent. TargetChanged else.
    """

    def __init__(self, file: BinaryIO, path: str, *, size: int, sha: str) -> None:
        super().__init__()
        self._file = file
        self._path = path
        self._size = size
        self._sha = sha
        self._at = 0
        self._hasher = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if (offset, whence) != (0, os.SEEK_SET):
            raise io.UnsupportedOperation("it can only be begun again")
        self._file.seek(0)
        self._at, self._hasher = 0, hashlib.sha256()
        return 0

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer has no length
        view = memoryview(buffer).cast("B")
        data = self._file.read(min(len(view), self._size - self._at)) if self._at < self._size else b""
        self._hasher.update(data)
        self._at += len(data)
        if not data and self._at < self._size:
            raise self._changed()
        if data and self._at == self._size and (self._file.read(1) or self._hasher.hexdigest() != self._sha):
            raise self._changed()
        view[: len(data)] = data
        return len(data)

    def _changed(self) -> TargetChanged:
        return changed(self._path, "the file was changed while it was being sent")


@contextmanager
def open_proven(directory: int, file: MediaFile, private: frozenset[tuple[int, int]]) -> Iterator[BinaryIO]:
    with open_media(directory, file.path.rsplit("/", 1)[-1], file.path, private) as raw:
        if os.fstat(raw.fileno()).st_size != file.size:
            raise changed(file.path, "the file has changed since it was looked at")
        yield Proven(raw, file.path, size=file.size, sha=file.sha)  # type: ignore[misc]  # a RawIOBase reads alike


def look_at_all(
    looks: Looks, paths: Iterable[str], known: Mapping[str, MediaFile]
) -> dict[str, MediaFile | FolderError]:
    found: dict[str, MediaFile | FolderError] = {}
    for path in paths:
        try:
            found[path] = looks.at(path, known.get(path))
        except FolderError as error:
            found[path] = error
    return found


def identities(files: Iterable[Path]) -> frozenset[tuple[int, int]]:
    """(device, inode) of those files that exist, by whatever name they are reached."""
    found = set()
    for file in files:
        try:
            result = file.stat()
        except OSError as error:
            if error.errno not in {
                errno.ENOENT,
                errno.ENOTDIR,
                errno.EACCES,
                errno.ELOOP,
                errno.ENAMETOOLONG,
            }:
                raise folder_error(error, str(file), "looked at") from error
        else:
            found.add((result.st_dev, result.st_ino))
    return frozenset(found)
