"""Markdown lists -> Lexical lists, where each item is one run of text and lists nested in it.

Lexical nests a list as an item of its own after the item it belongs to. An item with more than text and lists
in it makes the whole list a card.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.inline import read_inline
from ghostsync.content.markdown.parser import Event, Span
from ghostsync.content.types import Node

Events: TypeAlias = list[tuple[Event, Span]]

BOXES: Final = {False: "☐ ", True: "☑ "}
"""How the items of a task list begin in Ghost: visible on the page and in e-mail."""

CHECK_LIST: Final = "<!--check-->"
"""In the first item: a list of Ghost's type "check", whose boxes its pages do not show."""

MAX_LIST_DEPTH: Final = 100

_PARAGRAPH: Final = {"Start": "Paragraph"}
_INLINE_TAGS: Final = frozenset({"Emphasis", "Strong", "Strikethrough"})


def read_list(events: Events, data: bytes) -> Node | None:
    """The list that these events are; None if Lexical cannot hold all of it."""
    made = _list(events, 0, data, 0)
    return None if made is None else made[0]


def _list(events: Events, index: int, data: bytes, depth: int) -> tuple[Node, int] | None:
    """The list that starts at events[index], and the index after its end."""
    if depth >= MAX_LIST_DEPTH:
        return None
    start = events[index][0]["Start"]["List"]
    index += 1
    is_check = start is None and _is_check_list(events, index)
    items: list[Node] = []
    while "Start" in events[index][0]:
        made = _item(events, index + 1, data, depth, is_check=is_check)
        if made is None:
            return None
        items.extend(made[0])
        index = made[1]
    if start is None:
        return nodes.list_node("check" if is_check else "bullet", items), index + 1
    return nodes.list_node("number", items, start=start), index + 1


def _is_check_list(events: Events, index: int) -> bool:
    """Whether the list whose first item starts at events[index] is marked as one of Ghost's check lists."""
    for event, _ in events[index + 1 : index + 5]:
        if event.__class__ is dict and "InlineHtml" in event:
            return bool(event["InlineHtml"] == CHECK_LIST)
    return False


def _item(
    events: Events, index: int, data: bytes, depth: int, *, is_check: bool
) -> tuple[list[Node], int] | None:
    """One Markdown item as list items (its text, then each nested list in one of its own); the index after it."""
    begin, box, in_paragraph = index, None, False
    if "Text" not in events[index][0]:
        begin, box, in_paragraph = _opening(events, index)
    if is_check:
        if box is None:
            return None
        if events[begin][0] == {"InlineHtml": CHECK_LIST}:
            begin += 1
    index = _end_of_inline(events, begin)
    items: list[Node] = []
    if index > begin or box is not None:
        prefix = "" if is_check or box is None else BOXES[box]
        children = read_inline(events, begin, index, data, prefix=prefix)
        if children is None:
            return None
        items.append(nodes.list_item(children, depth=depth, checked=box if is_check else None))
    if in_paragraph:
        index += 1
    if items and "End" in events[index][0]:  # as nearly always
        return items, index + 1
    return _nested(events, index, data, depth, items)


def _opening(events: Events, index: int) -> tuple[int, bool | None, bool]:
    """Where an item's text begins, its task box (None: none), and whether the text is a paragraph."""
    in_paragraph = False
    box: bool | None = None
    while True:
        event = events[index][0]
        if event == _PARAGRAPH and not in_paragraph:
            in_paragraph = True
        elif box is None and event.__class__ is dict and "TaskListMarker" in event:
            box = event["TaskListMarker"]
        else:
            return index, box, in_paragraph
        index += 1


def _nested(
    events: Events, index: int, data: bytes, depth: int, items: list[Node]
) -> tuple[list[Node], int] | None:
    """The lists from events[index] to the end of the item, each in an item of its own after `items`."""
    while True:
        event = events[index][0]
        if "End" in event:
            return items or [nodes.list_item([], depth=depth)], index + 1
        tag: Any = event.get("Start") if event.__class__ is dict else None
        if tag.__class__ is not dict or "List" not in tag:
            return None
        made = _list(events, index, data, depth + 1) if items else None
        if made is None:  # also where no text comes before the list: Ghost's page loses the item around it
            return None
        items.append(nodes.list_item([made[0]], depth=depth))
        index = made[1]


def _end_of_inline(events: Events, index: int) -> int:
    """The index of the first event from index on that is not part of the inline content there."""
    depth = 0
    while True:
        event = events[index][0]
        if event.__class__ is dict:
            if "Text" in event:
                pass
            elif "Start" in event:
                tag = event["Start"]
                if not (tag in _INLINE_TAGS if tag.__class__ is str else "Link" in tag or "Image" in tag):
                    return index
                depth += 1
            elif "End" in event:
                if not depth:
                    return index
                depth -= 1
        index += 1
