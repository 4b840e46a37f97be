"""A file's text with addresses for its links to other files and its pictures. `spelling` is the way back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ghostsync.content.addresses import is_local
from ghostsync.content.linking.anchors import heading_id
from ghostsync.content.linking.assets import (
    PENDING,
    Asset,
    Edit,
    locate,
    may_place,
    put,
)
from ghostsync.content.linking.book import Book, names_file
from ghostsync.content.linking.spots import Form, Spot, find_spots
from ghostsync.content.markdown.escaping import destination, escape
from ghostsync.content.markdown.parser import decode

_MAY_LINK = re.compile(r"\.(?:md|markdown)\b|\[\[", re.IGNORECASE)
_SAYABLE = re.compile(r"[^\s()<>\\\"'`]+")
_CONTENT = "sha256:"


def may_link(text: str) -> bool:
    """A quick no for most texts: whether there may be a link to a file, or a picture, in it."""
    # Looking for two letters is ten times as fast as a pattern, and most texts have none of these.
    rare = "[[" in text or ".m" in text or ".M" in text
    return (rare and _MAY_LINK.search(text) is not None) or may_place(text)


@dataclass(frozen=True, slots=True)
class Use:
    """Where one link or picture led. id: of the post, "" where there was none yet, or `sha256:` and the hash of a file that
    is no document; address: what was put in its place, "" where it leads nowhere and stands in Ghost as it does in the file.
    """

    id: str
    address: str

    @property
    def content(self) -> str:
        """Of a file that is no document, the hash of its bytes; else ""."""
        return self.id[len(_CONTENT) :] if self.id.startswith(_CONTENT) else ""


@dataclass(frozen=True, slots=True)
class Swap:
    """One link of a text: `put` stands where the file has `source`, in line `line` (from 0)."""

    line: int
    put: str
    source: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A body whose links lead to addresses.

    source: as the file has it. text: the same with addresses. uses: a link's target as written, without fragment
    (`[[other]]` for a wikilink, `![[other]]` for an embed) -> where it led. missing: those of uses that lead to no document.
    assets: the files among them. lost: targets of pictures that are no file of the folder. dress: see `linked`.
    """

    path: str
    source: str
    text: str
    uses: Mapping[str, Use] = field(default_factory=dict)
    swaps: tuple[Swap, ...] = ()
    assets: tuple[Asset, ...] = ()
    lost: tuple[str, ...] = ()
    dress: bool = True

    @property
    def pending(self) -> tuple[Asset, ...]:
        """Those of its files that are not in Ghost yet."""
        waiting = {use.content for use in self.uses.values() if use.address.startswith(PENDING)}
        return tuple(asset for asset in self.assets if asset.content in waiting)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(
            target
            for target, use in self.uses.items()
            if not use.address and (names_file(target) or target.startswith("[["))
        )


def linked(
    text: str, path: str, book: Book, before: Mapping[str, Use] | None = None, *, dress: bool = True
) -> Linked:
    """The body of the file at `path`, its links and pictures understood.

    before: where they led when file and post last agreed. A link to a file that is not there any more leads where
    it led then, so that renaming a file breaks no post. dress: the body becomes cards, which get what they are to know of
    their files.
    """
    if not may_link(text):
        return Linked(path, text, text, dress=dress)
    data, spots = find_spots(text)
    uses: dict[str, Use] = {}
    assets: dict[str, Asset] = {}
    lost: dict[str, None] = {}
    edits: list[Edit] = []
    for spot in spots:
        asset = _asset(spot, path, book)
        if asset is not None or (book.assets is not None and _is_picture(spot)):
            key = key_of(spot)
            use = use_of(asset, (before or {}).get(key))
            if asset is not None:
                assets[asset.path] = asset
            if not use.address and asset is None:
                lost.setdefault(key)
            uses[key] = use
            if use.address:
                fragment = spot.target.partition("#")[1:] if spot.form is not Form.EMBED else ("", "")
                facts = asset.facts if asset is not None else facts_of(use, book)
                edits += put(spot, data, use.address + "".join(fragment), facts, dress=dress)
            continue
        read = _read(spot, path, book, before or {})
        if read is None:
            continue
        key, use, replacement = read
        uses[key] = use
        if replacement is not None:
            edits.append((spot.start, spot.end, replacement))
    made, swaps = applied(data, edits)
    found = tuple(assets.values())
    return Linked(path, text, made, uses, swaps, found, tuple(lost), dress)


