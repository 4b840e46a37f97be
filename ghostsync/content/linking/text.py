"""A file's text with addresses for its links to other files and its pictures, and the way back into the author's spelling."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ghostsync.content.addresses import is_local
from ghostsync.content.linking.anchors import heading_id
from ghostsync.content.linking.assets import (
    PENDING,
    Asset,
    Edit,
    locate,
    may_place,
    put,
    taken_back,
    way,
)
from ghostsync.content.linking.book import Book, names_file
from ghostsync.content.linking.spots import Form, Spot, find_spots
from ghostsync.content.markdown.escaping import destination, escape
from ghostsync.content.markdown.parser import decode

_MAY_LINK = re.compile(r"\.(?:md|markdown)\b|\[\[", re.IGNORECASE)
_SIMPLE_LABEL = re.compile(r"[^\[\]|\n\\`<]+")
_SAYABLE = re.compile(r"[^\s()<>\\\"'`]+")


_CONTENT = "sha256:"
_SUFFIX = re.compile(r"\.\w{1,5}$")


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
    (`[[other]]` for a wikilink, `![[other]]` for an embed) -> where it led. missing: those of uses that lead nowhere.
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
            target for target, use in self.uses.items() if not use.address and target not in self.lost
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
            key = _key(spot)
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
    made, swaps = _applied(data, edits)
    found = tuple(assets.values())
    return Linked(path, text, made, uses, swaps, found, tuple(lost), dress)


def _applied(data: bytes, edits: list[Edit]) -> tuple[str, tuple[Swap, ...]]:
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


def _key(spot: Spot) -> str:
    return f"![[{spot.target}]]" if spot.form is Form.EMBED else spot.target.partition("#")[0]


def _asset(spot: Spot, path: str, book: Book) -> Asset | None:
    """The file of the folder that is no document and that this leads to."""
    target = spot.target.partition("#")[0]
    if book.assets is None or spot.form is Form.WIKI or names_file(target) or not is_local(target):
        return None
    return asset_of(_key(spot), path, book)


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


def in_files(text: str, path: str, book: Book, author: Linked | None = None, *, dress: bool = True) -> str:
    """A body with addresses as the file at `path` spells it: the inverse of `linked`.

    author: the file's body so far. A line that it has already stays to the byte; a link in any other line is written as
    the author did elsewhere, else as a relative path. What would not read back as the same addresses is left.
    """
    dress = author.dress if author is not None else dress
    if author is None and not book.may_lead(text):
        return text
    if author is not None and text == author.text:
        return author.source
    uses = author.uses if author is not None else {}
    hand = _Hand(author, book, text)
    for spelled in (_spelled(text, path, book, hand, dress=dress), hand.lines_restored(text)):
        if spelled == text:
            return text
        again = linked(spelled, path, book, uses, dress=dress).text
        if book.relative(again) == book.relative(text):
            return spelled
    return text


class _Hand:
    """How the author writes: the lines there are, by what they became, and the links in lines that are gone."""

    def __init__(self, author: Linked | None, book: Book, text: str) -> None:
        self._book = book
        self._sources: dict[str, deque[str]] = defaultdict(deque)
        self._swaps: dict[str, deque[str]] = defaultdict(deque)
        self._targets: dict[str, list[str]] = defaultdict(list)
        self._lines: frozenset[str] = frozenset()
        if author is None:
            return
        now, was = book.relative(author.text).split("\n"), author.source.split("\n")
        self._lines = frozenset(now)
        for line, source in zip(now, was, strict=True):
            if line != book.relative(source):
                self._sources[line].append(source)
        left = set(book.relative(text).split("\n"))
        for swap in sorted(author.swaps, key=lambda swap: now[swap.line] in left):
            self._swaps[book.relative(swap.put)].append(swap.source)
        for key, use in author.uses.items():
            if use.address:
                self._targets[book.whole(use.address)].append(key)
        if book.may_lead(author.source):
            for spot in find_spots(author.source)[1]:
                address = spot.target.partition("#")[0]
                if book.at_address(address) is not None:
                    self._targets[book.whole(address)].append(address)

    def lines_restored(self, text: str) -> str:
        """The text with the author's own lines."""
        sources = {key: deque(value) for key, value in self._sources.items()}
        return "\n".join(_next(sources, self._book.relative(line)) or line for line in text.split("\n"))

    def swapped(self, put: str) -> str | None:
        """What the author wrote for this text; of several, each in its turn."""
        return _next(self._swaps, self._book.relative(put))

    def has(self, line: str) -> bool:
        return self._book.relative(line) in self._lines

    def targets(self, address: str) -> list[str]:
        """Which targets the author writes for an address, the first first."""
        return self._targets.get(self._book.whole(address), [])


