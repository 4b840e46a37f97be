"""The inline Markdown that most blocks consist of, read in one quick pass.

Text, bold, italic, code and links. Whatever asks for more thought (an escape, a delimiter the parser does not
know, HTML) is left to `inline`, which reads everything and gives the same nodes for what is read here.
"""

from __future__ import annotations

from typing import Final

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.links import link_address
from ghostsync.content.markdown.parser import Event, Span
from ghostsync.content.types import Node

FORMATS: Final = {"Strong": nodes.BOLD, "Emphasis": nodes.ITALIC, "Strikethrough": nodes.STRIKETHROUGH}
LINE_BREAK: Final = nodes.linebreak()

_USUAL: Final = {"Strong": nodes.BOLD, "Emphasis": nodes.ITALIC}
_BACKSLASH, _AMPERSAND = b"\\&"


def may_hold_more(text: str) -> bool:
    """Whether there may be a delimiter or a bare link in text. (A search for each: many times as quick as a pattern.)"""
    return (
        "=" in text
        or "~" in text
        or "^" in text
        or "@" in text
        or "://" in text
        or "ww" in text
        or "WW" in text
    )


def read_usual(  # noqa: C901, PLR0912, PLR0915 - one loop: a call for each event costs more than the pass saves
    events: list[tuple[Event, Span]], start: int, end: int, data: bytes
) -> list[Node] | None:
    """events[start:end] as Lexical children; None if there is more in them than is read here."""
    top: list[Node] = []
    if end - start == 1 and "Text" in events[start][0]:
        event, span = events[start]
        begin = span["start"]
        plain = data[begin - 1] != _BACKSLASH and data[begin] != _AMPERSAND
        return top if plain and _put(event["Text"], 0, top, top) else None
    children = top
    text = ""
    format = run = 0  # of what is read, and of what is in text
    for event, span in events[start:end]:
        if event.__class__ is dict:
            if "Text" in event:
                begin = span["start"]
                if data[begin - 1] == _BACKSLASH or data[begin] == _AMPERSAND:
                    return None
                if run != format:
                    if text and not _put(text, run, children, top):
                        return None
                    run = format
                    text = event["Text"]
                else:
                    text += event["Text"]
            elif "Start" in event:
                tag = event["Start"]
                if tag.__class__ is str:
                    bit = _USUAL.get(tag, 0)
                    if not bit or format & bit:
                        return None
                    format |= bit
                    continue
                link = tag.get("Link")
                if (
                    link is None
                    or children is not top
                    or link["link_type"] == "Email"
                    or not link["dest_url"]
                    or link["title"]
                ):
                    return None
                if text:
                    if not _put(text, run, children, top):
                        return None
                    text = ""
                children = []
                top.append(nodes.link(link_address(link["dest_url"]), children))
            elif "End" in event:
                tag = event["End"]
                if tag in _USUAL:
                    format &= ~_USUAL[tag]
                    continue
                if tag != "Link":
                    return None
                if text:
                    if not _put(text, run, children, top):
                        return None
                    text = ""
                if not children:
                    return None
                children = top
            elif "Code" in event:
                if text:
                    if not _put(text, run, children, top):
                        return None
                    text = ""
                children.append(nodes.text(event["Code"], format | nodes.CODE))
            else:
                return None
        elif event == "SoftBreak":
            if run != format:
                if text and not _put(text, run, children, top):
                    return None
                run = format
                text = " "
            else:
                text += " "
        elif event == "HardBreak":
            if text:
                if not _put(text, run, children, top):
                    return None
                text = ""
            children.append(LINE_BREAK)
        else:
            return None
    return top if not text or _put(text, run, children, top) else None


def _put(text: str, format: int, children: list[Node], top: list[Node]) -> bool:
    """Put a text among the children; False if it may hold more than text."""
    if "=" in text or "~" in text or "^" in text:
        return False
    if children is top and ("@" in text or "://" in text or "ww" in text or "WW" in text):
        return False
    if "TK" in text:
        children.extend(nodes.texts(text, format))
        return True
    children.append(
        {  # as `nodes.text` makes it
            "detail": 0,
            "format": format,
            "mode": "normal",
            "style": "",
            "text": text,
            "type": "extended-text",
            "version": 1,
        }
    )
    return True
