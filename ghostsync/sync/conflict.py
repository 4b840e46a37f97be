"""The text of NAME.conflict.md: both versions beside the file, for a person to read. Pure.

It has no ghost_id and says draft: true, and the folder never takes it for a document, so that it can do no
harm wherever it is copied.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from ghostsync.content.types import Document, FieldValue, PostView
from ghostsync.sync.merge import Base, Reconciled


def companion_path(path: str) -> str:
    """posts/a.md -> posts/a.conflict.md"""
    pure = PurePosixPath(path)
    return str(pure.with_name(f"{pure.stem}.conflict{pure.suffix}"))


def _shown(value: FieldValue) -> str:
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False)


def conflict_text(base: Base | None, local: Document, remote: PostView, content: Reconciled) -> bytes:
    """Front matter that lists the keys in conflict, then the body, with git-style markers where it differs."""
    lines = ["---", "draft: true", f"title: {_shown(local.fields.get('title', ''))}"]
    fields = [key for key in content.conflicts if key != "body"]
    if fields:
        lines.append("# Changed in the file and in Ghost, differently:")
    for key in fields:
        before = base.view.fields.get(key) if base else None
        lines += [
            f"# {key}",
            f"#   in the file: {_shown(local.fields.get(key))}",
            f"#   in Ghost:    {_shown(remote.fields.get(key))}",
            f"#   before:      {_shown(before)}",
        ]
    lines.append("---")
    body = content.conflict_body or local.body
    return ("\n".join(lines) + "\n\n" + body.strip("\n") + "\n").encode()