def _next(queues: Mapping[str, deque[str]], key: str) -> str | None:
    """The next one in a queue, the last one for ever."""
    found = queues.get(key)
    if not found:
        return None
    return found.popleft() if len(found) > 1 else found[0]


def _spelled(text: str, path: str, book: Book, hand: _Hand, *, dress: bool) -> str:
    data, spots = find_spots(text)
    edits: list[Edit] = []
    position = 0
    for spot in spots:
        start = data.rfind(b"\n", 0, spot.start) + 1
        end = data.find(b"\n", spot.end)
        if hand.has(decode(data[start : len(data) if end < 0 else end])):
            continue
        media = _way_to_asset(spot, data, path, book, hand, dress=dress)
        if media is not None:
            edits += media
            continue
        made = _way(spot, data, path, book, hand)
        if made is None or made[0] < position:
            continue
        edits.append(made)
        position = made[1]
    return hand.lines_restored(_applied(data, edits)[0])


def _way_to_asset(
    spot: Spot, data: bytes, path: str, book: Book, hand: _Hand, *, dress: bool
) -> list[Edit] | None:
    """What to put in for the address of a file of the folder; None where it is none."""
    address, mark, fragment = spot.target.partition("#")
    if book.assets is None or spot.form is Form.WIKI:
        return None
    asset = book.assets.behind(book.whole(address))
    if asset is None:
        return None
    own = next((target for target in hand.targets(address) if not target.startswith("![[")), "")
    target = own or way(asset.path, path)
    return taken_back(spot, data, target + mark + fragment, asset.facts, dress=dress)


def _way(spot: Spot, data: bytes, path: str, book: Book, hand: _Hand) -> tuple[int, int, str] | None:
    """(start, end, text) to put in for a link to an address; None for one that stays."""
    address, mark, fragment = spot.target.partition("#")
    place, targets = book.at_address(address), hand.targets(address)
    if spot.image or spot.form is Form.WIKI or (place is None and not targets):
        return None
    around = _around(spot, data)
    if around is not None:
        source = hand.swapped(decode(data[around[0] : around[1]]))
        if source is not None:
            return *around, source
    source = hand.swapped(decode(data[spot.start : spot.end]))
    if source is not None:
        return spot.start, spot.end, source
    if around is not None:
        label = decode(data[around[0] + 1 : spot.start - 2])
        wikis = (_wiki(label, target, fragment, book) for target in targets)
        wiki = next((wiki for wiki in wikis if wiki is not None), None)
        if wiki is not None:
            return *around, wiki
    target = next((target for target in targets if not target.startswith("[[")), "")
    if not target and place is not None:
        target = book.way(place, path)
    spelled = _spelled_target(spot.form, target + mark + fragment) if target else None
    return None if spelled is None else (spot.start, spot.end, spelled)


def _spelled_target(form: Form, target: str) -> str | None:
    if form is Form.HTML:
        return None if re.search(r"[\"'<>&]", target) else target
    return destination(target)


def _around(spot: Spot, data: bytes) -> tuple[int, int] | None:
    """Where all of `[text](address)` stands, if the text is simple and there is no title."""
    closed = data[spot.start - 2 : spot.start] == b"](" and data[spot.end : spot.end + 1] == b")"
    begin = data.rfind(b"[", 0, spot.start)
    if not closed or begin < 0 or data[begin - 1 : begin] in (b"!", b"[", b"\\"):
        return None
    return (
        (begin, spot.end + 1) if _SIMPLE_LABEL.fullmatch(decode(data[begin + 1 : spot.start - 2])) else None
    )


def _wiki(label: str, target: str, fragment: str, book: Book) -> str | None:
    """`[label](address)` as `[[name|label]]`, where the author writes its target so."""
    if not target.startswith("[[") or (fragment and heading_id(unquote(fragment), book.major) != fragment):
        return None
    name = f"{target[2:-2]}#{unquote(fragment)}" if fragment else target[2:-2]
    plain = escape(name.replace("#", " > "), 0, in_link=True) == label
    return f"[[{name}]]" if plain else f"[[{name}|{label}]]"
