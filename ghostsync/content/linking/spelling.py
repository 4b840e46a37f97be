"""A body with addresses in the author's own spelling: the inverse of `text`, which knows what each address stood for."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Mapping
from urllib.parse import unquote

from ghostsync.content.linking.anchors import heading_id
from ghostsync.content.linking.assets import Edit, taken_back, way
from ghostsync.content.linking.book import Book
from ghostsync.content.linking.spots import Form, Spot, find_spots
from ghostsync.content.linking.text import Linked, applied, linked
from ghostsync.content.markdown.escaping import destination, escape
from ghostsync.content.markdown.parser import decode

_SIMPLE_LABEL = re.compile(r"[^\[\]|\n\\`<]+")


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
    return hand.lines_restored(applied(data, edits)[0])


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
