"""The children of a Lexical block -> inline Markdown.

Level 0 is what a person would write. Level 1 escapes all that could be markup. Level 2 also spells every
format as an HTML tag, which works inside words and beside spaces, where `**` does not.
"""

from __future__ import annotations

import re
from html import escape as escape_html
from typing import Any, Final

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.escaping import (
    code_span,
    destination,
    escape,
    escape_line_start,
)
from ghostsync.content.markdown.inline import ZWNJ
from ghostsync.content.markdown.usual_spelling import LINK_KEYS, is_autolink, spell_usual
from ghostsync.content.types import Node

HTML_LEVEL: Final = 2

_SPANS: Final = (
    (nodes.BOLD, "**", "<strong>", "</strong>"),
    (nodes.ITALIC, "*", "<em>", "</em>"),
    (nodes.STRIKETHROUGH, "~~", "<s>", "</s>"),
    (nodes.HIGHLIGHT, "==", "<mark>", "</mark>"),
    (nodes.UNDERLINE, "", "<u>", "</u>"),
    (nodes.SUBSCRIPT, "~", "<sub>", "</sub>"),
    (nodes.SUPERSCRIPT, "^", "<sup>", "</sup>"),
)
_BY_BIT: Final = {span[0]: span for span in _SPANS}
_MAX_CHILDREN: Final = 20_000
"""A block of more runs of text is nothing that somebody wrote; the fenced form is several times as quick."""
_SHORT: Final = nodes.SUBSCRIPT | nodes.SUPERSCRIPT
_LINK: Final = "a"
_MARKS: Final = {"tab": "&Tab;", "zwnj": ZWNJ}
_CLOSING_HASHES: Final = re.compile(r"(?:^|(?<=\s))#+$")


class _Unspeakable(Exception):
    """Markdown has no natural words for this inline content."""


class _Piece:
    """One run: its format, the text it would show, and for links and breaks the node."""

    __slots__ = ("format", "node", "text")

    def __init__(self, format: int, text: str, node: Node | None) -> None:
        self.format = format
        self.text = text
        self.node = node


def spell_inline(children: list[Any], level: int, *, heading: bool = False) -> str | None:
    """Inline Markdown for these children, lines separated by LF; None if there is no natural spelling."""
    if len(children) == 1:
        child = children[0]
        if child.__class__ is dict and child.get("format") == 0 and child.get("type") in nodes.TEXT_TYPES:
            text = child.get("text")
            if isinstance(text, str):
                return _lines(escape(text, level), heading=heading)
    if not level:
        usual = spell_usual(children)
        if usual is not None:
            return _lines(usual, heading=heading)
    if len(children) > _MAX_CHILDREN:
        return None
    text = spell_any(children, level, heading=heading)
    if text is None or (text.startswith("~~~") and not heading):
        return None  # three tildes begin a code block
    return _lines(text, heading=heading)


def spell_any(children: list[Any], level: int, *, heading: bool = False) -> str | None:
    """The same before it is made fit for the edges of lines."""
    try:
        pieces = _pieces(children)
        out: list[str] = []
        _spell(pieces, 0, len(pieces), 0, level, out, in_link=False, heading=heading)
    except _Unspeakable:
        return None
    return "".join(out)


def _lines(text: str, *, heading: bool) -> str:
    """Protect what would be stripped or read as a block at the edges of lines."""
    if heading:
        if text[:1] == " ":
            text = "&#32;" + text[1:]
        text = _CLOSING_HASHES.sub(r"\\\g<0>", text)
    elif "\n" in text:
        text = "\n".join(escape_line_start(line) for line in text.split("\n"))
    else:
        text = escape_line_start(text)
    return text[:-1] + "&#32;" if text[-1:] == " " else text


def _pieces(children: list[Any]) -> list[_Piece]:
    """The children as pieces, neighbours of one format joined."""
    pieces: list[_Piece] = []
    for child in children:
        kind = child.get("type") if child.__class__ is dict else None
        if kind in nodes.TEXT_TYPES:
            _append_text(pieces, child)
        elif kind == "linebreak":
            pieces.append(_Piece(0, "\n", child))
        elif kind == "link":
            pieces.append(_Piece(_common_format(child), _LINK, child))
        elif isinstance(kind, str) and kind in _MARKS:
            pieces.append(_Piece(_mark_format(child), _MARKS[kind], child))
        else:
            raise _Unspeakable
    for before, piece, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if piece.text == "\n":
            piece.format = before.format & after.format & ~nodes.CODE
    return pieces


def _append_text(pieces: list[_Piece], child: Node) -> None:
    text, format = child.get("text"), child.get("format", 0)
    if not isinstance(text, str) or type(format) is not int or not 0 <= format <= nodes.ALL_FORMATS:
        raise _Unspeakable
    if pieces and pieces[-1].node is None and pieces[-1].format == format:
        pieces[-1].text += text
    elif text:
        pieces.append(_Piece(format, text, None))


def _mark_format(child: Node) -> int:
    """The format of a tab or a zero-width joiner, which must be as the editor makes them."""
    format = child.get("format", 0)
    made = nodes.tab(format) if child["type"] == "tab" else nodes.zwnj()
    if type(format) is not int or not 0 <= format <= nodes.ALL_FORMATS or child != made:
        raise _Unspeakable
    return format & ~nodes.CODE


