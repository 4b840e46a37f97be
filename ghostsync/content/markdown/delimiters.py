"""From the flat sequence of inline items to Lexical nodes: paired `==`, `~`, `^` and HTML tags, links, text.

Lexical keeps formats as bits of each run of text, so nothing has to nest: a pair only adds its bit to
all text between. Pairs follow the rules of the plugins mark, sub and sup of markdown-it, which render Ghost's Markdown
cards: `==` flanks like `**`; `~x~` and `^x^` hold no white space.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

from ghostsync.content.lexical import nodes
from ghostsync.content.types import Node

Item: TypeAlias = tuple[Any, ...]
"""(text, format, scope), or (BREAK | OPEN_LINK | CLOSE_LINK, node, scope), or
(TOGGLE, mark, scope, format, payload). scope: the innermost element around it; pairs do not cross one."""

BREAK: Final = 1
OPEN_LINK: Final = 2
CLOSE_LINK: Final = 3
TOGGLE: Final = 4

_DELIMITER = re.compile(r"[=~^](?:(?<==)=*|(?<=~)~*|(?<=\^))")
_BITS = {"==": nodes.HIGHLIGHT, "~": nodes.SUBSCRIPT, "^": nodes.SUPERSCRIPT}
_SPACE = re.compile(r"\s")


def split(items: list[Item], text: str, format: int, scope: int) -> bool:
    """Append text to items, possible delimiters as items of their own. Whether there was any."""
    position = 0
    found = False
    for match in _DELIMITER.finditer(text):
        mark = match[0]
        if mark not in _BITS:
            continue
        if match.start() > position:
            items.append((text[position : match.start()], format, scope))
        items.append((TOGGLE, mark, scope, format, None))
        position = match.end()
        found = True
    if position < len(text):
        items.append((text[position:], format, scope))
    return found


def resolve(items: list[Item]) -> list[Node] | None:
    """Pair the toggles and assemble; None if an HTML tag has no partner."""
    pairs = _Pairs()
    for index, item in enumerate(items):
        if item[0] == TOGGLE:
            is_tag = item[1][0] == "<"
            if not (pairs.tag(item, index) if is_tag else pairs.delimiter(items, index)):
                return None
        elif item[0] == BREAK or (item[0].__class__ is str and _SPACE.search(item[0])):
            pairs.last_space = index
    if pairs.has_open_tag(0):
        return None
    return assemble(_paired(items, pairs.partner))


class _Pairs:
    """Openers still waiting, innermost last, and the pairs found so far."""

    __slots__ = ("_opened", "_places", "last_space", "partner")

    def __init__(self) -> None:
        self.partner: dict[int, int] = {}
        self.last_space = -1  # the last item with white space in it
        self._opened: list[tuple[int, str, int]] = []  # item index, mark, scope
        self._places: dict[tuple[str, int], list[int]] = {}  # (mark, scope) -> places in _opened

    def tag(self, item: Item, index: int) -> bool:
        """An HTML tag; False if it ends what was not begun."""
        mark, scope = item[1], item[2]
        if mark[1] != "/":
            self._open(index, mark, scope)
            return True
        place = self._place("<" + mark[2:], scope)
        return place is not None and self._close(place, index)

    def delimiter(self, items: list[Item], index: int) -> bool:
        """`==`, `~` or `^`; False if it would close a pair across an HTML tag."""
        mark, scope = items[index][1], items[index][2]
        can_open, can_close = _flanks(items, index)
        place = self._place(mark, scope) if can_close else None
        if place is not None:
            begin = self._opened[place][0]
            if begin != index - 1 and (mark == "==" or self.last_space < begin):
                return self._close(place, index)
        if can_open:
            self._open(index, mark, scope)
        return True

    def has_open_tag(self, place: int) -> bool:
        return any(entry[1][0] == "<" for entry in self._opened[place:])

    def _open(self, index: int, mark: str, scope: int) -> None:
        self._places.setdefault((mark, scope), []).append(len(self._opened))
        self._opened.append((index, mark, scope))

    def _place(self, mark: str, scope: int) -> int | None:
        """Where in _opened the innermost opener of this kind is."""
        places = self._places.get((mark, scope))
        while places:
            place = places[-1]
            if place < len(self._opened) and self._opened[place][1:] == (mark, scope):
                return place
            places.pop()
        return None

    def _close(self, place: int, index: int) -> bool:
        """Pair the opener at place with the item at index; what was opened between stays text."""
        if self.has_open_tag(place + 1):
            return False
        begin, mark, scope = self._opened[place]
        self._places[mark, scope].pop()
        del self._opened[place:]
        self.partner[begin] = index
        self.partner[index] = begin
        return True


def _flanks(items: list[Item], index: int) -> tuple[bool, bool]:
    """Whether the delimiter at index may open, and may close."""
    mark = items[index][1]
    before, after = _neighbour(items, index, -1), _neighbour(items, index, 1)
    if mark != "==":
        return not after.isspace(), not before.isspace()
    left = not after.isspace() and (not _punctuation(after) or before.isspace() or _punctuation(before))
    right = not before.isspace() and (not _punctuation(before) or after.isspace() or _punctuation(after))
    return left, right


def _neighbour(items: list[Item], index: int, step: int) -> str:
    """The character beside a delimiter; where markup follows, a stand-in of its kind."""
    place = index + step
    if not 0 <= place < len(items):
        return " "
    item = items[place]
    if item[0].__class__ is str:
        if item[2] != items[index][2] or item[1] != items[index][3]:
            return "*"
        text: str = item[0]
        return text[0 if step > 0 else -1]
    return " " if item[0] == BREAK else "*"


def _punctuation(char: str) -> bool:
    return not (char.isalnum() or char.isspace())


def _paired(items: list[Item], partner: dict[int, int]) -> list[Item]:
    """Items without toggles: paired ones as bits on what they enclose (or as link ends), others as text."""
    counts: dict[int, int] = {}
    added = 0
    result: list[Item] = []
    for index, item in enumerate(items):
        if item[0] != TOGGLE:
            if added and item[0].__class__ is str:
                item = (item[0], item[1] | added, item[2])  # noqa: PLW2901 - the same item, formatted
            result.append(item)
            continue
        _, mark, scope, format, payload = item
        other = partner.get(index)
        if other is None:
            result.append((mark, format | added, scope))
        elif mark == "<a":
            result.append((OPEN_LINK, payload, scope))
        elif mark == "</a":
            result.append((CLOSE_LINK, None, scope))
        else:
            bit = payload or _BITS[mark]
            counts[bit] = counts.get(bit, 0) + (1 if other > index else -1)
            added = added | bit if counts[bit] else added & ~bit
    return result


def assemble(items: list[Item]) -> list[Node] | None:
    """Items without toggles as nodes; None if a link holds a link."""
    children: list[Node] = []
    top = children
    texts: list[str] = []
    format = 0
    for item in items:
        head = item[0]
        if head.__class__ is str:
            if texts and item[1] != format:
                children.extend(nodes.texts("".join(texts), format))
                texts.clear()
            format = item[1]
            texts.append(head)
            continue
        if texts:
            children.extend(nodes.texts("".join(texts), format))
            texts.clear()
        if head == BREAK:
            children.append(item[1])
        elif head == OPEN_LINK:
            if children is not top:
                return None
            children.append(item[1])
            children = item[1]["children"]
        else:
            children = top
            if not top[-1]["children"]:
                return None  # a link without text: Ghost's page drops it
    if texts:
        children.extend(nodes.texts("".join(texts), format))
    return top
