"""Who edited a post, from Ghost's own log (`actions/`, Ghost 3 and later)."""

from __future__ import annotations

from collections.abc import Mapping

from ghostsync.errors import AddressWrong, InvalidRequest, NotFound, Refused
from ghostsync.ghost.listing import PAGE, filter_date, is_id
from ghostsync.ghost.site import GhostSite
from ghostsync.sync.model import AuditEntry


async def editors(site: GhostSite, posts: Mapping[str, str]) -> list[AuditEntry]:
    """What people did to these posts (id -> `updated_at` from which on it counts, "" for ever), oldest first. One request;
    of more than a page of entries the newest. Empty where this Ghost or this key shows no log. What was done with the key of
    an integration, ours above all, is nobody's edit.
    """
    ids = sorted(id for id in posts if is_id(id))
    if not ids:
        return []
    where = f"resource_id:[{','.join(ids)}]+actor_type:user"
    if all(posts.values()):
        where += f"+created_at:>='{filter_date(min(posts.values()))}'"
    params = {
        "filter": where,
        "include": "actor",
        "limit": str(PAGE),
        "order": "created_at desc",
    }
    try:
        answer = await site.client.call("GET", "actions/", subject="actions", params=params)
    except (NotFound, Refused, AddressWrong, InvalidRequest):
        return []
    rows = answer.json.get("actions")
    found = [entry for row in rows or [] if isinstance(row, dict) and (entry := _entry(row)) is not None]
    return sorted(found, key=lambda entry: (entry.at, entry.id))


def _entry(row: Mapping[str, object]) -> AuditEntry | None:
    """None for somebody who is not on the staff any more."""
    actor = row.get("actor")
    if not isinstance(actor, dict) or not actor.get("name") or not actor.get("slug"):
        return None
    return AuditEntry(
        id=str(row.get("id") or ""),
        post=str(row.get("resource_id") or ""),
        at=str(row.get("created_at") or ""),
        slug=str(actor["slug"]),
        name=str(actor["name"]),
    )
