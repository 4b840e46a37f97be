"""Whether HTML that Python-Markdown made says exactly the blocks that Ghost holds.

In `html` mode the whole body is rendered, and converted by Ghost, on every push. A post that came from Ghost may only
be kept that way if nothing of it would be lost: no cards, no nested lists, no properties HTML has no word for, and
no spelling that Python-Markdown reads otherwise than CommonMark does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from typing import Any, TypeAlias

from ghostsync.content.html import render_html
from ghostsync.content.lexical import children_of
from ghostsync.content.lexical.canonical import canonical_children, without_last_blank
from ghostsync.content.lexical.defaults import (
    CARD_DEFAULTS,
    DEFAULTS,
    ELEMENT_DEFAULTS,
    SAME_TYPE,
    is_default,
)
from ghostsync.content.lexical.nodes import BOLD, CODE, ITALIC
from ghostsync.content.types import Node, Root

_Runs: TypeAlias = list[tuple[str, frozenset[str]]]
_Shape: TypeAlias = tuple[Any, ...]
"""A block as HTML says it: ("p", runs), ("ul", runs of each item), ("pre", language, code), ("img", src, alt, title)."""

_FORMATS = {BOLD: "strong", ITALIC: "em", CODE: "code"}
_TEXT_BLOCKS = {"paragraph": "p", "quote": "blockquote"}
_LISTS = {"bullet": "ul", "number": "ol"}
# What each node may say beside its defaults.
_SAYS = {
    "heading": {"tag"},
    "list": {"listType", "tag"},
    "listitem": {"value"},
    "codeblock": {"code", "language"},
    "image": {"src", "alt", "title"},
    "text": {"text", "format"},
    "link": {"url"},
}
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_BLANKS = re.compile(r"[ \t\r\n]+")
_BREAK = "\v"  # a line break among runs: no other character that a page shows could be taken for it
_INLINE = {"strong": "strong", "em": "em", "code": "code", "b": "strong", "i": "em"}


class _UnsayableError(Exception):
    """Never leaves the module."""


def html_says(text: str, root: Root, extensions: Sequence[str]) -> bool:
    """Whether a text, rendered with these extensions, is this document to Ghost. False when in doubt."""
    try:
        nodes = children_of(root)[: len(without_last_blank(canonical_children(root)))]
        wanted = [_shape(node) for node in nodes]
        parser = _Shapes()
        parser.feed(render_html(text, extensions))
        parser.close()
    except _UnsayableError:
        return False
    return parser.shapes == wanted


def _shape(node: Node) -> _Shape:
    kind = _plain_type(node)
    if node.get("children") == []:
        raise _UnsayableError("an empty block")  # HTML converters drop it
    if kind in _TEXT_BLOCKS:
        return _TEXT_BLOCKS[kind], _runs(node["children"])
    if kind == "heading":
        return node.get("tag"), _runs(node["children"])
    if kind == "list" and node.get("listType") in _LISTS:
        items = [_runs(item["children"]) for item in node["children"] if _plain_type(item) == "listitem"]
        return _LISTS[node["listType"]], items
    if kind == "horizontalrule":
        return ("hr",)
    if kind == "codeblock":
        return "pre", node.get("language") or "", node.get("code") or ""
    if kind == "image":
        return "img", node.get("src") or "", node.get("alt") or "", node.get("title") or ""
    raise _UnsayableError(kind)


def _runs(children: Iterable[Node], around: frozenset[str] = frozenset()) -> _Runs:
    runs: _Runs = []
    for node in children:
        kind = _plain_type(node)
        if kind == "text":
            bits = node.get("format") or 0
            if bits & ~(BOLD | ITALIC | CODE):
                raise _UnsayableError("format")
            runs.append((node["text"], around | {name for bit, name in _FORMATS.items() if bits & bit}))
        elif kind == "linebreak":
            runs.append((_BREAK, around))
        elif kind == "link":
            runs += _runs(node["children"], around | {f"href={node.get('url')}"})
        else:
            raise _UnsayableError(kind)
    return _joined(runs)


def _plain_type(node: Node) -> str:
    """The node's type, if it says nothing that HTML has no word for."""
    kind = SAME_TYPE.get(str(node.get("type")), str(node.get("type")))
    defaults = DEFAULTS.get(kind, ELEMENT_DEFAULTS if "children" in node else CARD_DEFAULTS)
    known = {"type", "children", "direction"} | _SAYS.get(kind, set())
    if any(key not in known and not is_default(defaults, key, value) for key, value in node.items()):
        raise _UnsayableError(kind)
    return kind


