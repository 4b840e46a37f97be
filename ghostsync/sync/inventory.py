"""Which file belongs to which post: by ghost_id, else by the path it was last seen at, else by slug.

Reads (through the Folder port) only the files whose bytes moved since they were last seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from ghostsync.content.document import read_document
from ghostsync.content.types import Context, Document
from ghostsync.errors import ContentError, FolderError, GhostsyncError
from ghostsync.model import Kind
from ghostsync.sync.model import KnownDocument, LocalFile, Mirrored, Scan
from ghostsync.sync.ports import Folder


@dataclass(frozen=True, slots=True)
class Found:
    """One file and the post it belongs to. id: "" for a new one. changed: its bytes differ from the last
    time. title, slug: of a changed file, for plan and messages. problems: why it cannot be synced.
    """

    file: LocalFile
    id: str
    changed: bool
    title: str = ""
    slug: str = ""
    names_people: bool = False
    problems: tuple[GhostsyncError, ...] = ()


_PEOPLE = frozenset({"author", "authors", "tiers"})


@dataclass(frozen=True, slots=True)
class Inventory:
    """All files, told apart: by id those that belong to a post, the rest are new. blocked: ids whose file
    exists but cannot be read or is ambiguous; they are neither deleted nor written.
    """

    by_id: Mapping[str, Found]
    new: tuple[Found, ...]
    problems: tuple[Found, ...]
    blocked: frozenset[str]

    @property
    def names_people(self) -> bool:
        """Some changed file names authors, tiers or a newsletter, so that their lists are needed."""
        everything = (*self.by_id.values(), *self.new, *self.problems)
        return any(found.names_people for found in everything)

    @property
    def misnames_people(self) -> bool:
        """Some file names an author or tier that the lists lack: they may be out of date."""
        return self._misnames(_PEOPLE)

    @property
    def misnames_newsletter(self) -> bool:
        """The same, of a newsletter; or one that may not be asked for at all."""
        return self._misnames(frozenset({"newsletter"}))

    def _misnames(self, keys: frozenset[str]) -> bool:
        return any(
            isinstance(error, ContentError) and error.key in keys
            for found in self.problems
            for error in found.problems
        )


Excused = Callable[[str], frozenset[tuple[str, str]]]
"""Of an id: the (key, what) of problems that its file had already when both sides agreed. Ghost holds some values
that it would refuse today (an imported excerpt of 400 characters); a file that repeats them asks for nothing. An empty
`what` stands for all problems of the key."""

Problem = TypeVar("Problem", bound=GhostsyncError)


def without(problems: tuple[Problem, ...], excused: frozenset[tuple[str, str]]) -> tuple[Problem, ...]:
    """The problems that are left when those are taken away that came from Ghost."""
    return tuple(
        problem
        for problem in problems
        if not isinstance(problem, ContentError)
        or excused.isdisjoint({(problem.key, problem.what), (problem.key, "")})
    )


def _read(folder: Folder, file: LocalFile, context: Context) -> Document | GhostsyncError:
    try:
        return read_document(folder.read(file.path), file.path, file.kind, context)
    except FolderError as error:
        return error


def _understood(file: LocalFile, document: Document) -> Found:
    return Found(
        file,
        document.ghost_id,
        changed=True,
        title=str(document.fields.get("title") or ""),
        slug=document.slug,
        names_people=bool(document.fields.get("authors") or document.fields.get("tiers") or document.email),
        problems=document.problems,
    )


def _look(folder: Folder, file: LocalFile, row: KnownDocument | None, context: Context) -> Found:
    if file.error is not None:
        return Found(file, row.id if row else "", changed=True, problems=(file.error,))
    if row is not None and row.disk_sha == file.sha and row.kind == file.kind:
        return Found(file, row.id, changed=False)
    document = _read(folder, file, context)
    if isinstance(document, GhostsyncError):
        return Found(file, row.id if row else "", changed=True, problems=(document,))
    return _understood(file, document)


def _twice(ghost_id: str, paths: Iterable[str]) -> ContentError:
    named = " and ".join(sorted(paths))
    return ContentError(
        f"the same ghost_id {ghost_id} stands in {named}",
        subject=named,
        key="ghost_id",
        remedy="Keep it in the one that is the post's file and remove the line from the copy, which then becomes a "
        "new post.",
    )


def _moved_across(found: Found, known: Kind) -> ContentError:
    return ContentError(
        f"this file belongs to a {known} in Ghost, but lies where {found.file.kind.plural} are kept",
        subject=found.file.path,
        key="ghost_id",
        remedy=f"Move it back to the {known.plural}. Ghost cannot turn a {known} into a {found.file.kind}: for that, "
        "remove the ghost_id line, and delete the old one in Ghost.",
    )


def take_inventory(
    scan: Scan,
    rows: Iterable[KnownDocument],
    mirror: Mapping[str, Mirrored],
    folder: Folder,
    context: Context,
    excused: Excused,
) -> Inventory:
    """Match every file of the scan. A file without ghost_id at a known path is still that path's document,
    unless another file claims the id or the post is gone from Ghost (then it is a new one).
    """
    by_path = {row.path: row for row in rows if not row.tombstone}
    by_id_row = {row.id: row for row in rows}
    found = [_look(folder, file, by_path.get(file.path), context) for file in scan.files]
    settled, claims = _claimed(found, by_path, mirror)
    matched: dict[str, Found] = {}
    new: list[Found] = []
    problems: list[Found] = []
    blocked: set[str] = set()
    for item in settled:
        known = mirror.get(item.id) or by_id_row.get(item.id)
        pardoned = item
        if item.id and item.problems:
            pardoned = replace(item, problems=without(item.problems, excused(item.id)))
        judged = _judged(pardoned, claims.get(item.id, []), known)
        if judged.problems:
            problems.append(judged)
            blocked |= {judged.id} - {""}
        elif judged.id:
            matched[judged.id] = judged
        else:
            new.append(judged)
    return Inventory(matched, tuple(new), tuple(problems), frozenset(blocked))


def _claimed(
    found: Iterable[Found], by_path: Mapping[str, KnownDocument], mirror: Mapping[str, Mirrored]
) -> tuple[list[Found], dict[str, list[Found]]]:
    """Give files without a ghost_id the id of their path's document, if no other file names it."""
    claims: dict[str, list[Found]] = {}
    for item in found:
        if item.id:
            claims.setdefault(item.id, []).append(item)
    settled: list[Found] = []
    for item in found:
        row = None if item.id else by_path.get(item.file.path)
        if row is not None and row.id not in claims and (row.id in mirror or item.problems):
            owned = replace(item, id=row.id)
            claims[row.id] = [owned]
            settled.append(owned)
        else:
            settled.append(item)
    return settled, claims


