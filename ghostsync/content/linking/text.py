"""A file's text with addresses for its links to other files, and the way back into the author's spelling."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from ghostsync.content.linking.anchors import heading_id
from ghostsync.content.linking.book import Book, names_file
from ghostsync.content.linking.spots import Form, Spot, find_spots
from ghostsync.content.markdown.escaping import destination, escape
from ghostsync.content.markdown.parser import decode

_MAY_LINK = re.compile(r"\.(?:md|markdown)\b|\[\[", re.IGNORECASE)
_SIMPLE_LABEL = re.compile(r"[^\[\]|\n\\`<]+")
_SAYABLE = re.compile(r"[^\s()<>\\\"'`]+")


def may_link(text: str) -> bool:
    """A quick no for most texts: whether there may be a link to a file in it."""
    # Looking for two letters is ten times as fast as a pattern, and most texts have none of these.
    rare = "[[" in text or ".m" in text or ".M" in text
    return rare and _MAY_LINK.search(text) is not None


@dataclass(frozen=True, slots=True)
class Use:
    """Where one link led. id: of the post, "" where there was none yet; address: what was put in its place, "" where
    it leads nowhere and stands in Ghost as it does in the file.
    """

    id: str
    address: str


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
    (`[[other]]` for a wikilink) -> where it led. missing: those of uses that lead nowhere.
    """

    path: str
    source: str
    text: str
    uses: Mapping[str, Use] = field(default_factory=dict)
    swaps: tuple[Swap, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(target for target, use in self.uses.items() if not use.address)


def linked(text: str, path: str, book: Book, before: Mapping[str, Use] | None = None) -> Linked:
    """The body of the file at `path`, its links understood.

    before: where its links led when file and post last agreed. A link to a file that is not there any more leads where
    it led then, so that renaming a file breaks no post.
    """
    if not may_link(text):
        return Linked(path, text, text)
    data, spots = find_spots(text)
    uses: dict[str, Use] = {}
    swaps: list[Swap] = []
    pieces: list[str] = []
    position = line = 0
    for spot in spots:
        read = _read(spot, path, book, before or {})
        if read is None:
            continue
        key, use, replacement = read
        uses[key] = use
        if replacement is None:
            continue
        line += data.count(b"\n", position, spot.start)
        swaps.append(Swap(line, replacement, decode(data[spot.start : spot.end])))
        pieces += (decode(data[position : spot.start]), replacement)
        position = spot.end
    if not pieces:
        return Linked(path, text, text, uses)
    pieces.append(decode(data[position:]))
    return Linked(path, text, "".join(pieces), uses, tuple(swaps))


def _read(spot: Spot, path: str, book: Book, before: Mapping[str, Use]) -> tuple[str, Use, str | None] | None:
    """(its target, where it leads, what stands in its place) for a link between files; None for any other link."""
    target, mark, fragment = spot.target.partition("#")
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
    place = book.named(key[2:-2], path) if key.startswith("[[") else book.at(key, path)
    if place is not None and place.address:
        guessed = not place.public and before is not None and before.address
        return Use(place.id, before.address if before and guessed else place.address)
    if before is None or not before.address:
        return Use("", "")
    known = book.by_id(before.id) if before.id else None
    return Use(known.id, known.address) if known else before


def in_files(text: str, path: str, book: Book, author: Linked | None = None) -> str:
    """A body with addresses as the file at `path` spells it: the inverse of `linked`.

    author: the file's body so far. A line that it has already stays to the byte; a link in any other line is written as
    the author did elsewhere, else as a relative path. What would not read back as the same addresses is left.
    """
    if author is None and not book.may_lead(text):
        return text
    if author is not None and text == author.text:
        return author.source
    uses = author.uses if author is not None else {}
    hand = _Hand(author, book, text)
    for spelled in (_spelled(text, path, book, hand), hand.lines_restored(text)):
        if spelled == text or book.relative(linked(spelled, path, book, uses).text) == book.relative(text):
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
        for put, source in zip(now, was, strict=True):
            if put != book.relative(source):
                self._sources[put].append(source)
        left = set(book.relative(text).split("\n"))
        for swap in sorted(author.swaps, key=lambda swap: now[swap.line] in left):
            self._swaps[book.relative(swap.put)].append(swap.source)
        for key, use in author.uses.items():
            if use.address:
                self._targets[use.address].append(key)
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


def _spelled(text: str, path: str, book: Book, hand: _Hand) -> str:
    data, spots = find_spots(text)
    pieces: list[str] = []
    position = 0
    for spot in spots:
        start = data.rfind(b"\n", 0, spot.start) + 1
        end = data.find(b"\n", spot.end)
        if hand.has(decode(data[start : len(data) if end < 0 else end])):
            continue
        made = _way(spot, data, path, book, hand)
        if made is None or made[0] < position:
            continue
        begin, stop, replacement = made
        pieces += (decode(data[position:begin]), replacement)
        position = stop
    pieces.append(decode(data[position:]))
    return hand.lines_restored("".join(pieces))


def _way(spot: Spot, data: bytes, path: str, book: Book, hand: _Hand) -> tuple[int, int, str] | None:
    """(start, end, text) to put in for a link to an address; None for one that stays."""
    address, mark, fragment = spot.target.partition("#")
    place, targets = book.at_address(address), hand.targets(address)
    if spot.form is Form.WIKI or (place is None and not targets):
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
