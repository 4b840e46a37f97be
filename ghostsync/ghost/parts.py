"""`GhostParts`: tags, people and settings of one site.

Seen on 6.65.0, 5.130.6, 4.48.9, 3.42.9 and 2.38.3, with an integration's key:

- Tags can be listed, made, changed and deleted on all of them. They have no lock: `updated_at` in a PUT is passed over.
- A PUT that changes nothing answers 200 and moves no date. An empty text clears a field. A field that is left out stays.
- A slug in use comes back as another one (x-2), with 200 or 201. Names may be there twice.
- A name that begins with # makes the tag internal at once; taking the # away again does not make it public.
- Addresses below the site come back absolute, in code injection too.
- DELETE takes the tag off all its posts and moves none of their dates.
- settings/ is closed to integrations on 2 to 4. On 5 and 6 its answer has the site's password and keys of other services.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ghostsync.errors import AddressWrong, AnswerUnreadable, InvalidRequest, NotFound, PermissionDenied
from ghostsync.ghost.answers import Answer
from ghostsync.ghost.listing import after_id, id_key, is_id, walk
from ghostsync.ghost.site import SLUG, GhostSite
from ghostsync.model import RemoteTag


class GhostParts:
    """Implements `sync.site_files.model.Parts` with the client of a `GhostSite`."""

    def __init__(self, site: GhostSite) -> None:
        self._site = site

    async def tags(self) -> Sequence[RemoteTag]:
        async def fetch(params: Mapping[str, str]) -> Answer:
            return await self._site.client.call("GET", "tags/", subject="tags", params=params)

        found: dict[str, RemoteTag] = {}
        async for rows in walk(fetch, "tags", order="id asc", key_of=id_key, after=after_id):
            found.update((tag.id, tag) for tag in map(_tag, rows.rows))
        return sorted(found.values(), key=lambda tag: (tag.slug, tag.id))

    async def tag(self, id: str) -> RemoteTag | None:
        return await self._read(f"tags/{_checked(id)}/", f"tag {id}")

    async def tag_at(self, slug: str) -> RemoteTag | None:
        if not SLUG.fullmatch(slug):
            return None
        found = await self._read(f"tags/slug/{quote(slug, safe='')}/", f'tag "{slug}"')
        # MySQL compares without regard to case and accents.
        return found if found is not None and found.slug == slug else None

    async def posts_of(self, tag_id: str) -> int:
        subject = f"tag {tag_id}"
        params = {"include": "count.posts"}
        answer = await self._site.client.call(
            "GET", f"tags/{_checked(tag_id)}/", subject=subject, params=params
        )
        count = _single(answer, subject).get("count")
        posts = count.get("posts") if isinstance(count, dict) else None
        if not isinstance(posts, int):
            raise _strange(subject, answer.status)
        return posts

    async def create_tag(self, values: Mapping[str, Any]) -> RemoteTag:
        subject = f'tag "{values.get("name") or ""}"'
        payload = {"tags": [dict(values)]}
        answer = await self._site.client.call("POST", "tags/", subject=subject, payload=payload)
        return _tag(_single(answer, subject))

    async def update_tag(self, id: str, values: Mapping[str, Any]) -> RemoteTag:
        subject = f"tag {id}"
        payload = {"tags": [dict(values)]}
        answer = await self._site.client.call(
            "PUT", f"tags/{_checked(id)}/", subject=subject, payload=payload
        )
        return _tag(_single(answer, subject))

    async def delete_tag(self, id: str) -> None:
        await self._site.client.call("DELETE", f"tags/{_checked(id)}/", subject=f"tag {id}")

    async def people(self) -> Sequence[Mapping[str, Any]]:
        return await self._site.all_rows("users")

    async def settings(self) -> Sequence[Mapping[str, Any]]:
        try:
            answer = await self._site.client.call("GET", "settings/", subject="settings")
        except (PermissionDenied, AddressWrong) as error:
            raise PermissionDenied(
                "this Ghost does not show its settings to an integration",
                subject="settings",
                remedy="Ghost 5 and 6 do; a staff access token may read them on every Ghost. Or set [site_files] settings = "
                "false.",
                status=error.status,
                sent=False,
            ) from None
        rows = answer.json.get("settings")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise _strange("settings", answer.status)
        return rows

    async def _read(self, path: str, subject: str) -> RemoteTag | None:
        try:
            answer = await self._site.client.call("GET", path, subject=subject)
        except NotFound:
            return None
        return _tag(_single(answer, subject))


def _checked(id: str) -> str:
    if not is_id(id):
        raise InvalidRequest(
            f"{id!r} is not an id of Ghost's (24 hexadecimal characters)",
            subject="tag",
            remedy="Correct ghost_id in the file, or remove the line.",
            sent=False,
        )
    return id


def _single(answer: Answer, subject: str) -> Mapping[str, Any]:
    rows = answer.json.get("tags") if isinstance(answer.json, dict) else None
    if isinstance(rows, list) and len(rows) == 1 and isinstance(rows[0], dict):
        return rows[0]
    raise _strange(subject, answer.status)


def _tag(row: Mapping[str, Any]) -> RemoteTag:
    if not is_id(row.get("id")):
        raise _strange("tags", 200)
    return RemoteTag(str(row["id"]), str(row.get("name") or ""), str(row.get("slug") or ""), row)


def _strange(subject: str, status: int) -> AnswerUnreadable:
    return AnswerUnreadable(
        "the answer does not have Ghost's form",
        subject=subject,
        remedy="Run `ghostsync doctor`; something between ghostsync and Ghost may change answers.",
        status=status,
    )
