"""What a commit says: which documents, which paragraphs and keys of them, and the ids of their posts. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from urllib.parse import urlsplit

from ghostsync.content.markdown.blocks import read_blocks
from ghostsync.content.plainly import read_plainly
from ghostsync.content.types import Document
from ghostsync.sync.model import ABSENT
from ghostsync.sync.versioning.model import Person, Staged
from ghostsync.wording import counted

SUBJECT = 72
"""Characters; what git's own tools show of a subject on a line."""
_LISTED = 100
"""Documents that one message names; more would be a book."""
_RANGES = 5
_NOT_IN_A_NAME = re.compile(r"[<>\x00-\x1f\x7f]+")
_SHORTEST_TITLE = 12
_DOCUMENTS = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class Told:
    """One file's part of the commit. verb: with a place for the title. details, more: what changed, and the same in short.
    from_ghost: an edit made in Ghost, not a line that ghostsync added.
    """

    staged: Staged
    ghost_id: str
    verb: str
    title: str
    details: str = ""
    more: str = ""
    from_ghost: bool = True

    def subject(self, limit: int = SUBJECT) -> str:
        """`Edit 'Title' (paragraphs 3, 5)`, made to fit."""
        details = f" ({self.details})" if self.details else ""
        room = limit - len(self.verb.format(title="")) - len(details)
        if room < min(len(self.title), _SHORTEST_TITLE):
            details = f" ({self.more})" if self.more else ""
            room = limit - len(self.verb.format(title="")) - len(details)
        title = self.title if len(self.title) <= room else f"{self.title[: max(1, room - 1)]}…"
        return self.verb.format(title=title) + details


def tell(staged: Staged, *, merged: bool, keys: Mapping[str, str]) -> Told:
    """What became of one file. merged: it had edits here, too. keys: as in `Context`."""
    edits = staged.edits
    path = edits.path
    if edits.arrived is not None:
        verb = "Remove {title}" if edits.arrived == ABSENT else "Add {title}"
        return Told(staged, "", verb, path, from_ghost=False)
    if not path.lower().endswith(_DOCUMENTS):
        verb = "Add" if staged.old is None else "Remove" if staged.new is None else "Update"
        return Told(staged, "", f"{verb} {{title}}", path)
    old = None if staged.old is None else read_plainly(staged.old, path, keys)
    new = None if staged.new is None else read_plainly(staged.new, path, keys)
    shown = new or old
    title = "" if shown is None else " ".join(str(shown.fields.get("title") or "").split()) or path
    id = edits.ghost_id or (shown.ghost_id if shown is not None else "")
    if old is None or new is None:
        verb, details = ("Add '{title}'", "") if old is None else ("Remove '{title}'", "deleted in Ghost")
        return Told(staged, id, verb, title, details, details)
    changed = [name for name in {**old.fields, **new.fields} if old.fields.get(name) != new.fields.get(name)]
    paragraphs = _paragraphs(old, new)
    verb = _verb(old, new, merged=merged)
    if verb != "Edit" and not merged:
        changed = [name for name in changed if name not in {"status", "published_at"}]
    details = "; ".join(filter(None, (_numbers(paragraphs), ", ".join(changed))))
    more = ", ".join(
        filter(None, (counted(len(paragraphs), "paragraph") if paragraphs else "", _count(changed)))
    )
    if not details and verb == "Edit":
        if old.ghost_id != new.ghost_id:
            return Told(staged, id, "Note the post of '{title}'", title, from_ghost=False)
        details = more = "front matter" if old.body == new.body else "spelling"
    return Told(staged, id, f"{verb} '{{title}}'", title, details, more)


def message(told: Sequence[Told], site_url: str, coauthors: Sequence[Person] = ()) -> str:
    """The whole message: a subject, a line for each document where there are several, and trailers."""
    # An id that ghostsync noted on the way is not worth a summary of its own.
    news = [one for one in told if one.from_ghost or one.staged.edits.arrived is not None] or list(told)
    lines = [news[0].subject() if len(news) == 1 else _summary(news, urlsplit(site_url).netloc)]
    if len(told) > 1:
        listed = told[:_LISTED]
        lines += ["", *(f"- {one.subject(200)}{_where(one)}" for one in listed)]
        if len(told) > _LISTED:
            lines.append(f"- and {len(told) - _LISTED} more")
    trailers = [f"Ghost-Id: {one.ghost_id}" for one in told[:_LISTED] if one.ghost_id]
    trailers += [
        f"Co-authored-by: {in_a_commit(person.name)} <{in_a_commit(person.email)}>" for person in coauthors
    ]
    if trailers:
        lines += ["", *trailers]
    return "\n".join(lines) + "\n"


def in_a_commit(name: str) -> str:
    """A name or an address as a commit can hold it: people choose theirs in Ghost, and it shall say nothing else."""
    return " ".join(_NOT_IN_A_NAME.sub(" ", name).split())


def _where(told: Told) -> str:
    return "" if told.title == told.staged.edits.path else f": {told.staged.edits.path}"


def _summary(told: Sequence[Told], host: str) -> str:
    documents = [one for one in told if one.staged.edits.arrived is None]
    files = len(told) - len(documents)
    if not documents:
        return f"Take over {counted(files, 'file')} from {host}"[:SUBJECT]
    verbs = {one.verb.partition(" '")[0] for one in documents}
    if verbs == {"Note the post of"}:
        return f"Note the posts of {counted(len(documents), 'document')}"
    words = {"Add": "new document", "Remove": "removal"}
    noun = words.get(min(verbs), "edit") if len(verbs) == 1 else "edit"
    extra = f" and {counted(files, 'file')}" if files else ""
    return f"Take over {counted(len(documents), noun)}{extra} from {host}"[:SUBJECT]


def _verb(old: Document, new: Document, *, merged: bool) -> str:
    if merged:
        return "Merge edits of"
    before, after = old.fields.get("status"), new.fields.get("status")
    if before != after:
        if after in {"published", "sent"}:
            return "Publish"
        if after == "scheduled":
            return "Schedule"
        if before in {"published", "scheduled"}:
            return "Unpublish" if before == "published" else "Unschedule"
    return "Edit"


def _paragraphs(old: Document, new: Document) -> list[int]:
    """The numbers of the blocks that changed, counted in the new text from 1; where some only vanished, of the block that
    follows, or of the last one.
    """
    before, after = (
        [block.source.strip() for block in read_blocks(document.body) if block.source.strip()]
        for document in (old, new)
    )
    found: set[int] = set()
    for tag, _, _, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "delete":
            found.add(min(start + 1, max(1, len(after))))
        elif tag != "equal":
            found.update(range(start + 1, end + 1))
    return sorted(found)


def _numbers(paragraphs: Sequence[int]) -> str:
    """`paragraphs 3, 5-7`; how many, where that would be long."""
    if not paragraphs:
        return ""
    ranges: list[list[int]] = []
    for number in paragraphs:
        if ranges and ranges[-1][-1] == number - 1:
            ranges[-1].append(number)
        else:
            ranges.append([number])
    if len(ranges) > _RANGES:
        return counted(len(paragraphs), "paragraph")
    shown = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in ranges)
    return f"paragraph{'s' if len(paragraphs) > 1 else ''} {shown}"


def _count(keys: Sequence[str]) -> str:
    return counted(len(keys), "key") if keys else ""
