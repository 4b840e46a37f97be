"""The inline HTML that Lexical has a format or a node for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from ghostsync.content.lexical.rich_text import FORMAT_TAGS

_SIMPLE = re.compile(r"<(/?)([a-zA-Z]+)\s*(/?)>")
_ANCHOR = re.compile(r"<a((?:\s+[a-z]+=(?:\"[^\"]*\"|'[^']*'))*)\s*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-z]+)=(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tag:
    """One inline tag. bit: the text format it stands for. url, attributes: of a link."""

    name: str
    closes: bool
    bit: int = 0
    url: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


def read_tag(source: str) -> Tag | None:
    """A tag that Lexical can express, or None (another tag, other attributes, a comment)."""
    simple = _SIMPLE.fullmatch(source)
    if simple:
        name = simple[2].lower()
        if name == "br":
            return None if simple[1] else Tag("br", closes=False)
        if simple[3]:
            return None
        if name == "a":
            return Tag("a", closes=True) if simple[1] else None
        bit = FORMAT_TAGS.get(name)
        return None if bit is None else Tag(name, closes=bool(simple[1]), bit=bit)
    anchor = _ANCHOR.fullmatch(source)
    if not anchor:
        return None
    attributes: dict[str, str] = {}
    for name, double, single in _ATTRIBUTE.findall(anchor[1]):
        if name.lower() in attributes or name.lower() not in ("href", "title", "rel", "target"):
            return None
        attributes[name.lower()] = unescape(double or single)
    url = attributes.pop("href", None)
    return None if not url else Tag("a", closes=False, url=url, attributes=attributes)
