"""Raw HTML with Markdown in it: an element that one HTML block opens and a later one closes.

`<div>`, a blank line, Markdown, a blank line, `</div>`: three blocks to the parser, one to the author. As one
card it stays whole in Ghost's editor; `<details>` is Ghost's toggle.
"""

from __future__ import annotations

import re
from typing import Final

from ghostsync.content.lexical import nodes
from ghostsync.content.lexical.rich_text import html_of_nodes, nodes_of_html
from ghostsync.content.markdown.inline_spelling import spell_inline
from ghostsync.content.markdown.list_spelling import spell_list
from ghostsync.content.types import Node

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)(?:\s[^<>]*)?>")
_VOID: Final = frozenset(
    (
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
        "p",
        "li",
    )
)
"""Elements without an end, or whose end may be left out."""

_NOT_ELEMENTS = re.compile(r"\s*<(?:[!?]|(?:script|style|pre|textarea)\b)", re.IGNORECASE)
_DETAILS = re.compile(r"<details>\s*<summary>([^\n]*)</summary>")


class HtmlGroups:
    """Watches the HTML blocks of a document go by and finds which of them belong together."""

    __slots__ = ("_counts", "groups", "open", "seen")

    def __init__(self) -> None:
        self.open: list[tuple[str, int]] = []  # the elements that what comes next may be inside of
        self._counts: dict[str, int] = {}
        self.groups: list[tuple[int, int]] = []  # (first, last) block, disjoint, in order
        self.seen = False  # whether there was any element

    def closed_at(self, index: int) -> bool:
        """Whether the block at this index closed an element."""
        return bool(self.groups) and self.groups[-1][1] == index

    def see(self, index: int, html: str) -> None:
        """The HTML block at this index."""
        if _NOT_ELEMENTS.match(html):
            return
        for match in _TAG.finditer(html):
            name = match[2].lower()
            if name in _VOID or match[0].endswith("/>"):
                continue
            if not match[1]:
                self.seen = True
                self.open.append((name, index))
                self._counts[name] = self._counts.get(name, 0) + 1
            elif self._counts.get(name):
                self._close(name, index)

    def _close(self, name: str, index: int) -> None:
        while True:
            opened, first = self.open.pop()
            self._counts[opened] -= 1
            if opened == name:
                break
        if first < index:
            while (
                self.groups and self.groups[-1][1] >= first
            ):  # inside it, or it begins in the block that ends the other
                first = min(first, self.groups.pop()[0])
            self.groups.append((first, index))


def read_toggle(head: str, inner: list[Node], tail: str) -> Node | None:
    """The toggle card of a `<details>` element, or None: what is in it is more than a toggle can hold."""
    found = _DETAILS.fullmatch(head.strip())
    if not found or tail.strip() != "</details>":
        return None
    content = html_of_nodes(inner)
    heading = nodes_of_html(found[1])
    if content is None or heading is None:
        return None
    return nodes.card("toggle", heading=html_of_nodes(heading) or "", content=content)


def spell_toggle(node: Node, level: int) -> str | None:
    """The toggle as `<details>` with Markdown in it; None if its content is not simple text."""
    heading, content = node.get("heading") or "", node.get("content") or ""
    if not isinstance(heading, str) or not isinstance(content, str):
        return None
    title, blocks = nodes_of_html(heading), nodes_of_html(content)
    if title is None or blocks is None:
        return None
    summary = html_of_nodes(title)
    parts: list[str] = []
    for block in blocks:
        kind = block["type"]
        if kind == "list":
            text = spell_list(block, level, alternate=False)
        elif kind == "paragraph" and block["children"]:
            text = spell_inline(block["children"], level)
        else:
            return None
        if text is None:
            return None
        parts.append(text)
    if summary is None or "\n" in summary:
        return None
    return "\n\n".join([f"<details>\n<summary>{summary}</summary>", *parts, "</details>"])
