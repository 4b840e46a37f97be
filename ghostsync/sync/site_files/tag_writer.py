"""Carry out what is planned for tags: in tags.yaml, then in Ghost. Each step is recorded as it is done.

A pull is written and recorded before anything of the same tag is sent, so that wherever the process is killed, what the
base says of the file is what lies on the disk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from ghostsync.content.site_files.tag_fields import ID, TagValue, TagValues, kept_tag, tag_payload, tag_values
from ghostsync.content.site_files.tags_edit import TagEdits, edit_tags, new_entry, new_file
from ghostsync.content.site_files.tags_read import Entry, TagsFile, read_tags
from ghostsync.content.slug import slugify_tag
from ghostsync.errors import ContentError, GhostError, NotFound, TargetChanged
from ghostsync.model import RemoteTag, SiteInfo
from ghostsync.sync.model import ABSENT, Action, Part, Verb
from ghostsync.sync.ports import Folder, State
from ghostsync.sync.site_files.model import KnownTag, Parts
from ghostsync.sync.site_files.renames import follow_renames
from ghostsync.sync.site_files.tag_plan import TagPlan, TagRules, TagStep
from ghostsync.wording import counted

_NEXT = "Nothing was written to it; the next sync takes it up."


class TagWriter:
    """For one pass over the tags. renamed: whether posts were found to have a tag under another name than before."""

    def __init__(self, parts: Parts, folder: Folder, state: State, site: SiteInfo, rules: TagRules) -> None:
        self._parts = parts
        self._folder = folder
        self._state = state
        self._site = site
        self._rules = rules
        self.renamed = False
        self._made: list[tuple[Entry, str]] = []

    # tags.yaml

    def write_file(self, file: TagsFile | None, plan: TagPlan) -> Action | None:
        """Take what Ghost has into the file. Returns what was done to it. Raises FolderError, ContentError."""
        action = None
        if plan.edits:
            action = file_action(self._rules.path, file, plan.edits)
            if file is None:
                data, expected = new_file(plan.edits.new), ABSENT
            else:
                data, expected = edit_tags(file, plan.edits, self._site), _sha(file.data)
                self._keep_file(file.data)
            self._folder.write_site_file(self._rules.path, data, expected_sha=expected)
        with self._state.batch():
            for step in plan.steps:
                if step.action is None or step.action.verb is Verb.UPDATE_TAG:
                    self._pulled(step)
        return action

    def _pulled(self, step: TagStep) -> None:
        """Record what the file says now; what is still to be sent is an edit yet."""
        if step.gone and step.known is not None:
            self._state.forget_tag(step.known.id)
        elif step.entry is None and step.known is not None:
            stated = new_entry(step.known.seen, step.known.id)
            del stated[ID]
            self._state.record_tag(replace(step.known, file=stated, ghost=step.known.seen))
        elif step.entry is not None and step.known is not None:
            stated = stated_after(step.entry, step.merged.to_file)
            before = step.known.file or {}
            for name in step.merged.to_ghost:
                stated.pop(name, None)
                if name in before:
                    stated[name] = before[name]
            pulled = replace(step.known, file=stated, ghost=step.known.seen)
            if pulled != step.known:
                self._state.record_tag(pulled)

    def note_ids(self) -> None:
        """Write the ids of new tags into their entries: a line more for each. Raises FolderError, ContentError."""
        if not self._made:
            return
        file = read_tags(self._folder.read(self._rules.path), self._rules.path, self._site)
        changed: dict[int, TagValues] = {}
        for made, id in self._made:
            for entry in file.entries:
                same = (entry.name, entry.values.get("slug")) == (made.name, made.values.get("slug"))
                if same and not entry.id and entry.at not in changed:
                    changed[entry.at] = {ID: id}
                    break
        if changed:
            data = edit_tags(file, TagEdits(changed), self._site)
            self._folder.write_site_file(self._rules.path, data, expected_sha=_sha(file.data))

    def _keep_file(self, data: bytes) -> None:
        why = Verb.UPDATE_FILE.value
        self._state.keep(ghost_id="", path=self._rules.path, side="local", why=why, data=data)

    # Ghost

    async def send(self, step: TagStep) -> None:
        """Carry out one step's writing to Ghost. Raises GhostError, ContentError, TargetChanged."""
        if step.action is None:
            return
        match step.action.verb:
            case Verb.CREATE_TAG if step.entry is not None:
                await self._create(step.entry)
            case Verb.UPDATE_TAG if step.entry is not None and step.known is not None:
                await self._update(step, step.entry, step.known)
            case Verb.DELETE_TAG if step.known is not None:
                await self._delete(step.known)
            case _:
                return

    async def _create(self, entry: Entry) -> None:
        slug = entry.slug or slugify_tag(entry.name)
        if await self._parts.tag_at(slug) is not None:
            raise TargetChanged(
                f"somebody made a tag with the slug {slug} in Ghost meanwhile",
                subject=self._where(entry),
                remedy=_NEXT,
            )
        values = {name: value for name, value in entry.values.items() if value is not None}
        payload = tag_payload({**values, "slug": slug}, self._site.url)
        note = json.dumps({"name": entry.name, "slug": slug})
        intent = self._state.intend(Verb.CREATE_TAG.value, ghost_id="", path=self._rules.path, payload=note)
        try:
            made = await self._parts.create_tag(payload)
        except GhostError as error:
            found = await self._found_after(error, slug, entry.name)
            if found is None:
                self._state.settle(intent)
                raise
            made = found
        if made.slug != slug:
            # RACE: somebody made a tag of this slug between the look and the write. Ours is seconds old and has no post.
            with suppress(NotFound):
                await self._parts.delete_tag(made.id)
            self._state.settle(intent)
            raise TargetChanged(
                f"the slug {slug} was taken in Ghost meanwhile", subject=self._where(entry), remedy=_NEXT
            )
        seen = tag_values(made.data, self._site.url)
        with self._state.batch():
            self._state.record_tag(KnownTag(made.id, seen, dict(entry.values), seen))
            self._state.settle(intent)
        self._made.append((entry, made.id))

    async def _found_after(self, error: GhostError, slug: str, name: str) -> RemoteTag | None:
        """The tag of a POST whose answer was lost, if it is there."""
        if not error.sent or error.definite:
            return None
        with suppress(GhostError):
            found = await self._parts.tag_at(slug)
            return found if found is not None and found.name == name else None
        return None

    async def _update(self, step: TagStep, entry: Entry, known: KnownTag) -> None:
        now = await self._unchanged(known)
        sent = step.merged.to_ghost
        note = json.dumps({"keys": sorted(sent)})
        intent = self._state.intend(
            Verb.UPDATE_TAG.value, ghost_id=known.id, path=self._rules.path, payload=note
        )
        self._keep_tag(now, Verb.UPDATE_TAG)
        try:
            done = await self._parts.update_tag(known.id, tag_payload(_whole(sent), self._site.url))
            wanted = sent.get("slug")
            if wanted and done.slug != wanted:
                await self._parts.update_tag(known.id, {"slug": known.slug})
                raise ContentError(
                    f'the slug "{wanted}" is in use by another tag; the old one was kept',
                    line=entry.lines.get("slug", entry.line),
                    key="slug",
                    subject=self._rules.path,
                    remedy="Choose another slug.",
                )
        finally:
            self._state.settle(intent)
        seen = tag_values(done.data, self._site.url)
        stated = stated_after(entry, step.merged.to_file)
        self._record(known, KnownTag(known.id, seen, stated, seen))

    async def _delete(self, known: KnownTag) -> None:
        """RACE: Ghost's DELETE has no lock. A post that gets the tag in the milliseconds after the count loses it; the tag
        itself is in history.
        """
        now = await self._parts.tag(known.id)
        if now is not None:
            now = await self._unchanged(known)
            if posts := await self._parts.posts_of(known.id):
                raise ContentError(
                    f'the entry of the tag "{known.name}" is gone, but {counted(posts, "post")} still '
                    f"{'has' if posts == 1 else 'have'} it; it was not deleted",
                    subject=self._rules.path,
                    remedy="Take the tag off its posts first. To have the entry back: "
                    f"ghostsync resolve {self._rules.path} --use remote",
                )
            intent = self._state.intend(
                Verb.DELETE_TAG.value, ghost_id=known.id, path=self._rules.path, payload=""
            )
            self._keep_tag(now, Verb.DELETE_TAG)
            with suppress(NotFound):
                await self._parts.delete_tag(known.id)
            self._state.settle(intent)
        self._state.forget_tag(known.id)

    async def _unchanged(self, known: KnownTag) -> RemoteTag:
        """The tag as it is this moment, if it is what the plan was made for. Tags have no lock in Ghost.

        RACE: an edit in the few milliseconds between this look and the write is overwritten; where it was of another field,
        it stays, since only what changed is sent.
        """
        now = await self._parts.tag(known.id)
        if now is None:
            raise TargetChanged("was deleted in Ghost meanwhile", subject=f'tag "{known.name}"', remedy=_NEXT)
        seen = tag_values(now.data, self._site.url)
        if seen != known.seen:
            self._record(known, replace(known, seen=seen))
            raise TargetChanged(
                "somebody changed it in Ghost meanwhile", subject=f'tag "{known.name}"', remedy=_NEXT
            )
        return now

    def _keep_tag(self, tag: RemoteTag, why: Verb) -> None:
        data = json.dumps(kept_tag(tag.data), ensure_ascii=False).encode()
        self._state.keep(ghost_id=tag.id, path=self._rules.path, side="remote", why=why.value, data=data)

    def _record(self, before: KnownTag, now: KnownTag) -> None:
        """With what follows from a rename, in one transaction: nothing would tell of it later."""
        with self._state.batch():
            self._state.record_tag(now)
            if (before.name, before.slug) != (now.name, now.slug):
                renames = {before.slug: (now.name, now.slug)}
                self.renamed = follow_renames(self._state, renames) or self.renamed

    def _where(self, entry: Entry) -> str:
        return f'tag "{entry.name}"'


def file_action(path: str, file: TagsFile | None, edits: TagEdits) -> Action:
    """What is done to tags.yaml, told."""
    told = [
        f"{count} {word}"
        for count, word in (
            (len(edits.new), "new"),
            (len(edits.changed), "changed"),
            (len(edits.gone), "gone"),
        )
        if count
    ]
    verb = Verb.CREATE_FILE if file is None else Verb.UPDATE_FILE
    reason = "the tags of the site" if file is None else f"tags in Ghost: {', '.join(told)}"
    return Action(verb, Part.FILE, path=path, reason=reason)


def stated_after(entry: Entry, to_file: Mapping[str, TagValue]) -> dict[str, TagValue]:
    """What an entry states once these are written into it."""
    stated = {**entry.values, **to_file}
    return {name: value for name, value in stated.items() if value is not None or name not in to_file}


def _whole(values: Mapping[str, TagValue]) -> Mapping[str, TagValue]:
    """Ghost 2 and 3 clear a field by an empty text, newer ones by null, too."""
    return {name: "" if value is None else value for name, value in values.items()}


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
