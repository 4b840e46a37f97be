"""Pictures, sounds and other files that are no documents: looked at, opened for sending, and put in place when they come.

They may be large, so that none is ever held in memory. As with documents no link is followed, and a file is what it was at
one moment, or an error.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import BinaryIO

from ghostsync.errors import FolderError
from ghostsync.folder.durable import rename_new, sync_directory, sync_file
from ghostsync.folder.facts import facts_of
from ghostsync.folder.faults import NO_LINKS, shown, telling
from ghostsync.folder.files import TEMP_SUFFIX, changed, temporary_name
from ghostsync.folder.free import names_in
from ghostsync.folder.layout import Layout, is_document_name, is_skipped_directory
from ghostsync.folder.names import fold, numbered
from ghostsync.folder.paths import open_child, open_directory, open_parent, split
from ghostsync.folder.reading import opened, stat_of
from ghostsync.folder.scan import GRANULARITY_NS, MAX_DEPTH
from ghostsync.folder.trash import PRIVATE, into_trash
from ghostsync.sync.model import MediaFile, Stat

INCOMING = (PRIVATE, "incoming")
_CHUNK = 1024 * 1024
_TRIES = 3
_OWN = frozenset({"ghostsync.toml"})


def look(root: int, path: str, known: MediaFile | None, *, now_ns: int) -> MediaFile | None:
    """See the port `Folder`. now_ns: the wall clock."""
    refuse_private(path)
    try:
        with telling_but_missing(path, "read"), open_parent(root, path) as (directory, name):
            return _look(directory, name, path, known, now_ns)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _look(directory: int, name: str, path: str, known: MediaFile | None, now_ns: int) -> MediaFile:
    try:
        result = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        if others := _spelled_otherwise(directory, name):
            raise FolderError(
                f"is not there, but {' and '.join(others)} is: the names differ in capitals or accents",
                subject=shown(path),
                remedy="Write the name exactly as the file has it; other systems tell them apart.",
            ) from None
        raise
    _refuse(path, result)
    if known is not None and known.settled and known.stat == stat_of(result):
        return known
    if others := _spelled_otherwise(directory, name):
        raise FolderError(
            f"and {' and '.join(others)} differ in capitals or accents only, and are one file on other systems",
            subject=shown(path),
            remedy="Rename one of them.",
        )
    for _ in range(_TRIES):
        with opened(directory, name, path) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
            before = os.fstat(descriptor)
            _refuse(path, before)
            digest = hashlib.sha256()
            size = 0
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
            file.seek(0)
            facts = {"fileName": name, "fileSize": size, **facts_of(file, name)}
            after = os.fstat(descriptor)
        if stat_of(before) == stat_of(after) and after.st_size == size:
            settled = after.st_mtime_ns < now_ns - GRANULARITY_NS
            return MediaFile(path, stat_of(after), digest.hexdigest(), facts, settled)
    raise FolderError(
        "kept changing while it was read", subject=shown(path), remedy="The next run reads it again."
    )


def _refuse(path: str, result: os.stat_result) -> None:
    if stat.S_ISDIR(result.st_mode):
        raise FolderError("is a directory", subject=shown(path), remedy="Name a file in it.")
    if not stat.S_ISREG(result.st_mode):
        what = "is a symbolic link" if stat.S_ISLNK(result.st_mode) else "is a pipe, socket or device"
        raise FolderError(what, subject=shown(path), remedy=NO_LINKS)
    if not result.st_size:
        raise FolderError(
            "is empty", subject=shown(path), remedy="Save it anew; an empty file is never sent to Ghost."
        )


def refuse_private(path: str) -> None:
    """Raises FolderError for what must never be published, and UnsafePath for what lies outside the folder."""
    parts = split(path)
    if path in _OWN or any(is_skipped_directory(part) for part in parts):
        raise FolderError(
            "is hidden, or belongs to ghostsync, and is never sent to Ghost",
            subject=shown(path),
            remedy="Move a copy that may be public to another place.",
        )


def _spelled_otherwise(directory: int, name: str) -> list[str]:
    """Other names here that a case-insensitive file system would take for this one."""
    wanted = fold(name)
    return sorted(shown(other) for other in names_in(directory) if other != name and fold(other) == wanted)


@contextmanager
def telling_but_missing(path: str, done: str) -> Iterator[None]:
    """As `telling`, but what is not there stays a FileNotFoundError or NotADirectoryError."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        with telling(path, done):
            raise error from None


