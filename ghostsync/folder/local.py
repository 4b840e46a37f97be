"""`LocalFolder`: the port `Folder` on a real directory. The one door to the user's files."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from ghostsync.config import FolderSection
from ghostsync.errors import FolderError, UnsafePath
from ghostsync.folder.bulk import create_many
from ghostsync.folder.durable import sync_directory
from ghostsync.folder.faults import shown, telling
from ghostsync.folder.files import create, replace
from ghostsync.folder.free import FreeNames
from ghostsync.folder.incoming import Incoming, incoming, prune_incoming
from ghostsync.folder.layout import COMPANION_SUFFIX, Layout
from ghostsync.folder.listing import media_paths, media_stat
from ghostsync.folder.media import Looks, check_path, identities, look_at_all, open_proven
from ghostsync.folder.names import name_for
from ghostsync.folder.paths import open_parent, open_root
from ghostsync.folder.reading import MAX_BYTES, digest_or_absent, read_bytes, stat_of
from ghostsync.folder.scan import scan_folder
from ghostsync.folder.trash import PRIVATE, prune, remove_leftovers, trash
from ghostsync.model import Kind
from ghostsync.sync.model import ABSENT, FileWrite, LocalFile, MediaFile, Scan, Stat
from ghostsync.sync.ports import Recorder


class LocalFolder:
    """A folder of documents. Paths are relative to it, "/" between parts. Raises `FolderError`s only.

    No method follows a symbolic link below the folder, not even one that stays inside: two names for one
    document would be two documents. Nothing is remembered between calls, so that a scan may run in a thread of
    its own. clock: seconds since the epoch. private: files that are never published, wherever they lie. site_files: paths
    of `[site_files]`, which are written although they are no documents.
    """

    def __init__(
        self,
        root: Path,
        config: FolderSection,
        *,
        clock: Callable[[], float] = time.time,
        private: Iterable[Path] = (),
        site_files: Iterable[str] = (),
    ) -> None:
        self.root = root
        self._private = tuple(private)
        self._site_files = tuple(site_files)
        self.recorder: Recorder | None = None
        """Told of each write to the user's own files, where a git repository is to hear of them."""
        self.layout = Layout(config)
        self._clock = clock

    def scan(self, known: Mapping[str, tuple[Stat, str, bool]]) -> Scan:
        # Read before the first file is looked at: what is written during the scan counts as young.
        now_ns = int(self._clock() * 1e9)
        with telling(".", "listed"), open_root(self.root) as root:
            return scan_folder(root, self.layout, known, now_ns=now_ns)

    def read(self, path: str) -> bytes:
        with (
            open_root(self.root) as root,
            telling(path, "read"),
            open_parent(root, path) as (directory, name),
        ):
            return read_bytes(directory, name, path)

    def digest(self, path: str) -> str:
        try:
            with (
                _except_missing(path, "read"),
                open_root(self.root) as root,
                open_parent(root, path) as (directory, name),
            ):
                return digest_or_absent(directory, name, path, None)
        except FileNotFoundError:  # nor a directory that it could lie in
            return ABSENT

    def write(self, path: str, data: bytes, *, expected_sha: str) -> LocalFile:
        self._check_target(path, data)
        return self._written(path, data, self._put(path, data, expected_sha))

    def write_site_file(self, path: str, data: bytes, *, expected_sha: str) -> str:
        if path not in self._site_files:
            raise UnsafePath(
                "is no file of [site_files]", subject=shown(path), remedy="This is a fault of ghostsync."
            )
        self._put(path, data, expected_sha)
        return hashlib.sha256(data).hexdigest()

    def _put(self, path: str, data: bytes, expected_sha: str) -> os.stat_result:
        with (
            self._recorded(path, expected_sha, data),
            telling(path, "written"),
            open_root(self.root) as root,
            open_parent(root, path, create=expected_sha == ABSENT) as (directory, name),
        ):
            if expected_sha == ABSENT:
                return create(directory, name, path, data)
            return replace(directory, name, path, data, expected_sha=expected_sha)

    async def write_many(self, files: Iterable[tuple[str, bytes]]) -> list[LocalFile]:
        """Create files that must not exist, a chunk at a time, each chunk durable before the next begins.

        Left out of the result are files that exist by now and files that cannot be created; `write` tells why.
        A fault of the disk ends the work: what is durable by then is returned, or the fault raised if nothing is.
        """
        done: list[LocalFile] = []
        acceptable = list(self._acceptable(files))
        with (
            self._recording([FileWrite(path, None, data) for path, data in acceptable]) as really,
            telling("the new files", "written"),
            open_root(self.root) as root,
        ):
            async with contextlib.aclosing(create_many(root, acceptable)) as chunks:
                try:
                    async for chunk in chunks:
                        done += [self._written(path, data, result) for path, data, result in chunk]
                except FolderError:
                    if not done:
                        raise
            really([file.path for file in done])
        return done

    def write_beside(self, path: str, data: bytes) -> None:
        _check_companion(path)
        digest = hashlib.sha256(data).hexdigest()
        with (
            telling(path, "written"),
            open_root(self.root) as root,
            open_parent(root, path) as (directory, name),
        ):
            present = digest_or_absent(directory, name, path)
            if present == ABSENT:
                create(directory, name, path, data)
            elif present != digest:
                replace(directory, name, path, data, expected_sha=present)

    def remove_beside(self, path: str) -> None:
        _check_companion(path)
        with (
            contextlib.suppress(FileNotFoundError),
            _except_missing(path, "removed"),
            open_root(self.root) as root,
            open_parent(root, path) as (directory, name),
        ):
            os.unlink(name, dir_fd=directory)
            sync_directory(directory)

    def trash(self, path: str, *, expected_sha: str) -> str:
        with (
            self._recorded(path, expected_sha, None),
            telling(path, "moved to the trash"),
            open_root(self.root) as root,
        ):
            return trash(root, path, expected_sha=expected_sha, now=self._clock())

    # Pictures, films and other files

    def look(
        self, paths: Iterable[str], known: Mapping[str, MediaFile]
    ) -> Mapping[str, MediaFile | FolderError]:
        now_ns = int(self._clock() * 1e9)
        with open_root(self.root) as root:
            looks = Looks(root, private=identities(self._private), now_ns=now_ns)
            return look_at_all(looks, paths, known)

    def media_stat(self, path: str) -> Stat | None:
        return media_stat(self.root, path)

    def media_paths(self) -> list[str]:
        with open_root(self.root) as root:
            return [path for path in media_paths(root, self.layout) if path not in self._site_files]

    @contextmanager
    def open_media(self, file: MediaFile) -> Iterator[BinaryIO]:
        with telling(file.path, "read"), open_root(self.root) as root:
            check_path(file.path)
            with (
                open_parent(root, file.path) as (directory, _),
                open_proven(directory, file, identities(self._private)) as proven,
            ):
                yield proven

    @contextmanager
    def incoming(self, url: str) -> Iterator[Incoming]:
        with open_root(self.root) as root, incoming(root, url, self._recording) as landing:
            yield landing

    def prune_incoming(self, keep: float) -> None:
        with telling(".ghostsync/incoming", "cleared up"), open_root(self.root) as root:
            prune_incoming(root, before=self._clock() - keep)

    def trash_media(self, path: str, *, expected_sha: str) -> str:
        check_path(path)
        with (
            self._recording([FileWrite(path, expected_sha, None)]),
            telling(path, "moved to the trash"),
            open_root(self.root) as root,
        ):
            return trash(root, path, expected_sha=expected_sha, now=self._clock(), limit=None)

    def free_media_names(self, taken: Iterable[str] = ()) -> FreeNames:
        return FreeNames(self.root, None, taken)

    def prune_trash(self, keep: float) -> None:
        with telling(".ghostsync/trash", "cleared up"), open_root(self.root) as root:
            prune(root, before=self._clock() - keep)

    def free_path(self, wanted: str, taken: Iterable[str]) -> str:
        return self.free_names(taken).claim(wanted)

    def free_names(self, taken: Iterable[str] = ()) -> FreeNames:
        """For many new files: its `claim` gives what `free_path` would, without looking at everything each time."""
        return FreeNames(self.root, self.layout, taken)

    def name_for(self, kind: Kind, *, slug: str, title: str, date: str) -> str:
        """The path that the configured pattern gives a new document; see `names.name_for`.

        date: ISO, "2026-01-31" and whatever follows; where it is none, today stands in.
        """
        try:
            day = dt.date.fromisoformat(date[:10])
        except ValueError:
            day = dt.datetime.fromtimestamp(self._clock(), dt.UTC).date()
        return name_for(self.layout.patterns[kind], slug=slug, title=title, kind=kind, date=day)

    def kind_of(self, path: str) -> Kind | None:
        """What a document at this path is; None where no document may lie."""
        return self.layout.kind_of(path) if self.layout.is_document(path) else None

    def remove_leftovers(self) -> int:
        """Clear what killed writes left; returns how many files. Call it once, while holding the folder's lock."""
        with open_root(self.root) as root:
            return remove_leftovers(root, self.layout, now=self._clock(), beside=self._site_files)

    def _recorded(self, path: str, expected_sha: str, after: bytes | None) -> AbstractContextManager[object]:
        """Around the write of a document that is expected to be there as it was looked at."""
        if self.recorder is None:
            return contextlib.nullcontext()
        return self._recording([FileWrite(path, self.read(path) if expected_sha != ABSENT else None, after)])

    def _recording(
        self, writes: Sequence[FileWrite]
    ) -> AbstractContextManager[Callable[[Collection[str]], None]]:
        if self.recorder is None or not writes:
            return contextlib.nullcontext(lambda _: None)
        return self.recorder.writing(writes)

    def _acceptable(self, files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
        for path, data in files:
            with contextlib.suppress(FolderError):
                self._check_target(path, data)
                yield path, data

    def _check_target(self, path: str, data: bytes) -> None:
        """Only documents are written, and only such as the next scan will read."""
        if not self.layout.is_document(path):
            inside = path.split("/", 1)[0] not in {"", "..", PRIVATE}
            raise UnsafePath(
                "is no place for a document",
                subject=shown(path),
                remedy="Check [folder] posts, pages and ignore."
                if inside
                else "The path must lie inside the folder.",
            )
        if len(data) > MAX_BYTES:
            raise FolderError(
                f"would have {len(data) / 1e6:.0f} MB, more than a document may have",
                subject=shown(path),
                remedy="Shorten the post in Ghost.",
            )

    def _written(self, path: str, data: bytes, result: os.stat_result) -> LocalFile:
        kind = self.layout.kind_of(path) or Kind.POST
        # Not settled: an editor may still write within the same tick of the clock (I10).
        return LocalFile(path, kind, stat_of(result), hashlib.sha256(data).hexdigest(), settled=False)


@contextmanager
def _except_missing(path: str, done: str) -> Iterator[None]:
    """As `telling`, but a missing file stays a FileNotFoundError for the caller to pass over."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        with telling(path, done):
            raise error from None


def _check_companion(path: str) -> None:
    if not path.lower().endswith(COMPANION_SUFFIX) or path.split("/", 1)[0] == PRIVATE:
        raise UnsafePath(
            f"is no companion file ({COMPANION_SUFFIX})",
            subject=shown(path),
            remedy="This is a fault of ghostsync.",
        )
