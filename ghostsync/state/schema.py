"""The tables of state.db and their history. The number of applied migrations is SQLite's user_version."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

APPLICATION_ID = 0x67737963
""""gsyc" in the file's header: tells our database from anybody else's."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        # sha: hex SHA-256 of the plain bytes; data: zlib.
        "CREATE TABLE blobs (sha TEXT NOT NULL UNIQUE, data BLOB NOT NULL)",
        """CREATE TABLE documents (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            path TEXT NOT NULL,
            disk_sha TEXT NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            disk_settled INTEGER NOT NULL,
            base_sha TEXT NOT NULL,
            base_post_sha TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            tombstone INTEGER NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE mirror (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            slug TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            settled INTEGER NOT NULL,
            post_sha TEXT NOT NULL
        ) WITHOUT ROWID""",
        # AUTOINCREMENT: a number once told to a person or written to a log never means something else.
        """CREATE TABLE journal (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            step TEXT NOT NULL,
            ghost_id TEXT NOT NULL,
            path TEXT NOT NULL,
            payload TEXT NOT NULL,
            at TEXT NOT NULL
        )""",
        """CREATE TABLE history (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            ghost_id TEXT NOT NULL,
            path TEXT NOT NULL,
            side TEXT NOT NULL,
            why TEXT NOT NULL,
            at TEXT NOT NULL,
            sha TEXT NOT NULL
        )""",
        "CREATE INDEX history_path ON history (path)",
        "CREATE INDEX history_ghost_id ON history (ghost_id)",
        # lifted: when a person lifted it, NULL while it holds.
        """CREATE TABLE halts (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL,
            reason TEXT NOT NULL,
            what TEXT NOT NULL,
            remedy TEXT NOT NULL,
            since TEXT NOT NULL,
            lifted TEXT
        )""",
    ),
    (
        # links: where the file's links to other files led at that agreement (JSON, see sync.links). url: the post's
        # address; empty in rows from before, whose blob tells it.
        "ALTER TABLE documents ADD COLUMN links TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE mirror ADD COLUMN url TEXT NOT NULL DEFAULT ''",
    ),
    (
        # number: the order in which they became known. facts: JSON.
        """CREATE TABLE media (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            url TEXT NOT NULL UNIQUE,
            sha TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            size INTEGER NOT NULL,
            facts TEXT NOT NULL
        )""",
        # The local files, as last hashed: for the next look, as the stat of a document is.
        """CREATE TABLE media_files (
            path TEXT PRIMARY KEY,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            settled INTEGER NOT NULL,
            sha TEXT NOT NULL,
            facts TEXT NOT NULL
        ) WITHOUT ROWID""",
    ),
    (
        # Writes to files that git has not been told of. before, after: hashes of the bytes, '' for no file. whole: both
        # are kept as blobs. since: the post's updated_at when both sides had last agreed.
        """CREATE TABLE written (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            path TEXT NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL,
            whole INTEGER NOT NULL,
            ghost_id TEXT NOT NULL,
            since TEXT NOT NULL
        )""",
    ),
    (
        # preview: 1 for a draft that shows a document, and is none.
        "ALTER TABLE mirror ADD COLUMN preview INTEGER NOT NULL DEFAULT 0",
    ),
    (
        # Fields as JSON. file, ghost: the two halves of the base; NULL before the first agreement.
        """CREATE TABLE tags (
            id TEXT PRIMARY KEY,
            seen TEXT NOT NULL,
            file TEXT,
            ghost TEXT
        ) WITHOUT ROWID""",
    ),
)


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring the database to the newest form, all in one transaction. The connection is in autocommit mode."""
    if version(connection) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Again, now that nobody else can write: another process may have just done it.
        for step in migrations[version(connection) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
