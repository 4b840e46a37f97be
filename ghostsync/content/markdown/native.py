"""The blocks that Ghost's editor has a node for.

Each reader takes the events of one top-level block and answers with its nodes, or None when Lexical cannot
hold what is in it; then the block becomes a card (see `cards`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.attributes import read_attributes
from ghostsync.content.markdown.callouts import callout
from ghostsync.content.markdown.fence import read_fence
from ghostsync.content.markdown.images import read_images
from ghostsync.content.markdown.inline import read_inline
from ghostsync.content.markdown.link_cards import read_link_card
from ghostsync.content.markdown.lists import read_list
from ghostsync.content.markdown.parser import Event, Span
from ghostsync.content.types import Node

Events: TypeAlias = list[tuple[Event, Span]]

EMPTY_PARAGRAPH = "<p></p>"
PAYWALL = "<!--members-only-->"
_PAYWALL = re.compile(r"<!--\s*members-only\s*-->")


_ELEMENT_ATTRIBUTES = frozenset({"format", "indent"})
_PARAGRAPH: Event = {"Start": "Paragraph"}
_END_OF_PARAGRAPH: Event = {"End": "Paragraph"}
_LEVELS = {f"H{level}": level for level in range(1, 7)}


def read_native(events: Events, data: bytes) -> list[Node] | None:
    """The nodes of one top-level block, or None: it must become a card."""
    first = events[0][0]
    if first.__class__ is not dict:
        return [nodes.horizontal_rule()] if first == "Rule" else None
    tag = first.get("Start")
    if tag.__class__ is dict:
        for kind in tag:
            reader = _READERS.get(kind)
            return None if reader is None else reader(tag[kind], events, data)
    if tag == "HtmlBlock":
        return _html(events)
    return read_paragraph(events, data) if tag == "Paragraph" else None


def read_paragraph(events: Events, data: bytes) -> list[Node] | None:
    """The node of a top-level paragraph, or None: it must become a card."""
    second = events[1][0]
    if "Text" not in second:
        if "Code" in second and _is_blank_code(events):
            return None  # Ghost's page drops a last paragraph of nothing but blanks
        if "Start" in second and len(events) > 3:
            card = read_images(events, data)
            if card is None and _ends_in_html(events):
                card = read_link_card(events)
            if card is not None:
                return [card]
    end = len(events) - 1
    if "InlineHtml" in events[end - 1][0]:
        return _with_attributes(nodes.paragraph, events, 1, end, data)
    children = read_inline(events, 1, end, data)
    return None if children is None else [nodes.paragraph(children)]


def _heading(value: Any, events: Events, data: bytes) -> list[Node] | None:
    level = _LEVELS[value["level"]]
    end = len(events) - 1
    if _ends_in_html(events):
        return _with_attributes(partial(nodes.heading, level), events, 1, end, data)
    children = read_inline(events, 1, end, data)
    return None if children is None else [nodes.heading(level, children)]


def _with_attributes(
    make: Callable[[list[Node]], Node], events: Events, start: int, end: int, data: bytes
) -> list[Node] | None:
    """The node of events[start:end] with what a comment at their end says about it; None if Lexical cannot hold them."""
    attributes, end = _attributes(events, start, end)
    children = read_inline(events, start, end, data)
    if children is None or attributes.keys() - _ELEMENT_ATTRIBUTES:
        return None
    return [{**make(children), **attributes}]


def _is_blank_code(events: Events) -> bool:
    return all(
        event == "SoftBreak" or (event.__class__ is dict and event.get("Code", "x").isspace())
        for event, _ in events[1:-1]
    )


def _ends_in_html(events: Events) -> bool:
    return "InlineHtml" in events[-2][0]


def _attributes(events: Events, start: int, end: int) -> tuple[dict[str, Any], int]:
    """What a comment at the end of events[start:end] says about them, and the index where their text ends.

    A comment that only names something gives {name: None}. One without text before it says nothing.
    """
    last = events[end - 1][0]
    if end - start > 1 and "InlineHtml" in last:
        found = read_attributes(last["InlineHtml"])
        if found is not None:
            name, attributes = found
            return ({name: None, **attributes} if name else attributes), end - 1
    return {}, end


def _html(events: Events) -> list[Node]:
    source = "".join([event["Html"] for event, _ in events if "Html" in event]).rstrip("\n")
    if source == EMPTY_PARAGRAPH:
        return [nodes.paragraph([])]
    if source.startswith("<!--") and _PAYWALL.fullmatch(source):
        return [nodes.paywall()]
    return [nodes.html(source)]


def _code(kind: Any, events: Events, _data: bytes) -> list[Node] | None:
    info = kind["Fenced"] if kind.__class__ is dict else ""
    code = "".join([event["Text"] for event, _ in events[1:-1]])
    if info.startswith("ghost"):
        node = read_fence(info, code)
        if node is not None:
            return [node[0]]
    if not code or code.isspace():
        return None  # Ghost's page shows nothing for such a node
    language, _, rest = info.strip().partition(" ")
    caption = ""
    if rest.startswith("caption="):
        found = read_attributes(f"<!--{rest}-->")
        if found is not None and found[1].keys() == {"caption"} and isinstance(found[1]["caption"], str):
            caption = found[1]["caption"]
    return [nodes.codeblock(code.removesuffix("\n"), language, caption)]


def _quote(kind: str | None, events: Events, data: bytes) -> list[Node] | None:
    if len(events) == 2:
        made = nodes.quote([]) if kind is None else callout(kind, [], {})
        return [made] if made else None
    if events[1][0] != _PARAGRAPH or events[-2][0] != _END_OF_PARAGRAPH:
        return None
    attributes, end = _attributes(events, 2, len(events) - 2)
    children = read_inline(events, 2, end, data, titles=kind is not None)
    if children is None:
        return None
    if kind is not None:
        made = callout(kind, children, attributes)
        return [made] if made else None
    if not attributes:
        return [nodes.quote(children)]
    is_aside = attributes.pop("aside", True) is None
    if attributes.keys() - _ELEMENT_ATTRIBUTES:
        return None
    return [{**(nodes.aside(children) if is_aside else nodes.quote(children)), **attributes}]


def _list(_value: Any, events: Events, data: bytes) -> list[Node] | None:
    made = read_list(events, data)
    return None if made is None else [made]


def _nothing(_value: Any, _events: Events, _data: bytes) -> list[Node]:
    """A footnote's definition: it goes with the cards that refer to it."""
    return []


_READERS: Final[dict[str, Callable[[Any, Events, bytes], list[Node] | None]]] = {
    "Heading": _heading,
    "List": _list,
    "CodeBlock": _code,
    "BlockQuote": _quote,
    "FootnoteDefinition": _nothing,
}
