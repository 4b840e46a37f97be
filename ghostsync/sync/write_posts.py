"""Writes to Ghost: journalled before, looked at after, never repeated when they may have been applied."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from ghostsync.content.body import body_payload
from ghostsync.content.post import payload_fields, post_json
from ghostsync.content.types import Context, Document, FieldValue, PostView
from ghostsync.errors import ContentError, GhostError, InvalidRequest, NotFound, UpdateCollision
from ghostsync.model import Kind, RemotePost, Storage
from ghostsync.sync.merge import Reconciled
from ghostsync.sync.model import Verb
from ghostsync.sync.observe import SETTLED_AFTER, seconds_of
from ghostsync.sync.plan import Case
from ghostsync.sync.ports import Site, State

Sleep = Callable[[float], Awaitable[None]]


class PostWriter:
    """Create, update and retire posts under the rules of the journal and of Ghost's lock."""

    def __init__(self, site: Site, state: State, context: Context, *, sleep: Sleep = asyncio.sleep) -> None:
        self._site = site
        self._state = state
        self._context = context
        self._sleep = sleep

    def _payload(
        self,
        fields: Mapping[str, FieldValue],
        body: str | None,
        document: Document,
        old: PostView | None,
    ) -> tuple[dict[str, Any], bool]:
        major = self._context.site.major
        payload = payload_fields(fields, self._context, major)
        if body is None:
            return payload, False
        storage = old.storage if old else Storage.LEXICAL if major >= 5 else Storage.MOBILEDOC
        part = body_payload(
            body,
            document.mode,
            storage,
            old=old.body if old else None,
            html_extensions=self._context.html_extensions,
            site_url=self._context.site.url,
        )
        return {**payload, **part.payload}, part.source_html

    async def create(self, case: Case, document: Document) -> tuple[RemotePost, int]:
        """POST once. Returns the post and the open intent's number, for the caller to settle with its record.

        Where the answer is lost, the post is looked for by its slug and taken if it is ours; if it cannot be
        found the intent stays open, and the document waits until the next cycle has looked again.
        """
        fields = {**document.fields, "slug": document.slug}
        payload, source_html = self._payload(fields, document.body, document, None)
        note = json.dumps(
            {"kind": document.kind.value, "slug": document.slug, "title": document.fields.get("title")}
        )
        intent = self._state.intend(Verb.CREATE_POST.value, ghost_id="", path=case.path, payload=note)
        try:
            post = await self._site.create(document.kind, payload, source_html=source_html)
        except GhostError as error:
            if not error.sent or error.definite:
                self._state.settle(intent)
                raise
            found = await self.find_created(
                document.kind, document.slug, str(document.fields.get("title", ""))
            )
            if found is None:
                raise
            post = found
        if post.slug != document.slug:
            await self._undo(document, post)
            self._state.settle(intent)
            raise ContentError(
                f'the slug "{document.slug}" is in use: Ghost would have named this {document.kind} "{post.slug}"',
                subject=document.path,
                key="slug",
                remedy="Give the file another slug in front matter, or delete what uses it in Ghost.",
            )
        return post, intent

    async def find_created(self, kind: Kind, slug: str, title: str) -> RemotePost | None:
        """The post of a create whose answer was lost: this slug, this title, and nobody's yet."""
        post = await self._site.find(kind, slug)
        if post is None or (title and post.data.get("title") != title):
            return None
        return None if any(row.id == post.id for row in self._state.documents()) else post

    async def _undo(self, document: Document, post: RemotePost) -> None:
        """Take back a post that came to be under another address. It is seconds old and ours alone."""
        with suppress(NotFound):
            await self._site.delete(document.kind, post.id)

    async def _lockable(self, case: Case) -> PostView:
        """Wait until Ghost's lock protects the version we saw: its updated_at has whole seconds, and a
        second write within the same second would pass unseen.
        """
        view = case.remote
        seen = self._state.mirror().get(case.id)
        if view is None:
            raise NotFound(f"the {case.kind} is gone from Ghost", subject=case.path)
        if seen is not None and seen.settled:
            return view
        while True:
            post = await self._site.get(case.kind, case.id)
            if post is None:
                raise NotFound(f"the {case.kind} is gone from Ghost", subject=case.path)
            if post.updated_at != view.updated_at or post_json(post.data) != self._stored(case.id):
                raise UpdateCollision("edited in Ghost meanwhile", subject=case.path)
            lacking = SETTLED_AFTER - (post.server_time - seconds_of(post.updated_at))
            if lacking <= 0:
                return view
            await self._sleep(lacking)

    def _stored(self, id: str) -> bytes:
        return self._state.blob(self._state.mirror()[id].post_sha)

    async def update(self, case: Case, document: Document, content: Reconciled) -> tuple[RemotePost, int]:
        """PUT under the lock. UpdateCollision when somebody was faster, or may have been."""
        view = await self._lockable(case)
        payload, source_html = self._payload(content.to_post, content.post_body, document, view)
        note = json.dumps({"keys": content.keys, "updated_at": view.updated_at})
        intent = self._state.intend(Verb.UPDATE_POST.value, ghost_id=case.id, path=case.path, payload=note)
        self._keep(case, Verb.UPDATE_POST)
        try:
            post = await self._site.update(
                case.kind,
                case.id,
                payload,
                updated_at=view.updated_at,
                source_html=source_html,
                save_revision=content.writes_file and content.post_body is not None,
            )
        except UpdateCollision:
            self._state.settle(intent)
            raise
        except GhostError as error:
            self._state.settle(intent)
            if error.sent and not error.definite:
                # It may have been applied. Looking again decides: if it was, both sides agree.
                raise UpdateCollision(
                    f"no clear answer to the update ({error.what})", subject=case.path, remedy=error.remedy
                ) from error
            raise
        wanted = content.to_post.get("slug")
        if wanted is not None and post.slug != wanted:
            post = await self._take_back_slug(case, post, str(view.fields.get("slug") or ""))
            self._state.settle(intent)
            raise InvalidRequest(
                f'the slug "{wanted}" is in use by another document; the old one was kept',
                subject=case.path,
                remedy="Choose another slug in front matter.",
            )
        return post, intent

    async def _take_back_slug(self, case: Case, post: RemotePost, old: str) -> RemotePost:
        return await self._site.update(case.kind, case.id, {"slug": old}, updated_at=post.updated_at)

    async def retire(self, case: Case, retire: str) -> RemotePost | None:
        """The file is gone: "delete" the never-published draft, or make the post a "draft" again.

        RACE: DELETE has no lock in Ghost. The post is read once more right before; an edit in the few
        milliseconds between is lost from Ghost, but the version deleted is in history.
        """
        post = await self._site.get(case.kind, case.id)
        if post is None:
            return None
        if case.remote is None or post.updated_at != case.remote.updated_at:
            raise UpdateCollision("edited in Ghost meanwhile", subject=case.path)
        intent = self._state.intend(Verb.RETIRE_POST.value, ghost_id=case.id, path=case.path, payload=retire)
        self._keep(case, Verb.RETIRE_POST)
        if retire == "delete":
            with suppress(NotFound):
                await self._site.delete(case.kind, case.id)
            post = None
        else:
            await self._lockable(case)
            post = await self._site.update(
                case.kind, case.id, {"status": "draft"}, updated_at=post.updated_at
            )
        self._state.settle(intent)
        return post

    def _keep(self, case: Case, verb: Verb) -> None:
        self._state.keep(
            ghost_id=case.id, path=case.path, side="remote", why=verb.value, data=self._stored(case.id)
        )
