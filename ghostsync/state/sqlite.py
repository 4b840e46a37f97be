"""`SqliteState`: the port `State` on `.ghostsync/state.db`.

As long as that port has methods, a statement or two for each.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ghostsync.config import HistorySection
from ghostsync.content.preview import is_preview
from ghostsync.errors import StateError
from ghostsync.model import Kind, RemotePost
from ghostsync.state import blobs, history, media, tags, written
from ghostsync.state.database import explain, is_damage, mark_damaged, open_database
from ghostsync.state.held import Documents, Held, Mirror
from ghostsync.state.numbers import signed, unsigned
from ghostsync.sync.model import (
    FileWrite,
    Halt,
    Intent,
    KnownDocument,
    LocalFile,
    MediaFile,
    MediaRow,
    Mirrored,
    Stat,
    Version,
    Written,
)
from ghostsync.sync.site_files.model import KnownTag

_DOCUMENT = "id, kind, path, disk_sha, size, mtime_ns, inode, disk_settled, base_sha, base_post_sha, updated_at, tombstone, links"

_MIRRORED = "id, kind, slug, updated_at, settled, post_sha, preview"

_PRUNE_EVERY = 3600.0  # seconds


class SqliteState:
    """One connection, for one thread: the one that runs the event loop (SQLite refuses any other).

    A batch must not contain an `await`: what another task writes meanwhile would join it. Other processes may
    read and write at the same time. clock: seconds since the epoch. warnings: what a person should hear of the
    opening. repair: see `database.open_database`. Raises StateError.
    """

    def __init__(
        self, path: Path, history: HistorySection, clock: Callable[[], float], *, repair: bool = True
    ) -> None:
        self._path = path
        self._history = history
        self._clock = clock
        self._depth = 0
        self._pruned: float | None = None
        self._documents: Held[Documents] = Held()
        self._mirror: Held[Mirror] = Held()
        self._db, warnings = open_database(path, clock=clock, repair=repair)
        self.warnings: tuple[str, ...] = tuple(warnings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Idempotent."""
        with self._telling():
            self._db.close()

    # Transactions

    @contextmanager
    def batch(self) -> Iterator[None]:
        """One durable transaction; batches inside it are undone alone when they fail, kept or lost with it."""
        name = f"batch_{self._depth}"
        if self._depth:
            begin, keep, undo = f"SAVEPOINT {name}", f"RELEASE {name}", f"ROLLBACK TO {name}"
        else:
            begin, keep, undo = "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"
        with self._telling():
            self._db.execute(begin)
            self._depth += 1
            try:
                yield
                self._db.execute(keep)
            except BaseException:
                self._documents.writes += 1
                self._mirror.writes += 1
                # A full disk or an I/O error makes SQLite roll back by itself.
                if self._db.in_transaction:
                    self._db.execute(undo)
                raise
            finally:
                self._depth -= 1

    @contextmanager
    def relaxed(self) -> Iterator[None]:
        """Meanwhile no transaction waits for the disk: a power cut may take the last ones, a crash of the process none.
        The next one after this block makes all of them durable. (Without a write-ahead log a power cut could do worse, so
        that all wait there.)
        """
        if self._rows("PRAGMA journal_mode") == [("wal",)]:
            with self._telling():
                self._db.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            with self._telling():
                self._db.execute("PRAGMA synchronous = FULL")

    def _write(self) -> AbstractContextManager[None]:
        """A transaction of its own, or the batch that is open: a single statement needs no savepoint in it."""
        return self._telling() if self._depth else self.batch()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if is_damage(error):
                mark_damaged(self._path)
            raise explain(error, self._path) from error

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._telling():
            return self._db.execute(sql, values).fetchall()

    def _each(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """As `_rows`, one at a time: what is made of many needs no second copy of them meanwhile."""
        with self._telling():
            yield from self._db.execute(sql)

    def _written_by_others(self) -> int:
        """Changes when another process writes."""
        found: int = self._rows("PRAGMA data_version")[0][0]
        return found

    def _now(self, *, ago: float = 0.0) -> str:
        moment = dt.datetime.fromtimestamp(self._clock() - ago, dt.UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    # Meta and blobs

    def meta(self, key: str) -> str | None:
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    def set_meta(self, key: str, value: str | None) -> None:
        with self._write():
            if value is None:
                self._db.execute("DELETE FROM meta WHERE key = ?", (key,))
            else:
                self._db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    def blob(self, sha: str) -> bytes:
        with self._telling():
            data = blobs.get(self._db, sha)
        if data is None:
            # Damaged bytes must not keep the right ones out when they are stored again.
            with self._write():
                blobs.drop(self._db, sha)
            raise StateError(
                f"a stored version ({sha[:12]}) is missing or damaged",
                subject=str(self._path),
                remedy="Run `ghostsync sync`: the document is compared afresh, nothing is deleted for it.",
            )
        return data

    def put_blob(self, data: bytes) -> str:
        with self._write():
            return blobs.put(self._db, data)

    # Documents: the base

    def documents(self) -> Sequence[KnownDocument]:
        return self._documents.get(
            self._written_by_others(),
            lambda: Documents(
                map(_document, self._each(f"SELECT {_DOCUMENT} FROM documents ORDER BY id"))  # noqa: S608  # fixed words
            ),
        )

    def count_documents(self) -> int:
        return int(self._rows("SELECT count(*) FROM documents WHERE NOT tombstone")[0][0])

    def record(self, document: KnownDocument) -> None:
        stat = document.stat
        self._documents.writes += 1
        with self._write():
            self._db.execute(
                f"INSERT OR REPLACE INTO documents ({_DOCUMENT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  # fixed words
                (
                    document.id,
                    document.kind.value,
                    document.path,
                    document.disk_sha,
                    stat.size,
                    stat.mtime_ns,
                    signed(stat.inode),
                    document.disk_settled,
                    document.base_sha,
                    document.base_post_sha,
                    document.updated_at,
                    document.tombstone,
                    document.links,
                ),
            )

    def settle_files(self, files: Iterable[tuple[str, LocalFile]]) -> None:
        self._documents.writes += 1
        with self._write():
            self._db.executemany(
                "UPDATE documents SET disk_settled = 1, size = ?, mtime_ns = ?, inode = ? "
                "WHERE id = ? AND path = ? AND disk_sha = ?",
                (
                    (file.stat.size, file.stat.mtime_ns, signed(file.stat.inode), id, file.path, file.sha)
                    for id, file in files
                ),
            )

    def forget(self, id: str) -> None:
        self._documents.writes += 1
        with self._write():
            self._db.execute("DELETE FROM documents WHERE id = ?", (id,))

    # Mirror: what Ghost was last seen to hold

    def mirror(self) -> Mapping[str, Mirrored]:
        rows = f"SELECT {_MIRRORED} FROM mirror ORDER BY id"  # noqa: S608  # fixed words
        return self._mirror.get(
            self._written_by_others(), lambda: Mirror((row[0], _mirrored(row)) for row in self._each(rows))
        )

    def mirrored(self, id: str) -> Mirrored | None:
        rows = self._rows(f"SELECT {_MIRRORED} FROM mirror WHERE id = ?", (id,))  # noqa: S608  # fixed words
        return _mirrored(rows[0]) if rows else None

    def addresses(self) -> Mapping[str, str]:
        return dict(self._each("SELECT id, url FROM mirror"))

    def mirror_posts(self, posts: Iterable[tuple[RemotePost, bytes, bool]]) -> list[str]:
        shas: list[str] = []
        self._mirror.writes += 1
        with self.batch():
            for post, data, settled in posts:
                shas.append(sha := blobs.put(self._db, data))
                self._db.execute(
                    "INSERT OR REPLACE INTO mirror (id, kind, slug, updated_at, settled, post_sha, url, preview) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        post.id,
                        post.kind.value,
                        post.slug,
                        post.updated_at,
                        settled,
                        sha,
                        str(post.data.get("url") or ""),
                        is_preview(post.data),
                    ),
                )
        return shas

    def unmirror(self, ids: Iterable[str]) -> None:
        self._mirror.writes += 1
        with self._write():
            self._db.executemany("DELETE FROM mirror WHERE id = ?", ((id,) for id in ids))

    # Media: addresses in Ghost and local files, by content

    def media(self) -> Mapping[str, MediaRow]:
        with self._telling():
            # The first known address of a content is the one that stays.
            return {row.sha: row for row in media.rows(self._db)}

    def media_at(self, url: str) -> MediaRow | None:
        with self._telling():
            return media.at(self._db, url)

    def record_media(self, row: MediaRow) -> None:
        with self._write():
            media.record(self._db, row)

    def media_files(self) -> Mapping[str, MediaFile]:
        with self._telling():
            return media.files(self._db)

    def note_media_files(self, files: Iterable[MediaFile]) -> None:
        with self.batch():
            media.note_files(self._db, files)

    def forget_media_files(self, paths: Iterable[str]) -> None:
        with self.batch():
            media.forget_files(self._db, paths)

    # Tags

    def tags(self) -> Mapping[str, KnownTag]:
        with self._telling():
            return tags.rows(self._db)

    def record_tag(self, tag: KnownTag) -> None:
        with self._write():
            tags.record(self._db, tag)

    def forget_tag(self, id: str) -> None:
        with self._write():
            tags.forget(self._db, id)

    # Journal

    def intend(self, step: str, *, ghost_id: str, path: str, payload: str) -> int:
        with self._write():
            cursor = self._db.execute(
                "INSERT INTO journal (step, ghost_id, path, payload, at) VALUES (?, ?, ?, ?, ?)",
                (step, ghost_id, path, payload, self._now()),
            )
        return int(cursor.lastrowid or 0)

    def settle(self, intent: int) -> None:
        with self._write():
            self._db.execute("DELETE FROM journal WHERE id = ?", (intent,))

    def open_intents(self) -> Sequence[Intent]:
        """Oldest first."""
        with self._telling():
            rows = self._db.execute("SELECT id, step, ghost_id, path, payload, at FROM journal ORDER BY id")
            return [Intent(*row) for row in rows]

    # History

    def keep(self, *, ghost_id: str, path: str, side: str, why: str, data: bytes) -> None:
        with self.batch():
            history.keep(
                self._db, ghost_id=ghost_id, path=path, side=side, why=why, at=self._now(), data=data
            )

    def versions(self, *, path: str = "", ghost_id: str = "") -> Sequence[Version]:
        """Newest first; all when neither is given, those that match either when both are."""
        with self._telling():
            return history.versions(self._db, path=path, ghost_id=ghost_id)

    # Writes that git has not been told of

    def note_written(self, writes: Iterable[FileWrite]) -> list[int]:
        with self.batch():
            return [written.note(self._db, write) for write in writes]

    def written(self) -> Sequence[Written]:
        """Oldest first."""
        with self._telling():
            return written.rows(self._db)

    def forget_written(self, numbers: Iterable[int]) -> None:
        with self._write():
            self._db.executemany("DELETE FROM written WHERE number = ?", ((number,) for number in numbers))

    # Halts

    def halt(self) -> Halt | None:
        rows = self._rows(
            "SELECT id, reason, what, remedy, since FROM halts WHERE lifted IS NULL ORDER BY number DESC LIMIT 1"
        )
        return Halt(*rows[0]) if rows else None

    def set_halt(self, halt: Halt | None) -> None:
        """None lifts what holds; a lifted halt stays in the table as a record."""
        with self.batch():
            self._db.execute("UPDATE halts SET lifted = ? WHERE lifted IS NULL", (self._now(),))
            if halt is not None:
                self._db.execute(
                    "INSERT INTO halts (id, reason, what, remedy, since) VALUES (?, ?, ?, ?, ?)",
                    (halt.id, halt.reason, halt.what, halt.remedy, halt.since),
                )

    def prune(self) -> None:
        """Only for who holds the folder's lock, between cycles: a blob is free until a row names it.

        While an intent is open no blob is dropped: its payload may name one. It looks at all there is, so a daemon that is
        always busy does it once an hour and not after each cycle.
        """
        if self._pruned is not None and 0 <= self._clock() - self._pruned < _PRUNE_EVERY:
            return
        self._pruned = self._clock()
        with self._write():
            history.prune(
                self._db, older_than=self._now(ago=self._history.keep), max_bytes=self._history.max_bytes
            )
            if not self._rows("SELECT 1 FROM journal LIMIT 1"):
                blobs.drop_unreferenced(self._db)
        if not self._depth:
            # Gives the free pages back to the disk. As a script: this pragma frees one page a step.
            with self._telling():
                self._db.executescript("PRAGMA incremental_vacuum")


def _document(row: tuple[Any, ...]) -> KnownDocument:
    id, kind, path, disk_sha, size, mtime_ns, inode, settled, base_sha, post_sha, at, tombstone, links = row
    return KnownDocument(
        id=id,
        kind=Kind(kind),
        path=path,
        disk_sha=disk_sha,
        stat=Stat(size, mtime_ns, unsigned(inode)),
        disk_settled=bool(settled),
        # Mostly the file is as base has it: one string for both saves a megabyte on ten thousand rows.
        base_sha=disk_sha if base_sha == disk_sha else base_sha,
        base_post_sha=post_sha,
        updated_at=at,
        tombstone=bool(tombstone),
        links=links,
    )


def _mirrored(row: tuple[Any, ...]) -> Mirrored:
    id, kind, slug, updated_at, settled, post_sha, preview = row
    return Mirrored(id, Kind(kind), slug, updated_at, bool(settled), post_sha, bool(preview))
