"""`.ghostsync/incoming/`: downloads on their way into the folder, kept half-way so that the next run can go on with them.

KEY.part holds the bytes, KEY.tag what proves to the server that they are still the right ones, and to us that the disk
still has them: no server tells a hash, so that a damaged beginning would not be noticed at the end. A run that is killed
notes no hash; its download begins anew. A finished file gets its name in one step, and never over another file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO

from ghostsync.errors import FolderError
from ghostsync.folder.durable import rename_new, sync_directory, sync_file
from ghostsync.folder.facts import facts_of
from ghostsync.folder.faults import shown, telling
from ghostsync.folder.files import NEW_PREFIX, changed, copy, open_new, temporary
from ghostsync.folder.media import check_path
from ghostsync.folder.paths import open_directory, open_parent
from ghostsync.folder.reading import stat_of
from ghostsync.sync.model import FileWrite, MediaFile

_PLACE = (".ghostsync", "incoming")
_PRIVATE_MODE = 0o700
_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_TAG_BYTES = 1000
_CHUNK = 64 * 1024


class Incoming:
    """One download. file: open for reading and writing. have, validator: what an earlier one left."""

    def __init__(self, root: int, place: int, key: str, file: BinaryIO, recording: Recording) -> None:
        self._root = root
        self._recording = recording
        self._place = place
        self._key = key
        self.file = file
        self._gone = False
        self.validator, self.have = self._left()

    def begun(self, validator: str) -> None:
        """Note what the bytes that come now belong to, before the first of them is written."""
        if validator == self.validator:
            return
        self.validator = validator
        self._tag("")

    def leave(self) -> None:
        """Note what is there, for the next run to go on with, unless it was kept or dropped."""
        if self._gone or not self.validator:
            return
        self.file.seek(0)
        self._tag(_digest(self.file))

    def _tag(self, sha: str) -> None:
        descriptor = os.open(f"{self._key}.tag", _OPEN | os.O_TRUNC, 0o600, dir_fd=self._place)
        with os.fdopen(descriptor, "wb") as tag:
            tag.write(f"{self.validator}\n{sha}".encode()[:_TAG_BYTES])

    def keep(self, path: str, *, sha: str) -> MediaFile:
        """Make the finished download the file `path`. sha: of its bytes, as the download told. TargetChanged when there is
        a file of this name by now; then the download is still here.
        """
        check_path(path)
        with telling(path, "written"):
            self.file.flush()
            descriptor = self.file.fileno()
            self.file.seek(0)
            if _digest(self.file) != sha:
                raise FolderError(
                    "does not hold what was downloaded",
                    subject=f".ghostsync/incoming/{self._key}.part",
                    remedy="Run again; if it lasts, look at the disk.",
                )
            facts = facts_of(path.rsplit("/", 1)[-1], self.file)
            sync_file(descriptor)
            with (
                self._recording([FileWrite(path, None, sha)]),
                open_parent(self._root, path, create=True) as (directory, name),
            ):
                try:
                    result = self._move(directory, name, descriptor)
                except FileExistsError:
                    raise changed(path, "a file of this name has come into being") from None
                sync_directory(directory)
            self._forget()
        # Not settled: whatever opens it may write within the same tick of the clock.
        return MediaFile(path, stat_of(result), sha, facts, settled=False)

    def _move(self, directory: int, name: str, descriptor: int) -> os.stat_result:
        try:
            rename_new(self._place, f"{self._key}.part", name, target=directory)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            return os.fstat(descriptor)
        # .ghostsync lies on another disk.
        with temporary(directory, NEW_PREFIX) as temp:
            target = open_new(directory, temp, 0o666)
            try:
                copy(descriptor, target)
                sync_file(target)
                result = os.fstat(target)
            finally:
                os.close(target)
            rename_new(directory, temp, name)
        return result

    def drop(self) -> None:
        """Remove it: the same bytes are in the folder already."""
        with telling(f".ghostsync/incoming/{self._key}.part", "removed"):
            self._forget()

    def _forget(self) -> None:
        self._gone = True
        for suffix in ("part", "tag"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{self._key}.{suffix}", dir_fd=self._place)

    def _left(self) -> tuple[str, int]:
        """What an earlier run left: the validator, and how many bytes, if they are those that it noted."""
        validator, _, sha = self._read_tag().partition("\n")
        if not (validator and sha) or not (validator.isprintable() and validator.isascii()):
            return "", 0
        return (validator, self.file.tell()) if _digest(self.file) == sha else ("", 0)

    def _read_tag(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(
                f"{self._key}.tag", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._place
            )
            with os.fdopen(descriptor, "rb") as tag:
                return tag.read(_TAG_BYTES).decode("ascii", "replace")
        return ""


Recording = Callable[[Sequence[FileWrite]], AbstractContextManager[object]]
"""As `Recorder.writing`."""


def _unrecorded(_: Sequence[FileWrite]) -> AbstractContextManager[object]:
    return contextlib.nullcontext()


@contextmanager
def incoming(root: int, url: str, recording: Recording = _unrecorded) -> Iterator[Incoming]:
    """The place for the bytes of an address; what is in it by the end, and was not kept or dropped, stays. recording: goes
    around the move of a finished file into the folder.
    """
    key = hashlib.sha256(url.encode()).hexdigest()[:32]
    with (
        telling(shown(url), "downloaded"),
        open_directory(root, _PLACE[:1], create=True, mode=_PRIVATE_MODE),
        open_directory(root, _PLACE, create=True, mode=_PRIVATE_MODE) as place,
    ):
        # Its mode is the one of any new file, once it is one; until then the directory hides it.
        descriptor = os.open(f"{key}.part", _OPEN, 0o666, dir_fd=place)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            landing = Incoming(root, place, key, file, recording)
            try:
                yield landing
            finally:
                with contextlib.suppress(OSError):  # a full disk: then it begins anew
                    landing.leave()


def prune_incoming(root: int, *, before: float) -> None:
    """Delete downloads that nobody went on with since this moment (seconds since the epoch)."""
    with (
        contextlib.suppress(FileNotFoundError),
        open_directory(root, _PLACE) as place,
        os.scandir(place) as listing,
    ):
        for entry in list(listing):
            with contextlib.suppress(FileNotFoundError):
                if entry.stat(follow_symlinks=False).st_mtime < before:
                    os.unlink(entry.name, dir_fd=place)


def _digest(file: BinaryIO) -> str:
    hasher = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        hasher.update(chunk)
    return hasher.hexdigest()
