"""What a cycle needs of the world, as Protocols. `ghost`, `folder` and `state` implement them.

Async methods do network I/O; the others may block for the time of a local disk access. As long as a cycle needs methods.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from ghostsync.errors import FolderError
from ghostsync.model import (
    Author,
    Downloaded,
    EmailRequest,
    Kind,
    Mailing,
    MediaKind,
    Newsletter,
    RemoteFile,
    RemotePost,
    SiteInfo,
    Tier,
)
from ghostsync.sync.model import (
    FileWrite,
    Halt,
    Intent,
    KnownDocument,
    LocalFile,
    MediaFile,
    MediaRow,
    Mirrored,
    Page,
    Probe,
    Scan,
    Stat,
    Version,
    Written,
)
from ghostsync.sync.site_files.model import Tags


class Site(Protocol):
    """One Ghost publication through its Admin API. Every method may raise a `GhostError`."""

    async def info(self, *, known_timezone: str = "") -> SiteInfo:
        """`GET site/`. Finds the API path by itself. known_timezone: taken where site/ tells no zone (before
        Ghost 6), instead of asking settings/ once more.
        """
        ...

    async def probe(self, kind: Kind) -> Probe:
        """One small request: newest `updated_at` and the total."""

    def changed(self, kind: Kind, since: str | None) -> AsyncIterator[Page]:
        """Pages of up to 100 whole documents with updated_at >= since (Ghost's string), oldest first;
        all of them when since is None. Raises rather than end early.
        """

    def ids(self, kind: Kind) -> AsyncIterator[Mapping[str, str]]:
        """Pages of id -> updated_at, over all documents of the kind. Raises rather than end early."""

    async def get(self, kind: Kind, id: str) -> RemotePost | None:
        """The whole document; None when (and only when) Ghost says 404 for it."""

    async def find(self, kind: Kind, slug: str) -> RemotePost | None:
        """The whole document with exactly this slug, or None."""

    async def create(self, kind: Kind, payload: Mapping[str, Any], *, source_html: bool) -> RemotePost:
        """POST. Never repeated by itself once it may have been sent (`GhostError.sent`)."""

    async def update(
        self,
        kind: Kind,
        id: str,
        payload: Mapping[str, Any],
        *,
        updated_at: str,
        source_html: bool = False,
        save_revision: bool = False,
        email: EmailRequest | None = None,
    ) -> RemotePost:
        """PUT under the lock of updated_at. Raises UpdateCollision, NotFound. email: for a post that this makes public
        or schedules, have Ghost send it; nothing else ever makes Ghost send e-mail.
        """

    async def mailing(self, id: str) -> Mailing | None:
        """What Ghost knows of a post's publication and e-mail (Ghost 5 and later); None when it says 404."""

    async def delete(self, kind: Kind, id: str) -> None:
        """DELETE. NotFound when it was gone already."""

    async def card(self, url: str) -> Mapping[str, Any]:
        """What Ghost's editor would make a card of for this address (`oembed/`). Ghost fetches the page for it; asked once."""

    async def authors(self) -> Sequence[Author]: ...

    async def tiers(self) -> Sequence[Tier]:
        """Empty where the Ghost has none (before 4)."""

    async def newsletters(self) -> Sequence[Newsletter]:
        """All of them, archived ones too. Empty where the Ghost has none (before 5)."""

    def requests(self) -> Mapping[str, int]:
        """How many HTTP requests were sent so far, by method."""


Got = Callable[[int, int | None], None]
"""Told how many bytes of a file have come, and how many there are: None where nobody said."""


class Media(Protocol):
    """The files of the same publication. Every method may raise a `GhostError`."""

    async def upload(
        self,
        kind: MediaKind,
        name: str,
        mime: str,
        file: BinaryIO,
        size: int,
        *,
        ref: str,
        sent: Callable[[int], None] | None = None,
    ) -> str:
        """The address of the file, sent once. Never repeated by itself once all of it may have arrived
        (`GhostError.sent`); then `find` tells. ref: the local path. sent: told of the bytes so far.
        """
        ...

    async def head(self, url: str) -> RemoteFile | None:
        """What is there, without its bytes; None when (and only when) the site says that nothing is."""

    async def original(self, url: str) -> str:
        """The address of the file as it was once sent, where the site shows another form of it."""
        ...

    async def download(
        self,
        url: str,
        into: BinaryIO,
        *,
        have: int = 0,
        validator: str = "",
        begun: Callable[[str], None] | None = None,
        limit: int | None = None,
        got: Got | None = None,
    ) -> Downloaded:
        """The bytes, from the site's own host only, into an open file that may hold the first `have` of them already.
        begun: told the validator before the first byte is written. got: told of each piece. Raises NotFound.
        """
        ...

    async def find(
        self,
        kind: MediaKind,
        name: str,
        *,
        size: int,
        sha256: str,
        since: dt.date,
        until: dt.date,
        drawing: bytes = b"",
        got: Got | None = None,
    ) -> str | None:
        """The address of these bytes, if an upload of them between two days (UTC) arrived although no answer came.
        drawing: all of them, of an SVG, which the site may have written anew.
        """

    async def holds(self, url: str, size: int, sha256: str, *, got: Got | None = None) -> bool:
        """Whether exactly these bytes are there."""
        ...


class Names(Protocol):
    """Paths that are still free, also under case folding and Unicode normalisation."""

    def claim(self, wanted: str) -> str:
        """wanted, or wanted with -2, -3 ... before the suffix; never the same one twice."""
        ...


class Incoming(Protocol):
    """A download on its way. Left without `keep` or `drop`, it stays for the next run."""

    @property
    def file(self) -> BinaryIO: ...

    @property
    def have(self) -> int:
        """How many bytes are there already, and are worth asking the server about."""
        ...

    @property
    def validator(self) -> str: ...

    def begun(self, validator: str) -> None:
        """Note what the bytes that come now belong to."""

    def keep(self, path: str, *, sha: str) -> MediaFile:
        """Make it the file `path`, atomically and durably. TargetChanged when there is one already."""
        ...

    def drop(self) -> None: ...


class Folder(Protocol):
    """The local side. Paths are relative, with "/". Raises `FolderError`s."""

    def scan(self, known: Mapping[str, tuple[Stat, str, bool]]) -> Scan:
        """All documents. known: path -> (stat, sha, settled) of the last scan; only what moved is hashed."""

    def read(self, path: str) -> bytes:
        """The bytes, read without following a link out of the folder."""

    def digest(self, path: str) -> str:
        """The hash of a file of any kind and size; ABSENT where there is none."""
        ...

    def write(self, path: str, data: bytes, *, expected_sha: str) -> LocalFile:
        """Atomically: temp, fsync, re-check, rename, fsync the directory. expected_sha: what must be there
        now (ABSENT: nothing). TargetChanged when it is not, and nothing was changed.
        """

    async def write_many(self, files: Iterable[tuple[str, bytes]]) -> list[LocalFile]:
        """Create files that must not exist, with one round of fsyncs for all of them. Files that came to
        exist meanwhile are left out of the result.
        """
        ...

    def write_beside(self, path: str, data: bytes) -> None:
        """Write or replace a ghostsync-owned companion (NAME.conflict.md), atomically; no-op if equal."""

    def remove_beside(self, path: str) -> None:
        """Remove a companion if it is there."""

    def trash(self, path: str, *, expected_sha: str) -> str:
        """Move into .ghostsync/trash/; returns the new relative path."""

    def look(
        self, paths: Iterable[str], known: Mapping[str, MediaFile]
    ) -> Mapping[str, MediaFile | FolderError]:
        """Files that documents refer to, or why one cannot be used. known: as last seen; only what moved is hashed."""
        ...

    def media_stat(self, path: str) -> Stat | None:
        """None where there is no such file."""

    def media_paths(self) -> Sequence[str]:
        """All files that are no documents, but for hidden ones and what is ignored."""
        ...

    def open_media(self, file: MediaFile) -> AbstractContextManager[BinaryIO]:
        """The file, to be read from beginning to end. TargetChanged, here or before the last bytes come, when it is not
        what was looked at.
        """
        ...

    def incoming(self, url: str) -> AbstractContextManager[Incoming]:
        """The place for a download of this address, with what an earlier one left in it."""
        ...

    def prune_incoming(self, keep: float) -> None:
        """Delete downloads that nobody went on with for so many seconds."""

    def trash_media(self, path: str, *, expected_sha: str) -> str:
        """As `trash`, for a file of any kind and size."""
        ...

    def free_media_names(self) -> Names:
        """As `free_names`, for files that are no documents."""
        ...

    def write_site_file(self, path: str, data: bytes, *, expected_sha: str) -> str:
        """As `write`, for a path of `[site_files]`; returns the hash of what is there now."""
        ...

    def prune_trash(self, keep: float) -> None:
        """Delete what lies in the trash for longer than so many seconds."""

    def name_for(self, kind: Kind, *, slug: str, title: str, date: str) -> str:
        """The path of a new file by the configured pattern, made safe. date: "2026-01-31..." or "" for none."""

    def kind_of(self, path: str) -> Kind | None:
        """What a document at this path is; None where the folder keeps none."""
        ...

    def free_names(self) -> Names:
        """Hands out paths for new files of this moment."""
        ...


class State(Tags, Protocol):
    """.ghostsync/state.db. Each method is one durable transaction unless inside `batch()`."""

    def batch(self) -> AbstractContextManager[None]:
        """Group several calls into one transaction."""

    def relaxed(self) -> AbstractContextManager[None]:
        """Transactions meanwhile may be lost in a power cut, the last ones first; those after it make them durable."""

    def meta(self, key: str) -> str | None: ...

    def set_meta(self, key: str, value: str | None) -> None: ...

    def documents(self) -> Sequence[KnownDocument]: ...

    def count_documents(self) -> int:
        """How many of them have not left the folder."""
        ...

    def mirror(self) -> Mapping[str, Mirrored]: ...

    def mirrored(self, id: str) -> Mirrored | None:
        """One of them."""

    def addresses(self) -> Mapping[str, str]:
        """The `url` that Ghost gave with each post, by id; "" where it was not noted yet."""
        ...

    def media(self) -> Mapping[str, MediaRow]:
        """By content (sha); of several addresses of one content the one that was known first."""
        ...

    def media_at(self, url: str) -> MediaRow | None:
        """What belongs under this very address."""

    def record_media(self, row: MediaRow) -> None:
        """Insert or replace the row of row.url."""

    def media_files(self) -> Mapping[str, MediaFile]:
        """Local files as they were last hashed, by path."""
        ...

    def note_media_files(self, files: Iterable[MediaFile]) -> None:
        """Insert or replace the rows of these paths."""

    def forget_media_files(self, paths: Iterable[str]) -> None: ...

    def blob(self, sha: str) -> bytes:
        """Content by hash. Raises StateError when it is missing or damaged."""

    def put_blob(self, data: bytes) -> str: ...

    def mirror_posts(self, posts: Iterable[tuple[RemotePost, bytes, bool]]) -> Sequence[str]:
        """Remember what Ghost holds: (post, its canonical JSON, settled). Returns the hashes of that JSON, in order."""
        ...

    def unmirror(self, ids: Iterable[str]) -> None: ...

    def record(self, document: KnownDocument) -> None:
        """Insert or replace the row of document.id (its blobs are there already)."""

    def settle_files(self, files: Iterable[tuple[str, LocalFile]]) -> None:
        """By id: files that were read again and hold what their rows say. From now on an equal stat proves it. A row that
        says something else by now is left alone.
        """

    def forget(self, id: str) -> None: ...

    def intend(self, step: str, *, ghost_id: str, path: str, payload: str) -> int:
        """Write an intent before the act; returns its number for `settle`."""

    def settle(self, intent: int) -> None: ...

    def open_intents(self) -> Sequence[Intent]: ...

    def keep(self, *, ghost_id: str, path: str, side: str, why: str, data: bytes) -> None:
        """Put what is about to be overwritten or deleted into history."""

    def versions(self, *, path: str = "", ghost_id: str = "") -> Sequence[Version]: ...

    def note_written(self, writes: Iterable[FileWrite]) -> Sequence[int]:
        """Note writes that are about to be made; returns their numbers."""
        ...

    def written(self) -> Sequence[Written]:
        """What was noted and not forgotten yet, oldest first."""
        ...

    def forget_written(self, numbers: Iterable[int]) -> None: ...

    def halt(self) -> Halt | None: ...

    def set_halt(self, halt: Halt | None) -> None: ...

    def prune(self) -> None:
        """Drop blobs nothing refers to and history beyond its bounds."""


class Recorder(Protocol):
    """Told of each write to the folder's own files before it is made."""

    def writing(
        self, writes: Sequence[FileWrite]
    ) -> AbstractContextManager[Callable[[Collection[str]], None]]:
        """Around the writes. What is yielded may be told of the paths that were really written; else all were, unless
        a FolderError comes: then none was.
        """
        ...


class Progress(Protocol):
    """A person watching, or a service manager. `total` may grow; None while unknown."""

    def phase(self, name: str, total: int | None) -> None: ...

    def advance(self, count: int = 1) -> None: ...

    def transfer(self, name: str, done: int, total: int | None) -> None:
        """The bytes of one file that is under way, beside the phase. They may fall back when it begins again."""

    def transferred(self, name: str) -> None:
        """It is over, well or not."""
