"""Lexical nodes as Ghost's own editor writes them.

Every builder returns fresh JSON with the properties, in the order, that Ghost 6 serialises. `direction` is
None: the editor works it out from the text when the post is opened. What documents have by the thousand is made as
the copy of a pattern, which takes half as long as writing out each property.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from ghostsync.content.types import Node, Root

BOLD, ITALIC, STRIKETHROUGH, UNDERLINE, CODE, SUBSCRIPT, SUPERSCRIPT, HIGHLIGHT = (1 << n for n in range(8))
"""The bits of a text node's `format`."""

ALL_FORMATS = 255

TEXT_TYPES = frozenset({"text", "extended-text", "tk"})
QUOTE_TYPES = frozenset({"quote", "extended-quote"})
HEADING_TYPES = frozenset({"heading", "extended-heading"})


TEXT: Final[Node] = {
    "detail": 0,
    "format": 0,
    "mode": "normal",
    "style": "",
    "text": "",
    "type": "extended-text",
    "version": 1,
}
"""The pattern of every text: to be copied."""


def text(value: str, format: int = 0) -> Node:
    node = TEXT.copy()
    node["text"] = value
    if format:
        node["format"] = format
    return node


_TK = re.compile(r"(?<!\w)(?:TK)+(?!\w)")


def texts(value: str, format: int = 0) -> list[Node]:
    """A run of text as the editor keeps it: the letters TK ("to come") are nodes of their own."""
    if "TK" not in value or format & CODE:
        return [text(value, format)]
    made: list[Node] = []
    position = 0
    for match in _TK.finditer(value):
        if match.start() > position:
            made.append(text(value[position : match.start()], format))
        made.append({**text(match[0], format), "type": "tk"})
        position = match.end()
    if position < len(value):
        made.append(text(value[position:], format))
    return made


def tab(format: int = 0) -> Node:
    return {**text("\t", format), "detail": 2, "type": "tab"}


def zwnj() -> Node:
    return {**text(""), "type": "zwnj"}


def linebreak() -> Node:
    return {"type": "linebreak", "version": 1}


def _pattern(type: str, **properties: Any) -> Node:
    return {
        "children": [],
        "direction": None,
        "format": "",
        "indent": 0,
        "type": type,
        "version": 1,
        **properties,
    }


_PARAGRAPH: Final = _pattern("paragraph")
_HEADINGS: Final = {level: _pattern("extended-heading", tag=f"h{level}") for level in range(1, 7)}
_QUOTE: Final = _pattern("extended-quote")
_ASIDE: Final = _pattern("aside")
_LIST: Final = _pattern("list", listType="", start=1, tag="ul")
_ITEM: Final = _pattern("listitem", value=1)
_LINK: Final = _pattern("link", rel=None, target=None, title=None, url="")


def _element(pattern: Node, children: list[Node]) -> Node:
    node = pattern.copy()
    node["children"] = children
    return node


def link(
    url: str,
    children: list[Node],
    *,
    title: str | None = None,
    rel: str | None = None,
    target: str | None = None,
) -> Node:
    node = _LINK.copy()
    node["children"] = children
    node["url"] = url
    if title is not None or rel is not None or target is not None:
        node.update(title=title, rel=rel, target=target)
    return node


def paragraph(children: list[Node]) -> Node:
    return _element(_PARAGRAPH, children)


def heading(level: int, children: list[Node]) -> Node:
    return _element(_HEADINGS[level], children)


def quote(children: list[Node]) -> Node:
    return _element(_QUOTE, children)


def aside(children: list[Node]) -> Node:
    return _element(_ASIDE, children)


def list_node(list_type: str, items: list[Node], *, start: int = 1) -> Node:
    """A list; list_type is "bullet", "number" or "check". Numbers its items as Lexical does.

    An item that only holds a nested list does not count: Lexical gives it the number of the next one.
    """
    value = start
    for item in items:
        item["value"] = value
        children = item["children"]
        if not (children and children[0]["type"] == "list"):
            value += 1
    node = _element(_LIST, items)
    node["listType"] = list_type
    node["start"] = start
    if list_type == "number":
        node["tag"] = "ol"
    return node


def list_item(children: list[Node], *, depth: int = 0, checked: bool | None = None) -> Node:
    """An item `depth` lists deep (0: top). checked only for items of a check list."""
    node = _element(_ITEM, children)
    node["indent"] = depth
    if checked is not None:
        node["checked"] = checked
    return node


def card(type: str, **properties: Any) -> Node:
    """A card with these properties; what Ghost would fill in with defaults may be left out."""
    return {"type": type, "version": 1, **properties}


def codeblock(code: str, language: str = "", caption: str = "") -> Node:
    return card("codeblock", code=code, language=language, caption=caption)


def html(source: str) -> Node:
    return card("html", html=source)


def markdown(source: str) -> Node:
    return card("markdown", markdown=source)


def horizontal_rule() -> Node:
    return card("horizontalrule")


def paywall() -> Node:
    return card("paywall")


_IMAGE: Final[Node] = {
    "type": "image",
    "version": 1,
    "src": "",
    "width": None,
    "height": None,
    "title": "",
    "alt": "",
    "caption": "",
    "cardWidth": "regular",
    "href": "",
}


def image(src: str, **properties: Any) -> Node:
    """An image; what is not said of it is Ghost's default."""
    node = _IMAGE.copy()
    node["src"] = src
    node.update(properties)
    return node


def root(children: Iterable[Node], **properties: Any) -> Root:
    """A whole document. properties: what else the root carries, over Ghost's defaults."""
    return {
        "root": {
            "children": list(children),
            "direction": None,
            "format": "",
            "indent": 0,
            "type": "root",
            "version": 1,
            **properties,
        }
    }


def empty_root() -> Root:
    """A document without content: one blank paragraph, because Ghost cannot render a root without children."""
    return root([paragraph([])])


def children_of(document: Root) -> list[Node]:
    """The top-level nodes; an empty or broken document has none."""
    inner = document.get("root")
    children = inner.get("children") if isinstance(inner, dict) else None
    return children if isinstance(children, list) else []
