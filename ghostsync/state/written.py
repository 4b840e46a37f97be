"""Writes to the folder that git has not been told of: noted before each write, dropped once it is committed."""

from __future__ import annotations

import sqlite3

from ghostsync.state import blobs
from ghostsync.sync.model import ABSENT, FileWrite, Written

_COLUMNS = "number, path, before, after, whole, ghost_id, since"


def note(connection: sqlite3.Connection, write: FileWrite) -> int:
    """Returns the number of the row. The post's last agreed date is looked up here, before the write moves it."""
    before, after = (_stored(connection, content) for content in (write.before, write.after))
    whole = not (isinstance(write.before, str) or isinstance(write.after, str))
    row = connection.execute(
        "SELECT id, updated_at FROM documents WHERE NOT tombstone AND (id = ? OR path = ?)",
        (write.ghost_id, write.path),
    ).fetchone()
    id, since = row or ("", "")
    cursor = connection.execute(
        "INSERT INTO written (path, before, after, whole, ghost_id, since) VALUES (?, ?, ?, ?, ?, ?)",
        (write.path, before, after, whole, write.ghost_id or id, since),
    )
    return int(cursor.lastrowid or 0)


def rows(connection: sqlite3.Connection) -> list[Written]:
    """Oldest first."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM written ORDER BY number")  # noqa: S608  # fixed words
    return [
        Written(number, path, before, after, bool(whole), ghost_id, since)
        for number, path, before, after, whole, ghost_id, since in found
    ]


def _stored(connection: sqlite3.Connection, content: bytes | str | None) -> str:
    """The hash of the content, which is kept if it is given itself."""
    if content is None:
        return ABSENT
    return content if isinstance(content, str) else blobs.put(connection, content)
