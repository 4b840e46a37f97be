"""What Ghost turns into Lexical when it is sent something else: Mobiledoc, and HTML with `?source=html`.

The HTML side is simpler than Ghost's and meant for what a Markdown renderer puts out; like Ghost's it keeps one
level of inline content in a block and puts what it has no node for (tables, for one) into an HTML card.
"""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

Node = dict[str, Any]

_MARKUP_BITS = {
    "strong": 1,
    "b": 1,
    "em": 2,
    "i": 2,
    "s": 4,
    "del": 4,
    "u": 8,
    "code": 16,
    "sub": 32,
    "sup": 64,
    "mark": 128,
}
_CARD_NAMES = {"hr": "horizontalrule", "code": "codeblock", "card-markdown": "markdown"}
_VOID = frozenset({"br", "hr", "img", "input", "col", "source"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CLOSES = {
    "p": "paragraph",
    "blockquote": "extended-quote",
    "li": "listitem",
    **dict.fromkeys(_HEADINGS, "extended-heading"),
}
_RAW = frozenset({"table", "dl", "video", "audio", "iframe", "details", "section", "svg"})


def text(value: str, format: int = 0, *, type: str = "extended-text") -> Node:
    return {
        "detail": 0,
        "format": format,
        "mode": "normal",
        "style": "",
        "text": value,
        "type": type,
        "version": 1,
    }


def element(type: str, children: list[Node], *, direction: str | None = None, **more: Any) -> Node:
    return {
        "children": children,
        "direction": direction,
        "format": "",
        "indent": 0,
        "type": type,
        "version": 1,
        **more,
    }


def from_mobiledoc(source: str) -> str:
    """The Lexical document, as JSON, that Ghost stores for a Mobiledoc. ValueError or TypeError when it makes no sense."""
    document = json.loads(source)
    if not isinstance(document, dict) or not isinstance(document.get("sections"), list):
        raise TypeError("not a Mobiledoc")
    children = [node for section in document["sections"] for node in _section(section, document)]
    return json.dumps({"root": element("root", children, direction="ltr")}, ensure_ascii=False)


def _section(section: list[Any], document: Node) -> list[Node]:
    match section:
        case [1, tag, markers, *_]:
            inline = _markers(markers, document)
            if tag == "p":
                return [element("paragraph", inline, direction="ltr")]
            if tag == "blockquote":
                return [element("quote", inline, direction="ltr")]
            if tag == "aside":
                return [element("aside", inline, direction="ltr")]
            return [element("heading", inline, direction="ltr", tag=tag)]
        case [3, tag, items, *_]:
            entries = [
                element("listitem", _markers(markers, document), direction="ltr", value=value)
                for value, markers in enumerate(items, 1)
            ]
            kind = "number" if tag == "ol" else "bullet"
            return [element("list", entries, direction="ltr", tag=tag, listType=kind, start=1)]
        case [10, index, *_]:
            name, properties = document["cards"][index]
            return [{"type": _CARD_NAMES.get(name, name), **properties}]
    raise ValueError(f"unknown section {section!r}")


def _markers(markers: list[list[Any]], document: Node) -> list[Node]:
    nodes: list[Node] = []
    open_markups: list[int] = []
    for kind, opened, closed, value in markers:
        open_markups += opened
        if kind == 1:
            nodes.append({"type": "linebreak", "version": 1})
        else:
            nodes.append(_marked(str(value), open_markups, document))
        if closed:
            del open_markups[-closed:]
    return nodes


def _marked(value: str, open_markups: list[int], document: Node) -> Node:
    bits, url = 0, ""
    for index in open_markups:
        tag, *attributes = document["markups"][index]
        bits |= _MARKUP_BITS.get(tag, 0)
        if tag == "a":
            url = attributes[0][1]
    node = text(value, bits, type="text")
    if not url:
        return node
    return element("link", [node], direction="ltr", rel=None, target=None, title=None, url=url)


def from_html(source: str) -> str:
    """The Lexical document, as JSON, for a body sent with `source=html`."""
    builder = _Builder()
    builder.feed(source)
    builder.close()
    return json.dumps({"root": element("root", builder.finish())}, ensure_ascii=False)


class _Builder(HTMLParser):
    """Collects blocks; `_inline` holds the open block's inline nodes, `_lists` the open lists."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[Node] = []
        self._inline: list[Node] = []
        self._bits: list[int] = []
        self._link: str | None = None
        self._lists: list[Node] = []
        self._pre: dict[str, str] | None = None
        self._raw: list[str] = []
        self._raw_depth = 0
        self._quotes = 0

    def finish(self) -> list[Node]:
        self._close_block("paragraph")
        return self._blocks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if self._raw_depth or tag in _RAW:
            self._raw.append(self.get_starttag_text() or "")
            self._raw_depth += tag not in _VOID
        elif tag == "pre":
            self._close_block("paragraph")
            self._pre = {"code": "", "language": ""}
        elif self._pre is not None:
            language = values.get("class", "")
            self._pre["language"] = language.removeprefix("language-")
        elif tag in {"ul", "ol"}:
            self._close_block("listitem" if self._lists else "paragraph")
            kind = "number" if tag == "ol" else "bullet"
            start = int(values["start"]) if values.get("start", "").isdigit() else 1
            self._lists.append(element("list", [], listType=kind, start=start, tag=tag))
        else:
            self._start_inline(tag, values)

    def _start_inline(self, tag: str, values: dict[str, str]) -> None:
        if tag in _MARKUP_BITS:
            self._bits.append(_MARKUP_BITS[tag])
        elif tag == "a":
            self._link = values.get("href", "")
        elif tag == "blockquote":
            self._close_block("paragraph")
            self._quotes += 1
        elif tag == "br" or (tag == "p" and self._quotes and self._inline):
            # A quote holds inline content only: its second paragraph begins on a new line.
            self._inline.append({"type": "linebreak", "version": 1})
        elif tag == "hr":
            self._close_block("paragraph")
            self._blocks.append({"type": "horizontalrule", "version": 1})
        elif tag == "img":
            self._close_block("paragraph")
            self._blocks.append(
                {
                    "type": "image",
                    "version": 1,
                    "src": values.get("src", ""),
                    "width": None,
                    "height": None,
                    "title": values.get("title", ""),
                    "alt": values.get("alt", ""),
                    "caption": "",
                    "cardWidth": "regular",
                    "href": "",
                }
            )

    def handle_endtag(self, tag: str) -> None:
        if self._raw_depth:
            self._end_raw(tag)
        elif self._pre is not None:
            if tag == "pre":
                self._blocks.append({"type": "codeblock", "version": 1, **self._pre, "caption": ""})
                self._pre = None
        elif tag in _MARKUP_BITS and self._bits:
            self._bits.pop()
        elif tag == "a":
            self._link = None
        elif tag in {"ul", "ol"} and self._lists:
            self._close_list()
        elif tag in _CLOSES and not (tag == "p" and (self._lists or self._quotes)):
            self._quotes -= tag == "blockquote" and self._quotes > 0
            more = {"tag": tag} if tag in _HEADINGS else {}
            self._close_block(_CLOSES[tag], **more)

    def _end_raw(self, tag: str) -> None:
        self._raw.append(f"</{tag}>")
        self._raw_depth -= 1
        if not self._raw_depth:
            self._close_block("paragraph")
            self._blocks.append({"type": "html", "version": 1, "html": "".join(self._raw)})
            self._raw = []

    def handle_data(self, data: str) -> None:
        if self._raw_depth:
            self._raw.append(data)
        elif self._pre is not None:
            self._pre["code"] += data
        elif data.strip() or self._inline:
            node = text(" ".join(data.split("\n")), sum(set(self._bits)))
            if self._link is not None:
                node = element("link", [node], rel=None, target=None, title=None, url=self._link)
            self._inline.append(node)

    def _close_block(self, type: str, **more: Any) -> None:
        while self._inline and not str(self._inline[-1].get("text", "-")).strip():
            self._inline.pop()
        inline, self._inline = self._inline, []
        if not inline:
            return
        if type == "listitem" and self._lists:
            items = self._lists[-1]["children"]
            items.append(element("listitem", inline, value=len(items) + 1))
        else:
            self._blocks.append(element(type if type != "listitem" else "paragraph", inline, **more))

    def _close_list(self) -> None:
        self._close_block("listitem")
        done = self._lists.pop()
        if self._lists:
            items = self._lists[-1]["children"]
            items.append(element("listitem", [done], value=len(items) + 1))
        else:
            self._blocks.append(done)
