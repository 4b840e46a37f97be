"""Which content lies under which address, and which local files were last seen to hold what."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from ghostsync.model import MediaKind
from ghostsync.state.numbers import signed, unsigned
from ghostsync.sync.model import MediaFacts, MediaFile, MediaRow, Stat

_ROW = "sha, url, kind, name, size, facts"
_FILE = "path, size, mtime_ns, inode, settled, sha, facts"


def rows(connection: sqlite3.Connection) -> list[MediaRow]:
    """All of them, the newest first."""
    return [_row(row) for row in connection.execute(f"SELECT {_ROW} FROM media ORDER BY number DESC")]  # noqa: S608  # fixed words


def at(connection: sqlite3.Connection, url: str) -> MediaRow | None:
    found = connection.execute(f"SELECT {_ROW} FROM media WHERE url = ?", (url,)).fetchone()  # noqa: S608  # fixed words
    return _row(found) if found else None


def record(connection: sqlite3.Connection, row: MediaRow) -> None:
    """Insert, or replace what was known of this address; its place in the order stays."""
    connection.execute(
        f"INSERT INTO media ({_ROW}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET "  # noqa: S608  # fixed words
        "sha = excluded.sha, kind = excluded.kind, name = excluded.name, size = excluded.size, facts = excluded.facts",
        (row.sha, row.url, row.kind.value, row.name, row.size, _packed(row.facts)),
    )


def files(connection: sqlite3.Connection) -> dict[str, MediaFile]:
    return {row[0]: _file(row) for row in connection.execute(f"SELECT {_FILE} FROM media_files")}  # noqa: S608  # fixed words


def note_files(connection: sqlite3.Connection, found: Iterable[MediaFile]) -> None:
    connection.executemany(
        f"INSERT OR REPLACE INTO media_files ({_FILE}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  # fixed words
        (
            (
                file.path,
                file.stat.size,
                file.stat.mtime_ns,
                signed(file.stat.inode),
                file.settled,
                file.sha,
                _packed(file.facts),
            )
            for file in found
        ),
    )


def forget_files(connection: sqlite3.Connection, paths: Iterable[str]) -> None:
    connection.executemany("DELETE FROM media_files WHERE path = ?", ((path,) for path in paths))


def _packed(facts: MediaFacts) -> str:
    """Without what is unknown. A newer ghostsync may know more; see `_unpacked`."""
    return json.dumps({name: value for name, value in asdict(facts).items() if value not in {None, ""}})


def _unpacked(text: str) -> MediaFacts:
    facts = json.loads(text)
    known = MediaFacts.__dataclass_fields__.keys()
    return MediaFacts(**{name: value for name, value in facts.items() if name in known})


def _row(row: tuple[Any, ...]) -> MediaRow:
    sha, url, kind, name, size, facts = row
    return MediaRow(sha, url, MediaKind(kind), name, size, _unpacked(facts))


def _file(row: tuple[Any, ...]) -> MediaFile:
    path, size, mtime_ns, inode, settled, sha, facts = row
    return MediaFile(path, Stat(size, mtime_ns, unsigned(inode)), sha, _unpacked(facts), bool(settled))
