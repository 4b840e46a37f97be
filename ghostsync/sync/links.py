"""Links between files in a cycle: the address book made of what is known, and where each file's links led last time.

Documents are looked at with addresses in place of their links to other files, and of their pictures, so that a file's
`other.md` and a post's `https://site/other/` are the same to everything that compares, merges and sends. Each row notes the addresses that its
post holds; a target's new address is then no edit of anybody, but a reason to send the body again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ghostsync.content.addresses import canonical_url, origin_of
from ghostsync.content.document import read_document
from ghostsync.content.fields import PICTURES
from ghostsync.content.linking import (
    Book,
    Linked,
    Place,
    Use,
    dressed,
    field_in_file,
    fields_linked,
    in_files,
    leads_to,
    linked,
    may_link,
)
from ghostsync.content.types import Context, Document, FieldValue, Root
from ghostsync.errors import ContentError
from ghostsync.model import Kind, Mode, RemotePost
from ghostsync.sync.inventory import Found
from ghostsync.sync.media_shelf import Shelf
from ghostsync.sync.model import KnownDocument, Mirrored
from ghostsync.sync.new_addresses import Uses, both_forms
from ghostsync.sync.ports import State

_MAY_SHOW = re.compile(
    r"""^[ \t]*[\w-]+["']?[ \t]*[:=][ \t]*["']?(?!https?:)[^\n]*\.(?:png|jpe?g|gif|webp|svg|avif|ico|heic)""",
    re.IGNORECASE | re.MULTILINE,
)
"""Front matter that may name a picture of the folder, under whatever key."""

_PREVIEW = re.compile(r"/(?:p/[0-9a-f-]{36}|404)/$")

ALL_RIGHT = "links"
"""Under which name the state keeps the digest of all places with which no link was stale."""


