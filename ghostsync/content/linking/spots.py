"""Where in a Markdown text links lead somewhere: the stretches that a change of address replaces.

Found by the parser that reads bodies, so that what is only code, or escaped, is no link here either.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from ghostsync.content.markdown.parser import Event, decode, definitions, encode, events

_DESTINATION = re.compile(rb"[ \t\n]*\]\([ \t\n]*(<(?:[^<>\n\\]|\\.)*>|(?:[^\s()<\\]|\\.)(?:[^\s()\\]|\\.)*)")
_DEFINITION = re.compile(
    rb"\[(?:[^\[\]\\]|\\.)*\]:[ \t\n>]*(<(?:[^<>\n\\]|\\.)*>|[^\s<\\](?:[^\s\\]|\\.)*)", re.DOTALL
)
_WIKI = re.compile(rb"(?<![!\\\[])\[\[([^\[\]|\n\\]+)(?:\\?\|([^\[\]|\n]*))?\]\](?!\])")
_ANCHOR = re.compile(
    rb"""<a\s(?:[^>"']|"[^"]*"|'[^']*'){0,200}?\bhref\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE
)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_OPAQUE = frozenset({"Code", "InlineMath", "DisplayMath", "InlineHtml", "Html", "FootnoteReference"})
_OPAQUE_TAGS = frozenset({"CodeBlock", "HtmlBlock", "Link", "Image", "MetadataBlock"})


class Form(Enum):
    """How a link is written. DESTINATION: of an inline link or of a definition; WIKI: all of `[[other|text]]`; HTML:
    the value of an href.
    """

    DESTINATION = auto()
    WIKI = auto()
    HTML = auto()


@dataclass(frozen=True, slots=True)
class Spot:
    """One link. start, end: the bytes of the text that a replacement stands for. target: where it leads, decoded;
    label: for WIKI the text after the bar, as written, None without one.
    """

    start: int
    end: int
    form: Form
    target: str
    label: str | None = None


def find_spots(text: str) -> tuple[bytes, list[Spot]]:
    """The text's bytes and its links in order. Autolinks, images and embeds are none: they show their own address."""
    parsed, data = encode(text)
    found = [*_from_events(parsed, data), *_from_definitions(parsed, data)]
    found.sort(key=lambda spot: spot.start)
    apart: list[Spot] = []
    for spot in found:
        if not apart or spot.start >= apart[-1].end:
            apart.append(spot)
    return data, apart


def _from_events(parsed: str, data: bytes) -> Iterator[Spot]:
    walk = _Walk(data)
    for event, span in events(parsed):
        yield from walk.see(event, span["start"], span["end"])
    if b"[[" in data:
        yield from _wikis(data, walk.opaque, walk.texts)


class _Walk:
    """One pass over a text's events. opaque: ranges in which `[[` means nothing; texts: where running text begins."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.opaque: list[tuple[int, int]] = []
        self.texts: set[int] = set()
        # The open links, each with where what it shows ends so far.
        self._links: list[tuple[dict[str, Any], int]] = []

    def see(self, event: Event, start: int, end: int) -> Iterator[Spot]:
        kind, value = _parts(event)
        if kind == "Start":
            yield from self._begin(*_parts(value), start, end)
            return
        if kind == "End" and value == "Link" and self._links:
            link, shown = self._links.pop()
            if link["link_type"] == "Inline":
                yield from _from_link(self._data, link["dest_url"], shown, end)
        elif kind == "InlineHtml":
            yield from _from_html(self._data, start, end)
        elif kind == "Text":
            self.texts.add(start)
        if kind in _OPAQUE:
            self.opaque.append((start, end))
        self._show(end)

    def _begin(self, tag: str, inner: Any, start: int, end: int) -> Iterator[Spot]:
        if tag in _OPAQUE_TAGS:
            self.opaque.append((start, end))
        if tag == "Link":
            self._links.append((inner, start + 1))
            return
        if tag == "HtmlBlock":
            yield from _from_html(self._data, start, end)
        self._show(end)

    def _show(self, end: int) -> None:
        if self._links:
            link, shown = self._links[-1]
            self._links[-1] = link, max(shown, end)


def _parts(event: Any) -> tuple[str, Any]:
    if event.__class__ is dict:
        for kind in event:
            return kind, event[kind]
    return str(event), None


def _from_link(data: bytes, dest: str, shown: int, end: int) -> Iterator[Spot]:
    match = _DESTINATION.match(data, shown, end)
    if match and _decoded(match[1]) == dest:
        yield Spot(match.start(1), match.end(1), Form.DESTINATION, dest)


def _from_definitions(parsed: str, data: bytes) -> Iterator[Spot]:
    if b"]:" not in data:
        return
    for definition in definitions(parsed).values():
        span = definition["span"]
        match = _DEFINITION.match(data, span["start"], span["end"])
        if match and _decoded(match[1]) == definition["dest"]:
            yield Spot(match.start(1), match.end(1), Form.DESTINATION, definition["dest"])


def _decoded(token: bytes) -> str:
    text = decode(token)
    if text.startswith("<"):
        text = text[1:-1]
    return html.unescape(_ESCAPED.sub(r"\1", text)) if "\\" in text or "&" in text else text


def _from_html(data: bytes, start: int, end: int) -> Iterator[Spot]:
    source = data[start:end]
    if b"href" not in source.lower():
        return
    source = _COMMENT.sub(lambda found: b" " * len(found[0]), source)
    for match in _ANCHOR.finditer(source):
        value = decode(match[1][1:-1])
        yield Spot(start + match.start(1) + 1, start + match.end(1) - 1, Form.HTML, html.unescape(value))


def _wikis(data: bytes, opaque: list[tuple[int, int]], texts: set[int]) -> Iterator[Spot]:
    """`[[other#part|text]]` in running text."""
    covered = sorted(opaque)
    at = 0
    reach = -1
    for match in _WIKI.finditer(data):
        start, end = match.span()
        while at < len(covered) and covered[at][0] < end:
            reach = max(reach, covered[at][1])
            at += 1
        if start < reach or texts.isdisjoint((start, start + 1, start + 2)):
            continue
        label = None if match[2] is None else decode(match[2])
        yield Spot(start, end, Form.WIKI, decode(match[1]), label)
