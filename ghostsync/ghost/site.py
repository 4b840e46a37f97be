"""`GhostSite`: one Ghost publication as the `Site` port of `ghostsync.sync.ports`.

Longer than other modules because that port has many methods, each of them a request and little else.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Self
from urllib.parse import quote

import httpx

from ghostsync.config import AdminKey, HttpSection
from ghostsync.errors import (
    AddressWrong,
    AnswerUnreadable,
    InvalidRequest,
    NotFound,
    PermissionDenied,
)
from ghostsync.ghost.address import parse_address
from ghostsync.ghost.answers import Answer
from ghostsync.ghost.clock import ServerClock
from ghostsync.ghost.listing import PAGE, after_id, filter_date, id_key, is_id, read_rows, walk
from ghostsync.ghost.transport import AdminClient
from ghostsync.ghost.versions import Traits, traits
from ghostsync.model import Author, EmailRequest, Kind, Mailing, Newsletter, RemotePost, SiteInfo, Tier
from ghostsync.sync.model import Page, Probe

SLUG = re.compile(r"[a-z0-9_-]+")  # what Ghost's own check of a slug in a path lets through
_VERSION = re.compile(r"\d+(\.\d+)*")  # what follows it (-rc.1) does not matter here


class GhostSite:
    """Implements `Site`. address: as typed (see `parse_address`). Close it with `aclose` or `async with`."""

    def __init__(
        self,
        address: str,
        key: AdminKey,
        http: HttpSection,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: ServerClock | None = None,
    ) -> None:
        self.address = parse_address(address)
        self.client = AdminClient(self.address, key, http, transport=transport, clock=clock)
        self._info: SiteInfo | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self.client.aclose()

    @property
    def public_url(self) -> str:
        """Where the site is for its readers, with the trailing slash: the address in use until Ghost has told its own."""
        return self._info.url if self._info else f"{self.address.url}/"

    @property
    def api_path(self) -> str:
        """Where the API answers ("/ghost/api/admin/"); "" until the first request found it."""
        return self.client.api.path if self.client.api else ""

    def requests(self) -> Mapping[str, int]:
        return dict(self.client.counts)

    async def info(self, *, known_timezone: str = "") -> SiteInfo:
        answer = await self.client.site()
        site: Mapping[str, Any] = answer.json["site"]
        timezone = str(site.get("timezone") or "") or known_timezone or await self._timezone()
        self._info = read_site(site, address=self.address.url, timezone=timezone)
        return self._info

    async def probe(self, kind: Kind) -> Probe:
        params = {"limit": "1", "fields": "id,updated_at", "order": "updated_at desc"}
        answer = await self.client.call("GET", f"{kind.plural}/", subject=kind.plural, params=params)
        rows, total = read_rows(answer, kind.plural)
        newest = str(rows[0].get("updated_at") or "") if rows else ""
        return Probe(newest=newest, total=total, server_time=answer.server_time)

    async def changed(self, kind: Kind, since: str | None) -> AsyncIterator[Page]:
        """A document that is edited during the walk comes again, in its newer version; the later one counts."""
        whole = await self._whole()

        async def fetch(params: Mapping[str, str]) -> Answer:
            return await self.client.call(
                "GET", f"{kind.plural}/", subject=kind.plural, params={**whole, **params}
            )

        start = f"updated_at:>='{filter_date(since)}'" if since else ""
        async for rows in walk(fetch, kind.plural, start=start):
            posts = tuple(read_post(row, kind, rows.server_time) for row in rows.rows)
            yield Page(posts=posts, server_time=rows.server_time, total=rows.total)

    async def ids(self, kind: Kind) -> AsyncIterator[Mapping[str, str]]:
        async def fetch(params: Mapping[str, str]) -> Answer:
            return await self.client.call(
                "GET", f"{kind.plural}/", subject=kind.plural, params={"fields": "id,updated_at", **params}
            )

        async for rows in walk(fetch, kind.plural, order="id asc", key_of=id_key, after=after_id):
            yield {str(row["id"]): str(row.get("updated_at") or "") for row in rows.rows}

    async def get(self, kind: Kind, id: str) -> RemotePost | None:
        return await self._read(kind, f"{kind.plural}/{_checked(id, kind)}/", f"{kind} {id}")

    async def find(self, kind: Kind, slug: str) -> RemotePost | None:
        if not SLUG.fullmatch(slug):
            return None  # Ghost answers 422 for such a slug: it has no post by that name
        found = await self._read(kind, f"{kind.plural}/slug/{quote(slug, safe='')}/", f'{kind} "{slug}"')
        # MySQL compares without regard to case and accents.
        return found if found is not None and found.slug == slug else None

    async def create(self, kind: Kind, payload: Mapping[str, Any], *, source_html: bool) -> RemotePost:
        subject = f'{kind} "{payload.get("slug") or payload.get("title") or ""}"'
        _no_wipe(payload, subject)
        params = {**await self._whole(), **({"source": "html"} if source_html else {})}
        answer = await self.client.call(
            "POST", f"{kind.plural}/", subject=subject, params=params, payload={kind.plural: [payload]}
        )
        return self._written(answer, kind, payload, subject)

    async def update(
        self,
        kind: Kind,
        id: str,
        payload: Mapping[str, Any],
        *,
        updated_at: str,
        source_html: bool = False,
        save_revision: bool = False,
        email: EmailRequest | None = None,
    ) -> RemotePost:
        subject = f"{kind} {id}"
        _no_wipe(payload, subject)
        params = {
            **await self._whole(),
            **({"source": "html"} if source_html else {}),
            **({"save_revision": "1"} if save_revision else {}),
        }
        row = {**payload, "updated_at": updated_at}
        if kind is Kind.POST and "status" in payload and (await self._traits()).newsletters:
            # Only with its e-mail before its eyes Ghost knows that a post it publishes again was sent already; else it
            # makes a second e-mail, and answers 500 because its database does not let it.
            params["include"] += ",email"
        if email is not None:
            params |= {"newsletter": email.newsletter, "email_segment": email.segment}
            row |= {"email_only": True} if email.only else {}
        body = {kind.plural: [row]}
        answer = await self.client.call(
            "PUT", f"{kind.plural}/{_checked(id, kind)}/", subject=subject, params=params, payload=body
        )
        return self._written(answer, kind, payload, subject)

    async def mailing(self, id: str) -> Mailing | None:
        path, subject = f"{Kind.POST.plural}/{_checked(id, Kind.POST)}/", f"post {id}"
        # Ghosts that keep no post history leave that word out of the answer.
        params = {"formats": "plaintext", "include": "newsletter,email,post_revisions"}
        try:
            answer = await self.client.call("GET", path, subject=subject, params=params)
        except NotFound:
            return None
        return read_mailing(_single(answer, Kind.POST, subject))

    async def delete(self, kind: Kind, id: str) -> None:
        """Ghost 5 and 6 delete in bulk when the path has no id, so an id is checked before it makes a path."""
        await self.client.call("DELETE", f"{kind.plural}/{_checked(id, kind)}/", subject=f"{kind} {id}")

    async def card(self, url: str) -> Mapping[str, Any]:
        answer = await self.client.call("GET", "oembed/", subject=url, params={"url": url}, once=True)
        found: Mapping[str, Any] = answer.json
        return found

    async def authors(self) -> Sequence[Author]:
        rows = await self.all_rows("users", "id,slug,name,email")
        return [
            Author(
                id=str(row.get("id", "")),
                slug=str(row.get("slug", "")),
                name=str(row.get("name") or ""),
                email=str(row.get("email") or ""),
            )
            for row in rows
        ]

    async def tiers(self) -> Sequence[Tier]:
        if not (await self._traits()).tiers:
            return ()
        try:
            rows = await self.all_rows("tiers", "")
        except (AddressWrong, PermissionDenied):
            return ()  # the first releases of Ghost 4 had them under another name
        return [
            Tier(id=str(row.get("id", "")), slug=str(row.get("slug", "")), name=str(row.get("name") or ""))
            for row in rows
        ]

    async def newsletters(self) -> Sequence[Newsletter]:
        if not (await self._traits()).newsletters:
            return ()
        return [
            Newsletter(
                id=str(row.get("id", "")),
                slug=str(row.get("slug", "")),
                name=str(row.get("name") or ""),
                active=row.get("status", "active") == "active",
            )
            for row in await self.all_rows("newsletters", "id,slug,name,status")
        ]

    async def _traits(self) -> Traits:
        info = self._info or await self.info()
        return traits(info.major)

    async def _whole(self) -> dict[str, str]:
        """The parameters that make any answer hold a whole document, and nothing rendered."""
        found = await self._traits()
        return {"formats": found.formats, "include": found.include}

    async def _timezone(self) -> str:
        """From settings/, which Ghost 5 and 6 open to integrations and 2 to 4 do not; then it stays unknown."""
        try:
            answer = await self.client.call("GET", "settings/", subject="settings")
        except (PermissionDenied, AddressWrong):
            return "Etc/UTC"
        settings = answer.json.get("settings")
        for setting in settings if isinstance(settings, list) else []:
            if isinstance(setting, dict) and setting.get("key") in {"timezone", "active_timezone"}:
                return str(setting.get("value") or "Etc/UTC")
        return "Etc/UTC"

    async def _read(self, kind: Kind, path: str, subject: str) -> RemotePost | None:
        params = await self._whole()
        try:
            answer = await self.client.call("GET", path, subject=subject, params=params)
        except NotFound:
            return None
        return read_post(_single(answer, kind, subject), kind, answer.server_time)

    async def all_rows(self, plural: str, fields: str = "") -> list[Mapping[str, Any]]:
        """All rows of a short list (staff, tiers, tags), by page number; bounded by the total of the first page."""
        found: dict[str, Mapping[str, Any]] = {}
        page, total = 1, 1
        while len(found) < total and (page - 1) * PAGE < total:
            params = {"limit": str(PAGE), "page": str(page)} | ({"fields": fields} if fields else {})
            answer = await self.client.call("GET", f"{plural}/", subject=plural, params=params)
            rows = answer.json.get(plural)
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise AnswerUnreadable(
                    "the listing does not have Ghost's form", subject=plural, remedy="Run `ghostsync doctor`."
                )
            found.update((str(row.get("id", "")), row) for row in rows)
            meta = answer.json.get("meta") or {}
            total = int((meta.get("pagination") or {}).get("total") or len(found))
            page += 1
        return list(found.values())

    def _written(self, answer: Answer, kind: Kind, payload: Mapping[str, Any], subject: str) -> RemotePost:
        post = read_post(_single(answer, kind, subject), kind, answer.server_time)
        if payload.get("lexical") and post.data.get("lexical") is None:
            raise InvalidRequest(
                "Ghost kept this document's old format (mobiledoc) and ignored the new body; the other fields were "
                "stored",
                subject=subject,
                remedy="Open it in Ghost's editor and save it once, which converts it; then sync again.",
                status=answer.status,
            )
        return post


def _checked(id: str, kind: Kind) -> str:
    if not is_id(id):
        raise InvalidRequest(
            f"{id!r} is not an id of Ghost's (24 hexadecimal characters)",
            subject=str(kind),
            remedy="Correct ghost_id in the file's front matter, or remove the line.",
            sent=False,
        )
    return id


def _no_wipe(payload: Mapping[str, Any], subject: str) -> None:
    """Ghost 5 empties a post whose stored mobiledoc is set to null, whatever lexical comes with it."""
    if "mobiledoc" in payload and payload["mobiledoc"] is None:
        raise InvalidRequest(
            "a body of null would empty the post", subject=subject, remedy="Please report this.", sent=False
        )


def _single(answer: Answer, kind: Kind, subject: str) -> Mapping[str, Any]:
    rows = answer.json.get(kind.plural) if isinstance(answer.json, dict) else None
    if isinstance(rows, list) and len(rows) == 1 and isinstance(rows[0], dict) and is_id(rows[0].get("id")):
        return rows[0]
    raise AnswerUnreadable(
        "the answer does not hold the one document that was asked for",
        subject=subject,
        remedy="Run `ghostsync doctor`; something between ghostsync and Ghost may change answers.",
        status=answer.status,
    )


def read_post(row: Mapping[str, Any], kind: Kind, server_time: int) -> RemotePost:
    """A JSON object of Ghost's (with a proper id) as `RemotePost`."""
    return RemotePost(
        id=row["id"],
        kind=kind,
        updated_at=str(row.get("updated_at") or ""),
        data=row,
        server_time=server_time,
    )


