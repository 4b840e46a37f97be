"""Mobiledoc -> Lexical: the sections of a stored mobiledoc as the blocks of a Lexical root.

Ghost's own conversion (Ghost 5 and 6, on opening an old post) is the model for what has a counterpart; what has
none is carried in properties of our own, all named `mobiledoc...`, and finds its way back.
"""

from __future__ import annotations

from typing import Any

from ghostsync.content.mobiledoc.cards import card_node, image_node
from ghostsync.content.mobiledoc.document import (
    Attributes,
    CardSection,
    ImageSection,
    ListSection,
    Mobiledoc,
    Section,
    TextSection,
    parse,
)
from ghostsync.content.mobiledoc.inline import inline_nodes
from ghostsync.content.types import Node, Root

ALIGNMENT = "data-md-text-align"  # the one section attribute that mobiledoc's own editor knows

_BLOCKS: dict[str, Node] = {
    "p": {"type": "paragraph"},
    **{f"h{level}": {"type": "extended-heading", "tag": f"h{level}"} for level in range(1, 7)},
    "blockquote": {"type": "extended-quote"},
    "aside": {"type": "aside"},
    "pull-quote": {"type": "extended-quote", "mobiledocTag": "pull-quote"},
}
_LIST_TYPES = {"ul": "bullet", "ol": "number"}


def mobiledoc_to_lexical(text: str) -> Root:
    """A stored mobiledoc as a Lexical document.

    The empty paragraph that Ghost's editor keeps at the end, and never shows, is left out. Under the key
    "mobiledoc", beside "root", the stored text itself stays at hand: the writer takes sections that did not
    change from there. Raises ContentError.
    """
    document = parse(text)
    children = [section_node(section) for section in shown_sections(document)]
    return {
        "root": {
            "children": children,
            "direction": None,
            "format": "",
            "indent": 0,
            "type": "root",
            "version": 1,
        },
        "mobiledoc": text,
    }


def shown_sections(document: Mobiledoc) -> tuple[Section, ...]:
    """All sections but the one empty paragraph at the end. Two are no accident, and stay."""
    sections = document.sections
    if sections and is_blank(sections[-1]) and not (len(sections) > 1 and is_blank(sections[-2])):
        return sections[:-1]
    return sections


def is_blank(section: Section) -> bool:
    """Whether this is the empty paragraph that the editor keeps for typing on."""
    return (
        isinstance(section, TextSection)
        and section.tag == "p"
        and not section.attributes
        and all(run.content == "" for run in section.line)
    )


def section_node(section: Section) -> Node:
    """One section as one Lexical block."""
    match section:
        case CardSection():
            return card_node(section)
        case ImageSection():
            return image_node(section)
        case TextSection(tag, line, attributes):
            block = _BLOCKS.get(tag, {"type": "paragraph", "mobiledocTag": tag})
            return _element({"children": inline_nodes(line), **block}, attributes)
        case ListSection(tag, items, attributes):
            node: Node = {
                "children": [
                    _element({"children": inline_nodes(item), "type": "listitem", "value": number}, ())
                    for number, item in enumerate(items, 1)
                ],
                "type": "list",
                "listType": _LIST_TYPES.get(tag, "bullet"),
                "start": 1,
                "tag": tag if tag in _LIST_TYPES else "ul",
            }
            if tag not in _LIST_TYPES:
                node["mobiledocTag"] = tag
            return _element(node, attributes)


def _element(node: Node, attributes: Attributes) -> Node:
    others = [list(pair) for pair in attributes if pair[0] != ALIGNMENT]
    alignment = next((value for key, value in attributes if key == ALIGNMENT), "")
    kept: dict[str, Any] = {"mobiledocAttributes": others} if others else {}
    return {"direction": None, "format": alignment, "indent": 0, "version": 1, **node, **kept}
