"""Documents: the one door to front matter and post fields.

Reading a file, writing a pulled one, editing one in place, and telling what changed on either side. All of it
is pure: bytes and values in, bytes and values out.
"""

from __future__ import annotations

from ghostsync.content.changes import local_changes, merge_fields, remote_changes, stated_differences
from ghostsync.content.editing import add_ghost_id, drop_ghost_id, edit_file, set_format
from ghostsync.content.fields import unsupported_fields
from ghostsync.content.new_file import new_file
from ghostsync.content.post import payload_fields, post_from_json, post_json, reduced_post, view_post
from ghostsync.content.reading import read
from ghostsync.content.slug import slug_for, slugify
from ghostsync.content.types import Context, Document
from ghostsync.model import Kind

__all__ = [
    "add_ghost_id",
    "drop_ghost_id",
    "edit_file",
    "local_changes",
    "merge_fields",
    "new_file",
    "payload_fields",
    "post_from_json",
    "post_json",
    "read_document",
    "reduced_post",
    "remote_changes",
    "set_format",
    "slug_for",
    "slugify",
    "stated_differences",
    "unsupported_fields",
    "view_post",
]


def read_document(data: bytes, path: str, kind: Kind, context: Context) -> Document:
    """A file, understood. Never raises for what a file may hold: everything wrong with it is in `problems`, each
    with its line and key.
    """
    return read(data, path, kind, context).document
