"""The small HTML inside cards (captions, callouts, toggles) <-> Lexical nodes.

Ghost keeps such text as HTML that a nested editor serialised, with its own wrappers
(`<span style="white-space: pre-wrap;">`, `<b><strong>`). As nodes, two spellings of one text are equal.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

from ghostsync.content.lexical import nodes
from ghostsync.content.types import Node

_TOKEN = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)((?:\s+[^<>]*)?)/?>|([^<]+)")
_ATTRIBUTE = re.compile(r"\s+([A-Za-z-]+)=\"([^\"]*)\"")
_NO_MEANING = {"style": {"white-space: pre-wrap;"}, "dir": {"ltr", "rtl", "auto"}, "spellcheck": {"false"}}
_ITEM_NUMBER = re.compile(r"\s+value=\"\d+\"")
_LINK_ATTRIBUTES = frozenset({"href", "title", "rel", "target"})
_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"})
_LISTS = {"ul": "bullet", "ol": "number"}

FORMAT_TAGS = {
    "strong": nodes.BOLD,
    "b": nodes.BOLD,
    "em": nodes.ITALIC,
    "i": nodes.ITALIC,
    "s": nodes.STRIKETHROUGH,
    "del": nodes.STRIKETHROUGH,
    "strike": nodes.STRIKETHROUGH,
    "u": nodes.UNDERLINE,
    "code": nodes.CODE,
    "sub": nodes.SUBSCRIPT,
    "sup": nodes.SUPERSCRIPT,
    "mark": nodes.HIGHLIGHT,
}
"""HTML elements that are a text format in Lexical."""

_TAG_OF = (
    (nodes.HIGHLIGHT, "mark"),
    (nodes.SUPERSCRIPT, "sup"),
    (nodes.SUBSCRIPT, "sub"),
    (nodes.CODE, "code"),
    (nodes.UNDERLINE, "u"),
    (nodes.STRIKETHROUGH, "s"),
    (nodes.ITALIC, "em"),
    (nodes.BOLD, "strong"),
)


def nodes_of_html(html: str) -> list[Node] | None:
    """Inline nodes and simple blocks (p, h1-h6, blockquote, ul, ol); None for any other HTML."""
    reader = _HtmlReader()
    position = 0
    for match in _TOKEN.finditer(html):
        if match.start() != position or not reader.token(match):
            return None
        position = match.end()
    if position != len(html) or reader.open:
        return None
    return reader.top


class _HtmlReader:
    """Open elements and the children being collected."""

    __slots__ = ("children", "formats", "open", "top")

    def __init__(self) -> None:
        self.top: list[Node] = []
        self.children = self.top
        self.formats: list[int] = [0]
        self.open: list[tuple[str, list[Node] | None]] = []  # tag, and the list to return to

    def token(self, match: re.Match[str]) -> bool:
        closes, name, attributes, text = match.groups()
        if text is not None:
            return self._text(unescape(text))
        name = name.lower()
        if name == "br":
            self.children.append(nodes.linebreak())
            return not closes
        if closes:
            return self._close(name)
        return self._open(name, attributes)

    def _text(self, text: str) -> bool:
        inside = self.open[-1][0] if self.open else ""
        if inside in _LISTS:
            return not text.strip()
        self.children.append(nodes.text(text, self.formats[-1]))
        return True

    def _open(self, name: str, source: str) -> bool:
        attributes = _attributes(_ITEM_NUMBER.sub("", source) if name == "li" else source)
        if attributes is None:
            return False
        if name == "a":
            url = attributes.pop("href", None)
            if url is None or any(tag == "a" for tag, _ in self.open):
                return False
            return self._enter(name, nodes.link(url, [], **attributes))
        if attributes:
            return False
        inside = self.open[-1][0] if self.open else ""
        if name == "span":
            self.open.append((name, None))
        elif name in FORMAT_TAGS:
            self.open.append((name, None))
            self.formats.append(self.formats[-1] | FORMAT_TAGS[name])
        elif name in _BLOCKS and not inside:
            return self._enter(name, _block(name))
        elif name in _LISTS and inside in ("", "li"):
            return self._enter_list(name, nested=inside == "li")
        elif name == "li" and inside in _LISTS:
            return self._enter(name, nodes.list_item([]))
        else:
            return False
        return True

    def _enter(self, name: str, node: Node) -> bool:
        self.children.append(node)
        self.open.append((name, self.children))
        self.children = node["children"]
        return True

    def _enter_list(self, name: str, *, nested: bool) -> bool:
        """A list; one inside an item goes into an item of its own after it, as Lexical nests lists."""
        node = nodes.list_node(_LISTS[name], [])
        if nested and self.children:
            return False  # text and list in one item: Lexical nests them otherwise
        return self._enter(name, node)

    def _close(self, name: str) -> bool:
        if not self.open or self.open[-1][0] != name:
            return False
        _, back = self.open.pop()
        if back is not None:
            self.children = back
            if name in _LISTS:
                done = back[-1]
                back[-1] = nodes.list_node(done["listType"], done["children"])
        elif name != "span":
            self.formats.pop()
        return True


def _attributes(source: str) -> dict[str, str] | None:
    """The attributes that mean something; None if there is one that is not understood."""
    found: dict[str, str] = {}
    position = 0
    for match in _ATTRIBUTE.finditer(source):
        if match.start() != position:
            return None
        position = match.end()
        name, value = match[1].lower(), unescape(match[2])
        if value in _NO_MEANING.get(name, ()):
            continue
        if name not in _LINK_ATTRIBUTES or name in found:
            return None
        found[name] = value
    return found if not source[position:].strip() else None


def _block(name: str) -> Node:
    if name == "p":
        return nodes.paragraph([])
    return nodes.quote([]) if name == "blockquote" else nodes.heading(int(name[1]), [])


def html_of_nodes(children: list[Any]) -> str | None:
    """HTML for inline nodes and simple blocks; None if there is anything else in them."""
    parts: list[str] = []
    for node in children:
        part = _html_of(node)
        if part is None:
            return None
        parts.append(part)
    return "".join(parts)


def _html_of(node: Node) -> str | None:
    kind = node["type"]
    if kind in nodes.TEXT_TYPES:
        text = escape(node["text"], quote=False)
        for bit, tag in _TAG_OF:
            if node["format"] & bit:
                text = f"<{tag}>{text}</{tag}>"
        return text
    if kind == "linebreak":
        return "<br>"
    inner = html_of_nodes(node["children"]) if "children" in node else None
    if inner is None:
        return None
    if kind == "link":
        named = (("href", node["url"]), *((key, node[key]) for key in ("title", "rel", "target")))
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in named if value or key == "href")
        return f"<a{attributes}>{inner}</a>"
    element = _element_of(node)
    return f"<{element}>{inner}</{element}>" if element else None


def _element_of(node: Node) -> str | None:
    kind = node["type"]
    if kind == "paragraph":
        return "p"
    if kind in nodes.HEADING_TYPES:
        return str(node["tag"])
    if kind in nodes.QUOTE_TYPES:
        return "blockquote"
    if kind == "list" and node["listType"] != "check" and node["start"] == 1:
        return str(node["tag"])
    return "li" if kind == "listitem" else None
