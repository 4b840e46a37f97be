"""The blocks that Ghost's editor has a node for.

Each reader takes the events of one top-level block and answers with its nodes, or None when Lexical cannot
hold what is in it; then the block becomes a card (see `cards`).
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

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
_PARAGRAPH = {"Start": "Paragraph"}


def read_native(events: Events, data: bytes) -> list[Node] | None:
    """The nodes of one top-level block, or None: it must become a card."""
    first = events[0][0]
    if first == "Rule":
        return [nodes.horizontal_rule()]
    if first.__class__ is not dict:
        return None
    tag = first.get("Start")
    if tag == "Paragraph":
        return read_paragraph(events, data)
    if tag == "HtmlBlock":
        return _html(events)
    if tag.__class__ is dict:
        for kind in tag:
            return _read(kind, tag[kind], events, data)
    return None


def _read(kind: str, value: Any, events: Events, data: bytes) -> list[Node] | None:
    if kind == "Heading":
        attributes, end = _attributes(events)
        children = read_inline(events, 1, end, data)
        if children is None or attributes.keys() - _ELEMENT_ATTRIBUTES:
            return None
        return [{**nodes.heading(int(value["level"][1]), children), **attributes}]
    if kind == "List":
        made = read_list(events, data)
        return None if made is None else [made]
    if kind == "CodeBlock":
        return _code(value, events)
    if kind == "BlockQuote":
        return _quote(value, events, data)
    if kind == "FootnoteDefinition":
        return []
    return None


def read_paragraph(events: Events, data: bytes) -> list[Node] | None:
    """The node of a top-level paragraph, or None: it must become a card."""
    ends_in_html = _ends_in_html(events)
    if "Code" in events[1][0] and _is_blank_code(events):
        return None  # Ghost's page drops a last paragraph of nothing but blanks
    if len(events) > 3:
        second = events[1][0]
        if second.__class__ is dict and "Start" in second:
            card = read_images(events, data)
            if card is None and ends_in_html:
                card = read_link_card(events)
            if card is not None:
                return [card]
    if not ends_in_html:  # as nearly always
        plain = read_inline(events, 1, len(events) - 1, data)
        return None if plain is None else [nodes.paragraph(plain)]
    attributes, end = _attributes(events)
    children = read_inline(events, 1, end, data)
    if children is None or attributes.keys() - _ELEMENT_ATTRIBUTES:
        return None
    return [{**nodes.paragraph(children), **attributes}]


def _is_blank_code(events: Events) -> bool:
    return all(
        event == "SoftBreak" or (event.__class__ is dict and event.get("Code", "x").isspace())
        for event, _ in events[1:-1]
    )


def _ends_in_html(events: Events) -> bool:
    last = events[-2][0]
    return last.__class__ is dict and "InlineHtml" in last


def _attributes(events: Events) -> tuple[dict[str, Any], int]:
    """What a comment at the end of a block says about it, and the index of the event where the text ends.

    A comment that only names something gives {name: None}.
    """
    end = len(events) - 1
    if end > 2 and _ends_in_html(events):
        found = read_attributes(events[-2][0]["InlineHtml"])
        if found is not None:
            name, attributes = found
            return ({name: None, **attributes} if name else attributes), end - 1
    return {}, end


def _html(events: Events) -> list[Node]:
    source = "".join(event["Html"] for event, _ in events[1:-1] if "Html" in event).rstrip("\n")
    if source == EMPTY_PARAGRAPH:
        return [nodes.paragraph([])]
    if _PAYWALL.fullmatch(source):
        return [nodes.paywall()]
    return [nodes.html(source)]


def _code(kind: Any, events: Events) -> list[Node] | None:
    info = kind["Fenced"] if kind.__class__ is dict else ""
    code = "".join(event["Text"] for event, _ in events[1:-1])
    if info.startswith("ghost"):
        node = read_fence(info, code)
        if node is not None:
            return [node[0]]
    if not code.strip():
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
    if events[1][0] != _PARAGRAPH or events[-2][0] != {"End": "Paragraph"}:
        return None
    attributes, end = _attributes(events[1:-1])
    children = read_inline(events, 2, end + 1, data, titles=kind is not None)
    if children is None:
        return None
    if kind is not None:
        made = callout(kind, children, attributes)
        return [made] if made else None
    is_aside = attributes.pop("aside", True) is None
    if attributes.keys() - _ELEMENT_ATTRIBUTES:
        return None
    return [{**(nodes.aside(children) if is_aside else nodes.quote(children)), **attributes}]
