"""Tags: what Ghost was last seen to hold, and the base of tags.yaml."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from ghostsync.content.site_files.tag_fields import TagValues
from ghostsync.sync.site_files.model import KnownTag


def rows(connection: sqlite3.Connection) -> dict[str, KnownTag]:
    return {row[0]: _tag(row) for row in connection.execute("SELECT id, seen, file, ghost FROM tags")}


def record(connection: sqlite3.Connection, tag: KnownTag) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO tags (id, seen, file, ghost) VALUES (?, ?, ?, ?)",
        (tag.id, _packed(tag.seen), _packed(tag.file), _packed(tag.ghost)),
    )


def forget(connection: sqlite3.Connection, id: str) -> None:
    connection.execute("DELETE FROM tags WHERE id = ?", (id,))


def _packed(values: TagValues | None) -> str | None:
    return None if values is None else json.dumps(dict(values), ensure_ascii=False)


def _tag(row: tuple[Any, ...]) -> KnownTag:
    id, seen, file, ghost = row
    return KnownTag(
        id,
        json.loads(seen),
        None if file is None else json.loads(file),
        None if ghost is None else json.loads(ghost),
    )
