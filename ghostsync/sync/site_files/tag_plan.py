"""tags.yaml and the tags of Ghost -> what is to be done for each tag. Pure.

base | entry     | tag       | decision
-----+-----------+-----------+------------------------------------------------------------------
no  | no        | there     | new entry
no  | there     | no        | create tag; with a ghost_id that Ghost does not know: problem
no  | there     | there     | merge: what is set on one side only goes to the other; else conflict
yes | changed   | same      | update tag
yes | same      | changed   | update entry
yes | changed   | changed   | merge; conflict where both changed the same key differently
yes | gone      | same      | delete tag, if no post has it
yes | gone      | changed   | new entry: an edit is never lost to a deletion
yes | same      | gone      | remove entry
yes | changed   | gone      | conflict
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ghostsync.content.site_files.tag_fields import ID, TagValues, usual_visibility
from ghostsync.content.site_files.tags_edit import TagEdits, new_entry
from ghostsync.content.site_files.tags_merge import MergedTag, merge_tag
from ghostsync.content.site_files.tags_read import Entry, TagsFile
from ghostsync.errors import ContentError
from ghostsync.sync.model import Action, Direction, Part, Use, Verb
from ghostsync.sync.site_files.model import KnownTag


@dataclass(frozen=True, slots=True)
class TagStep:
    """What is to be done for one tag, in the order of the file. entry: None where the file has none. known: None where Ghost
    has none. gone: Ghost had it, and says that it has not any more.
    """

    action: Action | None
    entry: Entry | None = None
    known: KnownTag | None = None
    merged: MergedTag = field(default_factory=MergedTag)
    gone: bool = False

    @property
    def open(self) -> bool:
        return self.action is not None and self.action.verb.open


@dataclass(frozen=True, slots=True)
class TagPlan:
    """All of them. edits: what goes into the file, whole where there is none. doomed: tags whose entries are gone."""

    steps: tuple[TagStep, ...] = ()
    edits: TagEdits = field(default_factory=TagEdits)

    @property
    def doomed(self) -> tuple[TagStep, ...]:
        return tuple(
            step for step in self.steps if step.action is not None and step.action.verb is Verb.DELETE_TAG
        )


@dataclass(frozen=True, slots=True)
class TagRules:
    """path: of the file. use: how a person settled its conflicts. prefer: `[sync] prefer`."""

    path: str
    direction: Direction = Direction.BOTH
    use: Use | None = None
    prefer: str = "none"

    @property
    def wins(self) -> str:
        return self.use.value if self.use in {Use.LOCAL, Use.REMOTE} else self.prefer


def plan_tags(file: TagsFile | None, known: Mapping[str, KnownTag], rules: TagRules) -> TagPlan:
    """file: None where there is none. known: all tags of the site, and those that are gone from it, by id."""
    if file is not None and file.broken is not None:
        return TagPlan((TagStep(_problem(rules, "", "", (file.broken,))),))
    entries = file.entries if file is not None else ()
    pairs = _matched(entries, {id: tag for id, tag in known.items() if not tag.gone})
    steps = [_entry_step(entry, pairs.get(entry.at), known, rules) for entry in entries]
    taken = {tag.id for tag in pairs.values()} | {entry.id for entry in entries}
    sure = file is not None and not file.problems
    steps += [
        _tag_step(tag, rules, absent=file is None, sure=sure)
        for tag in sorted(known.values(), key=lambda tag: (tag.slug, tag.id))
        if tag.id not in taken and not tag.gone
    ]
    return TagPlan(tuple(steps), _edits(steps, rules))


def _matched(entries: Sequence[Entry], known: Mapping[str, KnownTag]) -> dict[int, KnownTag]:
    """Place of an entry -> its tag: by id, else by slug, else by name, each tag once."""
    pairs = {entry.at: known[entry.id] for entry in entries if entry.id in known}
    left = {tag.id: tag for tag in known.values()}
    for entry in entries:
        left.pop(entry.id, None)
    by_slug = {tag.slug: tag for tag in left.values()}
    for entry in entries:
        tag = by_slug.get(entry.slug) if not entry.id and entry.slug else None
        if tag is not None and tag.id in left:
            pairs[entry.at] = left.pop(tag.id)
    names: dict[str, list[KnownTag]] = {}
    for tag in left.values():
        names.setdefault(tag.name, []).append(tag)
    for entry in entries:
        found = names.get(entry.name, [])
        if not entry.id and entry.at not in pairs and entry.name and len(found) == 1:
            pairs[entry.at] = names.pop(entry.name)[0]
    return pairs


def _entry_step(
    entry: Entry, tag: KnownTag | None, known: Mapping[str, KnownTag], rules: TagRules
) -> TagStep:
    if entry.problems:
        return TagStep(_problem(rules, entry.name, entry.id, entry.problems), entry, tag)
    if tag is not None:
        return _merge_step(entry, tag, rules)
    if not entry.id:
        if rules.direction is Direction.PULL:
            return TagStep(
                _action(Verb.LEAVE, rules, entry.name, reason="new here; `push` or `sync` sends it"), entry
            )
        keys = tuple(name for name, value in entry.values.items() if value)
        return TagStep(_action(Verb.CREATE_TAG, rules, entry.name, keys=keys, reason="new here"), entry)
    before = known.get(entry.id)
    if before is None:
        error = ContentError(
            f"Ghost has no tag with the ghost_id {entry.id}",
            line=entry.lines.get(ID, entry.line),
            key=ID,
            subject=rules.path,
            remedy="To make it a new tag, remove that line; else remove the entry.",
        )
        return TagStep(_problem(rules, entry.name, entry.id, (error,)), entry)
    return _gone_step(entry, before, rules)


def _merge_step(entry: Entry, tag: KnownTag, rules: TagRules) -> TagStep:
    merged = _with_visibility(
        entry, tag, merge_tag(tag.file, tag.ghost, entry.values, tag.seen, prefer=rules.wins)
    )
    if merged.conflicts:
        return TagStep(_conflict(entry, tag, merged, rules), entry, tag, merged)
    keys = tuple(dict.fromkeys([*merged.to_ghost, *merged.to_file]))
    if rules.direction is Direction.PUSH and merged.to_file:
        verb = Verb.SKIP if merged.to_ghost else Verb.LEAVE
        reason = (
            "edited in Ghost since the last sync; run `sync` to merge"
            if merged.to_ghost
            else "edited in Ghost; `pull` or `sync` fetches it"
        )
        return TagStep(_action(verb, rules, tag.name, tag.id, keys=keys, reason=reason), entry, tag)
    if rules.direction is Direction.PULL and merged.to_ghost and not merged.to_file:
        reason = "edited here; `push` or `sync` sends it"
        return TagStep(_action(Verb.LEAVE, rules, tag.name, tag.id, keys=keys, reason=reason), entry, tag)
    action: Action | None = None
    if merged.to_ghost and rules.direction is not Direction.PULL:
        reason = "edited on both sides" if merged.to_file else "edited here"
        action = _action(
            Verb.UPDATE_TAG, rules, entry.name or tag.name, tag.id, keys=tuple(merged.to_ghost), reason=reason
        )
    return TagStep(action, entry, tag, merged)


def _with_visibility(entry: Entry, tag: KnownTag, merged: MergedTag) -> MergedTag:
    """A name that gets or loses its # makes the tag internal or public, as in Ghost Admin; Ghost's API does only the one."""
    name = merged.to_ghost.get("name")
    if not name or "visibility" in entry.values:
        return merged
    wanted = usual_visibility(name)
    if wanted == usual_visibility(tag.name) or wanted == tag.seen.get("visibility"):
        return merged
    return replace(merged, to_ghost={**merged.to_ghost, "visibility": wanted})


