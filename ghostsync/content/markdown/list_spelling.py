"""Lexical lists as Markdown lists: bullets, numbers, task boxes, and Ghost's own check lists."""

from __future__ import annotations

from typing import Any

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.inline_spelling import spell_inline
from ghostsync.content.markdown.list_style import OTHER, PLAIN, ListStyle, Look
from ghostsync.content.markdown.lists import BOXES, CHECK_LIST, MAX_LIST_DEPTH
from ghostsync.content.types import Node

_MAX_NUMBER = 999_999_999
"""CommonMark reads at most nine digits as a list number."""


def spell_list(
    node: Node, level: int, *, alternate: bool, depth: int = 0, style: ListStyle | None = None
) -> str | None:
    """The list as Markdown lines; None if a Markdown list cannot hold it.

    alternate: it follows one of its kind. style: how the lists around it look; then alternate does not count.
    """
    kind, items, start = node.get("listType"), node.get("children"), node.get("start", 1)
    if depth >= MAX_LIST_DEPTH or not isinstance(items, list) or not items:
        return None
    if not isinstance(kind, str) or kind not in ("bullet", "number", "check") or type(start) is not int:
        return None
    if kind == "number" and not 0 <= start <= _MAX_NUMBER - len(items):
        return None
    look = _look(kind, alternate=alternate, depth=depth, style=style)
    lines: list[str] = []
    number = start
    marker = ""
    previous: Node | None = None
    alternated = False
    for item in items:
        children = item.get("children") if item.__class__ is dict else None
        if not isinstance(children, list) or item.get("type") != "listitem":
            return None
        indent = ""
        if _is_list(children) and lines:
            nested = children[0]
            alternated = same_list_kind(previous, nested) and not alternated
            previous = nested
            added = _nested_lines(nested, level, alternate=alternated, depth=depth, style=style)
            own = _look(nested.get("listType"), alternate=False, depth=depth + 1, style=style)
            indent = " " * (len(marker) + own.offset)
        else:
            previous, alternated = None, False
            marker = look.marker(number, is_number=kind == "number")
            number += look.step
            added = _item_lines(item, children, level, kind, marker, first=not lines)
            if look.is_loose and lines:
                lines.append("")
        if added is None:
            return None
        lines += [indent + line if line else line for line in added] if indent else added
    if style and not depth and look.offset:
        lines = [" " * look.offset + line if line else line for line in lines]
    return "\n".join(lines)


def _look(kind: Any, *, alternate: bool, depth: int, style: ListStyle | None) -> Look:
    is_number = kind == "number"
    usual = (OTHER if alternate and not style else PLAIN)[is_number]
    return style.get((depth, is_number), usual) if style else usual


def _nested_lines(
    nested: Node, level: int, *, alternate: bool, depth: int, style: ListStyle | None
) -> list[str] | None:
    """A list inside a list, not yet indented."""
    text = spell_list(nested, level, alternate=alternate, depth=depth + 1, style=style)
    if text is None:
        return None
    lines = text.split("\n")
    if nested.get("listType") == "number" and nested.get("start", 1) != 1:
        return ["", *lines]  # only a list that begins with 1 may follow text without a blank line
    return lines


def _item_lines(
    item: Node, children: list[Any], level: int, kind: str, marker: str, *, first: bool
) -> list[str] | None:
    text = _item_text(item, children, level, kind, first=first)
    if text is None:
        return None
    if "\n" not in text:
        return [marker + text if text else marker.rstrip()]
    head, *rest = text.split("\n")
    indent = " " * len(marker)
    return [marker + head if head else marker.rstrip(), *(indent + line if line else line for line in rest)]


def same_list_kind(a: Any, b: Any) -> bool:
    """Whether Markdown would read two neighbouring lists with one marker as a single list."""
    if not (a.__class__ is dict and b.__class__ is dict and a.get("type") == b.get("type") == "list"):
        return False
    return (a.get("listType") == "number") == (b.get("listType") == "number")


def _is_list(children: list[Any]) -> bool:
    return len(children) == 1 and children[0].__class__ is dict and children[0].get("type") == "list"


def _item_text(item: Node, children: list[Any], level: int, kind: str, *, first: bool) -> str | None:
    if kind == "check":
        text = spell_inline(children, level)
        if text is None:
            return None
        box = "[x] " if item.get("checked") is True else "[ ] "
        return (box + (CHECK_LIST if first else "") + text).rstrip(" ")
    box = _box(children)
    if box:
        head = {**children[0], "text": children[0]["text"][_BOX_SIZE:]}
        return (
            None if (text := spell_inline([head, *children[1:]], level)) is None else (box + text).rstrip(" ")
        )
    return spell_inline(children, level)


_BOX_SIZE = 2
_MARKDOWN_BOXES = {prefix: "[x] " if checked else "[ ] " for checked, prefix in BOXES.items()}


def _box(children: list[Any]) -> str:
    """The Markdown of the task box that an item begins with, or ""."""
    head = children[0] if children else None
    if head.__class__ is not dict or head.get("type") not in nodes.TEXT_TYPES or head.get("format") != 0:
        return ""
    text = head.get("text")
    return _MARKDOWN_BOXES.get(text[:_BOX_SIZE], "") if isinstance(text, str) else ""
