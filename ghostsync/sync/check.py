"""All that can be said of a folder's documents without Ghost: each one's front matter, names and ids among them, and links.

It goes by the files alone, without base and mirror, so that it says the same on every machine. What is wrong by itself is found
by the same code that reads documents for a sync: `content`, the folder's scan, `inventory`, `Links` and the shelf.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ghostsync.config import Config
from ghostsync.content.document import read_document
from ghostsync.content.linking import Book, Lead, anchors, leads, part
from ghostsync.content.site_files.tags_read import read_tags
from ghostsync.content.source import NotText, split
from ghostsync.content.types import Context, Document
from ghostsync.errors import ContentError, FolderError, GhostsyncError, TargetChanged
from ghostsync.model import SiteInfo
from ghostsync.sync.context import content_context
from ghostsync.sync.history import remembered_site
from ghostsync.sync.inventory import Found, Inventory, match_by_slug, slug_taken, take_inventory
from ghostsync.sync.links import Links, lost_link
from ghostsync.sync.media_shelf import shelf_of
from ghostsync.sync.model import LocalFile, Mirrored
from ghostsync.sync.ports import Folder, State

_NOTHING_EXCUSED: frozenset[tuple[str, str]] = frozenset()
_OF_PAGES = ("/", ":~:", "^")
"""Fragments that are no part of a document: Ghost's portal, the browser's search for words, Obsidian's blocks."""

_WAYS_OF_HEADINGS = (6, 3)
"""Majors of Ghost that give ids in different ways. Which one the site is, only Ghost can tell."""


@dataclass(frozen=True, slots=True)
class Fault:
    """path: of the document, "" for what is about none."""

    path: str
    error: GhostsyncError


@dataclass(frozen=True, slots=True)
class Checked:
    """paths: of all documents, and of tags.yaml where there is one. faults: in the order of paths and lines."""

    paths: tuple[str, ...]
    faults: tuple[Fault, ...]


def check_documents(folder: Folder, state: State, config: Config) -> Checked:
    """state: an empty one, which learns what files hold while they are looked at."""
    site = remembered_site(state, config.site.url, config.site.timezone)
    context = content_context(site, state, config)
    scan = folder.scan({})
    faults = [Fault(_subject(error), error) for error in scan.errors]
    inventory = take_inventory(scan, (), {}, folder, context, lambda _: _NOTHING_EXCUSED)
    documents = {
        file.path: document
        for file in scan.files
        if file.error is None and (document := _read(folder, file, context)) is not None
    }
    matched = match_by_slug(inventory, _slugs(inventory, documents))
    judged = [*matched.problems, *_slugs_twice(inventory, documents)]
    for found in judged:
        document = documents.get(found.file.path)
        faults += [Fault(found.file.path, _at_key(error, document)) for error in found.problems]
    everything = {found.file.path: found for found in _all(inventory)}
    faults += _Linking(folder, state, context, everything, documents).faults()
    paths = [file.path for file in scan.files]
    if (tags := _tags(folder, config.site_files.tags, site)) is not None:
        faults += tags
        paths.append(config.site_files.tags)
    faults.sort(
        key=lambda fault: (fault.path, fault.error.line if isinstance(fault.error, ContentError) else 0)
    )
    return Checked(tuple(paths), tuple(faults))


def _tags(folder: Folder, path: str, site: SiteInfo) -> list[Fault] | None:
    """What is wrong with tags.yaml; None where there is none."""
    try:
        data = folder.read(path) if path else None
    except TargetChanged:
        return None
    except FolderError as error:
        return [Fault(path, error)]
    return None if data is None else [Fault(path, error) for error in read_tags(data, path, site).problems]


def _all(inventory: Inventory) -> Iterator[Found]:
    yield from inventory.by_id.values()
    yield from inventory.new
    yield from inventory.problems


def _subject(error: GhostsyncError) -> str:
    return error.subject if isinstance(error, FolderError) else ""


def _read(folder: Folder, file: LocalFile, context: Context) -> Document | None:
    """None where the inventory has told already why it cannot be read."""
    try:
        return read_document(folder.read(file.path), file.path, file.kind, context)
    except FolderError:
        return None


def _slugs(inventory: Inventory, documents: Mapping[str, Document]) -> dict[str, Mirrored]:
    """The documents that have a post, as far as their files tell its slug: new ones must not take it."""
    return {
        id: Mirrored(id, found.file.kind, found.slug, "", settled=True, post_sha="")
        for id, found in inventory.by_id.items()
        if _states_slug(documents.get(found.file.path))
    }