def _gone_step(entry: Entry, before: KnownTag, rules: TagRules) -> TagStep:
    """The tag was deleted in Ghost."""
    if rules.use is Use.REMOTE or (before.file is not None and dict(before.file) == dict(entry.values)):
        if rules.direction is Direction.PUSH:
            reason = "deleted in Ghost; `pull` or `sync` removes the entry"
            return TagStep(_action(Verb.LEAVE, rules, before.name, before.id, reason=reason), entry, before)
        return TagStep(None, entry, before, gone=True)
    error = ContentError(
        "edited here, but deleted in Ghost",
        line=entry.line,
        subject=rules.path,
        remedy="To make it a new tag, remove its line ghost_id; else remove the entry.",
    )
    action = _action(
        Verb.CONFLICT, rules, before.name, before.id, keys=("deleted",), reason=error.what, errors=(error,)
    )
    return TagStep(action, entry, before)


def _tag_step(tag: KnownTag, rules: TagRules, *, absent: bool, sure: bool) -> TagStep:
    """A tag without an entry. absent: there is no file at all. sure: every entry of the file could be understood."""
    edited = tag.ghost is not None and any(tag.seen.get(name) != value for name, value in tag.ghost.items())
    if absent or tag.file is None or edited or rules.use is Use.REMOTE:
        if rules.direction is Direction.PUSH:
            reason = "new in Ghost; `pull` or `sync` fetches it"
            return TagStep(_action(Verb.LEAVE, rules, tag.name, tag.id, reason=reason), None, tag)
        return TagStep(None, None, tag)
    if not sure:
        reason = "its entry is gone; nothing is deleted while another entry is not understood"
        return TagStep(_action(Verb.LEAVE, rules, tag.name, tag.id, reason=reason), None, tag)
    if rules.direction is Direction.PULL:
        reason = "its entry is gone; `push` or `sync` deletes the tag"
        return TagStep(_action(Verb.LEAVE, rules, tag.name, tag.id, reason=reason), None, tag)
    return TagStep(
        _action(Verb.DELETE_TAG, rules, tag.name, tag.id, reason="its entry was removed"), None, tag
    )


