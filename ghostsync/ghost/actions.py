"""Ghost's own log of who did what (`actions/`, Ghost 3 and later), as a proof that nobody did anything.

An edit of tags or meta fields alone moves no post's date, but it leaves a row there (seen on 3.42.9 to 6.65.0).
"""

from __future__ import annotations

from ghostsync.errors import AddressWrong, InvalidRequest, NotFound, Refused
from ghostsync.ghost.site import GhostSite


async def newest_action(site: GhostSite) -> str | None:
    """A word that changes with each entry: the newest one's id, and how many there are, since an entry's time has whole
    seconds and several may share one. None where this Ghost or this key shows none.
    """
    params = {"limit": "1", "order": "created_at desc", "fields": "id"}
    try:
        answer = await site.client.call("GET", "actions/", subject="actions", params=params)
    except (NotFound, Refused, AddressWrong, InvalidRequest):
        return None
    try:
        return f"{answer.json['actions'][0]['id']} of {int(answer.json['meta']['pagination']['total'])}"
    except (KeyError, IndexError, TypeError, ValueError):
        return None
