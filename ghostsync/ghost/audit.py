"""Who edited a post, from Ghost's own log (`actions/`, Ghost 3 and later)."""

from __future__ import annotations

from collections.abc import Mapping

from ghostsync.errors import AddressWrong, InvalidRequest, NotFound, Refused
from ghostsync.ghost.listing import PAGE, filter_date, is_id
from ghostsync.ghost.site import GhostSite
from ghostsync.sync.versioning.model import AuditEntry


async def log_of(site: GhostSite, posts: Mapping[str, str]) -> list[AuditEntry] | None:
    """What was done to these posts (id -> `updated_at` from which on it counts, "" for ever), oldest first. One request; of
    more than a page of entries the newest. None where this Ghost or this key shows no log.
    """
    ids = sorted(id for id in posts if is_id(id))
    where = f"resource_id:[{','.join(ids)}]"
    if all(posts.values()):
        where += f"+created_at:>='{filter_date(min(posts.values()))}'"
    params = {"filter": where, "include": "actor,resource", "limit": str(PAGE), "order": "created_at desc"}
    try:
        answer = await site.client.call("GET", "actions/", subject="actions", params=params)
    except (NotFound, Refused, AddressWrong, InvalidRequest):
        return None
    rows = answer.json.get("actions")
    # With what is included, Ghost 4 leaves out its id, and of a post that is gone it includes nothing.
    only = ids[0] if len(ids) == 1 else ""
    found = [_entry(row, only) for row in rows or [] if isinstance(row, dict)]
    return sorted(found, key=lambda entry: (entry.at, entry.id))


def _entry(row: Mapping[str, object], only: str) -> AuditEntry:
    """Nobody is named for what was done with the key of an integration, ours above all, or by somebody who is not on the
    staff any more. only: the post that it is about where the row does not say so.
    """
    resource = row.get("resource")
    included = resource.get("id") if isinstance(resource, dict) else None
    actor = row.get("actor")
    named = row.get("actor_type") == "user" and isinstance(actor, dict)
    person: Mapping[str, object] = actor if named and isinstance(actor, dict) else {}
    return AuditEntry(
        id=str(row.get("id") or ""),
        post=str(row.get("resource_id") or included or only),
        at=str(row.get("created_at") or ""),
        slug=str(person.get("slug") or ""),
        name=str(person.get("name") or ""),
    )
