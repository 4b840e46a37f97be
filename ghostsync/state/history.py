"""Versions that were about to be overwritten or deleted, kept for as long as `[history]` says."""

from __future__ import annotations

import sqlite3

from ghostsync.state import blobs
from ghostsync.sync.model import Version

_COLUMNS = "id, ghost_id, path, side, why, at, sha"


def keep(
    connection: sqlite3.Connection, *, ghost_id: str, path: str, side: str, why: str, at: str, data: bytes
) -> None:
    """Add a version, unless the newest one of this document and side is the same for the same reason.

    A cycle that fails and is tried again every minute would otherwise fill history with one version.
    """
    sha = blobs.put(connection, data)
    newest = connection.execute(
        "SELECT sha, why FROM history WHERE ghost_id = ? AND path = ? AND side = ? ORDER BY id DESC LIMIT 1",
        (ghost_id, path, side),
    ).fetchone()
    if newest != (sha, why):
        connection.execute(
            "INSERT INTO history (ghost_id, path, side, why, at, sha) VALUES (?, ?, ?, ?, ?, ?)",
            (ghost_id, path, side, why, at, sha),
        )


def versions(connection: sqlite3.Connection, *, path: str, ghost_id: str) -> list[Version]:
    """Newest first; of everything when both are empty. Given both, a version that matches either counts."""
    where = [f"{name} = ?" for name, value in (("path", path), ("ghost_id", ghost_id)) if value]
    clause = f" WHERE {' OR '.join(where)}" if where else ""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM history{clause} ORDER BY id DESC",  # noqa: S608  # fixed words only
        [value for value in (path, ghost_id) if value],
    )
    return [Version(*row) for row in rows]


def prune(connection: sqlite3.Connection, *, older_than: str, max_bytes: int) -> None:
    """Drop versions from before `older_than` (UTC, ISO), then the oldest beyond `max_bytes` as stored."""
    connection.execute("DELETE FROM history WHERE at < ?", (older_than,))
    (pages,), (size,) = (
        connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
    )
    if pages * size <= max_bytes:
        return  # the whole database is smaller than that
    # A blob counts once, at its newest mention; what lies beyond the bound goes with all its mentions.
    connection.execute(
        """WITH newest AS (
               SELECT h.sha, max(h.id) AS id, length(b.data) AS size
               FROM history h JOIN blobs b ON b.sha = h.sha GROUP BY h.sha),
           running AS (SELECT sha, sum(size) OVER (ORDER BY id DESC) AS total FROM newest)
           DELETE FROM history WHERE sha IN (SELECT sha FROM running WHERE total > ?)""",
        (max_bytes,),
    )
