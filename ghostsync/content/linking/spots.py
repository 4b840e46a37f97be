"""Where in a Markdown text links and pictures lead somewhere: the stretches that a change of address replaces.

Found by the parser that reads bodies, so that what is only code, or escaped, is no link here either.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from ghostsync.content.markdown.parser import Event, decode, definitions, encode, events

_DESTINATION = re.compile(rb"[ \t\n]*\]\([ \t\n]*(<(?:[^<>\n\\]|\\.)*>|(?:[^\s()<\\]|\\.)(?:[^\s()\\]|\\.)*)")
_DEFINITION = re.compile(
    rb"\[(?:[^\[\]\\]|\\.)*\]:[ \t\n>]*(<(?:[^<>\n\\]|\\.)*>|[^\s<\\](?:[^\s\\]|\\.)*)", re.DOTALL
)
_WIKI = re.compile(rb"(?<![!\\\[])\[\[([^\[\]|\n\\]+)(?:\\?\|([^\[\]|\n]*))?\]\](?!\])")
_EMBED = re.compile(rb"(?<!\\)!\[\[([^\[\]|\n\\]+)(?:\\?\|([^\[\]|\n]*))?\]\](?!\])")
_TAG = re.compile(rb"""<(?:a|img|video|audio|source)\s((?:[^>"']|"[^"]*"|'[^']*'){0,2000}+)""", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""(?<![\w-])(?:href|src|poster)\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
_IN_COMMENT = re.compile(
    rb""" (?:thumbnailSrc|customThumbnailSrc|icon|thumbnail)=("(?:[^"\\]|\\.)*"|[^\s">]+?(?= |-->))"""
)
_IN_CARD = re.compile(
    rb"""^[ \t-]*(?:\w*[sS]rc|imageUrl|icon|thumbnail): +("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s"'#|>{\[&*!%@`][^\n#]*?)[ \t]*$""",
    re.MULTILINE,
)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_OPAQUE = frozenset({"Code", "InlineMath", "DisplayMath", "InlineHtml", "Html", "FootnoteReference"})
_OPAQUE_TAGS = frozenset({"CodeBlock", "HtmlBlock", "Link", "Image", "MetadataBlock"})


class Form(Enum):
    """How a link is written. DESTINATION: of an inline link, of an image, or of a definition; WIKI: all of
    `[[other|text]]`; EMBED: all of `![[other|text]]`; HTML: the value of a tag's attribute; VALUE: a card's property, in
    the comment behind it or in its YAML.
    """

    DESTINATION = auto()
    WIKI = auto()
    EMBED = auto()
    HTML = auto()
    VALUE = auto()


@dataclass(frozen=True, slots=True)
class Spot:
    """One link. start, end: the bytes of the text that a replacement stands for. target: where it leads, decoded;
    label: for WIKI and EMBED the text after the bar, as written, None without one. image: it shows what it leads to.
    comment: the bytes of the comment right behind the element, an empty range where there could be one, None where there
    cannot. alone: the element, its comment included, is all that its line has.
    """

    start: int
    end: int
    form: Form
    target: str
    label: str | None = None
    image: bool = False
    comment: tuple[int, int] | None = None
    alone: bool = False


def find_spots(text: str) -> tuple[bytes, list[Spot]]:
    """The text's bytes and its links and pictures in order. Autolinks are none: they show their own address."""
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
        walk.see(event, span["start"], span["end"])
    yield from walk.spots
    if b"[[" in data:
        yield from _wikis(data, walk.opaque, walk.texts)


@dataclass(slots=True)
class _Open:
    """A link or image that was begun. shown: where what it shows ends so far; only: the spot of the one image in it."""

    tag: dict[str, Any]
    image: bool
    start: int
    shown: int
    only: int = -1


class _Walk:
    """One pass over a text's events. opaque: ranges in which `[[` means nothing; texts: where running text begins."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.spots: list[Spot] = []
        self.opaque: list[tuple[int, int]] = []
        self.texts: set[int] = set()
        self._open: list[_Open] = []
        # The element that ended last: its spots, where it begins and where it ends.
        self._last: tuple[list[int], int, int] = ([], -1, -1)
        self._in_card = False

    def see(self, event: Event, start: int, end: int) -> None:
        kind, value = _parts(event)
        if kind == "Start":
            self._begin(*_parts(value), start, end)
            return
        if kind == "End":
            self._end(value, end)
        elif kind == "InlineHtml":
            self._comment(start, end)
            self.spots += _from_html(self._data, start, end)
        elif kind == "Text":
            self.texts.add(start)
            if self._in_card:
                self.spots += _from_card(self._data, start, end)
        if kind in _OPAQUE:
            self.opaque.append((start, end))
        self._show(end)

    def _begin(self, tag: str, inner: Any, start: int, end: int) -> None:
        if tag in _OPAQUE_TAGS:
            self.opaque.append((start, end))
        if tag in ("Link", "Image"):
            image = tag == "Image"
            self._open.append(_Open(inner, image, start, start + 1 + image))
            return
        if tag == "HtmlBlock":
            self.spots += _from_html(self._data, start, end)
        elif tag == "CodeBlock":
            self._in_card = isinstance(inner, dict) and str(inner.get("Fenced", "")).startswith("ghost ")
        self._show(end)

    def _end(self, tag: Any, end: int) -> None:
        if tag == "CodeBlock":
            self._in_card = False
        if tag not in ("Link", "Image") or not self._open:
            return
        element = self._open.pop()
        spots = [element.only] if element.only >= 0 and self._data[element.shown : end][:2] == b"](" else []
        if element.tag["link_type"] == "Inline":
            match = _DESTINATION.match(self._data, element.shown, end)
            if match and _decoded(match[1]) == element.tag["dest_url"]:
                spots.append(len(self.spots))
                self.spots.append(
                    Spot(
                        match.start(1),
                        match.end(1),
                        Form.DESTINATION,
                        element.tag["dest_url"],
                        image=element.image,
                    )
                )
        self._behind(spots, element.start, end, end)
        self._show(end)
        if self._open and element.image and spots:
            around = self._open[-1]
            around.only = spots[-1] if around.start + 1 == element.start and around.only < 0 else -1

    def _comment(self, start: int, end: int) -> None:
        spots, begin, last = self._last
        if start == last and self._data[start : start + 4] == b"<!--":
            self._behind(spots, begin, start, end)
            for match in _IN_COMMENT.finditer(self._data, start, end):
                self.spots.append(_value_spot(match))

    def _behind(self, spots: list[int], begin: int, start: int, end: int) -> None:
        """Note for an element's spots where its comment is, or could be."""
        self._last = (spots, begin, end)
        line = self._data.rfind(b"\n", 0, begin) + 1
        stop = self._data.find(b"\n", end)
        rest = self._data[end : len(self._data) if stop < 0 else stop]
        alone = not (self._data[line:begin].strip() or rest.strip())
        for number in spots:
            self.spots[number] = replace(self.spots[number], comment=(start, end), alone=alone)

    def _show(self, end: int) -> None:
        if self._open:
            self._open[-1].shown = max(self._open[-1].shown, end)


def _parts(event: Any) -> tuple[str, Any]:
    if event.__class__ is dict:
        for kind in event:
            return kind, event[kind]
    return str(event), None


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
    if b"=" not in source:
        return
    source = _COMMENT.sub(lambda found: b" " * len(found[0]), source)
    for tag in _TAG.finditer(source):
        for match in _ATTRIBUTE.finditer(source, tag.start(1), tag.end(1)):
            value = html.unescape(decode(match[1][1:-1]))
            shown = source[match.start() : match.start() + 1] not in b"hH"
            yield Spot(start + match.start(1) + 1, start + match.end(1) - 1, Form.HTML, value, image=shown)


def _from_card(data: bytes, start: int, end: int) -> Iterator[Spot]:
    """A card's YAML: what its properties for pictures and sounds are."""
    for match in _IN_CARD.finditer(data, start, end):
        yield _value_spot(match)


def _value_spot(match: re.Match[bytes]) -> Spot:
    value = decode(match[1])
    if value[0] == '"':
        try:
            value = str(json.loads(value))
        except ValueError:
            value = value[1:-1]
    elif value[0] == "'":
        value = value[1:-1]
    return Spot(match.start(1), match.end(1), Form.VALUE, value, image=True)


def _wikis(data: bytes, opaque: list[tuple[int, int]], texts: set[int]) -> Iterator[Spot]:
    """`[[other#part|text]]` and `![[picture.png]]` in running text."""
    covered = sorted(opaque)
    at = 0
    reach = -1
    found = [*((match, Form.WIKI) for match in _WIKI.finditer(data))]
    found += ((match, Form.EMBED) for match in _EMBED.finditer(data))
    for match, form in sorted(found, key=lambda one: one[0].start()):
        start, end = match.span()
        while at < len(covered) and covered[at][0] < end:
            reach = max(reach, covered[at][1])
            at += 1
        if start < reach or texts.isdisjoint(range(start, start + 4)):
            continue
        label = None if match[2] is None else decode(match[2])
        line, stop = data.rfind(b"\n", 0, start) + 1, data.find(b"\n", end)
        rest = data[end : len(data) if stop < 0 else stop]
        alone = not (data[line:start].strip() or rest.strip())
        yield Spot(start, end, form, decode(match[1]), label, image=form is Form.EMBED, alone=alone)
