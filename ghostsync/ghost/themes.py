"""Themes of one site: sent, made active, listed.

Seen on 6.65.0 and 5.130.6: an integration's key may upload (POST) and activate (PUT), but not list (403 and 501). The name of
the archive is the theme's; the same name again replaces it, at once if it is active. A theme that fails is a 422
ThemeValidationError with gscan's results in `details`; one that works in spite of errors is a 200 with the errors beside it.
In production Ghost tells no warnings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO
from urllib.parse import quote

from ghostsync.errors import AnswerUnreadable, InvalidRequest, PermissionDenied
from ghostsync.ghost.answers import Answer
from ghostsync.ghost.multipart import Form, Part
from ghostsync.ghost.site import GhostSite

WHICH_KEY = (
    "Use the staff access token of an administrator: in Ghost Admin, open your own profile (the picture at the bottom left), and "
    "copy the Staff access token at its end. Give it as the key: GHOST_ADMIN_API_KEY=... or [site] admin_api_key_file."
)
"""What to do where an integration's key is not enough."""


class ThemeRefused(InvalidRequest):
    """Ghost's check found fatal errors. errors, warnings: gscan's results."""

    errors: Any = None
    warnings: Any = None


async def upload_theme(site: GhostSite, name: str, archive: BinaryIO, size: int) -> Mapping[str, Any]:
    """The theme as Ghost took it, with `errors` and `warnings`. Raises ThemeRefused."""
    form = Form({"file": Part(f"{name}.zip", "application/zip", archive, size)}, {}, subject=f"theme {name}")
    try:
        answer = await site.client.upload("themes/upload/", form, subject=f"theme {name}")
    except InvalidRequest as error:
        if error.type != "ThemeValidationError" or not isinstance(error.details, dict):
            raise
        refused = ThemeRefused(
            f'Ghost does not take the theme "{name}"',
            subject="",
            remedy="Correct what is named above, then push again; the site still has what it had.",
            status=error.status,
            type=error.type,
            sent=False,
        )
        refused.errors, refused.warnings = error.details.get("errors"), error.details.get("warnings")
        raise refused from None
    return _theme(answer, name)


async def activate_theme(site: GhostSite, name: str) -> Mapping[str, Any]:
    subject = f"theme {name}"
    answer = await site.client.call("PUT", f"themes/{quote(name, safe='')}/activate/", subject=subject)
    return _theme(answer, name)


async def list_themes(site: GhostSite) -> Sequence[Mapping[str, Any]]:
    """Raises PermissionDenied for an integration's key, and says which one is needed."""
    try:
        answer = await site.client.call("GET", "themes/", subject="themes")
    except PermissionDenied as error:
        raise PermissionDenied(
            "an integration's key may send themes, but not list them",
            subject="themes",
            remedy=WHICH_KEY,
            status=error.status,
            sent=False,
        ) from None
    rows = answer.json.get("themes")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _theme(answer: Answer, name: str) -> Mapping[str, Any]:
    rows = answer.json.get("themes")
    if isinstance(rows, list) and rows and isinstance(rows[0], dict):
        return rows[0]
    raise AnswerUnreadable(
        "the answer holds no theme",
        subject=f"theme {name}",
        remedy="Look into Ghost Admin whether it is there.",
        status=answer.status,
    )