def media_stat(root: int, path: str) -> Stat | None:
    try:
        with open_parent(root, path) as (directory, name):
            return stat_of(os.stat(name, dir_fd=directory, follow_symlinks=False))
    except (OSError, FolderError):
        return None


@dataclass(frozen=True, slots=True)
class OpenedMedia:
    """See the port."""

    file: BinaryIO
    size: int
    expected: MediaFile

    def check(self) -> None:
        if stat_of(os.fstat(self.file.fileno())) != self.expected.stat:
            raise changed(self.expected.path, "the file was changed while it was sent")


@contextmanager
def open_media(root: int, wanted: MediaFile) -> Iterator[OpenedMedia]:
    """The file that was looked at, and no other."""
    path = wanted.path
    refuse_private(path)
    with (
        telling(path, "read"),
        open_parent(root, path) as (directory, name),
        opened(directory, name, path) as descriptor,
        os.fdopen(os.dup(descriptor), "rb") as file,
    ):
        result = OpenedMedia(file, wanted.stat.size, wanted)
        result.check()
        yield result


def trash_media(root: int, path: str, *, now: float) -> str:
    """As `trash`, for a file of any size: whatever it holds is kept."""
    refuse_private(path)

    def move(directory: int, name: str, target: int, candidate: str) -> None:
        _refuse(path, os.stat(name, dir_fd=directory, follow_symlinks=False))
        rename_new(directory, name, candidate, target=target)
        sync_directory(target)
        sync_directory(directory)

    return into_trash(root, path, move, now=now)


def media_paths(root: int, layout: Layout) -> Iterator[str]:
    """All files that are no documents, in no order. What cannot be listed is left out."""
    yield from _paths(root, "", layout, depth=0)


def _paths(directory: int, prefix: str, layout: Layout, *, depth: int) -> Iterator[str]:
    try:
        with os.scandir(directory) as listing:
            entries = list(listing)
    except OSError:
        return
    for entry in entries:
        path = prefix + entry.name
        if is_skipped_directory(entry.name) or entry.is_symlink() or shown(entry.name) != entry.name:
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth < MAX_DEPTH and not layout.ignored(path, directory=True):
                with contextlib.suppress(OSError, FolderError):
                    child = open_child(directory, entry.name, path=path)
                    try:
                        yield from _paths(child, f"{path}/", layout, depth=depth + 1)
                    finally:
                        os.close(child)
        elif entry.is_file(follow_symlinks=False) and not (
            path in _OWN or is_document_name(entry.name) or layout.ignored(path)
        ):
            yield path


class Landing:
    """See the port. `file` lies in .ghostsync/ until it is kept."""

    def __init__(self, root: int, directory: int, name: str, file: BinaryIO, now_ns: int) -> None:
        self._root = root
        self._directory = directory
        self._name = name
        self._now_ns = now_ns
        self.file = file

    def keep(self, wanted: str) -> MediaFile:
        refuse_private(wanted)
        self.file.flush()
        sync_file(self.file.fileno())
        os.fchmod(self.file.fileno(), 0o644)
        *parents, _ = split(wanted)
        with telling(wanted, "written"), open_directory(self._root, tuple(parents), create=True) as target:
            taken = {fold(name) for name in names_in(target)}
            for number in count(1):
                path = numbered(wanted, number)
                name = path.rpartition("/")[2]
                if fold(name) in taken:
                    continue
                with contextlib.suppress(FileExistsError):
                    rename_new(self._directory, self._name, name, target=target)
                    break
            sync_directory(target)
            return _look(target, name, path, None, self._now_ns)


@contextmanager
def landing(root: int, subject: str, *, now_ns: int) -> Iterator[Landing]:
    """Room for a file that is on its way; removed again unless it is kept."""
    with telling(subject, "stored"), open_directory(root, INCOMING, create=True, mode=0o700) as directory:
        name = temporary_name("")
        descriptor = os.open(
            name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=directory
        )
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield Landing(root, directory, name, file, now_ns)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=directory)


def remove_incoming(root: int) -> None:
    """What killed downloads left. Only for who holds the folder's lock."""
    with contextlib.suppress(OSError, FolderError), open_directory(root, INCOMING) as directory:
        for name in names_in(directory):
            if name.endswith(TEMP_SUFFIX):
                os.unlink(name, dir_fd=directory)