def _edits(steps: Sequence[TagStep], rules: TagRules) -> TagEdits:
    if rules.direction is Direction.PUSH:
        return TagEdits()
    changed: dict[int, TagValues] = {}
    new, removed = [], []
    for step in steps:
        if step.action is not None and step.action.verb is not Verb.UPDATE_TAG:
            continue
        if step.entry is None and step.known is not None:
            new.append(new_entry(step.known.seen, step.known.id))
        elif step.entry is not None and step.gone:
            removed.append(step.entry.at)
        elif step.entry is not None and step.known is not None:
            values = {**step.merged.to_file, **({} if step.entry.id else {ID: step.known.id})}
            if values:
                changed[step.entry.at] = values
    return TagEdits(changed, new, removed)


def _conflict(entry: Entry, tag: KnownTag, merged: MergedTag, rules: TagRules) -> Action:
    agreed = tag.file is not None
    key = merged.conflicts[0]
    told = "; ".join(
        f"{name}: {_short(entry.values.get(name))} here, {_short(tag.seen.get(name))} in Ghost"
        for name in merged.conflicts
    )
    error = ContentError(
        f"{'edited here and in Ghost, differently' if agreed else 'differs from the tag in Ghost'}: {told}",
        line=entry.lines.get(key, entry.line),
        key=key,
        subject=rules.path,
        remedy=f"Settle it: ghostsync resolve {rules.path} --use local|remote, or write what Ghost has into the file.",
    )
    reason = "both sides changed the same thing" if agreed else "never in step before"
    return _action(
        Verb.CONFLICT, rules, tag.name, tag.id, keys=merged.conflicts, reason=reason, errors=(error,)
    )


def _short(value: str | None) -> str:
    if value is None:
        return "nothing"
    return repr(value if len(value) <= 40 else f"{value[:37]}...")


def _problem(rules: TagRules, name: str, id: str, errors: tuple[ContentError, ...]) -> Action:
    return _action(Verb.PROBLEM, rules, name, id, reason=errors[0].what, errors=errors)


def _action(
    verb: Verb,
    rules: TagRules,
    name: str,
    id: str = "",
    *,
    keys: tuple[str, ...] = (),
    reason: str = "",
    errors: tuple[ContentError, ...] = (),
) -> Action:
    return Action(verb, Part.TAG, id=id, path=rules.path, title=name, keys=keys, reason=reason, errors=errors)