def _judged(item: Found, claimants: list[Found], known: Mirrored | KnownDocument | None) -> Found:
    """The item with the problem that its id makes, if it makes one."""
    if len(claimants) > 1:
        error = _twice(item.id, (other.file.path for other in claimants))
        return replace(item, problems=(error, *item.problems))
    if known is not None and known.kind != item.file.kind and not item.problems:
        return replace(item, problems=(_moved_across(item, known.kind),))
    return item


def match_by_slug(inventory: Inventory, mirror: Mapping[str, Mirrored]) -> Inventory:
    """New files whose slug Ghost has already: the post's file if nobody else's (first run, lost state),
    else a problem, since Ghost would publish it under another address.
    """
    by_slug = {post.slug: post for post in mirror.values()}
    matched, new, problems = dict(inventory.by_id), [], list(inventory.problems)
    seen: dict[str, str] = {}
    for item in inventory.new:
        post = by_slug.get(item.slug)
        twin = seen.get(item.slug)
        if twin is not None:
            problems.append(replace(item, problems=(slug_taken(item, f"the new file {twin}"),)))
        elif post is None:
            new.append(item)
        elif post.kind == item.file.kind and post.id not in matched and post.id not in inventory.blocked:
            # Nobody's post, or one whose own file is gone: a move that lost the ghost_id line.
            matched[post.id] = replace(item, id=post.id)
        else:
            owner = matched.get(post.id)
            whose = owner.file.path if owner else f"a {post.kind} in Ghost"
            problems.append(replace(item, problems=(slug_taken(item, whose),)))
        seen.setdefault(item.slug, item.file.path)
    return replace(inventory, by_id=matched, new=tuple(new), problems=tuple(problems))


def slug_taken(item: Found, whose: str) -> ContentError:
    """whose: a path, or words for a document that has none."""
    return ContentError(
        f'the slug "{item.slug}" belongs to {whose} already',
        subject=item.file.path,
        key="slug",
        remedy="Give this file a slug of its own in front matter (posts and pages share their slugs).",
    )
