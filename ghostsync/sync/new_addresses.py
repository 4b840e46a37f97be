"""Addresses that a link's target, or a picture, does not have any more: no edit of anybody, but a reason to send a body again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ghostsync.content.addresses import canonical_url, origin_of
from ghostsync.content.linking import Use, readdressed
from ghostsync.content.types import Document, PostView

Uses = Mapping[str, Use]


def is_stale(document: Document, before: Uses) -> bool:
    """Whether the post may hold an address that a link's target no longer has."""
    uses = document.linked.uses if document.linked else {}
    return any(key in before and before[key].address != use.address for key, use in uses.items())


def aliases(documents: Iterable[Document], before: Uses) -> dict[str, str]:
    """Address in Ghost -> the one that it would be today, for the links of these versions of a file."""
    found: dict[str, str] = {}
    for document in documents:
        for key, use in (document.linked.uses if document.linked else {}).items():
            was = before.get(key)
            if was is not None and was.address != use.address:
                old = was.address or ("" if key.startswith("[[") else key)
                if old:
                    found |= both_forms(old, use.address)
    return found


def both_forms(old: str, new: str) -> dict[str, str]:
    """Ghost 2 tells what is below the site's own address without its origin."""
    origin = origin_of(old)
    return {old: new, canonical_url(old, origin): canonical_url(new, origin)}


def in_today(view: PostView, known: Mapping[str, str]) -> PostView:
    """A post with today's addresses (see `aliases`)."""
    body = readdressed(view.body, known)
    return view if body is view.body else replace(view, body=body)
