"""Posts for files that have none: journalled, sent once, looked for when no answer came, and recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ghostsync.content.body import read_stored_body
from ghostsync.content.lexical import same
from ghostsync.content.types import Document
from ghostsync.errors import ContentError, FolderError, GhostError, NotFound, TargetChanged
from ghostsync.model import Kind, RemotePost
from ghostsync.sync.desk import Desk
from ghostsync.sync.inventory import Found
from ghostsync.sync.link_cards import Cards
from ghostsync.sync.mail_journal import base_while_held
from ghostsync.sync.mailing import LETS_OUT
from ghostsync.sync.model import LocalFile, Verb
from ghostsync.sync.plan import Case, Decision
from ghostsync.sync.ports import Folder, Site, State
from ghostsync.sync.records import record_agreement
from ghostsync.sync.uncertain import Uncertain, is_over, journal_note
from ghostsync.sync.write_files import FileWriter
from ghostsync.sync.write_posts import PostWriter, check_complete

_LOOKS = 3
"""How often a file that is being saved meanwhile is looked at again."""


class NewPosts:
    """Makes posts. uncertain: what is known of earlier tries. cards: gives those for a file's bare links. tell: is
    called with each file, once its links are sent.
    """

    def __init__(
        self,
        site: Site,
        folder: Folder,
        state: State,
        desk: Desk,
        files: FileWriter,
        posts: PostWriter,
        uncertain: Uncertain,
        *,
        cards: Callable[[Document], Awaitable[Cards]],
        tell: Callable[[Document], None],
    ) -> None:
        self._site = site
        self._folder = folder
        self._state = state
        self._desk = desk
        self._files = files
        self._posts = posts
        self._uncertain = uncertain
        self._cards = cards
        self._tell = tell

    async def make(self, case: Case, decision: Decision) -> str:
        """Make the post of a file. Returns its id if it is a draft for now that a second write is to publish at once."""
        if case.id:
            case, file = self._files.detach(case)
            self._desk.new[case.path] = Found(file, "", changed=True)
        document = case.local
        if document is None:
            raise TargetChanged("the file is gone", subject=case.path, remedy="The next sync takes it up.")
        found = self._desk.new[case.path]
        mailed = decision.email is not None
        again = self._uncertain.is_second_try(found)
        held = mailed or (again and document.fields.get("status") in LETS_OUT)
        post, intent = await self._create(case, document, found.file.stat.inode, held=held)
        base = self._files.edited(document, {}, None, ghost_id=post.id)
        file = self._with_id(case, document, base, post)
        if held:
            base = base_while_held(document, self._desk.context, post.id)
        links = self._files.noted(base, file, {}, sent=True)
        with self._state.batch():
            record_agreement(self._state, post, file, base, written=True, links=links)
            if again:
                self._uncertain.made(found, post.id)
            self._state.settle(intent)
        self._tell(replace(document, data=base))
        if held and again:
            raise TargetChanged(
                "was made as a draft and is not published yet: an earlier try had no answer and may still arrive",
                subject=case.path,
                remedy="The next sync publishes it.",
            )
        if mailed:
            self._desk.born(post.id, file)
            return post.id
        return ""

    async def _create(
        self, case: Case, document: Document, inode: int, *, held: bool
    ) -> tuple[RemotePost, int]:
        """POST once. Returns the post and the open intent's number, to be settled with its record. held: as a draft,
        whatever the file says, since the write that publishes it must be one that cannot happen twice.

        Where the answer is lost, the post is looked for by its slug and taken if it is ours; if it cannot be
        found the intent stays open, and the document waits: see `uncertain`.
        """
        fields = {**document.fields, "slug": document.slug, **({"status": "draft"} if held else {})}
        cards = await self._cards(document)
        payload, source_html = self._posts.payload(
            document.kind, fields, document.body, document.mode, None, cards
        )
        check_complete(payload, case.path)
        intent = self._intend(case, document, inode, held=held)
        try:
            post = await self._site.create(document.kind, payload, source_html=source_html)
        except GhostError as error:
            if not error.sent or error.definite:
                self._state.settle(intent)
                raise
            found = await self._find_created(
                document.kind, document.slug, str(document.fields.get("title", ""))
            )
            if found is None and is_over(error):
                self._state.settle(intent)
                raise
            if found is None or not _is_answer_to(payload, found, self._desk.context.site.url):
                # The wait counts from now, when the answer is given up.
                with self._state.batch():
                    self._state.settle(intent)
                    self._intend(case, document, inode, held=held)
                raise  # the next cycle looks again, and compares
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

    def _intend(self, case: Case, document: Document, inode: int, *, held: bool) -> int:
        with self._state.batch():
            blob, body = self._state.put_blob(document.data), self._state.put_blob(document.body.encode())
            links = self._files.links.note(document.data, document.path, document.kind, {}, sent=True)
            note = journal_note(document, blob, body, inode, links=links, held=held)
            return self._state.intend(Verb.CREATE_POST.value, ghost_id="", path=case.path, payload=note)

    async def _find_created(self, kind: Kind, slug: str, title: str) -> RemotePost | None:
        """The post of a create whose answer was lost: this slug, this title, and nobody's yet."""
        post = await self._site.find(kind, slug)
        if post is None or (title and post.data.get("title") != title):
            return None
        return None if any(row.id == post.id for row in self._state.documents()) else post

    async def _undo(self, document: Document, post: RemotePost) -> None:
        """Take back a post that came to be under another address. It is seconds old and ours alone."""
        with suppress(NotFound):
            await self._site.delete(document.kind, post.id)

    def _with_id(self, case: Case, document: Document, data: bytes, post: RemotePost) -> LocalFile:
        """Add the ghost_id to the file, also when it was saved again while the post was on its way."""
        sha = case.sha
        for _ in range(_LOOKS):
            try:
                return self._folder.write(case.path, data, expected_sha=sha)
            except TargetChanged:
                try:
                    newer = replace(document, data=self._folder.read(case.path))
                except FolderError:
                    break
                sha = hashlib.sha256(newer.data).hexdigest()
                data = self._files.edited(newer, {}, None, ghost_id=post.id)
        # The file went away in the meantime. The row remembers which post was its.
        return self._desk.new[case.path].file


def _is_answer_to(payload: Mapping[str, Any], post: RemotePost, site_url: str) -> bool:
    """Whether a post that was found holds the body that was sent. Ghost spells JSON and addresses its own way, and HTML
    it converts, so that only the next cycle's comparison can tell.
    """
    if "html" in payload:
        return False
    return same(read_stored_body(payload)[0], read_stored_body(post.data)[0], site_url=site_url)
