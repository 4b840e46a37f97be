"""Webhooks in Ghost, with the integration's own key. Ghost tells nobody which ones it has: there is no way to list them."""

from __future__ import annotations

import contextlib

from ghostsync.errors import AnswerUnreadable, NotFound
from ghostsync.ghost.listing import is_id
from ghostsync.ghost.site import GhostSite


async def add_webhook(site: GhostSite, *, event: str, target: str, secret: str) -> str:
    """The id of the new webhook. Raises InvalidRequest when this target has one for the event already."""
    row = {
        "event": event,
        "target_url": target,
        "name": "ghostsync",
        **({"secret": secret} if secret else {}),
    }
    answer = await site.client.call(
        "POST", "webhooks/", subject=f"webhook {event}", payload={"webhooks": [row]}
    )
    rows = answer.json.get("webhooks") if isinstance(answer.json, dict) else None
    id = rows[0].get("id") if isinstance(rows, list) and rows and isinstance(rows[0], dict) else None
    if not is_id(id):
        raise AnswerUnreadable(
            "the answer holds no webhook", subject=f"webhook {event}", remedy="Run `ghostsync doctor`."
        )
    return str(id)


async def remove_webhook(site: GhostSite, id: str) -> None:
    """Gone already is fine."""
    if is_id(id):
        with contextlib.suppress(NotFound):
            await site.client.call("DELETE", f"webhooks/{id}/", subject=f"webhook {id}")
