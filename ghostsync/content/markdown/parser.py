"""The Markdown dialect, and the one place that calls the parser.

CommonMark 0.31.2 with GitHub's tables, strikethrough, task lists and alerts, footnotes, definition lists and
`$math$` (which is recognised to be left alone). `==mark==`, `~sub~`, `^sup^` and bare links are found by
`inline`, because the parser does not know them or does not allow them inside words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from pyromark import Markdown, Options

Event: TypeAlias = Any
"""A string ("SoftBreak", "HardBreak", "Rule") or a dict with one key; see `pyromark.event`."""

Span: TypeAlias = Any
"""{"start": int, "end": int}: byte offsets in the UTF-8 source."""

OPTIONS = (
    Options.ENABLE_TABLES
    | Options.ENABLE_FOOTNOTES
    | Options.ENABLE_STRIKETHROUGH
    | Options.ENABLE_TASKLISTS
    | Options.ENABLE_GFM
    | Options.ENABLE_DEFINITION_LIST
    | Options.ENABLE_MATH
)

_PARSER = Markdown(options=OPTIONS)
_RENDERER = Markdown(options=OPTIONS | Options.ENABLE_SUPERSCRIPT | Options.ENABLE_SUBSCRIPT)
_MATH = re.compile(r'<span class="math math-(inline|display)">(.*?)</span>', re.DOTALL)


def encode(text: str) -> tuple[str, bytes]:
    """The text for the parser and its bytes, in which the parser's offsets count.

    Half a surrogate pair is no character; the parser sees U+FFFD in its place, which is as long in UTF-8.
    """
    try:
        return text, text.encode()
    except UnicodeEncodeError:
        data = text.encode("utf-8", "surrogatepass")
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text), data


def decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogatepass")


def events(text: str) -> Iterator[tuple[Event, Span]]:
    return _PARSER.events_with_range(text)


def definitions(text: str) -> dict[str, Any]:
    """Link reference definitions: label -> {"dest", "title", "span"}."""
    return _PARSER.reference_definitions(text)


def render(text: str) -> str:
    """HTML, as CommonMark and GFM say; math stays the text it is."""
    html = _RENDERER.html(text)
    if "$" not in text:
        return html
    return _MATH.sub(lambda found: _math_source(found[1], found[2]), html)


def _math_source(kind: str, formula: str) -> str:
    mark = "$" if kind == "inline" else "$$"
    return f"{mark}{formula}{mark}"
