"""Lexical -> mobiledoc: for the posts that Ghost keeps as mobiledoc (all of Ghost 2 to 4, old ones on Ghost 5).

A block that mobiledoc cannot hold (a nested list, highlighted text ...) becomes a Markdown card of exactly that
block, so that the page shows it; `native` undoes this for reading.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from ghostsync.content.lexical import canonical, children_of
from ghostsync.content.lexical import root as new_root
from ghostsync.content.lexical.nodes import HEADING_TYPES, QUOTE_TYPES
from ghostsync.content.markdown import read_markdown, write_markdown
from ghostsync.content.mobiledoc.cards import card_section, shown_by, with_assumed
from ghostsync.content.mobiledoc.document import (
    VERSION,
    VERSION_WITH_ATTRIBUTES,
    Attributes,
    CardSection,
    ListSection,
    Mobiledoc,
    Section,
    TextSection,
    parse,
    render,
)
from ghostsync.content.mobiledoc.inline import UnholdableError, inline_line
from ghostsync.content.mobiledoc.read import ALIGNMENT, is_blank, section_node, shown_sections
from ghostsync.content.types import Node, Root
from ghostsync.errors import ContentError

NEWEST_MAJOR = 5  # the last Ghost that keeps mobiledoc

_TAGS = {"paragraph": "p", "aside": "aside", **dict.fromkeys(QUOTE_TYPES, "blockquote")}
_LIST_TAGS = {"bullet": "ul", "number": "ol"}
_ELEMENT_KEYS = frozenset(
    {
        *("type", "version", "children", "direction", "format", "indent", "tag", "textFormat", "textStyle"),
        *("mobiledocTag", "mobiledocAttributes"),
    }
)
_GHOST_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}) *ghost\b", re.MULTILINE)


def lexical_to_mobiledoc(
    root: Root, *, old: Root | None = None, major: int = NEWEST_MAJOR, site_url: str = ""
) -> str:
    """The mobiledoc JSON that says this document.

    old: the document as Ghost holds it, from `mobiledoc_to_lexical`. Sections that still say the same are taken
    from its stored text, so that they go home exact, and so are its `ghostVersion` and the like.
    major: Ghost's. site_url: an address below it is the same as a root-relative one.
    Raises ContentError for a block that this Ghost has no way to show.
    """
    stored = parse(old["mobiledoc"]) if old and "mobiledoc" in old else None
    shown = shown_sections(stored) if stored else ()
    supply = _Supply(shown, site_url)
    sections = [supply.take(node) or _new_section(node, supply.names, major) for node in children_of(root)]
    version, extra = (stored.version, stored.extra) if stored else (VERSION, {})
    if stored and len(shown) < len(stored.sections) and not (sections and is_blank(sections[-1])):
        sections.append(stored.sections[-1])
    if any(getattr(section, "attributes", ()) for section in sections):
        version = VERSION_WITH_ATTRIBUTES
    return render(Mobiledoc(tuple(sections), version, extra))


def native(root: Root) -> Root:
    """A document from mobiledoc in which each Markdown card that stands for one block is that block again.

    Only a card that `lexical_to_mobiledoc` would write for the very same block is undone, so that nothing
    changes by reading and writing. A document from elsewhere is returned as it is.
    """
    if "mobiledoc" not in root:
        return root
    children = [_uncarded(node) for node in children_of(root)]
    return {**root, "root": {**root["root"], "children": children}}


class _Supply:
    """The sections of the stored document, each to be used once more by a block that still says the same."""

    def __init__(self, sections: Iterable[Section], site_url: str) -> None:
        self._site_url = site_url
        self._sections = list(sections)
        self._places: dict[Any, deque[int]] = {}
        self._used: set[int] = set()
        self.names = {section.name for section in self._sections if isinstance(section, CardSection)}
        for place, section in enumerate(self._sections):
            node = section_node(section)
            block = _uncarded(node)
            for variant in (node,) if block is node else (node, block):
                key = canonical(variant, site_url=site_url)
                self._places.setdefault(key, deque()).append(place)

    def take(self, node: Node) -> Section | None:
        places = self._places.get(canonical(node, site_url=self._site_url))
        while places:
            place = places.popleft()
            if place not in self._used:
                self._used.add(place)
                return self._sections[place]
        return None


def _uncarded(node: Node) -> Node:
    text = node.get("markdown")
    if (
        node.get("type") != "markdown"
        or not isinstance(text, str)
        or set(node) - {"type", "version", "markdown"}
    ):
        return node
    blocks = children_of(read_markdown(text))
    if len(blocks) != 1 or blocks[0].get("type") == "markdown":
        return node
    try:
        _section(blocks[0])
    except UnholdableError:
        return blocks[0] if _spelled(blocks[0]) == text else node
    return node


def _new_section(node: Node, known_cards: Iterable[str], major: int) -> Section:
    try:
        section = _section(with_assumed(node))
    except UnholdableError:
        text = _spelled(node)
        if _GHOST_FENCE.search(text):
            raise ContentError(
                f"Ghost keeps this post as mobiledoc, which cannot hold this `{node.get('type')}` block",
                remedy="Write it as Markdown or HTML, or turn the post into Lexical by opening it in the editor of "
                "Ghost 5 or later.",
            ) from None
        return CardSection("markdown", {"markdown": text})
    if isinstance(section, CardSection) and not (
        section.name in known_cards or shown_by(section.name, major)
    ):
        raise ContentError(
            f"Ghost {major} has no card `{section.name}` in posts kept as mobiledoc: the page would show nothing",
            remedy="Write it as Markdown or HTML instead.",
        )
    return section


def _spelled(node: Node) -> str:
    """The text of the Markdown card that stands for one block."""
    return write_markdown(new_root([node])).strip("\n")


def _section(node: Node) -> Section:
    """The section that says this block. Raises UnholdableError."""
    kind = node.get("type")
    writers: dict[Any, Callable[[Node], Section]] = {
        **dict.fromkeys((*_TAGS, *HEADING_TYPES), _text_section),
        "list": _list_section,
    }
    try:
        return writers.get(kind, card_section)(node)
    except (TypeError, ValueError, AttributeError, LookupError) as error:
        # Properties that a person edited into something else than their own shape.
        raise UnholdableError(str(error)) from error


def _text_section(node: Node) -> TextSection:
    kind = node["type"]
    tag = node["tag"] if kind in HEADING_TYPES else _TAGS[kind]
    attributes = _attributes(node, _ELEMENT_KEYS)
    return TextSection(
        str(node.get("mobiledocTag") or tag), inline_line(node.get("children") or ()), attributes
    )


def _list_section(node: Node) -> ListSection:
    if node.get("listType") not in _LIST_TAGS or node.get("start", 1) != 1:
        raise UnholdableError("list")
    items = []
    for item in node.get("children") or ():
        if item.get("type") != "listitem" or _attributes(item, _ELEMENT_KEYS | {"value", "checked"}):
            raise UnholdableError("list item")
        items.append(inline_line(item.get("children") or ()))
    attributes = _attributes(node, _ELEMENT_KEYS | {"listType", "start"})
    tag = str(node.get("mobiledocTag") or _LIST_TAGS[node["listType"]])
    return ListSection(tag, tuple(items), attributes)


def _attributes(node: Node, known: frozenset[str]) -> Attributes:
    if unknown := set(node) - known:
        raise UnholdableError(", ".join(sorted(unknown)))
    if node.get("indent"):
        raise UnholdableError("indent")
    kept = tuple((str(key), str(value)) for key, value in node.get("mobiledocAttributes") or ())
    return ((ALIGNMENT, str(node["format"])), *kept) if node.get("format") else kept
