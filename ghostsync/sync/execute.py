"""Carry out a plan: each document is loaded and decided again right before it is written.

The plan says which documents are touched and is what the brakes judged; what exactly is written comes from
the fresh look. Where Ghost answers "somebody was faster", the document is looked at again, up to three times,
and only the harmless part of the table can come out of that. One failing document never stops the others;
a Ghost that is away or refuses the key stops all that is left.

Longer than other modules: it has every verb's way through both sides. What a verb does by itself lies elsewhere
(`new_posts`, `new_files`, `removals`, `write_posts`, `write_files`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from ghostsync.content.bare_links import bare_links
from ghostsync.content.body import default_mode
from ghostsync.content.post import less_unseen
from ghostsync.content.types import Document, FieldValue
from ghostsync.errors import (
    EXIT_REFUSED,
    EXIT_UNREACHABLE,
    EXIT_USAGE,
    GhostError,
    GhostsyncError,
    TargetChanged,
    UpdateCollision,
)
from ghostsync.model import EmailRequest, Mode, RemotePost
from ghostsync.sync.conflict import conflict_text
from ghostsync.sync.deciding import decide_with_mailing
from ghostsync.sync.desk import Desk
from ghostsync.sync.link_cards import CardAsker, Cards
from ghostsync.sync.links import missing_link
from ghostsync.sync.mail_journal import lacks_email, remember_email, without_email
from ghostsync.sync.mailing import mark_key
from ghostsync.sync.merge import Reconciled, held_before
from ghostsync.sync.model import Action, Direction, LocalFile, Outcome, Verb
from ghostsync.sync.new_addresses import Uses
from ghostsync.sync.new_files import NewFiles, left
from ghostsync.sync.new_posts import NewPosts
from ghostsync.sync.plan import Case, Decision, Policy
from ghostsync.sync.ports import Folder, Progress, Site, State
from ghostsync.sync.records import record_agreement, remember_post
from ghostsync.sync.removals import Removals
from ghostsync.sync.uncertain import Uncertain
from ghostsync.sync.write_files import FileWriter
from ghostsync.sync.write_posts import PostWriter, Sleep

ATTEMPTS = 3

_FIRST = frozenset({Verb.TRASH_FILE, Verb.RELINK, Verb.FORGET})
_ONLY_TOLD = frozenset({Verb.PROBLEM, Verb.SKIP, Verb.LEAVE})

_WITH_PICTURES = frozenset({Verb.UPDATE_FILE, Verb.MERGE, Verb.CONFLICT})

_AFTER_COLLISION = frozenset(
    {Verb.UPDATE_POST, Verb.UPDATE_FILE, Verb.MERGE, Verb.ADVANCE, Verb.CONFLICT, Verb.SKIP, Verb.LEAVE}
    | {Verb.CREATE_FILE, Verb.ADOPT, Verb.RELINK}
)
"""What a second look may turn an action into. Deletions are never among it: they wait for the next plan."""


class Executor:
    """One cycle's hands. `desk` holds the light rows; they are refreshed as documents change."""

    def __init__(
        self,
        site: Site,
        folder: Folder,
        state: State,
        desk: Desk,
        policy: Policy,
        uncertain: Uncertain,
        *,
        max_in_flight: int = 4,
        sleep: Sleep = asyncio.sleep,
        stop: Callable[[], bool] = lambda: False,
        all_seen: bool = False,
        ask_for_cards: bool = True,
    ) -> None:
        self._site = site
        self._folder = folder
        self._state = state
        self._desk = desk
        self._policy = policy
        self._slots = asyncio.Semaphore(max_in_flight)
        self._posts = PostWriter(site, state, desk.context, sleep=sleep, all_seen=all_seen)
        self._files = FileWriter(folder, state, desk.context, desk.links)
        self._cards = CardAsker(site, state, desk.context, ask=ask_for_cards)
        self._uncertain = uncertain
        self._removals = Removals(site, folder, state, desk, self._files, self._posts)
        self._stop = stop
        self.fatal: GhostsyncError | None = None
        self.warnings: list[str] = []

    @property
    def notes(self) -> list[str]:
        return self._cards.notes

    @property
    def _new_posts(self) -> NewPosts:
        """Made for each use: kept, it would hold this executor, and the rows of ten thousand documents with it would
        outlive their cycle until the collector comes by.
        """
        return NewPosts(
            self._site,
            self._folder,
            self._state,
            self._desk,
            self._files,
            self._posts,
            self._uncertain,
            cards=self._cards_of_new,
            tell=self._tell_missing,
        )

    async def run(self, actions: Sequence[Action], progress: Progress | None = None) -> list[Outcome]:
        """Carry out in an order that frees names before it needs them: files away, posts, then new files."""
        first = [a for a in actions if a.verb in _FIRST]
        new_files = [a for a in actions if a.verb is Verb.CREATE_FILE]
        told = [a for a in actions if a.verb in _ONLY_TOLD]
        rest = [a for a in actions if a.verb not in _FIRST | _ONLY_TOLD | {Verb.CREATE_FILE}]
        if progress is not None:
            progress.phase("syncing", len(actions))
        outcomes = [Outcome(action) for action in told]
        outcomes += [await self._guarded(action, progress) for action in first]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._guarded(action, progress)) for action in rest]
        outcomes += [task.result() for task in tasks]
        made = NewFiles(self._files, self._desk)
        return [*outcomes, *await made.make(new_files, progress, stop=self._stop)]

    async def _guarded(self, action: Action, progress: Progress | None) -> Outcome:
        async with self._slots:
            if self._stop():
                return Outcome(left(action))
            try:
                if self.fatal is not None and action.verb.writes_post:
                    raise self.fatal
                done = await self._carry_out(action)
                outcome = Outcome(done)
            except GhostsyncError as error:
                if isinstance(error, GhostError) and error.exit_code in {
                    EXIT_REFUSED,
                    EXIT_UNREACHABLE,
                    EXIT_USAGE,
                }:
                    self.fatal = error
                outcome = Outcome(action, error)
        if progress is not None:
            progress.advance()
        return outcome

    async def _carry_out(self, action: Action) -> Action:
        """Do it; returns the action that was really done, which a collision may have changed."""
        wanted = action
        for attempt in range(ATTEMPTS):
            if action.verb in _WITH_PICTURES and (post := self._desk.remote_post(action.id)) is not None:
                await self._desk.fetch([post])
            case = self._desk.case(action.id) if action.id else self._desk.new_case(action.path)
            case, decision = await decide_with_mailing(self._site, self._desk, case, self._policy)
            if decision is None:
                return action
            if attempt and decision.action.verb not in _AFTER_COLLISION:
                break
            if not attempt and decision.action.verb is not action.verb:
                raise TargetChanged(
                    "changed while the plan was carried out",
                    subject=action.path or action.title,
                    remedy="Nothing was written to it; the next sync takes it up.",
                )
            wanted = decision.action
            try:
                await self._do(case, decision)
            except UpdateCollision as error:
                if attempt == ATTEMPTS - 1:
                    raise
                if not await self._look_again(case):
                    raise TargetChanged(
                        error.what, subject=case.path, remedy="Nothing was lost; the next sync takes it up."
                    ) from error
                continue
            return wanted
        raise TargetChanged(
            "kept changing in Ghost while it was synced",
            subject=action.path or action.title,
            remedy="Nothing was written; the next sync takes it up.",
        )

    async def _look_again(self, case: Case) -> bool:
        self._desk.forget_mailing(case.id)
        post = await self._site.get(case.kind, case.id)
        if post is None:
            return False
        if post.updated_at < self._desk.mirror[case.id].updated_at:
            # A backup was restored. That is for the brakes, which see all documents.
            raise TargetChanged(
                "is older in Ghost than it was",
                subject=case.path,
                remedy="Nothing was written; the next sync looks at all of Ghost before it decides.",
            )
        remember_post(self._state, post)
        self._desk.refresh()
        return True

    async def _do(self, case: Case, decision: Decision) -> None:
        verb = decision.action.verb
        if verb is Verb.CREATE_POST:
            await self._create_post(case, decision)
        elif verb in {Verb.UPDATE_POST, Verb.MERGE, Verb.UPDATE_FILE, Verb.ADVANCE, Verb.RELINK}:
            await self._bring_together(case, decision)
        elif verb is Verb.ADOPT:
            self._adopt(case)
        elif verb is Verb.RETIRE_POST:
            await self._removals.retire(case, decision.action)
        elif verb is Verb.TRASH_FILE:
            await self._removals.trash(case)
        elif verb is Verb.FORGET:
            self._removals.forget(case)
        elif verb is Verb.CREATE_FILE:
            await self._create_file_now(decision.action)
        elif verb is Verb.CONFLICT:
            self._show_conflict(case, decision)

    def _file(self, case: Case) -> LocalFile:
        found = self._desk.found.get(case.id) or self._desk.new[case.path]
        return found.file

    @staticmethod
    def _document(case: Case) -> Document:
        if case.local is None:
            raise TargetChanged("the file is gone", subject=case.path, remedy="The next sync takes it up.")
        return case.local

    async def _create_post(self, case: Case, decision: Decision) -> None:
        if id := await self._new_posts.make(case, decision):
            await self._let_out(Action(Verb.UPDATE_POST, case.kind, id=id, path=case.path))

    async def _cards_of_new(self, document: Document) -> Cards:
        alone = bare_links(document.body) if self._makes_cards(document.mode) else ()
        return await self._cards.cards(document, alone, {})

    async def _let_out(self, action: Action) -> None:
        """Publish the draft that was just made, with its e-mail: a PUT under Ghost's lock, which can happen only once."""
        try:
            await self._carry_out(action)
        except UpdateCollision as error:
            raise TargetChanged(
                f"was made as a draft and is not published yet: {error.what}",
                subject=action.path,
                remedy="The next sync takes it up.",
            ) from error

    async def _bring_together(self, case: Case, decision: Decision) -> None:
        content, document = decision.content, self._document(case)
        if content is None or case.remote is None:
            raise TargetChanged("the post is gone", subject=case.path, remedy="The next sync takes it up.")
        pull = self._policy.direction is Direction.PULL
        intent, agreed = None, None
        post = self._desk.remote_post(case.id)
        if post is not None and content.writes_post and not pull:
            before = held_before(case.base, content, post.data)
            cards = case.cards
            if content.post_body is not None:
                cards = await self._cards.cards(document, case.new_links, case.cards)
            post, intent = await self._posts.update(
                case, document, content, email=decision.email, cards=cards
            )
            agreed = replace(post, data=less_unseen(before, post.data, content.to_post))
            content = self._told_of_sending(post, document, content)
        if post is None:
            raise TargetChanged("the post is gone", subject=case.path, remedy="The next sync takes it up.")
        file = self._file(case)
        if decision.action.verb.silent:
            data = document.data
        else:
            data = self._files.content(case, document, content)
            file = self._files.replace(case, data, file, decision.action.verb)
        base = data
        if pull and content.writes_post and case.base is not None:
            base = self._files.base_after_pull(case.base, case.remote)
        sent = intent is not None and content.post_body is not None
        links = self._files.noted(base, file, self._before(case), sent=sent)
        if sent:
            self._tell_missing(document)
        with self._state.batch():
            record_agreement(
                self._state, post, file, base, written=intent is not None, agreed=agreed, links=links
            )
            if intent is not None:
                self._note_email(case, content, decision.email, post)
                self._state.settle(intent)
        self._files.conflict_over(case.path)
        self._leave_old_path(case)
        if decision.email is not None and intent is not None and lacks_email(post):
            raise without_email(case.path, decision.email)

    def _makes_cards(self, mode: Mode) -> bool:
        return mode is Mode.LEXICAL and default_mode(self._desk.context.site.major) is Mode.LEXICAL

    def _before(self, case: Case) -> Uses:
        return self._desk.links.recorded(self._desk.rows.get(case.id))

    def _tell_missing(self, document: Document) -> None:
        """A link to a file that is not there went to Ghost as it stands, where it leads nowhere."""
        for target in document.linked.missing if document.linked else ():
            self.warnings.append(missing_link(document, target))

    def _told_of_sending(self, post: RemotePost, document: Document, content: Reconciled) -> Reconciled:
        """Sent by e-mail only, a post is `sent` in Ghost for good, and its file says so too; but not after a push."""
        sent = post.data.get("status") == "sent" and document.fields.get("status") != "sent"
        if not sent or self._policy.direction is not Direction.BOTH:
            return content
        return replace(content, to_file={**content.to_file, "status": "sent"})

    def _note_email(
        self, case: Case, content: Reconciled, email: EmailRequest | None, post: RemotePost
    ) -> None:
        """Remember an e-mail that was asked for; one that was only scheduled, and is not any more, was never sent."""
        if email is not None:
            remember_email(self._state, email, post)
        elif content.to_post.get("status") == "draft" and _status(case) == "scheduled":
            self._state.set_meta(mark_key(case.id), None)

    def _leave_old_path(self, case: Case) -> None:
        """A file that was moved leaves its .conflict.md behind."""
        if case.moved:
            self._files.conflict_over(self._desk.rows[case.id].path)

    def _adopt(self, case: Case) -> None:
        document, post = self._document(case), self._desk.remote_post(case.id)
        if post is None:
            return
        data = self._files.edited(document, {}, None, ghost_id=case.id)
        file = self._files.replace(case, data, self._file(case), Verb.ADOPT)
        with self._state.batch():
            links = self._files.noted(data, file, {}, sent=True)
            record_agreement(self._state, post, file, data, written=False, links=links)

    def _show_conflict(self, case: Case, decision: Decision) -> None:
        if self._policy.direction is Direction.PUSH or decision.content is None:
            return
        if case.local is not None and case.remote is not None and case.base is not None:
            zone = self._desk.context.site.timezone
            local = case.local
            text = conflict_text(
                case.base,
                local,
                case.remote,
                decision.content,
                timezone=zone,
                spell=lambda body: self._desk.links.in_file(body, local.path, local.linked),
            )
            self._files.show_conflict(case, text, self._desk.mirror[case.id].post_sha)
            self._leave_old_path(case)

    async def _create_file_now(self, action: Action) -> None:
        """After a collision only: a single file that comes back."""
        [outcome] = await NewFiles(self._files, self._desk).make([action])
        if outcome.error is not None:
            raise outcome.error


def _status(case: Case) -> FieldValue:
    return case.remote.fields.get("status") if case.remote else None
