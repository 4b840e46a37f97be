"""What each side did since base, and both together: field by field.

Each side is compared with its own half of the base (file with file, post with post), so that what Ghost
fills in or rewrites is never taken for an edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ghostsync.content.fields import FIELDS, Shape
from ghostsync.content.lexical import same
from ghostsync.content.slug import slugify
from ghostsync.content.types import Changes, Document, FieldValue, PostView


def local_changes(base: Document, local: Document) -> Changes:
    """What was edited in the file.

    A key that is gone clears its field, but never status, visibility, slug, published_at, authors, tiers or the title.
    A status that Ghost set to "sent" is Ghost's own: no edit of it is a change.
    """
    fields: dict[str, FieldValue] = {}
    for name, value in local.fields.items():
        if name == "title" and not local.title_stated:
            continue
        if name not in base.fields or base.fields[name] != value:
            fields[name] = value
    for name in base.fields:
        if name not in local.fields and not FIELDS[name].keeps:
            fields[name] = FIELDS[name].default
    if base.fields.get("status") == "sent" or fields.get("status") == "sent":
        fields.pop("status", None)
    return Changes(fields, body=base.body != local.body or base.mode != local.mode)


def remote_changes(base: PostView, remote: PostView, *, site_url: str = "") -> Changes:
    """What was edited in Ghost. site_url: lets an address of the site equal its root-relative form in bodies."""
    fields = {
        name: value
        for name, value in remote.fields.items()
        if name not in base.fields or base.fields[name] != value
    }
    return Changes(fields, body=not same(base.body, remote.body, site_url=site_url))


def stated_differences(document: Document, view: PostView) -> tuple[str, ...]:
    """The fields that a file states and a post holds differently, where no base tells who changed what."""
    different = []
    for name, value in document.fields.items():
        if name == "title" and not document.title_stated:
            continue
        held = view.fields.get(name)
        if name == "slug" and isinstance(held, str) and slugify(held) == value:
            continue
        if name in view.fields and held != value:
            different.append(name)
    return tuple(different)


def merge_fields(
    base: Mapping[str, FieldValue], local: Mapping[str, FieldValue], remote: Mapping[str, FieldValue]
) -> tuple[dict[str, FieldValue], dict[str, FieldValue], tuple[str, ...]]:
    """Three-way merge of both sides' changes: (what goes into the file, what goes to the post, conflicts).

    base: the fields both sides last agreed on. local, remote: `Changes.fields`. The same change on both
    sides goes nowhere. Lists merge as ordered sets; all else that both changed differently is a conflict,
    named by its key, and travels in neither direction.
    """
    to_file = {name: value for name, value in remote.items() if name not in local}
    to_post = {name: value for name, value in local.items() if name not in remote}
    conflicts = []
    for name in local:
        if name not in remote or local[name] == remote[name]:
            continue
        if FIELDS[name].shape is not Shape.NAMES:
            conflicts.append(name)
            continue
        merged = _merge_names(_names(base.get(name)), _names(local[name]), _names(remote[name]))
        if merged is None or (FIELDS[name].keeps and not merged):
            conflicts.append(name)
            continue
        if merged != local[name]:
            to_file[name] = merged
        if merged != remote[name]:
            to_post[name] = merged
    return to_file, to_post, tuple(conflicts)


def _names(value: FieldValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _merge_names(base: Sequence[str], local: Sequence[str], remote: Sequence[str]) -> tuple[str, ...] | None:
    """Both sides' additions and removals together; None where both put another name first (Ghost's primary
    tag and primary author), because one of them would silently lose it.
    """
    first = [names[0] if names else None for names in (base, local, remote)]
    if base and len(set(first)) == 3:
        return None
    kept = [name for name in base if name in local and name in remote]
    reordered = [name for name in local if name in kept] != kept
    # The side that changed the order, or the first name, is the skeleton; the other's additions are put in.
    ours, theirs = (local, remote) if reordered or first[1] != first[0] else (remote, local)
    gone = {name for name in base if name not in local or name not in remote}
    merged = [name for name in ours if name not in gone]
    for at, name in enumerate(theirs):
        if name in gone or name.lower() in {other.lower() for other in merged}:
            continue  # Ghost keeps only the first of two tags that differ in case
        before = [other for other in theirs[:at] if other in merged]
        place = merged.index(before[-1]) + 1 if before else len(merged)
        while place < len(merged) and merged[place] not in base:
            place += 1
        merged.insert(place, name)
    return tuple(merged)