def read_mailing(row: Mapping[str, Any]) -> Mailing:
    """A post, asked for with its newsletter, its e-mail and its history."""
    newsletter, email, revisions = (row.get(name) for name in ("newsletter", "email", "post_revisions"))
    public = {"published", "sent"}
    statuses = {
        revision.get("post_status")
        for revision in (revisions if isinstance(revisions, list) else [])
        if isinstance(revision, dict)
    }
    status = str(row.get("status") or "")
    return Mailing(
        status=status,
        newsletter=str(newsletter.get("slug") or "") if isinstance(newsletter, dict) else "",
        email=str(email.get("status") or "unknown") if isinstance(email, dict) and email else "",
        public_once=status in public or bool(public & statuses),
        only=bool(row.get("email_only")),
    )


def read_site(site: Mapping[str, Any], *, address: str, timezone: str) -> SiteInfo:
    """The "site" object of site/. Raises AddressWrong when it names no version."""
    version = _VERSION.match(str(site.get("version", "")))
    if version is None:
        raise AddressWrong(
            "something answers like Ghost, but tells no version",
            subject=address,
            remedy="Set [site] url to the address of a Ghost site (version 2 or later).",
            sent=False,
        )
    return SiteInfo(
        title=str(site.get("title") or ""),
        url=str(site.get("url") or f"{address}/"),
        version=version[0],
        timezone=timezone,
        uuid=str(site.get("site_uuid") or ""),
    )
