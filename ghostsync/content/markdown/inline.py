"""Inline Markdown -> the children of a Lexical block.

Works on the events of one block, in one pass and without recursion. Where Lexical has no node for something
(an image in text, a footnote, `<kbd>`), the answer is None and the whole block becomes a card.
"""

from __future__ import annotations

from typing import Any

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown import delimiters
from ghostsync.content.markdown.delimiters import BREAK, CLOSE_LINK, OPEN_LINK, TOGGLE, Item
from ghostsync.content.markdown.inline_html import read_tag
from ghostsync.content.markdown.inline_usual import (
    FORMATS,
    LINE_BREAK,
    has_lone_marks,
    may_hold_more,
    read_usual,
)
from ghostsync.content.markdown.links import link_address, split_links
from ghostsync.content.markdown.parser import Event, Span, decode
from ghostsync.content.types import Node

_TAB = b"&Tab;"
ZWNJ = "<!--zwnj-->"
_BACKSLASH, _AMPERSAND, _TILDE = b"\\&~"


def read_inline(
    events: list[tuple[Event, Span]],
    start: int,
    end: int,
    data: bytes,
    *,
    prefix: str = "",
    titles: bool = False,
) -> list[Node] | None:
    """events[start:end] as Lexical children; None if Lexical cannot hold them.

    data: the UTF-8 source that the events' ranges count in. prefix: plain text to begin with. titles: whether
    Markdown's links may have some. Ghost's page shows no title of a link in Lexical, only of one in a card's HTML.
    """
    if not prefix:
        usual = read_usual(events, start, end, data)
        if usual is None and has_lone_marks(data, events[start][1]["start"], events[end - 1][1]["end"]):
            usual = read_usual(events, start, end, data, marks=False)
        if usual is not None:
            return usual
    return _Reader(data, titles=titles).read(events, start, end, prefix)


class _Reader:
    """The state of one pass: the items so far, and what is open around the next one."""

    __slots__ = (
        "data",
        "format",
        "has_toggles",
        "items",
        "link_depth",
        "next_scope",
        "pending",
        "previous_end",
        "scopes",
        "titles",
    )

    def __init__(self, data: bytes, *, titles: bool = False) -> None:
        self.data = data
        self.titles = titles
        self.items: list[Item] = []
        self.pending: list[str] = []
        self.format = 0
        self.scopes = [0]
        self.next_scope = 1
        self.link_depth = 0
        self.previous_end = -1
        self.has_toggles = False

    def read(self, events: list[tuple[Event, Span]], start: int, end: int, prefix: str) -> list[Node] | None:
        if prefix:
            self.items.append((prefix, 0, 0))
        pending = self.pending
        for index in range(start, end):
            event, span = events[index]
            if event.__class__ is dict:
                (kind,) = event
                if kind == "Text":
                    self._text(event["Text"], span)
                    continue
                if not self._other(kind, event[kind], span):
                    return None
            elif event == "SoftBreak":
                pending.append(" ")
            elif event == "HardBreak":
                self._flush()
                self.items.append((BREAK, LINE_BREAK, self.scopes[-1]))
            else:
                return None
            self.previous_end = span["end"]
        self._flush()
        if self.has_toggles:
            return delimiters.resolve(self.items)
        return delimiters.assemble(self.items)

    def _text(self, value: str, span: Any) -> None:
        begin = span["start"]
        data = self.data
        if begin != self.previous_end and begin and data[begin - 1] == _BACKSLASH:
            self._flush()
            self.items.append((value[0], self.format, self.scopes[-1]))
            if len(value) > 1:
                self.pending.append(value[1:])
        elif data[begin] == _AMPERSAND and value != "&" and decode(data[begin : span["end"]]) != value:
            self._flush()
            if data[begin : span["end"]] == _TAB:
                self.items.append((BREAK, nodes.tab(self.format), self.scopes[-1]))
            else:
                self.items.append((value, self.format, self.scopes[-1]))
        else:
            self.pending.append(value)
        self.previous_end = span["end"]

    def _flush(self) -> None:
        pending = self.pending
        if not pending:
            return
        value = pending[0] if len(pending) == 1 else "".join(pending)
        pending.clear()
        if not may_hold_more(value):
            self.items.append((value, self.format, self.scopes[-1]))
            return
        scope, format = self.scopes[-1], self.format
        for piece, url in split_links(value) if not self.link_depth else ((value, ""),):
            if url:
                self.items.append((OPEN_LINK, nodes.link(url, []), scope))
                self.items.append((piece, format, scope))
                self.items.append((CLOSE_LINK, None, scope))
            elif delimiters.split(self.items, piece, format, scope):
                self.has_toggles = True

    def _other(self, kind: str, value: Any, span: Any) -> bool:
        """Everything that is neither text nor a break. False: Lexical cannot hold it."""
        self._flush()
        if kind == "Start":
            return self._start(value, span)
        if kind == "End":
            return self._end(value, span)
        if kind == "Code":
            self.items.append((value, self.format | nodes.CODE, self.scopes[-1]))
            return True
        if kind in ("InlineMath", "DisplayMath"):
            source = decode(self.data[span["start"] : span["end"]])
            self.items.append((source.replace("\n", " "), self.format, self.scopes[-1]))
            return True
        if kind == "InlineHtml":
            return self._html(value)
        return False

    def _start(self, tag: Any, span: Any) -> bool:
        if tag.__class__ is str:
            bit = self._bit(tag, span)
            if not bit or self.format & bit:
                return False  # bold inside of bold, say: Lexical's formats are a set
            self.format |= bit
        elif "Link" in tag:
            data = tag["Link"]
            url = data["dest_url"]
            if data["link_type"] == "Email":
                url = "mailto:" + url
            if not url or (data["title"] and not self.titles):
                return False  # Ghost's page would have an anchor without an address, or without its title
            node = nodes.link(link_address(url), [], title=data["title"] or None)
            self.items.append((OPEN_LINK, node, self.scopes[-1]))
            self.link_depth += 1
        else:
            return False
        self.scopes.append(self.next_scope)
        self.next_scope += 1
        return True

    def _end(self, tag: Any, span: Any) -> bool:
        self.scopes.pop()
        if not self.scopes:  # the end of a first paragraph: what follows is a second one
            return False
        if tag == "Link":
            self.link_depth -= 1
            self.items.append((CLOSE_LINK, None, self.scopes[-1]))
            return True
        self.format &= ~self._bit(tag, span)
        return True

    def _bit(self, tag: Any, span: Any) -> int:
        if tag == "Strikethrough":
            begin, end = span["start"], span["end"]
            if self.data[begin + 1] != _TILDE and b" " not in self.data[begin:end]:
                return nodes.SUBSCRIPT
        return FORMATS.get(tag, 0)

    def _html(self, source: str) -> bool:
        if source == ZWNJ:
            self.items.append((BREAK, nodes.zwnj(), self.scopes[-1]))
            return True
        tag = read_tag(source)
        if tag is None:
            return False
        scope = self.scopes[-1]
        if tag.name == "br":
            self.items.append((BREAK, LINE_BREAK, scope))
        else:
            if tag.name == "a":
                if self.link_depth and not tag.closes:
                    return False
                payload: Any = None if tag.closes else nodes.link(tag.url, [], **tag.attributes)
            else:
                payload = tag.bit
            self.items.append((TOGGLE, ("</" if tag.closes else "<") + tag.name, scope, self.format, payload))
            self.has_toggles = True
        return True
