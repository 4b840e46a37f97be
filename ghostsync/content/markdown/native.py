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
from ghostsync.content.markdown.parser import Event, Span
from ghostsync.content.types import Node

Events: TypeAlias = list[tuple[Event, Span]]

ROOT_TYPE = "root"
"""A fenced block of this type stands for the document's own properties and makes no node."""

BOXES = {False: "☐ ", True: "☑ "}
EMPTY_PARAGRAPH = "<p></p>"
PAYWALL = "<!--members-only-->"
_PAYWALL = re.compile(r"<!--\s*members-only\s*-->")
CHECK_LIST = "<!--check-->"
"""In the first item: a list of Ghost's type "check", whose boxes its pages do not show."""

_CHECK_LIST_EVENT = {"InlineHtml": CHECK_LIST}

MAX_LIST_DEPTH = 100
_ELEMENT_ATTRIBUTES = frozenset({"format", "indent"})
_PARAGRAPH = {"Start": "Paragraph"}
_INLINE_TAGS = frozenset({"Emphasis", "Strong", "Strikethrough"})


def read_native(events: Events, data: bytes) -> list[Node] | None:
    """The nodes of one top-level block, or None: it must become a card."""
    first = events[0][0]
    if first == "Rule":
        return [nodes.horizontal_rule()]
    if first.__class__ is not dict:
        return None
    tag = first.get("Start")
    if tag == "Paragraph":
        return _paragraph(events, data)
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
        made = _list(events, 0, data, 0)
        return None if made is None else [made[0]]
    if kind == "CodeBlock":
        return _code(value, events)
    if kind == "BlockQuote":
        return _quote(value, events, data)
    if kind == "FootnoteDefinition":
        return []
    return None


def _paragraph(events: Events, data: bytes) -> list[Node] | None:
    if len(events) > 3:
        second = events[1][0]
        if second.__class__ is dict and "Start" in second:
            card = read_images(events, data)
            if card is None and _ends_in_html(events):
                card = read_link_card(events)
            if card is not None:
                return [card]
    attributes, end = _attributes(events)
    children = read_inline(events, 1, end, data)
    if children is None or attributes.keys() - _ELEMENT_ATTRIBUTES:
        return None
    return [{**nodes.paragraph(children), **attributes} if attributes else nodes.paragraph(children)]


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


def _code(kind: Any, events: Events) -> list[Node]:
    info = kind["Fenced"] if kind.__class__ is dict else ""
    code = "".join(event["Text"] for event, _ in events[1:-1])
    if info.startswith("ghost"):
        node = read_fence(info, code)
        if node is not None:
            return [node[0]]
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
    children = read_inline(events, 2, end + 1, data)
    if children is None:
        return None
    if kind is not None:
        made = callout(kind, children, attributes)
        return [made] if made else None
    is_aside = attributes.pop("aside", True) is None
    if attributes.keys() - _ELEMENT_ATTRIBUTES:
        return None
    return [{**(nodes.aside(children) if is_aside else nodes.quote(children)), **attributes}]


def _list(events: Events, index: int, data: bytes, depth: int) -> tuple[Node, int] | None:
    """The list that starts at events[index], and the index after its end."""
    if depth >= MAX_LIST_DEPTH:
        return None
    start = events[index][0]["Start"]["List"]
    index += 1
    checks = _is_check_list(events, index)
    items: list[Node] = []
    while "Start" in events[index][0]:
        made = _item(events, index + 1, data, depth, checks=checks)
        if made is None:
            return None
        items.extend(made[0])
        index = made[1]
    if start is None:
        return nodes.list_node("check" if checks else "bullet", items), index + 1
    return nodes.list_node("number", items, start=start), index + 1


def _is_check_list(events: Events, index: int) -> bool:
    """Whether the list whose first item starts at events[index] is marked as one of Ghost's check lists."""
    for event, _ in events[index + 1 : index + 5]:
        if event.__class__ is dict and "InlineHtml" in event:
            return bool(event["InlineHtml"] == CHECK_LIST)
    return False


def _item(
    events: Events, index: int, data: bytes, depth: int, *, checks: bool
) -> tuple[list[Node], int] | None:
    """One Markdown item as list items (its text, then each nested list in one of its own)."""
    begin = index
    prefix = ""
    loose = events[index][0] == _PARAGRAPH
    if loose:
        begin = index = index + 1
    event = events[index][0]
    checked = None
    if event.__class__ is dict and "TaskListMarker" in event:
        checked = event["TaskListMarker"]
        prefix = BOXES[checked]
        begin = index = index + 1
        if events[index][0] == _PARAGRAPH:
            loose = True
            begin = index = index + 1
    if checks:
        if checked is None:
            return None
        prefix = ""
        if events[index][0] == _CHECK_LIST_EVENT:
            begin = index = index + 1
    else:
        checked = None
    index = _end_of_inline(events, index)
    items: list[Node] = []
    if index > begin or prefix or checks:
        children = read_inline(events, begin, index, data, prefix=prefix)
        if children is None:
            return None
        items.append(nodes.list_item(children, depth=depth, checked=checked))
    if loose:
        index += 1
    while True:
        event = events[index][0]
        if "End" in event:
            if not items:
                items.append(nodes.list_item([], depth=depth))
            return items, index + 1
        tag = event.get("Start") if event.__class__ is dict else None
        if tag.__class__ is not dict or "List" not in tag:
            return None
        made = _list(events, index, data, depth + 1)
        if made is None:
            return None
        items.append(nodes.list_item([made[0]], depth=depth))
        index = made[1]


def _end_of_inline(events: Events, index: int) -> int:
    """The index of the first event from index on that is not part of the inline content there."""
    depth = 0
    while True:
        event = events[index][0]
        if event.__class__ is dict:
            if "Start" in event:
                tag = event["Start"]
                if not (tag in _INLINE_TAGS if tag.__class__ is str else "Link" in tag or "Image" in tag):
                    return index
                depth += 1
            elif "End" in event:
                if not depth:
                    return index
                depth -= 1
        index += 1