def _joined(runs: Iterable[tuple[str, frozenset[str]]]) -> _Runs:
    joined: _Runs = []
    for text, around in runs:
        if joined and joined[-1][1] == around:
            joined[-1] = (joined[-1][0] + text, around)
        elif text:
            joined.append((text, around))
    return joined


class _Shapes(HTMLParser):
    """Collects the shapes of simple HTML. Raises _UnsayableError on anything else."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shapes: list[_Shape] = []
        self._open: list[str] = []  # block elements
        self._around: list[str] = []  # inline elements
        self._runs: _Runs = []
        self._items: list[_Runs] = []
        self._full = False  # the item or quote that is open has had its paragraph
        self._image: _Shape | None = None
        self._language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "a":
            self._around.append(f"href={_only(given, 'href').get('href', '')}")
        elif tag == "img":
            self._see_image(_only(given, "src", "alt", "title"))
        elif tag == "br":
            self._runs.append((_BREAK, frozenset(self._around)))
        elif tag == "hr":
            self.shapes.append(("hr",))
        elif tag == "code" and self._open == ["pre"]:
            self._language = _only(given, "class").get("class", "").removeprefix("language-")
            self._open.append(tag)
        elif tag in _INLINE:
            _only(given)
            self._around.append(_INLINE[tag])
        else:
            _only(given, *(("id",) if tag in _HEADINGS else ()))
            if self._collapsed():
                raise _UnsayableError(tag)
            self._full = self._full and tag == "p"
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" or (tag in _INLINE and self._open[-1:] != [tag]):
            if self._around:
                self._around.pop()
            return
        if self._open[-1:] != [tag]:
            raise _UnsayableError(tag)
        path = " ".join(self._open)
        self._open.pop()
        self._end_block(path, tag)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("ul", "ol", "blockquote", "pre"):
            self._runs.append((data, frozenset(self._around)))
        elif data.strip():
            raise _UnsayableError(data)

    def handle_comment(self, data: str) -> None:
        raise _UnsayableError(data)

    def _end_block(self, path: str, tag: str) -> None:
        """A block element ended. path: the block elements that were open, outermost first."""
        if path in ("ul", "ol"):
            self.shapes.append((tag, self._items))
            self._items = []
        elif path in ("ul li", "ol li", "ul li p", "ol li p"):
            self._end_paragraph(self._items, self._collapsed(), optional=tag == "li")
        elif path in ("blockquote", "blockquote p"):
            self._end_paragraph(self.shapes, ("blockquote", self._collapsed()), optional=tag == "blockquote")
        elif path == "pre code":
            self.shapes.append(("pre", self._language, "".join(text for text, _ in self._runs)))
            self._runs = []
        elif path == "p" or path in _HEADINGS:
            runs, image, self._image = self._collapsed(), self._image, None
            if image and runs:
                raise _UnsayableError("img")
            self.shapes.append(image or (tag, runs))
        elif path != "pre":
            raise _UnsayableError(path)

    def _see_image(self, given: dict[str, str]) -> None:
        if self._open != ["p"] or self._around or self._image:
            raise _UnsayableError("img")
        self._image = ("img", given.get("src", ""), given.get("alt", ""), given.get("title", ""))

    def _end_paragraph(self, into: list[Any], said: Any, *, optional: bool) -> None:
        """The only paragraph of an item or a quote. optional: at the end of the item or quote itself."""
        runs = said[1] if isinstance(said, tuple) else said
        if not self._full:
            into.append(said)
        elif runs or not optional:
            raise _UnsayableError("two paragraphs")
        self._full = not optional

    def _collapsed(self) -> _Runs:
        """The runs since the last block began or ended, with blanks collapsed as on a page."""
        runs, self._runs = self._runs, []
        result: _Runs = []
        after_blank = True
        for text, around in runs:
            collapsed = text if text == _BREAK else _BLANKS.sub(" ", text)
            if after_blank:
                collapsed = collapsed.removeprefix(" ")
            if collapsed:
                after_blank = collapsed[-1] in (" ", _BREAK)
                result.append((collapsed, around))
        if result and result[-1][0].endswith(" "):
            result[-1] = (result[-1][0][:-1], result[-1][1])
        return _joined(result)


def _only(given: dict[str, str], *known: str) -> dict[str, str]:
    if given.keys() - set(known):
        raise _UnsayableError(", ".join(given))
    return given
