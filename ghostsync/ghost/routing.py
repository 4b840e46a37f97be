"""routes.yaml and redirects.yaml of one site, read and replaced.

Seen on 6.65.0 and 5.130.6: an integration's key may read the routes (they belong to settings/), and nothing else of this; a
staff access token of an administrator may do all. Redirects come as YAML, on 5 as JSON where they are kept so. A Ghost 5
that cannot read new routes answers 400, and then 503 to everything for some seconds.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from ghostsync.errors import AnswerUnreadable, GhostError, PermissionDenied, Unavailable
from ghostsync.ghost.multipart import Form, Part
from ghostsync.ghost.site import GhostSite
from ghostsync.ghost.themes import WHICH_KEY

_ATTACHED = re.compile(r"""filename="?[^"]*(\.yaml|\.json)\b""")
"""Ghost sends both as a file with a name. The type says less: a Ghost 5 calls YAML text/html."""


@dataclass(frozen=True, slots=True)
class RoutingFile:
    """One of the two. field: under which name Ghost takes the upload."""

    name: str
    download: str
    upload: str
    field: str


ROUTES = RoutingFile("routes", "settings/routes/yaml/", "settings/routes/yaml/", "routes")
REDIRECTS = RoutingFile("redirects", "redirects/download/", "redirects/upload/", "redirects")


async def read_routing(site: GhostSite, what: RoutingFile) -> tuple[bytes, str]:
    """(the file as the site has it, its suffix: ".yaml" or ".json")."""
    try:
        answer = await site.client.call("GET", what.download, subject=what.name, text=True)
    except PermissionDenied as error:
        raise _needs_staff(what, "read", error) from None
    named = _ATTACHED.search(answer.headers.get("content-disposition", ""))
    if named is None:
        raise AnswerUnreadable(
            f"the answer is not the site's {what.name}",
            subject=what.name,
            remedy="Check what stands in front of Ghost; `ghostsync doctor` tells more.",
            status=answer.status,
        )
    return answer.body, named[1]


async def write_routing(site: GhostSite, what: RoutingFile, data: bytes, suffix: str) -> None:
    """Replace it. Raises Unavailable where Ghost does not answer afterwards."""
    mime = "application/json" if suffix == ".json" else "application/yaml"
    part = Part(f"{what.name}{suffix}", mime, io.BytesIO(data), len(data))
    try:
        await site.client.upload(
            what.upload, Form({what.field: part}, {}, subject=what.name), subject=what.name
        )
    except PermissionDenied as error:
        raise _needs_staff(what, "replace", error) from None
    try:
        await site.info()
    except Unavailable as error:
        raise Unavailable(
            f"Ghost took the new {what.name}, and does not answer since",
            subject=site.address.url,
            remedy=f"If that lasts, put the old file back on the server (content/settings/{what.name}.yaml) and start Ghost again; "
            "it is in history: ghostsync history",
            status=error.status,
        ) from None


def _needs_staff(what: RoutingFile, doing: str, error: GhostError) -> PermissionDenied:
    return PermissionDenied(
        f"this key may not {doing} the site's {what.name}",
        subject=what.name,
        remedy=f"An integration's key is not enough for that. {WHICH_KEY}",
        status=error.status,
        sent=False,
    )
