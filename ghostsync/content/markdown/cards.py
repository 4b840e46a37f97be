"""Blocks that Ghost's editor has no node for: a Markdown card of exactly that block, or an HTML card.

Ghost renders Markdown cards with markdown-it (html, linkify, `breaks: true`, footnote, mark, sub, sup), so
soft line breaks are unwrapped first. Where that renderer does not know the syntax (definition lists, task boxes, alerts,
math), the card is HTML: our rendering, with the source in a comment so that it comes back.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.parser import Event, Span, decode, definitions, render
from ghostsync.content.types import Node

SOURCE_COMMENT = re.compile(r"<!--markdown\n(.*?)\n-->\n", re.DOTALL)
_REFERENCES = frozenset({"Reference", "Collapsed", "Shortcut"})
_NOT_IN_CARDS = frozenset({"TaskListMarker", "InlineMath", "DisplayMath"})
_LAZY_HEADING = re.compile(rb"#{1,6}[^#\s]")

_MAX_CARRIED = 4_000_000
"""Characters of definitions that the cards of one document carry together. Each carries all that it refers to, so
that a long note which a thousand paragraphs share would be there a thousand times.
"""


class CardMaker:
    """Makes the cards of one document. Definitions may stand anywhere in it, so cards come last."""

    __slots__ = ("_carried", "_data", "_footnotes", "_links", "_text")

    def __init__(self, text: str, data: bytes) -> None:
        self._text = text
        self._data = data
        self._links: dict[str, Any] | None = None
        self._carried = 0
        self._footnotes: dict[str, list[tuple[Event, Span]]] = {}

    def define(self, events: list[tuple[Event, Span]]) -> None:
        """Remember a footnote's definition for the cards that refer to it."""
        self._footnotes.setdefault(events[0][0]["Start"]["FootnoteDefinition"], events)

    def make(self, events: list[tuple[Event, Span]]) -> Node:
        """The card of one block."""
        links: dict[str, None] = {}
        footnotes: dict[str, None] = {}
        needs_html = self._survey(events, links, footnotes)
        parts = [self._unwrapped(events)]
        if self._carried > _MAX_CARRIED:
            links, footnotes = {}, {}
        pending = list(footnotes)
        for label in pending:  # grows while it is walked: a note may refer to others
            definition = self._footnotes.get(label)
            if definition is not None:
                known = len(footnotes)
                needs_html |= self._survey(definition, links, footnotes)
                pending += reversed([*islice(reversed(footnotes), len(footnotes) - known)])
                parts.append(self._unwrapped(definition))
        parts.extend(self._definitions(links))
        self._carried += sum(map(len, parts[1:]))
        source = "\n\n".join(parts)
        return nodes.html(html_with_source(source)) if needs_html else nodes.markdown(source)

    def _survey(
        self, events: list[tuple[Event, Span]], links: dict[str, None], footnotes: dict[str, None]
    ) -> bool:
        """Note what the block refers to; whether Ghost's card renderer would get it wrong."""
        wrong = False
        line_start = True
        for event, span in events:
            if event.__class__ is not dict:
                line_start = True
                continue
            (kind,) = event
            if kind == "Start":
                tag = event["Start"]
                if tag.__class__ is dict:
                    inner = tag.get("Link") or tag.get("Image")
                    if inner is not None:
                        if inner["link_type"] in _REFERENCES:
                            links.setdefault(inner["id"])
                        line_start = False
                        continue
                    wrong |= tag.get("BlockQuote") is not None
                else:
                    wrong |= tag == "DefinitionList"
                line_start = True
                continue
            if kind == "FootnoteReference":
                footnotes.setdefault(event[kind])
            elif kind == "Text" and line_start and _LAZY_HEADING.match(self._data, span["start"]):
                wrong = True
            wrong |= kind in _NOT_IN_CARDS
            line_start = False
        return wrong

    def _unwrapped(self, events: list[tuple[Event, Span]]) -> str:
        """The block's source with each soft line break as a space."""
        data = self._data
        whole = events[0][1]
        position = data.rfind(b"\n", 0, whole["start"]) + 1
        parts: list[bytes] = []
        for index, (event, span) in enumerate(events):
            if event == "SoftBreak" and span["start"] >= position:
                parts.append(data[position : span["start"]].rstrip(b" \t"))
                position = events[index + 1][1]["start"]
                if data[position - 1] == 0x5C and position > span["end"]:
                    position -= 1
        parts.append(data[position : max(events[-1][1]["end"], whole["end"])])
        return decode(b" ".join(parts)).rstrip("\n").rstrip()

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
