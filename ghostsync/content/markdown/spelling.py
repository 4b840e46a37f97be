"""Each Lexical node's natural spelling, as a person would write it.

A spelling is a proposal: whether it reads back as the same node between its neighbours is for `writer` to
find out. None means that there is no natural spelling at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.cards import source_of
from ghostsync.content.markdown.escaping import destination, escape, link_title
from ghostsync.content.markdown.inline_spelling import spell_inline
from ghostsync.content.markdown.list_spelling import spell_list
from ghostsync.content.markdown.native import EMPTY_PARAGRAPH, PAYWALL
from ghostsync.content.types import Node

_LANGUAGE = re.compile(r"[^\s`]+")
_TICKS = re.compile(r"`{3,}")


def spell(node: Any, level: int, *, alternate: bool = False) -> str | None:
    """The natural Markdown of one top-level node at this level of care, without a final line end.

    alternate: the block before is a list of the same kind, so this one needs the other marker.
    """
    if node.__class__ is not dict:
        return None
    type = node.get("type")
    if type == "paragraph":
        children = node.get("children")
        if not children:
            return EMPTY_PARAGRAPH
        return spell_inline(children, level) if children.__class__ is list else None
    if type == "list":
        return spell_list(node, level, alternate=alternate)
    speller = _SPELLERS.get(type) if isinstance(type, str) else None
    return speller(node, level) if speller else None


def _heading(node: Node, level: int) -> str | None:
    tag = node.get("tag")
    children = node.get("children")
    if not isinstance(tag, str) or tag not in _HASHES or not isinstance(children, list):
        return None
    text = spell_inline(children, level, heading=True)
    return None if text is None else f"{_HASHES[tag]} {text}" if text else _HASHES[tag]


_HASHES: Final = {f"h{level}": "#" * level for level in range(1, 7)}


def _quote(node: Node, level: int) -> str | None:
    children = node.get("children")
    if not isinstance(children, list):
        return None
    text = spell_inline(children, level)
    if text is None:
        return None
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def _code(node: Node, level: int) -> str | None:
    code, language = node.get("code", ""), node.get("language") or ""
    if level or not isinstance(code, str) or not isinstance(language, str):
        return None
    if language and not _LANGUAGE.fullmatch(language):
        return None
    longest = max((len(run) for run in _TICKS.findall(code)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{language}\n{code}\n{ticks}" if code else f"{ticks}{language}\n{ticks}"


def _html(node: Node, level: int) -> str | None:
    html = node.get("html")
    if level or not isinstance(html, str) or not html:
        return None
    return source_of(html) or html


def _markdown(node: Node, level: int) -> str | None:
    source = node.get("markdown")
    return source if not level and isinstance(source, str) and source else None


def _image(node: Node, level: int) -> str | None:
    src, alt, title, href = (node.get(key) or "" for key in ("src", "alt", "title", "href"))
    if not all(isinstance(value, str) for value in (src, alt, title, href)) or level > 1:
        return None
    place = destination(src)
    if place is None or not src:
        return None
    image = f"![{escape(alt, level, in_link=True)}]({place}{link_title(title) if title else ''})"
    if href:
        target = destination(href)
        if target is None:
            return None
        image = f"[{image}]({target})"
    known = [
        f"{key}={node[key]}"
        for key, default in (("width", None), ("height", None), ("cardWidth", "regular"))
        if node.get(key) not in (None, "", default)
    ]
    return f"{image}<!--{' '.join(known)}-->" if known else image


def _rule(_node: Node, level: int) -> str | None:
    return None if level else "---"


def _paywall(_node: Node, level: int) -> str | None:
    return None if level else PAYWALL


_SPELLERS: Final[dict[str, Callable[[Node, int], str | None]]] = {
    **dict.fromkeys(nodes.HEADING_TYPES, _heading),
    **dict.fromkeys(nodes.QUOTE_TYPES, _quote),
    "codeblock": _code,
    "html": _html,
    "markdown": _markdown,
    "image": _image,
    "horizontalrule": _rule,
    "paywall": _paywall,
}

RAW_TYPES: Final = frozenset({"html", "markdown"})
"""Cards whose own text is their spelling: it may hold anything, so each is tried alone before it is used."""
