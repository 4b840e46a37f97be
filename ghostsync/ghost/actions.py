"""Ghost's own log of who did what (`actions/`, Ghost 3 and later), as a proof that nobody did anything.

An edit of tags or meta fields alone moves no post's date, but it leaves a row there (seen on 6.65.0).
"""

from __future__ import annotations

from ghostsync.errors import AddressWrong, InvalidRequest, NotFound, Refused
from ghostsync.ghost.site import GhostSite


async def newest_action(site: GhostSite) -> str | None:
    """The id of the newest entry and how many there are; None where this Ghost or this key shows none.

    The number, because Ghost's dates have whole seconds: of two entries of one second either may come first.
    """
    params = {"limit": "1", "order": "created_at desc", "fields": "id"}
    try:
        answer = await site.client.call("GET", "actions/", subject="actions", params=params)
    except (NotFound, Refused, AddressWrong, InvalidRequest):
        return None
    rows = answer.json.get("actions") if isinstance(answer.json, dict) else None
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        return None
    meta = answer.json.get("meta")
    pagination = meta.get("pagination") if isinstance(meta, dict) else None
    total = pagination.get("total") if isinstance(pagination, dict) else None
    if not rows[0].get("id") or not isinstance(total, int):
        return None
    return f"{rows[0]['id']} of {total}"
