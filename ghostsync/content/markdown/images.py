"""A paragraph that is only an image, linked or not: Ghost's image card.

`![alt](src "title")`; what the editor knows beyond that follows in a comment that readers of the page never
see: `![alt](src)<!--width=1200 height=800 cardWidth=wide-->`.
"""

from __future__ import annotations

import re
from typing import Any

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.parser import Event, Span
from ghostsync.content.types import Node

_COMMENT = re.compile(r"<!--((?:[A-Za-z]+=[A-Za-z0-9.]+ ?)+)-->")
_WIDTHS = ("width", "height")


def read_image(events: list[tuple[Event, Span]], data: bytes) -> Node | None:  # noqa: ARG001 - captions need it
    """The image card that the events of a paragraph stand for; None if there is anything else in it."""
    index, href = 1, ""
    tag = events[index][0]["Start"]
    if tag.__class__ is dict and "Link" in tag:
        link = tag["Link"]
        if link["title"]:
            return None
        href = link["dest_url"]
        index += 1
        event = events[index][0]
        tag = event.get("Start") if event.__class__ is dict else None
    if tag.__class__ is not dict or "Image" not in tag:
        return None
    image = tag["Image"]
    alt, index = _alt(events, index + 1)
    if href:
        if events[index][0] != {"End": "Link"}:
            return None
        index += 1
    properties: dict[str, Any] = {}
    event = events[index][0]
    if event.__class__ is dict and "InlineHtml" in event:
        found = _COMMENT.fullmatch(event["InlineHtml"])
        if not found:
            return None
        properties = _properties(found[1])
        index += 1
    if index != len(events) - 1:
        return None
    node = nodes.image(image["dest_url"], alt=alt, title=image["title"], href=href)
    return {**node, **properties}


def _alt(events: list[tuple[Event, Span]], index: int) -> tuple[str, int]:
    """The plain text inside an image, and the index after the image's end."""
    parts: list[str] = []
    depth = 1
    while depth:
        event = events[index][0]
        index += 1
        if event.__class__ is not dict:
            parts.append(" ")
        elif "Start" in event:
            depth += 1
        elif "End" in event:
            depth -= 1
        else:
            parts.extend(value for key, value in event.items() if key in ("Text", "Code"))
    return "".join(parts), index


def _properties(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in text.split():
        key, _, value = pair.partition("=")
        found[key] = int(value) if key in _WIDTHS and value.isdecimal() else value
    return found