def _slugs_twice(inventory: Inventory, documents: Mapping[str, Document]) -> Iterator[Found]:
    """Documents that have posts, and state a slug that an earlier one states, too."""
    first: dict[str, str] = {}
    for found in sorted(inventory.by_id.values(), key=lambda found: found.file.path):
        if _states_slug(documents.get(found.file.path)):
            owner = first.setdefault(found.slug, found.file.path)
            if owner != found.file.path:
                yield replace(found, problems=(slug_taken(found, owner),))


def _states_slug(document: Document | None) -> bool:
    return document is not None and bool(document.fields.get("slug"))


def _at_key(error: GhostsyncError, document: Document | None) -> GhostsyncError:
    """What the inventory says of a key, with the line on which the file has it."""
    if not isinstance(error, ContentError) or error.line or not error.key or document is None:
        return error
    stated = re.compile(rf"""[ \t]*["']?{re.escape(error.key)}["']?[ \t]*[:=]""")
    lines = document.data.decode("utf-8", "replace").splitlines()
    line = next((number for number, text in enumerate(lines, 1) if stated.match(text)), 0)
    return ContentError(error.what, line=line, key=error.key, subject=error.subject, remedy=error.remedy)


class _Linking:
    """Links and pictures of all documents, each taken for new: where its post is, only Ghost knows."""

    def __init__(
        self,
        folder: Folder,
        state: State,
        context: Context,
        found: Mapping[str, Found],
        documents: Mapping[str, Document],
    ) -> None:
        self._links = Links(state, context, shelf_of(folder, state, context))
        self._links.see({}, {}, {}, found)
        self._state = state
        self._documents = documents
        self._anchors: dict[str, frozenset[str]] = {}

    @property
    def _book(self) -> Book:
        return self._links.book

    def faults(self) -> list[Fault]:
        with self._state.batch():  # one transaction for all files that are looked at
            return [
                Fault(path, error)
                for path, document in self._documents.items()
                for error in self._of(document)
            ]

    def _of(self, document: Document) -> Iterator[ContentError]:
        # A wrong date is no reason to say nothing of a dead link.
        read = self._links.read(replace(document, problems=()), {})
        found = list(self._leads(document))
        lines = {lead.key: line for line, lead in reversed(found)}
        for error in read.problems:
            yield _on_line(error, lines.get(error.key, 0))
        for target in read.linked.missing if read.linked else ():
            yield lost_link(document, target, lines.get(target, 0))
        yield from self._others(document, found)

    def _leads(self, document: Document) -> Iterator[tuple[int, Lead]]:
        """With the line of the file."""
        try:
            source = split(document.data)
        except NotText:
            return
        for lead in leads(source.body, document.path, self._book):
            yield source.body_line + lead.line, lead

    def _others(self, document: Document, found: Iterable[tuple[int, Lead]]) -> Iterator[ContentError]:
        """What a sync takes for an address that is none of its business."""
        told: set[tuple[str, str]] = set()
        for line, lead in found:
            once = (lead.key, "" if lead.lost else lead.fragment)
            if once in told:
                continue
            told.add(once)
            if lead.lost:
                yield _lost_file(document, lead.key, line)
            elif lead.fragment and not self._is_there(document, lead):
                yield _lost_part(document, lead, line)

    def _is_there(self, document: Document, lead: Lead) -> bool:
        wiki = lead.key.startswith("[[")
        place = (
            self._book.named(lead.key[2:-2], document.path)
            if wiki
            else self._book.at(lead.key, document.path)
        )
        target = self._documents.get(place.path) if place else None
        if target is None or lead.fragment.startswith(_OF_PAGES):
            return True
        if target.path not in self._anchors:
            self._anchors[target.path] = anchors(target.body, target.mode, *_WAYS_OF_HEADINGS)
        return part(lead.fragment, wiki=wiki) in self._anchors[target.path]


def _on_line(error: ContentError, line: int) -> ContentError:
    if not line:
        return error
    return ContentError(error.what, line=line, key=error.key, subject=error.subject, remedy=error.remedy)


def _lost_file(document: Document, key: str, line: int) -> ContentError:
    name = key[3:-2] if key.startswith("![[") else key
    does = "shows" if key.startswith("![[") else "links to"
    return ContentError(
        f"{does} {name}, and there is no such file",
        line=line,
        subject=document.path,
        key=name,
        remedy="Put the file there, or correct the path; it is relative to this document. An address of the web begins with "
        "https://.",
    )


def _lost_part(document: Document, lead: Lead, line: int) -> ContentError:
    name = lead.key[2:-2] if lead.key.startswith("[[") else lead.key
    return ContentError(
        f"links to {name}#{lead.fragment}, but that document has no such part",
        line=line,
        subject=document.path,
        key=name,
        remedy="Name one of its headings as Ghost does: in small letters, with - for blanks and without punctuation. The H1 "
        "that is the title has no part of its own.",
    )
