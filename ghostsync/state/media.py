"""Where in Ghost a file's bytes are, and what the folder's files were when they were last looked at."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ghostsync.model import MediaKind
from ghostsync.sync.model import MediaFile, MediaRow, Stat


def rows(db: sqlite3.Connection) -> Sequence[MediaRow]:
    """The oldest first."""
    found = db.execute("SELECT sha, url, kind, name, size, facts FROM media ORDER BY number")
    return [
        MediaRow(sha, url, MediaKind(kind), name, size, json.loads(facts))
        for sha, url, kind, name, size, facts in found
    ]


def record(db: sqlite3.Connection, row: MediaRow) -> None:
    db.execute(
        "INSERT INTO media (sha, url, kind, name, size, facts) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (url) DO UPDATE SET sha = excluded.sha, size = excluded.size, facts = excluded.facts",
        (row.sha, row.url, row.kind.value, row.name, row.size, json.dumps(dict(row.facts))),
    )


def files(db: sqlite3.Connection) -> Mapping[str, MediaFile]:
    found = db.execute("SELECT path, size, mtime_ns, inode, sha, facts, settled FROM media_files")
    return {row[0]: _file(row) for row in found}


def record_files(db: sqlite3.Connection, seen: Iterable[MediaFile]) -> None:
    db.executemany(
        "INSERT OR REPLACE INTO media_files (path, size, mtime_ns, inode, sha, facts, settled) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (
                file.path,
                file.stat.size,
                file.stat.mtime_ns,
                signed(file.stat.inode),
                file.sha,
                json.dumps(dict(file.facts)),
                file.settled,
            )
            for file in seen
        ),
    )


def forget_files(db: sqlite3.Connection, paths: Iterable[str]) -> None:
    db.executemany("DELETE FROM media_files WHERE path = ?", ((path,) for path in paths))


def _file(row: tuple[Any, ...]) -> MediaFile:
    path, size, mtime_ns, inode, sha, facts, settled = row
    stat = Stat(size, mtime_ns, inode & ((1 << 64) - 1))
    return MediaFile(path, stat, sha, json.loads(facts), bool(settled))


def signed(number: int) -> int:
    """Inodes are unsigned 64-bit numbers (network file systems use all bits); SQLite's are signed."""
    return number - (1 << 64) if number >= 1 << 63 else number
