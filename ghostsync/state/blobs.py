"""Content by hash: every base version, mirrored post and version in history, each stored once, compressed."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib

# On 4 KB of prose in JSON: 79 us at level 1, 105 us at level 6, for 53 and 51 percent of the size.
_LEVEL = 1


def put(connection: sqlite3.Connection, data: bytes) -> str:
    """Store the bytes, unless they are there already; returns their hex SHA-256."""
    sha = hashlib.sha256(data).hexdigest()
    if connection.execute("SELECT 1 FROM blobs WHERE sha = ?", (sha,)).fetchone() is None:
        connection.execute("INSERT INTO blobs (sha, data) VALUES (?, ?)", (sha, zlib.compress(data, _LEVEL)))
    return sha


def get(connection: sqlite3.Connection, sha: str) -> bytes | None:
    """The bytes; None when they are missing, or do not have this hash any more."""
    row = connection.execute("SELECT data FROM blobs WHERE sha = ?", (sha,)).fetchone()
    if row is None:
        return None
    try:
        data = zlib.decompress(row[0])
    except (zlib.error, TypeError):
        return None
    return data if hashlib.sha256(data).hexdigest() == sha else None


def drop(connection: sqlite3.Connection, sha: str) -> None:
    connection.execute("DELETE FROM blobs WHERE sha = ?", (sha,))


def drop_unreferenced(connection: sqlite3.Connection) -> None:
    """Drop what no document, mirrored post, version in history or write that git waits for names."""
    connection.execute(
        """DELETE FROM blobs WHERE sha NOT IN (
            SELECT base_sha FROM documents UNION SELECT base_post_sha FROM documents
            UNION SELECT post_sha FROM mirror UNION SELECT sha FROM history
            UNION SELECT before FROM written UNION SELECT after FROM written)"""
    )
