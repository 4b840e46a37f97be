"""A renamed tag moves no date of its posts, so what is remembered of them follows here.

The mirror gets the new name, which a look at every post would bring as well. The base keeps the old one under the new
slug: that the two have one slug tells, when such a post is decided, that its tag was renamed and that nobody edited it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ghostsync.content.post import post_from_json, post_json
from ghostsync.errors import StateError
from ghostsync.sync.ports import State

Renames = Mapping[str, tuple[str, str]]
"""Slug as it was -> (name, slug) as they are now."""


def follow_renames(state: State, renames: Renames) -> bool:
    """Returns whether any post has one of these tags."""
    if not renames:
        return False
    found = False
    with state.batch():
        for seen in state.mirror().values():
            data = _loaded(state, seen.post_sha)
            if data is not None and _renamed(data, renames, names=True):
                post = post_from_json(post_json(data), seen.id, seen.kind, seen.updated_at)
                state.mirror_posts([(post, post_json(data), seen.settled)])
                found = True
        moved = {old: (name, slug) for old, (name, slug) in renames.items() if old != slug}
        for row in state.documents() if moved else ():
            data = _loaded(state, row.base_post_sha)
            if data is not None and _renamed(data, moved, names=False):
                state.record(replace(row, base_post_sha=state.put_blob(post_json(data))))
    return found


def _loaded(state: State, sha: str) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = json.loads(state.blob(sha))
    except StateError:
        return None  # lost: the next look at the post brings it anew
    return data


def _renamed(post: dict[str, Any], renames: Renames, *, names: bool) -> bool:
    """Whether a post has such a tag, which it names rightly now."""
    changed = False
    for tag in post.get("tags") or ():
        if (new := renames.get(str(tag.get("slug")))) is not None:
            tag["slug"] = new[1]
            if names:
                tag["name"] = new[0]
            changed = True
    return changed