def applied(data: bytes, edits: list[Edit]) -> tuple[str, tuple[Swap, ...]]:
    """The text with all edits made, none of which meets another, and what each of them did."""
    swaps: list[Swap] = []
    pieces: list[str] = []
    position = line = 0
    for start, end, replacement in sorted(edits):
        line += data.count(b"\n", position, start)
        swaps.append(Swap(line, replacement, decode(data[start:end])))
        pieces += (decode(data[position:start]), replacement)
        position = end
    pieces.append(decode(data[position:]))
    return "".join(pieces), tuple(swaps)


def key_of(spot: Spot) -> str:
    """A link's target as `Linked.uses` has it; a wikilink to a document is `[[name]]` there."""
    return f"![[{spot.target}]]" if spot.form is Form.EMBED else spot.target.partition("#")[0]


def _asset(spot: Spot, path: str, book: Book) -> Asset | None:
    """The file of the folder that is no document and that this leads to."""
    target = spot.target.partition("#")[0]
    if book.assets is None or spot.form is Form.WIKI or names_file(target) or not is_local(target):
        return None
    return asset_of(key_of(spot), path, book)


def asset_of(key: str, path: str, book: Book) -> Asset | None:
    """The file that a target, as `Linked.uses` has it, means in the document at `path`."""
    if book.assets is None:
        return None
    if key.startswith("![["):
        return book.assets.named(key[3:-2].strip(), path)
    return locate(key, path, book.assets)


def _is_picture(spot: Spot) -> bool:
    """Whether it cannot but mean a file of the folder. What begins with / may be an address of the site, and a link a
    page of it.
    """
    target = spot.target.partition("#")[0]
    if not spot.image or spot.form in (Form.EMBED, Form.WIKI) or target.startswith("/"):
        return False
    return is_local(target) and not names_file(target)


def facts_of(use: Use, book: Book) -> Mapping[str, Any]:
    """Of a file that is not there any more."""
    return book.assets.facts(use.content) if book.assets is not None and use.content else {}


def use_of(asset: Asset | None, before: Use | None) -> Use:
    """Where a target leads that means this file, or meant one before. The same bytes stay where they are."""
    if asset is not None and before is not None and before.content == asset.content and before.address:
        return before
    if asset is not None and asset.address:
        return Use(_CONTENT + asset.content, asset.address)
    return before if before is not None and before.content and asset is None else Use("", "")


def _read(spot: Spot, path: str, book: Book, before: Mapping[str, Use]) -> tuple[str, Use, str | None] | None:
    """(its target, where it leads, what stands in its place) for a link between files; None for any other link."""
    target, mark, fragment = spot.target.partition("#")
    if spot.image:
        return None
    if spot.form is Form.WIKI:
        if not target.strip():
            return None
        key = f"[[{target}]]"
    elif names_file(target):
        key = target
    else:
        return None
    use = leads_to(key, path, book, before.get(key))
    if not use.address:
        return key, use, None
    if spot.form is not Form.WIKI:
        whole = use.address + mark + fragment
        if not _SAYABLE.fullmatch(whole):
            return key, use, destination(whole) if spot.form is Form.DESTINATION else None
        return key, use, whole
    anchor = (
        ""
        if not fragment or fragment.startswith("^")
        else heading_id(fragment.rpartition("#")[2], book.major)
    )
    shown = spot.label or escape(
        " > ".join(part for part in (target, *fragment.split("#")) if part), 0, in_link=True
    )
    return key, use, f"[{shown}]({use.address}{'#' if anchor else ''}{anchor})"


def leads_to(key: str, path: str, book: Book, before: Use | None) -> Use:
    """Where a target, as `Linked.uses` has it, leads from the file at `path`."""
    if (before is not None and before.content) or not (names_file(key) or key.startswith("[[")):
        return use_of(asset_of(key, path, book), before)
    place = book.named(key[2:-2], path) if key.startswith("[[") else book.at(key, path)
    if place is not None and place.address:
        guessed = not place.public and before is not None and before.address
        return Use(place.id, before.address if before and guessed else place.address)
    if before is None or not before.address:
        return Use("", "")
    known = book.by_id(before.id) if before.id else None
    return Use(known.id, known.address) if known else before
