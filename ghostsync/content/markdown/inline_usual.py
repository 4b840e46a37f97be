"""The inline Markdown that most blocks consist of, read in one quick pass.

Text, bold, italic, code and links. Whatever asks for more thought (delimiters the parser does not know, HTML) is
left to `inline`, which reads everything and gives the same nodes for what is read here.
"""

from __future__ import annotations

from string import punctuation
from typing import Final

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.links import link_address, may_hold_links, split_links
from ghostsync.content.markdown.parser import Event, Span, decode
from ghostsync.content.types import Node

FORMATS: Final = {"Strong": nodes.BOLD, "Emphasis": nodes.ITALIC, "Strikethrough": nodes.STRIKETHROUGH}
LINE_BREAK: Final = nodes.linebreak()

_USUAL: Final = {"Strong": nodes.BOLD, "Emphasis": nodes.ITALIC}
_BACKSLASH, _AMPERSAND = b"\\&"
_MARKS: Final = (b"==", b"~", b"^")


def may_hold_more(text: str) -> bool:
    """Whether there may be a delimiter or a bare link in text."""
    return may_hold_marks(text) or may_hold_links(text)


def may_hold_marks(text: str) -> bool:
    return "~" in text or "^" in text or ("=" in text and "==" in text)


def read_usual(  # noqa: C901, PLR0912, PLR0915 - one loop: a call for each event costs more than the pass saves
    events: list[tuple[Event, Span]], start: int, end: int, data: bytes, *, marks: bool = True
) -> list[Node] | None:
    """events[start:end] as Lexical children; None if there is more in them than is read here.

    marks: False if no delimiter has a partner among them.
    """
    top: list[Node] = []
    children = top
    text = ""
    safe = 0  # how much of text is known to hold no more than that
    format = run = 0  # of what is read, and of what is in text
    for event, span in events[start:end]:
        if "Text" in event:
            begin = span["start"]
            if run != format:
                if text and not _put(text, safe, run, children, top, marks):
                    return None
                run = format
                text = ""
                safe = 0
            if data[begin - 1] == _BACKSLASH or data[begin] == _AMPERSAND:
                size = _literal(event["Text"], data, begin, span["end"])
                if size < 0 or (size and text and may_hold_more(text[safe:])):
                    return None
                if size:
                    safe = len(text) + size
            text += event["Text"]
        elif event.__class__ is dict:
            if "Start" in event:
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
                    if not _put(text, safe, run, children, top, marks):
                        return None
                    text = ""
                    safe = 0
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
                    if not _put(text, safe, run, children, top, marks):
                        return None
                    text = ""
                    safe = 0
                if not children:
                    return None
                children = top
            elif "Code" in event:
                if text:
                    if not _put(text, safe, run, children, top, marks):
                        return None
                    text = ""
                    safe = 0
                children.append(nodes.text(event["Code"], format | nodes.CODE))
            else:
                return None
        elif event == "SoftBreak":
            if run != format:
                if text and not _put(text, safe, run, children, top, marks):
                    return None
                run = format
                text = " "
                safe = 0
            else:
                text += " "
        elif event == "HardBreak":
            if text:
                if not _put(text, safe, run, children, top, marks):
                    return None
                text = ""
                safe = 0
            children.append(LINE_BREAK)
        else:
            return None
    return top if not text or _put(text, safe, run, children, top, marks) else None


def _literal(text: str, data: bytes, begin: int, end: int) -> int:
    """How many characters of the text at data[begin:end], which begins with an escape or `&`, are no markup whatever
    they are; -1 if that needs more thought.
    """
    if begin and data[begin - 1] == _BACKSLASH:
        return 1 if text[0] in punctuation and data[begin - 2] != _BACKSLASH else -1
    if text == "&" or decode(data[begin:end]) == text:
        return 0
    return -1 if text == "\t" else len(text)


def _put(text: str, safe: int, format: int, children: list[Node], top: list[Node], marks: bool) -> bool:
    """Put a text among the children; False if it may hold more than text and bare links."""
    if safe:
        if may_hold_more(text[safe:]):
            return False
        children.extend(nodes.texts(text, format))
    elif (
        children is top
        and ("@" in text or ":" in text or "W" in text or "www." in text)
        and may_hold_links(text)
    ):
        for piece, url in split_links(text):
            if url:
                children.append(nodes.link(url, nodes.texts(piece, format)))
            elif marks and may_hold_marks(piece):
                return False
            else:
                children.extend(nodes.texts(piece, format))
    elif marks and ("~" in text or "^" in text or ("=" in text and "==" in text)):
        return False
    elif "K" in text and "TK" in text:
        children.extend(nodes.texts(text, format))
    else:
        node = nodes.TEXT.copy()  # as `nodes.text` does: a call for each text is a good part of its time
        node["text"] = text
        if format:
            node["format"] = format
        children.append(node)
    return True


def has_lone_marks(data: bytes, begin: int, end: int) -> bool:
    """Whether there are delimiters in data[begin:end], and none has a second of its kind: each is the character it is."""
    found = [mark for mark in _MARKS if data.find(mark, begin, end) >= 0]
    return bool(found) and all(data.count(mark, begin, end) == 1 for mark in found)
