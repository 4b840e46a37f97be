"""tags.yaml within a cycle: look at Ghost when there is a reason, plan, write before the documents and after them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ghostsync.content.preview import TAG as PREVIEW_TAG
from ghostsync.content.site_files.tag_fields import tag_values
from ghostsync.content.site_files.tags_read import TagsFile, read_tags
from ghostsync.errors import FolderError, GhostError, GhostsyncError
from ghostsync.model import RemoteTag, SiteInfo
from ghostsync.sync.model import ABSENT, Action, Direction, Outcome, Part, Verb
from ghostsync.sync.ports import Folder, State
from ghostsync.sync.site_files.mirrors import Seen, recall, remember, text_on_disk
from ghostsync.sync.site_files.model import KnownTag, Parts
from ghostsync.sync.site_files.renames import follow_renames
from ghostsync.sync.site_files.tag_past import with_past
from ghostsync.sync.site_files.tag_plan import TagPlan, TagRules, TagStep, plan_tags
from ghostsync.sync.site_files.tag_writer import TagWriter, file_action
from ghostsync.sync.versioning.ports import Past

NAME = "tags"
_ENDS = frozenset({2, 3, 4})
"""Exit codes of errors after which nothing more can be sent."""


class TagsKeeper:
    """One cycle's work on tags.yaml. told: Ghost told of a change. past: of the folder's repository. renamed: whether posts were found to have a tag under another name than before.
    fatal: what ended the sending.
    """

    def __init__(
        self,
        parts: Parts,
        folder: Folder,
        state: State,
        site: SiteInfo,
        rules: TagRules,
        clock: Callable[[], float],
        *,
        told: bool = False,
        past: Past | None = None,
    ) -> None:
        self._past = past
        self._clock = clock
        self._told = told
        self._parts = parts
        self._folder = folder
        self._state = state
        self._site = site
        self._rules = rules
        self._file: TagsFile | None = None
        self._unreadable: Outcome | None = None
        self._known: Mapping[str, KnownTag] = {}
        self._plan = TagPlan()
        self.renamed = False
        self.fatal: GhostsyncError | None = None

    @property
    def doomed(self) -> list[str]:
        """Names of the tags that would be deleted, and of the entries that would go with tags deleted in Ghost."""
        entries = [step.known.name for step in self._plan.steps if step.gone and step.known is not None]
        return [*(step.action.title for step in self._plan.doomed if step.action is not None), *entries]

    @property
    def total(self) -> int:
        return len(self._known)

    async def plan(self, *, fresh: bool, dry_run: bool) -> None:
        """fresh: ask Ghost in any case; else only where the file has changed. Raises GhostError."""
        try:
            data = text_on_disk(self._folder, self._rules.path)
        except FolderError as error:
            action = Action(
                Verb.PROBLEM, Part.FILE, path=self._rules.path, reason=error.what, errors=(error,)
            )
            self._unreadable = Outcome(action)
            return
        self._file = None if data is None else read_tags(data, self._rules.path, self._site)
        sha = ABSENT if data is None else hashlib.sha256(data).hexdigest()
        before = recall(self._state, NAME, self._rules.path)
        if fresh or self._told or sha != before.sha or not before.looked:
            await self._look(dry_run=dry_run)
        else:
            self._known = self._state.tags()
        if self._past is not None and self._file is not None:
            self._known = with_past(self._file, self._known, self._past, self._state, self._site)
        self._plan = plan_tags(self._file, self._known, self._rules)

    def preview(self) -> list[Outcome]:
        """What would be done."""
        if self._unreadable is not None:
            return [self._unreadable]
        told = [Outcome(step.action) for step in self._plan.steps if step.action is not None]
        if self._plan.edits:
            told.append(Outcome(file_action(self._rules.path, self._file, self._plan.edits)))
        return told

    async def first(self) -> list[Outcome]:
        """All but deletions, before the documents, which name their tags."""
        return await self._carry_out(deletions=False)

    async def last(self, made_tags: bool) -> list[Outcome] | None:
        """Deletions, and new tags that posts were written with; None where there is nothing to look for. Raises
        GhostError.
        """
        fetches = made_tags and self._rules.direction is not Direction.PUSH
        if self._unreadable is not None or self.fatal is not None or not (self._plan.doomed or fetches):
            return None
        self._rules = replace(self._rules, use=None)
        await self.plan(fresh=True, dry_run=False)
        return await self._carry_out(deletions=True)

    async def _carry_out(self, *, deletions: bool) -> list[Outcome]:
        if self._unreadable is not None:
            return [self._unreadable]
        writer = TagWriter(self._parts, self._folder, self._state, self._site, self._rules)
        outcomes = self._to_file(writer)
        for step in self._plan.steps:
            if step.action is None or (step.action.verb is Verb.DELETE_TAG and not deletions):
                continue
            outcomes.append(await self._to_ghost(writer, step.action, step))
        try:
            writer.note_ids()
        except GhostsyncError as error:
            action = Action(Verb.UPDATE_FILE, Part.FILE, path=self._rules.path, reason="ghost_id of new tags")
            outcomes.append(Outcome(action, error))
        self.renamed = writer.renamed or self.renamed
        self._forget_gone()
        self._note_file()
        return outcomes

    def _to_file(self, writer: TagWriter) -> list[Outcome]:
        try:
            done = writer.write_file(self._file, self._plan)
        except GhostsyncError as error:
            # What could not be taken into the file must not be sent over either: the base does not have it.
            action = file_action(self._rules.path, self._file, self._plan.edits)
            self._plan = TagPlan(tuple(step for step in self._plan.steps if not step.merged.to_file))
            return [Outcome(action, error)]
        return [] if done is None else [Outcome(done)]

    async def _to_ghost(self, writer: TagWriter, action: Action, step: TagStep) -> Outcome:
        if not action.verb.writes_tag:
            return Outcome(action)
        if self.fatal is not None:
            return Outcome(action, self.fatal)
        try:
            await writer.send(step)
        except GhostsyncError as error:
            if isinstance(error, GhostError) and error.exit_code in _ENDS:
                self.fatal = error
            return Outcome(action, error)
        return Outcome(action)

    async def _look(self, *, dry_run: bool) -> None:
        """Bring what is known of Ghost's tags up to date. A tag is believed to be gone when Ghost says so of it alone."""
        before = self._state.tags()
        listed, now = await self._listed(before)
        renames: dict[str, tuple[str, str]] = {}
        for id, tag in listed.items():
            seen = tag_values(tag.data, self._site.url)
            known = before.get(id, KnownTag(id, seen))
            now[id] = replace(known, seen=seen)
            if (known.name, known.slug) != (now[id].name, now[id].slug):
                renames[known.slug] = (now[id].name, now[id].slug)
        self._known = now
        if dry_run:
            return
        with self._state.batch():
            for id in before.keys() - now.keys():
                self._state.forget_tag(id)
            for id, row in now.items():
                if before.get(id) != row:
                    self._state.record_tag(row)
            self.renamed = follow_renames(self._state, renames) or self.renamed

    async def _listed(
        self, before: Mapping[str, KnownTag]
    ) -> tuple[dict[str, RemoteTag], dict[str, KnownTag]]:
        """What Ghost has, and what was known, less what is gone."""
        listed = {tag.id: tag for tag in await self._parts.tags() if tag.id in before or not _is_ours(tag)}
        now = dict(before)
        for id, known in before.items():
            if id in listed or known.gone:
                continue
            if (found := await self._parts.tag(id)) is not None:
                listed[id] = found
            elif known.file is None:
                del now[id]
            else:
                now[id] = replace(known, seen={})
        return listed, now

    def _forget_gone(self) -> None:
        """Tags that neither side has any more."""
        named = {entry.id for entry in self._file.entries} if self._file is not None else set()
        if self._file is None or not self._file.problems:
            for id, known in self._known.items():
                if known.gone and id not in named:
                    self._state.forget_tag(id)

    def _note_file(self) -> None:
        """What the file is now; another one next time is a reason to look at Ghost."""
        try:
            data = text_on_disk(self._folder, self._rules.path)
        except FolderError:
            return
        sha = ABSENT if data is None else hashlib.sha256(data).hexdigest()
        remember(self._state, NAME, Seen(self._rules.path, sha, looked=self._clock()))


def _is_ours(tag: RemoteTag) -> bool:
    """The tag of previews, which comes and goes with them, is none of the author's."""
    return str(tag.data.get("name") or "").lower() == PREVIEW_TAG


def made_tags(outcomes: Sequence[Outcome]) -> bool:
    """Whether a post was written with tags, some of which may be new."""
    return any(
        outcome.error is None and outcome.action.verb.writes_post and "tags" in outcome.action.keys
        for outcome in outcomes
    )
