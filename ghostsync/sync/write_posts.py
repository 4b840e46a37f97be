"""Writes to Ghost: journalled before, looked at after, never repeated when they may have been applied."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from ghostsync.content.body import body_payload
from ghostsync.content.changes import remote_changes
from ghostsync.content.linking import PENDING
from ghostsync.content.newsletters import NEWSLETTERS_SINCE
from ghostsync.content.post import UNLOCKED, payload_fields, post_json
from ghostsync.content.types import Context, Document, FieldValue, PostView
from ghostsync.errors import GhostError, InvalidRequest, NotFound, TargetChanged, UpdateCollision
from ghostsync.model import EmailRequest, Kind, Mode, RemotePost, Storage
from ghostsync.sync.link_cards import NO_CARDS, Cards, with_cards
from ghostsync.sync.mail_journal import look_after_email, note_for, without_email
from ghostsync.sync.mailing import LETS_OUT, PUBLIC, refusal
from ghostsync.sync.merge import Reconciled
from ghostsync.sync.model import EMAIL, RESTORE, Verb
from ghostsync.sync.observe import SETTLED_AFTER, is_ahead, seconds_of
from ghostsync.sync.plan import Case
from ghostsync.sync.ports import Site, State
from ghostsync.sync.records import remember_post

Sleep = Callable[[float], Awaitable[None]]


class PostWriter:
    """Update and retire posts under the rules of the journal and of Ghost's lock. all_seen: every post was read
    moments ago, what moves no date included.
    """

    def __init__(
        self,
        site: Site,
        state: State,
        context: Context,
        *,
        sleep: Sleep = asyncio.sleep,
        all_seen: bool = False,
    ) -> None:
        self._site = site
        self._state = state
        self._context = context
        self._sleep = sleep
        self._all_seen = all_seen

    def payload(
        self,
        kind: Kind,
        fields: Mapping[str, FieldValue],
        body: str | None,
        mode: Mode,
        old: PostView | None,
        cards: Cards,
    ) -> tuple[dict[str, Any], bool]:
        """What to send, and whether the body goes as HTML. body: None leaves it alone; old: the post as it is."""
        major = self._context.site.major
        payload = payload_fields(fields, self._context, major, kind)
        if body is None:
            return payload, False
        storage = old.storage if old else Storage.LEXICAL if major >= 5 else Storage.MOBILEDOC
        part = body_payload(
            body,
            mode,
            storage,
            old=old.body if old else None,
            html_extensions=self._context.html_extensions,
            site_url=self._context.site.url,
            major=major,
        )
        return {**payload, **with_cards(part.payload, mode, cards)}, part.source_html

    async def _lockable(self, case: Case, keys: Iterable[str]) -> PostView:
        """Wait until Ghost's lock protects the version we saw: its updated_at has whole seconds, and a
        second write within the same second would pass unseen. Fields that the lock does not cover are read again.

        RACE: between that read and the PUT an edit of the same unlocked field would be overwritten; the version
        read is in history.
        """
        view = case.remote
        seen = self._state.mirrored(case.id)
        if view is None:
            raise NotFound(f"the {case.kind} is gone from Ghost", subject=case.path)
        covered = self._all_seen or UNLOCKED.isdisjoint(keys)
        if seen is not None and seen.settled and covered:
            return view
        while True:
            post = await self._site.get(case.kind, case.id)
            if post is None:
                raise NotFound(f"the {case.kind} is gone from Ghost", subject=case.path)
            if post.updated_at != view.updated_at or post_json(post.data) != self._stored(case):
                raise UpdateCollision("edited in Ghost meanwhile", subject=case.path)
            lacking = SETTLED_AFTER - (post.server_time - seconds_of(post.updated_at))
            if lacking <= 0 or is_ahead(post.updated_at, post.server_time):
                return view
            await self._sleep(lacking)

    def _stored(self, case: Case) -> bytes:
        seen = self._state.mirrored(case.id)
        if seen is None:
            raise UpdateCollision("deleted in Ghost meanwhile", subject=case.path)
        return self._state.blob(seen.post_sha)

    async def update(
        self,
        case: Case,
        document: Document,
        content: Reconciled,
        *,
        email: EmailRequest | None = None,
        cards: Cards = NO_CARDS,
    ) -> tuple[RemotePost, int]:
        """PUT under the lock. UpdateCollision when somebody was faster, or may have been. email: to be sent with it.
        cards: for bare links, by address.
        """
        view = await self._lockable(case, content.to_post)
        mode = content.mode or document.mode
        payload, source_html = self.payload(case.kind, content.to_post, content.post_body, mode, view, cards)
        payload |= self._unscheduled(view, content.to_post.get("status"))
        # A version that was made in Ghost shall be found again in Ghost's own editor.
        foreign = case.base is None or bool(remote_changes(case.base.view, view))
        return await self._put(
            case,
            view,
            payload,
            source_html=source_html,
            save_revision=foreign and content.post_body is not None,
            why=EMAIL if email else Verb.UPDATE_POST.value,
            email=email,
        )

    def _unscheduled(self, view: PostView, status: FieldValue) -> dict[str, Any]:
        """A draft that was scheduled to go out by e-mail only would stay marked so, and become `sent` when it is published,
        with nothing sent.
        """
        scheduled = view.fields.get("status") == "scheduled" and status == "draft"
        mailed = view.kind is Kind.POST and self._context.site.major >= NEWSLETTERS_SINCE
        return {"email_only": False} if scheduled and mailed else {}

    async def put_back(self, case: Case, payload: Mapping[str, Any], *, source_html: bool) -> RemotePost:
        """PUT an earlier version. As `update`, but both sides do not agree by it: the mirror alone knows."""
        view = await self._lockable(case, payload)
        await self._send_nothing(case, view, payload.get("status"))
        post, intent = await self._put(
            case, view, payload, source_html=source_html, save_revision=True, why=RESTORE
        )
        with self._state.batch():
            remember_post(self._state, post)
            self._state.settle(intent)
        return post

    async def _put(
        self,
        case: Case,
        view: PostView,
        payload: Mapping[str, Any],
        *,
        source_html: bool,
        save_revision: bool,
        why: str,
        email: EmailRequest | None = None,
    ) -> tuple[RemotePost, int]:
        check_complete(payload, case.path)
        note = json.dumps({"keys": sorted(payload), "updated_at": view.updated_at})
        step = Verb.UPDATE_POST.value
        if email is not None:
            step, note = EMAIL, note_for(email, view.updated_at, sorted(payload))
        intent = self._state.intend(step, ghost_id=case.id, path=case.path, payload=note)
        self._keep(case, why)
        lacking: EmailRequest | None = None
        try:
            post = await self._site.update(
                case.kind,
                case.id,
                payload,
                updated_at=view.updated_at,
                source_html=source_html,
                save_revision=save_revision,
                email=email,
            )
        except UpdateCollision:
            await self._look_after(case, email)
            self._state.settle(intent)
            raise
        except GhostError as error:
            if error.sent and not error.definite and not await self._look_after(case, email):
                lacking = email
            self._state.settle(intent)
            if lacking is not None:
                raise without_email(case.path, lacking) from error
            if error.sent and not error.definite:
                # It may have been applied. Looking again decides: if it was, both sides agree.
                raise UpdateCollision(
                    f"no clear answer to the update ({error.what})", subject=case.path, remedy=error.remedy
                ) from error
            raise
        wanted = payload.get("slug")
        if wanted is not None and post.slug != wanted:
            post = await self._take_back_slug(case, post, str(view.fields.get("slug") or ""))
            self._state.settle(intent)
            raise InvalidRequest(
                f'the slug "{wanted}" is in use by another document; the old one was kept',
                subject=case.path,
                remedy="Choose another slug in front matter.",
            )
        return post, intent

    async def _send_nothing(self, case: Case, view: PostView, status: object) -> None:
        """Raises ContentError where Ghost would send an e-mail although none is asked for."""
        may_send = view.kind is Kind.POST and self._context.site.major >= NEWSLETTERS_SINCE
        if may_send and status in LETS_OUT and view.fields.get("status") not in PUBLIC:
            mailing = await self._site.mailing(case.id)
            if mailing is not None and (error := refusal(case, mailing, status)):
                raise error

    async def _look_after(self, case: Case, email: EmailRequest | None) -> bool:
        """Before the intent of a publishing write is settled. Where Ghost does not answer, it stays open. Returns False if
        the post was published, and Ghost made no e-mail.
        """
        return email is None or await look_after_email(self._site, self._state, case.id, email)

    async def _take_back_slug(self, case: Case, post: RemotePost, old: str) -> RemotePost:
        return await self._site.update(case.kind, case.id, {"slug": old}, updated_at=post.updated_at)

    async def retire(self, case: Case, retire: str) -> tuple[RemotePost | None, int | None]:
        """The file is gone: "delete" the never-published draft, or make the post a "draft" again.

        Returns the post, None when it is gone, and the open intent, for the caller to settle with its record.

        RACE: DELETE has no lock in Ghost. The post is read once more right before; an edit in the few
        milliseconds between is lost from Ghost, but the version deleted is in history.
        """
        post = await self._site.get(case.kind, case.id)
        if post is None:
            return None, None
        same_second = case.remote is not None and post.updated_at == case.remote.updated_at
        if not same_second or post_json(post.data) != self._stored(case):
            raise UpdateCollision("edited in Ghost meanwhile", subject=case.path)
        intent = self._state.intend(Verb.RETIRE_POST.value, ghost_id=case.id, path=case.path, payload=retire)
        self._keep(case, Verb.RETIRE_POST.value)
        if retire == "delete":
            with suppress(NotFound):
                await self._site.delete(case.kind, case.id)
            post = None
        else:
            await self._lockable(case, ())
            post = await self._site.update(
                case.kind,
                case.id,
                {"status": "draft", **(self._unscheduled(case.remote, "draft") if case.remote else {})},
                updated_at=post.updated_at,
            )
        return post, intent

    def _keep(self, case: Case, why: str) -> None:
        self._state.keep(ghost_id=case.id, path=case.path, side="remote", why=why, data=self._stored(case))


def check_complete(payload: Mapping[str, Any], path: str) -> None:
    """Raises TargetChanged where the document at `path` shows a file that is not in Ghost: it came after the uploads."""
    if any(PENDING in value for value in payload.values() if isinstance(value, str)):
        raise TargetChanged(
            "shows a file that is not in Ghost yet",
            subject=path,
            remedy="Nothing was sent. `ghostsync sync` sends the file, and then its documents.",
        )