class Links:
    """The book is made when it is first needed. Without `see`, of what the state knows alone. shelf: the files that are no
    documents.
    """

    def __init__(self, state: State, context: Context, shelf: Shelf | None = None) -> None:
        self.shelf = shelf
        self._state = state
        self._context = context
        self._origin = origin_of(context.site.url)
        self._rows: Mapping[str, KnownDocument] | None = None
        self._mirror: Mapping[str, Mirrored] = {}
        self._found: Mapping[str, Found] = {}
        self._new: Mapping[str, Found] = {}
        self._book: Book | None = None
        self._fronts: dict[Kind, str] = {}
        self._right: str | None = None
        site = re.escape(context.site.url.rstrip("/"))
        self._pages = re.compile(
            rf"(?<=[(<\"' ])((?:{site})?/(?!content/|tag/|author/|ghost/|[/\s)\"'<>#])[^\s)\"'<>#]*)"
        )

    def see(
        self,
        rows: Mapping[str, KnownDocument],
        mirror: Mapping[str, Mirrored],
        found: Mapping[str, Found],
        new: Mapping[str, Found],
    ) -> None:
        """Which documents there are now."""
        self._rows, self._mirror, self._found, self._new = rows, mirror, found, new
        self._book = None

    @property
    def book(self) -> Book:
        if self._book is None:
            if self._rows is None:
                self._rows = {row.id: row for row in self._state.documents()}
                self._mirror = self._state.mirror()
            site = self._context.site
            places = self._places(self._rows)
            self._book = Book(places, site_url=site.url, major=site.major, assets=self.shelf)
        return self._book

    def placed(self, post: RemotePost, path: str) -> None:
        """A file for this post is about to be made."""
        url = str(post.data.get("url") or "")
        self.book.add(Place(path, post.id, url, public=bool(url) and not _PREVIEW.search(url)))

    def dressed(self, body: Root) -> Root:
        """A post's body, its cards with what the folder knows of their files."""
        return body if self.shelf is None else dressed(body, self.shelf.facts_at)

    def leads_on(self, data: bytes) -> bool:
        """Whether a new file has links to pages of the site that are no document so far."""
        text = data.decode("utf-8", "replace")
        if not self.book.may_lead(text):
            return False
        return any(self.book.at_address(found[1]) is None for found in self._pages.finditer(text))

    def read(self, document: Document, before: Uses, *, recorded: bool = False) -> Document:
        """The document with addresses for its links and pictures; before: where they led. recorded: its fields' pictures as
        they were then.
        """
        if document.problems:
            return document
        fields = fields_linked(document.fields, document.path, self.book, before, recorded=recorded)
        if fields is None and not may_link(document.body):
            return document
        dress = document.mode is Mode.LEXICAL
        found = linked(document.body, document.path, self.book, before, dress=dress)
        stated = document.fields
        if fields is not None:
            stated = fields.fields
            found = replace(
                found,
                uses={**found.uses, **fields.uses},
                assets=(*found.assets, *fields.assets),
                lost=(*found.lost, *fields.lost),
            )
        problems = tuple(self._faults(document, found, before))
        return replace(document, body=found.text, fields=stated, linked=found, problems=problems)

    def _faults(self, document: Document, found: Linked, before: Uses) -> Iterator[ContentError]:
        """What is wrong with its pictures and files; but one that was lost when both sides agreed came from Ghost."""
        for target in found.lost:
            if target not in before:
                yield ContentError(
                    f"shows {target}, and there is no such file",
                    line=_line_of(document, target),
                    subject=document.path,
                    key=target,
                    remedy="Put the file there, or correct the path; it is relative to this document.",
                )
        for asset in found.assets:
            if asset.fault is not None:
                yield ContentError(
                    f"{asset.path}: {asset.fault.what}",
                    line=_line_of(document, asset.path.rpartition("/")[2]),
                    subject=document.path,
                    key=asset.path,
                    remedy=asset.fault.remedy,
                )

    def in_file(
        self, body: str, path: str, author: Linked | None = None, *, mode: Mode = Mode.LEXICAL
    ) -> str:
        """A body as the file spells it. mode: of a file that is new."""
        return in_files(body, path, self.book, author, dress=mode is Mode.LEXICAL)

    def fields_in_file(self, fields: Mapping[str, FieldValue], path: str) -> dict[str, FieldValue]:
        """A post's fields as the file says them."""
        return {
            name: field_in_file(value, path, self.book) if name in PICTURES else value
            for name, value in fields.items()
        }

    def guesses(self, document: Document) -> dict[str, str]:
        """Address that was guessed for a target when it was no public post -> the one that it has.

        For a file and a post that never agreed, as after a crash: what was sent is noted nowhere.
        """
        found: dict[str, str] = {}
        for use in document.linked.uses.values() if document.linked else ():
            seen = self._mirror.get(use.id)
            if seen is not None and use.address:
                for guess in (self._guess(seen.kind, seen.slug), f"{self.book.site_url}{seen.slug}/"):
                    if guess != use.address and self.book.at_address(guess) is None:
                        found |= both_forms(guess, use.address)
        return found

    def recorded(self, row: KnownDocument | None) -> dict[str, Use]:
        """Where the links led when both sides last agreed."""
        if row is None or not row.links:
            return {}
        return {
            key: Use(id, self._origin + address if address.startswith("/") else address)
            for key, (id, address) in json.loads(row.links).items()
        }

    def note(self, data: bytes, path: str, kind: Kind, before: Uses, *, sent: bool) -> str:
        """What to record with a file that is now the file's half of the base. sent: its body has gone to Ghost, or
        equals what is there; else Ghost still holds the addresses of before.
        """
        text = data.decode("utf-8", "replace")
        if not (may_link(text) or _MAY_SHOW.search(text)):
            return ""
        document = self.read(read_document(data, path, kind, self._context), before)
        if document.linked is None:
            return ""
        held = {key: use for key, use in before.items() if not sent}
        return self._told(
            {**document.linked.uses, **{k: u for k, u in held.items() if k in document.linked.uses}}
        )

    def _told(self, uses: Uses) -> str:
        if not uses:
            return ""
        told = {key: [use.id, canonical_url(use.address, self._origin)] for key, use in sorted(uses.items())}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    def stale(self) -> set[str]:
        """Ids of documents whose posts hold an address that a target no longer has. To be asked after `see`.

        The links of ten thousand documents take a quarter of a second, so that they are left alone while every document
        is where it was when all were found right.
        """
        rows = self._rows or {}
        linking = [row for row in rows.values() if row.links and not row.tombstone]
        digest = self._digest(rows) if linking else ""
        if digest == (self._state.meta(ALL_RIGHT) or ""):
            return set()
        found: set[str] = set()
        for row in linking:
            path = self._found[row.id].file.path if row.id in self._found else row.path
            for key, use in self.recorded(row).items():
                if leads_to(key, path, self.book, use).address != use.address:
                    found.add(row.id)
                    break
        self._right = "" if found else digest
        return found

    def remember(self) -> None:
        """Note whether all links were right when they were last looked at."""
        if self._right is not None:
            self._state.set_meta(ALL_RIGHT, self._right or None)

    def _digest(self, rows: Mapping[str, KnownDocument]) -> str:
        """Changes with the place of any document, and with any other file that one of them shows."""
        urls = self._state.addresses()
        places = [
            (id, self._found[id].file.path if id in self._found else row.path, urls.get(id), row.tombstone)
            for id, row in rows.items()
        ]
        new = [(path, item.slug) for path, item in self._new.items()]
        shown = self.shelf.traces() if self.shelf is not None else ()
        return hashlib.sha256(repr((places, new, shown)).encode()).hexdigest()

    def _places(self, rows: Mapping[str, KnownDocument]) -> Iterator[Place]:
        urls = self._state.addresses()
        self._fronts = self._learned(urls)
        for id, item in self._found.items():
            yield from self._place(item.file.path, id, urls)
        for id, row in rows.items():
            if id not in self._found and not row.tombstone:
                yield from self._place(row.path, id, urls)
        for path, item in self._new.items():
            yield Place(path, "", self._guess(item.file.kind, item.slug), public=False)

    def _place(self, path: str, id: str, urls: Mapping[str, str]) -> Iterator[Place]:
        seen = self._mirror.get(id)
        if seen is None:
            return  # its post is gone
        url = urls.get(id) or str(json.loads(self._state.blob(seen.post_sha)).get("url") or "")
        if url and not _PREVIEW.search(url):
            yield Place(path, id, url)
        else:
            yield Place(path, id, self._guess(seen.kind, seen.slug), public=False)

    def _guess(self, kind: Kind, slug: str) -> str:
        """Where a post that is not public will be, as far as those that are public tell."""
        return f"{self._fronts.get(kind) or self._context.site.url.rstrip('/') + '/'}{slug}/" if slug else ""

    def _learned(self, urls: Mapping[str, str]) -> dict[Kind, str]:
        """For each kind what stands before the slug in most addresses."""
        counts: dict[Kind, Counter[str]] = {kind: Counter() for kind in Kind}
        for id, seen in self._mirror.items():
            front, slug, rest = urls.get(id, "").rpartition(f"/{seen.slug}/")
            if slug and not rest:
                counts[seen.kind][f"{front}/"] += 1
        return {kind: count.most_common(1)[0][0] for kind, count in counts.items() if count}


def missing_link(document: Document, target: str) -> str:
    """For a person: a link that leads to no document of the folder."""
    error = lost_link(document, target)
    where = f"{document.path}, line {error.line}" if error.line else document.path
    return f"{where}: {error.what}; the link stands in Ghost as it is written"


def lost_link(document: Document, target: str, line: int = 0) -> ContentError:
    """The same as an error. line: where it stands, if that is known."""
    name = target[2:-2] if target.startswith("[[") else target
    return ContentError(
        f"links to {name}, which is no document of this folder",
        line=line or _line_of(document, target.removesuffix("]]") if target.startswith("[[") else target),
        subject=document.path,
        key=name,
        remedy="Correct the path, which is relative to this document; or put the document there.",
    )


def _line_of(document: Document, wanted: str) -> int:
    """The first line of the file that has these words, 0 if none has."""
    lines = document.data.decode("utf-8", "replace").splitlines()
    return next((number for number, line in enumerate(lines, 1) if wanted in line), 0)
