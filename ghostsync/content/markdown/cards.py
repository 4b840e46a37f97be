"""Blocks that Ghost's editor has no node for: a Markdown card of exactly that block, or an HTML card.

Ghost renders Markdown cards with markdown-it (html, linkify, `breaks: true`, footnote, mark, sub, sup), so
soft line breaks are unwrapped first. Where that renderer does not know the syntax (definition lists, task boxes, alerts,
math), the card is HTML: our rendering, with the source in a comment so that it comes back.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.escaping import destination, escape
from ghostsync.content.markdown.links import split_links
from ghostsync.content.markdown.parser import Event, Span, decode, definitions, render
from ghostsync.content.types import Node

SOURCE_COMMENT = re.compile(r"<!--markdown\n(.*?)\n-->\n", re.DOTALL)
_REFERENCES = frozenset({"Reference", "Collapsed", "Shortcut"})
_NOT_IN_CARDS = frozenset({"TaskListMarker", "InlineMath", "DisplayMath"})
_RAW = frozenset({"Html", "InlineHtml"})
_PRE = re.compile(r"<(/?)pre\b", re.IGNORECASE)
_WWW = re.compile(rb"www\.", re.IGNORECASE)
_LAZY_HEADING = re.compile(rb"#{1,6}[^#\s]")

_MAX_CARRIED = 4_000_000
"""Characters of definitions that the cards of one document carry together. Each carries all that it refers to, so
that a long note which a thousand paragraphs share would be there a thousand times.
"""


class _Definition(NamedTuple):
    """A footnote as a card carries it, and what it refers to itself."""

    needs_html: bool
    source: str
    links: dict[str, None]
    footnotes: dict[str, None]


class CardMaker:
    """Makes the cards of one document. Definitions may stand anywhere in it, so cards come last."""

    __slots__ = ("_carried", "_data", "_footnotes", "_known", "_links", "_text")

    def __init__(self, text: str, data: bytes) -> None:
        self._text = text
        self._data = data
        self._links: dict[str, Any] | None = None
        self._carried = 0
        self._footnotes: dict[str, list[tuple[Event, Span]]] = {}
        self._known: dict[str, _Definition] = {}

    def define(self, events: list[tuple[Event, Span]]) -> None:
        """Remember a footnote's definition for the cards that refer to it."""
        self._footnotes.setdefault(events[0][0]["Start"]["FootnoteDefinition"], events)

    def make(self, events: list[tuple[Event, Span]]) -> Node:
        """The card of one block."""
        links: dict[str, None] = {}
        footnotes: dict[str, None] = {}
        needs_html, breaks = self._survey(events, links, footnotes)
        parts = [self._unwrapped(events, breaks)]
        if self._carried > _MAX_CARRIED:
            links, footnotes = {}, {}
        pending = list(footnotes)
        for label in pending:  # grows while it is walked: a note may refer to others
            definition = self._definition(label)
            if definition is not None:
                needs_html |= definition.needs_html
                parts.append(definition.source)
                links |= definition.links
                pending += [other for other in definition.footnotes if other not in footnotes]
                footnotes |= definition.footnotes
        parts.extend(self._definitions(links))
        self._carried += sum(map(len, parts[1:]))
        source = "\n\n".join(parts)
        return nodes.html(html_with_source(source)) if needs_html else nodes.markdown(source)

    def _definition(self, label: str) -> _Definition | None:
        """A footnote's definition; looked at once, however many cards refer to it."""
        known = self._known.get(label)
        if known is None and label in self._footnotes:
            events = self._footnotes[label]
            links: dict[str, None] = {}
            footnotes: dict[str, None] = {}
            needs_html, breaks = self._survey(events, links, footnotes)
            known = _Definition(needs_html, self._unwrapped(events, breaks), links, footnotes)
            self._known[label] = known
        return known

    def _survey(
        self, events: list[tuple[Event, Span]], links: dict[str, None], footnotes: dict[str, None]
    ) -> tuple[bool, list[int]]:
        """Note what the block refers to; whether Ghost's card renderer would get it wrong, and at which events a line
        is only wrapped.
        """
        data = self._data
        breaks: list[int] = []
        kept: list[int] = []
        wrong = False
        line_start = True
        preserved = False  # in raw <pre>, where a line end is one: neither a space nor Ghost's two
        for index, (event, span) in enumerate(events):
            if event.__class__ is not dict:
                line_start = True
                if event == "SoftBreak":
                    (kept if preserved else breaks).append(index)
                continue
            if "Text" in event:
                if line_start and _LAZY_HEADING.match(data, span["start"]):
                    wrong = True
                line_start = False
                continue
            line_start = False
            if "Start" in event:
                line_start, is_alien = _opens(event["Start"], links)
                wrong |= is_alien
            elif "End" not in event:
                (kind,) = event
                if kind in _RAW:
                    tags = _PRE.findall(event[kind])
                    preserved = not tags[-1] if tags else preserved
                elif kind == "FootnoteReference":
                    footnotes.setdefault(event[kind])
                wrong |= kind in _NOT_IN_CARDS
        return wrong or bool(kept), breaks

    def _unwrapped(self, events: list[tuple[Event, Span]], breaks: list[int]) -> str:
        """The block's source with each soft line break as a space, and bare links as ones that Ghost sees."""
        data = self._data
        whole = events[0][1]
        position = data.rfind(b"\n", 0, whole["start"]) + 1
        end = max(events[-1][1]["end"], whole["end"])
        edits = self._joints(events, breaks, position)
        if _WWW.search(data, position, end):
            edits = sorted([*edits, *self._bare_links(events)])
        parts: list[bytes] = []
        for begin, after, instead in edits:
            parts += (data[position:begin], instead)
            position = after
        parts.append(data[position:end])
        return decode(b"".join(parts)).rstrip("\n").rstrip()

    def _joints(
        self, events: list[tuple[Event, Span]], breaks: list[int], position: int
    ) -> list[tuple[int, int, bytes]]:
        """For each soft line break where it is, with the blanks around it and the marks of quotes, and a space."""
        data = self._data
        joints: list[tuple[int, int, bytes]] = []
        for index in breaks:
            span = events[index][1]
            if span["start"] >= position:
                begin = position + len(data[position : span["start"]].rstrip(b" \t"))
                position = events[index + 1][1]["start"]
                if data[position - 1] == 0x5C and position > span["end"]:
                    position -= 1
                joints.append((begin, position, b" "))
        return joints

    def _bare_links(self, events: list[tuple[Event, Span]]) -> list[tuple[int, int, bytes]]:
        """Where there are bare links without a scheme, and the same as links with one."""
        links: list[tuple[int, int, bytes]] = []
        closed = 0  # how many elements are open in which text is no place for a link
        begin = end = -1
        for event, span in events:
            kind = next(iter(event)) if event.__class__ is dict else ""
            if (
                kind == "Text"
                and not closed
                and self._data[span["start"] : span["end"]] == _bytes(event["Text"])
            ):
                if span["start"] != end:
                    links += self._links_between(begin, end)
                    begin = span["start"]
                end = span["end"]
                continue
            links += self._links_between(begin, end)
            begin = end = -1
            if kind in ("Start", "End") and _holds_no_links(event[kind]):
                closed += 1 if kind == "Start" else -1
        return links

    def _links_between(self, begin: int, end: int) -> list[tuple[int, int, bytes]]:
        links: list[tuple[int, int, bytes]] = []
        if begin < 0 or not _WWW.search(self._data, begin, end):
            return links
        for piece, url in split_links(decode(self._data[begin:end])):
            after = begin + len(_bytes(piece))
            if url and "://" not in piece and "@" not in piece:
                text, place = escape(piece, 0, in_link=True), destination(url)
                links.append((begin, after, _bytes(f"[{text}]({place})")))
            begin = after
        return links

    def _definitions(self, labels: dict[str, None]) -> list[str]:
        if not labels:
            return []
        if self._links is None:
            self._links = {_folded(label): entry for label, entry in definitions(self._text).items()}
        wanted = (self._links.get(_folded(label)) for label in labels)
        lines = [
            decode(self._data[entry["span"]["start"] : entry["span"]["end"]]).strip()
            for entry in wanted
            if entry is not None
        ]
        return ["\n".join(lines)] if lines else []


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _opens(tag: Any, links: dict[str, None]) -> tuple[bool, bool]:
    """Whether text after this start tag may begin a line, and whether Ghost's card renderer does not know such a block:
    an alert or a definition list. What a link or an image refers to is noted.
    """
    if tag.__class__ is not dict:
        return True, tag == "DefinitionList"
    inner = tag.get("Link") or tag.get("Image")
    if inner is None:
        return True, tag.get("BlockQuote") is not None
    if inner["link_type"] in _REFERENCES:
        links.setdefault(inner["id"])
    return False, False


def _holds_no_links(tag: Any) -> bool:
    """Whether an element's text is code, or in a link already. (The end of an element has its name alone.)"""
    name = next(iter(tag)) if tag.__class__ is dict else tag
    return name in ("CodeBlock", "Link", "Image")


def html_with_source(source: str) -> str:
    """An HTML card's content: the Markdown source in a comment, then its rendering."""
    quoted = source.replace("&", "&amp;").replace("--", "-&#45;")
    return f"<!--markdown\n{quoted}\n-->\n{render(source)}".rstrip("\n")


def source_of(html: str) -> str | None:
    """The Markdown source in an HTML card that was made here, else None."""
    found = SOURCE_COMMENT.match(html)
    if not found:
        return None
    return found[1].replace("&#45;", "-").replace("&amp;", "&")


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()
