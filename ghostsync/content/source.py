"""A file's bytes, taken apart: byte order mark, line ends, front matter block, body. And put together again.

Nothing is interpreted here. Everything works on LF text; `join` gives unchanged lines back the line end they
had, so that a file with CRLF, or with both, keeps every byte that was not edited.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum

from frontmatter.default_handlers import BaseHandler, JSONHandler, YAMLHandler

from ghostsync.content.front_matter.json_read import scan

_LINE_END = re.compile(r"\r\n|\r|\n")


class Form(StrEnum):
    """The language of a front matter block; NONE where the file has no block."""

    NONE = "none"
    YAML = "yaml"
    TOML = "toml"
    JSON = "json"


# python-frontmatter tells the forms apart, with openings stricter than its own: a rule of ten dashes is none, and
# "{{< shortcode >}}", "{% include %}" and "{: .class}" open bodies, not JSON. Its split is not used: it strips what it
# finds and loses the positions that editing in place needs.
_HANDLERS: dict[Form, BaseHandler] = {
    Form.YAML: YAMLHandler(re.compile(r"---[ \t]*(?:\n|\Z)")),
    Form.TOML: BaseHandler(re.compile(r"\+\+\+[ \t]*(?:\n|\Z)"), "+++", "+++"),
    Form.JSON: JSONHandler(re.compile(r'\{\s*(?:"|\}[ \t]*(?:\n|\Z))|\{[ \t]*\n')),
}
_CLOSINGS = {
    Form.YAML: re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE),
    Form.TOML: re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE),
}


def _form_of(opening: str) -> Form:
    """The form that a text's first lines announce."""
    return next((form for form, handler in _HANDLERS.items() if handler.detect(opening)), Form.NONE)


class NotText(ValueError):
    """The bytes are not UTF-8: offset of the first bad byte, and its 1-based line."""

    def __init__(self, offset: int, line: int, byte: int) -> None:
        super().__init__(f"byte 0x{byte:02X} at offset {offset} is not UTF-8")
        self.offset = offset
        self.line = line
        self.byte = byte


@dataclass(frozen=True, slots=True)
class Source:
    """A file in parts; head + matter + tail + body is its text with LF line ends.

    head: all up to the front matter's first line, fence included. matter: the block itself, every line ended
    (JSON: from brace to brace). tail: the closing fence with its line end. first_line: 1-based line of the
    file on which matter begins. unclosed: the opening fence has no partner; then matter is empty and
    everything is body. raw: the text with the file's own line ends, without the mark.
    """

    form: Form
    head: str
    matter: str
    tail: str
    body: str
    raw: str
    bom: bool
    newline: str
    first_line: int
    unclosed: bool = False
    added_block: bool = False

    @property
    def body_line(self) -> int:
        """1-based line of the file on which body begins."""
        return (self.head + self.matter + self.tail).count("\n") + 1

    @property
    def text(self) -> str:
        return self.head + self.matter + self.tail + self.body

    def join(self, *, matter: str | None = None, body: str | None = None) -> bytes:
        """The file's bytes with one or both parts replaced (LF text; matter lines all ended)."""
        text = (
            self.head
            + (self.matter if matter is None else matter)
            + self.tail
            + (self.body if body is None else body)
        )
        return encode(text, self)


def encode(text: str, like: Source) -> bytes:
    """LF text as bytes, with another text's byte order mark and, where lines are the same, line ends."""
    lf = "\n"
    if "\r" in like.raw:
        if _LINE_END.sub(like.newline, like.raw) == like.raw:
            lf = like.newline
            text = text.replace("\n", lf)
        else:
            text = _keep_line_ends(text, like)
    return (codecs.BOM_UTF8 if like.bom else b"") + text.encode("utf-8", "replace")


def _keep_line_ends(text: str, like: Source) -> str:
    ends = _LINE_END.findall(like.raw)
    old = _LINE_END.split(like.raw)
    new = text.split("\n")
    ends.append(like.newline)  # the last line has none of its own, but something may be put behind it
    chosen = [like.newline] * len(new)
    for a, b, size in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        chosen[b : b + size] = ends[a : a + size]
    chosen[-1] = ""
    return "".join(line + end for line, end in zip(new, chosen, strict=True))


def split(data: bytes) -> Source:
    """Take a file apart. Raises NotText."""
    bom = data.startswith(codecs.BOM_UTF8)
    try:
        raw = data.decode("utf-8-sig" if bom else "utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + (3 if bom else 0)
        line = len(_LINE_END.findall(data[:offset].decode("latin-1"))) + 1
        raise NotText(offset, line, data[offset]) from None
    newline = "\n"
    text = raw
    if "\r" in raw:
        ends = _LINE_END.findall(raw)
        newline = max(("\n", "\r\n", "\r"), key=ends.count)
        text = _LINE_END.sub("\n", raw)

    def parts(form: Form, head: int, matter: int, tail: int, *, unclosed: bool = False) -> Source:
        return Source(
            form,
            text[:head],
            text[head:matter],
            text[matter:tail],
            text[tail:],
            raw,
            bom,
            newline,
            text.count("\n", 0, head) + 1,
            unclosed,
        )

    start = len(text) - len(text.lstrip(" \t\n"))
    start = text.rfind("\n", 0, start) + 1
    form = _form_of(text[start:])
    if form in _CLOSINGS:
        first = text.find("\n", start) + 1 or len(text)
        closing = _CLOSINGS[form].search(text, first)
        if closing is None:
            return parts(form, 0, 0, 0, unclosed=True)
        after = closing.end() + (1 if text[closing.end() : closing.end() + 1] == "\n" else 0)
        return parts(form, first, closing.start(), after)
    if form is Form.JSON:
        try:
            end = start + scan(text[start:])[1]
        except (json.JSONDecodeError, RecursionError):
            # Broken, but meant as front matter: up to a brace of its own line, for the message.
            closing = re.compile(r"^\}[ \t]*$", re.MULTILINE).search(text, start)
            if closing is None:
                return parts(Form.JSON, 0, 0, 0, unclosed=True)
            end = closing.start() + 1
        line_end = text.find("\n", end)
        rest = len(text) if line_end < 0 else line_end + 1
        if text[end:rest].strip():
            rest = end
        return parts(Form.JSON, start, end, rest)
    return parts(Form.NONE, 0, 0, 0)


def with_block(source: Source) -> Source:
    """The same file with an empty YAML block in front, if it has no front matter."""
    if source.form is not Form.NONE:
        return source
    gap = "\n" if source.body.strip("\n") and not source.body.startswith("\n") else ""
    return replace(
        source, form=Form.YAML, head="---\n", tail="---\n", body=gap + source.body, added_block=True
    )


_INDENTED = re.compile(r" {4}| {0,3}\t")


def without_blank_end(text: str) -> str:
    """Text without the blank lines at its end, and without blanks behind its last word: a hard break means nothing at
    the very end. In a line that may be indented code they are a part of it.
    """
    content = text.rstrip(" \t\n")
    line_end = text.find("\n", len(content))
    whole = text if line_end < 0 else text[:line_end]
    return whole if _INDENTED.match(whole, whole.rfind("\n") + 1) else content
