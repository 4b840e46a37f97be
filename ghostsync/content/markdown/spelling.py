"""Each Lexical node's natural spelling, as a person would write it.

A spelling is a proposal: whether it reads back as the same node between its neighbours is for `writer` to
find out. None means that there is no natural spelling at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.attributes import write_attributes
from ghostsync.content.markdown.callouts import spell_callout
from ghostsync.content.markdown.cards import source_of
from ghostsync.content.markdown.html_groups import spell_toggle
from ghostsync.content.markdown.images import spell_gallery, spell_image
from ghostsync.content.markdown.inline_spelling import spell_inline
from ghostsync.content.markdown.link_cards import LINK_CARDS, spell_link_card
from ghostsync.content.markdown.list_spelling import spell_list
from ghostsync.content.markdown.list_style import ListStyle
from ghostsync.content.markdown.native import EMPTY_PARAGRAPH, PAYWALL
from ghostsync.content.types import Node

_LANGUAGE = re.compile(r"[^\s`]+")
_TICKS = re.compile(r"`{3,}")


def spell(node: Any, level: int, *, alternate: bool = False, style: ListStyle | None = None) -> str | None:
    """The natural Markdown of one top-level node at this level of care, without a final line end.

    alternate: the block before is a list of the same kind, so this one needs the other marker. style: see `spell_list`.
    """
    if node.__class__ is not dict:
        return None
    type = node.get("type")
    if type == "paragraph":
        children = node.get("children")
        if not children:
            return EMPTY_PARAGRAPH
        text = spell_inline(children, level) if children.__class__ is list else None
        return text if text is None else _with_attributes(text, node)
    if type == "list":
        return spell_list(node, level, alternate=alternate, style=style)
    speller = _SPELLERS.get(type) if isinstance(type, str) else None
    return speller(node, level) if speller else None


def _with_attributes(text: str, node: Node, name: str = "") -> str | None:
    """The text with what a block says beyond it: how it is aligned and indented, or that it is an aside."""
    format, indent = node.get("format", ""), node.get("indent", 0)
    if not (format or indent or name):
        return text
    said = {key: value for key, value in (("format", format), ("indent", indent)) if value}
    attributes = write_attributes(said, name=name)
    return text + attributes if attributes and text else None


def _heading(node: Node, level: int) -> str | None:
    tag = node.get("tag")
    children = node.get("children")
    if not isinstance(tag, str) or tag not in _HASHES or not isinstance(children, list):
        return None
    text = spell_inline(children, level, heading=True)
    text = None if text is None else _with_attributes(text, node)
    if text is None:
        return None
    return f"{_HASHES[tag]} {text}" if text else _HASHES[tag]


_HASHES: Final = {f"h{level}": "#" * level for level in range(1, 7)}


def _quote(node: Node, level: int) -> str | None:
    children = node.get("children")
    if not isinstance(children, list):
        return None
    text = spell_inline(children, level)
    if text is not None:
        text = _with_attributes(text, node, "aside" if node["type"] == "aside" else "")
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
    caption = node.get("caption") or ""
    info = language
    if caption:
        attributes = write_attributes({"caption": caption}) if isinstance(caption, str) else None
        if not attributes or not language or "`" in attributes:
            return None
        info = f"{language} {attributes[4:-3]}"
    # an info string is read with its escapes and entities
    info = info.replace("\\", "\\\\").replace("&", "&amp;")
    return f"{ticks}{info}\n{code}\n{ticks}" if code else f"{ticks}{info}\n{ticks}"


def _html(node: Node, level: int) -> str | None:
    html = node.get("html")
    if level or not isinstance(html, str) or not html:
        return None
    return source_of(html) or html


def _markdown(node: Node, level: int) -> str | None:
    source = node.get("markdown")
    return source if not level and isinstance(source, str) and source else None


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
    "image": spell_image,
    "gallery": spell_gallery,
    "callout": spell_callout,
    "toggle": spell_toggle,
    "aside": _quote,
    **dict.fromkeys(LINK_CARDS, spell_link_card),
    "horizontalrule": _rule,
    "paywall": _paywall,
}

RAW_TYPES: Final = frozenset({"html", "markdown"})
"""Cards whose own text is their spelling: it may hold anything, so each is tried alone before it is used."""
