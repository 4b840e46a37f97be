"""Ghost's JSON <-> posts as ghostsync understands them: views, the JSON kept as base, and payloads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ghostsync.content.addresses import canonical_url, origin_of
from ghostsync.content.dates import epoch, from_ghost, to_ghost
from ghostsync.content.fields import FIELDS, POST_KEYS, STATUSES, VISIBILITIES, Field, Shape
from ghostsync.content.types import Context, FieldValue, PostView, Root
from ghostsync.content.value_reader import canonical_text
from ghostsync.model import Kind, RemotePost, Storage

_NAME_KEYS = {"tags": ("name", "slug"), "authors": ("slug", "name"), "tiers": ("slug", "name")}


def reduced_post(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A post as Ghost answered it, less everything ghostsync does not keep (html, counts, tags' own fields)."""
    kept = {key: value for key, value in raw.items() if key in POST_KEYS}
    for key, names in _NAME_KEYS.items():
        if kept.get(key) is not None:
            kept[key] = [{name: item.get(name) for name in names} for item in kept[key]]
    return kept


UNLOCKED = frozenset(
    {
        "tags", "meta_title", "meta_description", "og_image", "og_title", "og_description", "twitter_image",
        "twitter_title", "twitter_description", "email_subject", "feature_image_alt", "feature_image_caption",
    }
)  # fmt: skip
"""What lies in other tables of Ghost's: an edit of these alone does not move `updated_at` (Ghost 3 to 6)."""


def less_unseen(before: Mapping[str, Any], after: Mapping[str, Any], sent: Iterable[str]) -> dict[str, Any]:
    """The answer to a PUT as far as it was asked for: `UNLOCKED` fields that were not sent keep the value they had
    before, so that an edit which the answer reveals is still to be taken over. before, after: Ghost's JSON.
    """
    unseen = UNLOCKED.difference(sent)
    return {key: before.get(key) if key in unseen else value for key, value in after.items()}


def post_json(raw: Mapping[str, Any]) -> bytes:
    """The canonical JSON of a post, the same bytes for the same content: reduced, keys sorted, UTF-8, without
    `updated_at` (which moves even when nothing else does).
    """
    return json.dumps(reduced_post(raw), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8", "backslashreplace"
    )


def post_from_json(data: bytes, id: str, kind: Kind, updated_at: str) -> RemotePost:
    """What `post_json` was made from. Its server_time is 0: the answer it came with is long gone."""
    return RemotePost(id=id, kind=kind, updated_at=updated_at, data=json.loads(data), server_time=0)


def view_post(post: RemotePost, context: Context, body: Root, storage: Storage) -> PostView:
    """A post with all its fields in canonical form. body: its content as Lexical."""
    raw = post.data
    # The base of a site that has moved still has its old host in it: the post's own url tells.
    origins = (origin_of(context.site.url), origin_of(str(raw.get("url") or "")))
    fields = {
        name: _canonical(spec, raw.get(name), origins)
        for name, spec in FIELDS.items()
        if post.kind in spec.kinds
    }
    published_at = fields["published_at"]
    if (
        fields["status"] == "scheduled"
        and isinstance(published_at, str)
        and epoch(published_at) <= context.now
    ):
        fields["status"] = "published"
    if fields["visibility"] != "tiers":
        fields["tiers"] = ()  # Ghost lists those that may read anyway
    for name, words in (("status", STATUSES), ("visibility", VISIBILITIES)):
        if fields[name] not in words:
            del fields[name]  # a word of a Ghost to come, or a member filter: left alone
    return PostView(post.id, post.kind, post.updated_at, fields, body, storage)


def _canonical(spec: Field, value: Any, origins: tuple[str, ...]) -> FieldValue:
    if value is None:
        return spec.default
    match spec.shape:
        case Shape.FLAG:
            return bool(value)
        case Shape.DATE:
            return from_ghost(value)
        case Shape.NAMES:
            key = _NAME_KEYS[spec.name][0]
            return tuple(dict.fromkeys(str(item.get(key) or "").strip() for item in value))
        case Shape.URL:
            text = canonical_text(str(value))
            return canonical_url(text, *origins) if text else None
        case Shape.TEXT | Shape.WORD:
            return canonical_text(str(value)) or spec.default


def payload_fields(
    fields: Mapping[str, FieldValue], context: Context, major: int, kind: Kind | None = None
) -> dict[str, Any]:
    """Canonical fields as the JSON properties of a POST or PUT.

    What this Ghost, or this kind if it is given, does not have is left out (`unsupported_fields` names it), and
    so is what cannot be sent at all: the status "sent" (Ghost 6 publishes a draft for it), and nothing where Ghost wants
    something (title, slug, visibility, authors).
    """
    payload: dict[str, Any] = {}
    for name, value in fields.items():
        spec = FIELDS.get(name)
        if spec is None or major < spec.since or (kind is not None and kind not in spec.kinds):
            continue
        if spec.keeps and not value and name not in {"published_at", "tiers"}:
            continue
        if name == "status" and value == "sent":
            continue
        if name == "authors" and isinstance(value, tuple):
            ids = {author.slug: author.id for author in context.authors or ()}
            payload[name] = [{"id": ids[slug]} if slug in ids else {"slug": slug} for slug in value]
        elif name == "tiers" and isinstance(value, tuple):
            ids = {tier.slug: tier.id for tier in context.tiers or ()}
            payload[name] = [{"id": ids[slug]} if slug in ids else {"slug": slug} for slug in value]
        elif isinstance(value, tuple):
            payload[name] = [{"name": item} for item in value]
        elif spec.shape is Shape.DATE and isinstance(value, str):
            payload[name] = to_ghost(value)
        elif spec.shape is Shape.URL and isinstance(value, str) and value.startswith("/"):
            payload[name] = value if value.startswith("//") else origin_of(context.site.url) + value
        else:
            payload[name] = value
    return payload
