"""The ids that Ghost gives to headings, so that `[[other#A heading]]` finds its heading on the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote

from ghostsync.content.markdown.parser import decode, encode, events
from ghostsync.model import Mode

_SYMBOLS = re.compile(r"""[\]\[!"#$%&'()*+,./:;<=>?@\\^_{|}~]""")
_DASHES = re.compile(r"^-|-{2,}|-$")
_FIRST_WITH_LETTERS = 4
_SAYING = frozenset({"Text", "Code", "InlineMath", "SoftBreak", "HardBreak"})
_HTML_ID = re.compile(r"""\s(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=`]+))""", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"\s*\{[^{}]*\}\s*$")


def heading_id(text: str, major: int = 6, *, in_card: bool = False) -> str:
    """What Ghost's slugify of headings (kg-utils) makes of a heading's text.

    Up to Ghost 3 only ASCII letters, digits and _ count. in_card: the heading is in a Markdown card.
    """
    if major < _FIRST_WITH_LETTERS:
        if in_card:
            return re.sub(r"[^\w]", "", text, flags=re.ASCII).lower()
        slug = re.sub(r"[^\w]", "-", re.sub(r'[<>&"?]', "", text).strip(), flags=re.ASCII)
        return re.sub("-{2,}", "-", slug).lower()
    slug = re.sub(r"\s+", "-", _SYMBOLS.sub("", text.strip().lower()))
    return quote(_DASHES.sub("", slug), safe="-_.!~*'()")


def part(fragment: str, major: int = 6, *, wiki: bool) -> str:
    """What stands behind the # of a link as `anchors` tells it. wiki: as in `[[other#A heading]]`."""
    return unquote(heading_id(fragment.rpartition("#")[2], major) if wiki else fragment)


def anchors(body: str, mode: Mode, *majors: int) -> frozenset[str]:
    """Where a link into the page of this body may lead, percent-decoded: the ids that these Ghosts give to its headings,
    and those that its HTML has. Of headings alike, Ghost numbers native ones alone: `part`, `part-1`.
    """
    seen: Counter[tuple[int, str]] = Counter()
    found: set[str] = set()
    for is_html, text in _headings_and_html(body):
        if is_html:
            if mode is Mode.HTML:
                continue  # what Ghost makes blocks of loses its ids
            found.update(one[1] or one[2] or one[3] for one in _HTML_ID.finditer(text))
            continue
        title = _ATTRIBUTES.sub("", text) if mode is Mode.HTML else text
        for major in majors:
            id = heading_id(title, major, in_card=mode is Mode.MARKDOWN)
            before = seen[major, id]
            found.add(f"{id}-{before}" if before and mode is not Mode.MARKDOWN else id)
            seen[major, id] += 1
    return frozenset(map(unquote, found - {""}))


def _headings_and_html(body: str) -> Iterator[tuple[bool, str]]:
    """(False, the words of a heading) and (True, a piece of HTML), in order."""
    parsed, data = encode(body)
    words: list[str] | None = None
    for event, span in events(parsed):
        kind, value = next(iter(event.items())) if isinstance(event, dict) else (event, None)
        if kind in ("Html", "InlineHtml"):
            yield True, decode(data[span["start"] : span["end"]])
        elif kind == "Start" and _is_heading(value):
            words = []
        elif kind == "End" and words is not None and _is_heading(value):
            yield False, "".join(words)
            words = None
        elif words is not None and kind in _SAYING:
            words.append(value if isinstance(value, str) else " ")


def _is_heading(tag: Any) -> bool:
    return "Heading" in tag if isinstance(tag, dict | str) else False