def _common_format(link: Node) -> int:
    """The formats that all of a link's text has: they can stand around the link."""
    if not link.keys() <= LINK_KEYS or not isinstance(link.get("url"), str):
        raise _Unspeakable
    common = nodes.ALL_FORMATS & ~nodes.CODE & ~_SHORT
    children = link.get("children")
    if not isinstance(children, list):
        raise _Unspeakable
    for child in children:
        format = child.get("format") if child.__class__ is dict else None
        common &= format if type(format) is int and child.get("type") in nodes.TEXT_TYPES else 0
    return common if children else 0


def _spell(
    pieces: list[_Piece],
    start: int,
    end: int,
    active: int,
    level: int,
    out: list[str],
    *,
    in_link: bool,
    heading: bool,
) -> None:
    index = start
    while index < end:
        piece = pieces[index]
        missing = piece.format & ~active & ~nodes.CODE
        if not missing:
            out.append(_leaf(pieces, index, active, level, in_link=in_link, heading=heading))
            index += 1
            continue
        bit, stop = _longest(pieces, index, end, missing)
        natural, opens, closes = _BY_BIT[bit][1:]
        if natural and level < HTML_LEVEL and _fits(pieces, index, stop, bit, active, out):
            opens = closes = natural
        out.append(opens)
        _spell(pieces, index, stop, active | bit, level, out, in_link=in_link, heading=heading)
        out.append(closes)
        index = stop


def _longest(pieces: list[_Piece], index: int, end: int, missing: int) -> tuple[int, int]:
    """Of the formats that begin here, the one that goes on longest, and where it stops."""
    best_bit, best_stop = 0, index
    for bit, *_ in _SPANS:
        if missing & bit:
            stop = index + 1
            while stop < end and pieces[stop].format & bit:
                stop += 1
            if stop > best_stop:
                best_bit, best_stop = bit, stop
    return best_bit, best_stop


def _fits(pieces: list[_Piece], start: int, stop: int, bit: int, active: int, out: list[str]) -> bool:
    """Whether Markdown's own delimiters would open and close here (CommonMark's flanking rules)."""
    first, last = pieces[start], pieces[stop - 1]
    if first.node is not None and first.text == "\n":
        return False
    if last.node is not None and last.text == "\n":
        return False
    inner_first = _edge(first, active | bit, 0)
    inner_last = _edge(last, active | bit, -1)
    before = out[-1][-1:] if out and out[-1] else " "
    after = pieces[stop].text[0] if stop < len(pieces) else " "
    if stop < len(pieces) and (pieces[stop].format & ~active or pieces[stop].node is not None):
        after = after if after == "\n" else "*"
    if inner_first.isspace() or inner_last.isspace():
        return False
    if bit & _SHORT:
        return not any(char.isspace() or char in "~^" for piece in pieces[start:stop] for char in piece.text)
    return (not _punctuation(inner_first) or before.isspace() or _punctuation(before)) and (
        not _punctuation(inner_last) or after.isspace() or _punctuation(after)
    )


def _edge(piece: _Piece, active: int, end: int) -> str:
    """The character just inside a delimiter: markup if more of it follows, else text."""
    if piece.node is not None or piece.format & ~active:
        return "*"
    return piece.text[end]


def _punctuation(char: str) -> bool:
    return not (char.isalnum() or char.isspace())


def _leaf(pieces: list[_Piece], index: int, active: int, level: int, *, in_link: bool, heading: bool) -> str:
    piece = pieces[index]
    if piece.node is None:
        if piece.format & nodes.CODE:
            span = code_span(piece.text) if level < HTML_LEVEL else None
            return span or f"<code>{escape(piece.text, 1)}</code>"
        text = escape(piece.text, level, in_link=in_link)
        follower = pieces[index + 1].node if index + 1 < len(pieces) else None
        if text[-1] == "!" and follower is not None and follower["type"] == "link":
            return text[:-1] + "\\!"
        return text
    if piece.text == "\n":
        if piece.node.keys() - {"type", "version"}:
            raise _Unspeakable
        return "<br>" if heading or index == len(pieces) - 1 or level >= HTML_LEVEL else "\\\n"
    if piece.text != _LINK:
        return piece.text
    if in_link:
        raise _Unspeakable
    return _link(piece.node, active, level, heading=heading)


def _link(link: Node, active: int, level: int, *, heading: bool) -> str:
    url, children = link["url"], link["children"]
    title, rel, target = link.get("title"), link.get("rel"), link.get("target")
    for value in (title, rel, target):
        if value is not None and not isinstance(value, str):
            raise _Unspeakable
    if not (title or rel or target or active) and level < HTML_LEVEL and is_autolink(url, children):
        return f"<{children[0]['text']}>"
    pieces = _pieces(children)
    inner: list[str] = []
    _spell(pieces, 0, len(pieces), active, level, inner, in_link=True, heading=heading)
    content = "".join(inner)
    place = destination(url)
    # Markdown's own title would make a card of the block, as only a card shows it.
    if title or rel or target or place is None or level >= HTML_LEVEL:
        attributes = "".join(
            f' {name}="{escape_html(value or "")}"'
            for name, value in (("href", url), ("title", title), ("rel", rel), ("target", target))
            if value or name == "href"
        )
        return f"<a{attributes}>{content}</a>"
    return f"[{_brackets(content, level)}]({place})"


def _brackets(content: str, level: int) -> str:
    """Link text with its brackets escaped at level 0; those in code are none."""
    if level or ("[" not in content and "]" not in content) or "`" in content:
        return content
    return content.replace("[", "\\[").replace("]", "\\]") if "\\" not in content else content
