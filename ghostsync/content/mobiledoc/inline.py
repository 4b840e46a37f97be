"""One line of a mobiledoc (markers) <-> the inline children of a Lexical block.

What Lexical has no word for is kept in properties of our own, so that it goes home unchanged:
`mobiledocMarkups` on a text node (elements that are no text format), `mobiledocAttributes` on a link, and
nodes of type `mobiledoc-atom`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ghostsync.content.mobiledoc.document import Atom, Attributes, Line, Markup, Run, Span
from ghostsync.content.mobiledoc.nesting import Piece, nest
from ghostsync.content.types import Node

# Lexical's format bits; `code` last, for it is the innermost where several end together. Highlight (128) is
# missing on purpose: Ghost's mobiledoc renderer drops <mark> and its editor refuses to open a post that has one.
_BITS = {"strong": 1, "em": 2, "s": 4, "u": 8, "sub": 32, "sup": 64, "code": 16}
_SAME = {"b": "strong", "i": "em", "del": "s", "strike": "s"}
_ALL_BITS = sum(_BITS.values())

_LINK_ATTRIBUTES = {"href": "url", "rel": "rel", "target": "target", "title": "title"}
_TEXT_TYPES = ("text", "extended-text")
_TEXT_DEFAULTS = {"detail": 0, "mode": "normal", "style": ""}


class UnholdableError(Exception):
    """Mobiledoc has no place for this; the block has to travel in a card. Never leaves the package."""


def inline_nodes(line: Line) -> list[Node]:
    """The Lexical children that a line of mobiledoc says; neighbouring texts of one format joined."""
    return _nodes(line, 0)


def inline_line(children: Sequence[Node]) -> Line:
    """The line that says these Lexical children. Raises UnholdableError."""
    return nest(list(_pieces(children, ())))


def _nodes(line: Sequence[Run], depth: int) -> list[Node]:
    nodes: list[Node] = []

    def link_at(run: Run) -> Span | None:
        links = [span for span in run.spans if span.markup.tag == "a"]
        return links[depth] if len(links) > depth else None

    for link, group in groupby(line, link_at):
        if link is not None:
            if children := _nodes(list(group), depth + 1):
                nodes.append(_link(link.markup, children))
            continue
        for run in group:
            node = _leaf(run)
            if node.get("text") == "":
                continue  # an empty marker only carries spans
            if nodes and _joinable(nodes[-1], node):
                nodes[-1] = {**nodes[-1], "text": nodes[-1]["text"] + node["text"]}
            else:
                nodes.append(node)
    return nodes


def _joinable(left: Node, right: Node) -> bool:
    return "text" in left and "text" in right and {**left, "text": ""} == {**right, "text": ""}


def _leaf(run: Run) -> Node:
    bits = 0
    others: set[Markup] = set()
    for markup in (span.markup for span in run.spans):
        tag = _SAME.get(markup.tag, markup.tag)
        if tag in _BITS and not markup.attributes:
            bits |= _BITS[tag]
        elif tag != "a":
            others.add(markup)
    kept = {}
    if others:
        # In a fixed order: which of two elements around the same text is the outer one cannot be seen.
        ordered = sorted(others, key=lambda markup: (markup.tag, markup.attributes))
        kept["mobiledocMarkups"] = [
            [markup.tag, *(list(pair) for pair in markup.attributes)] for markup in ordered
        ]
    if isinstance(run.content, str):
        return {
            "detail": 0,
            "format": bits,
            "mode": "normal",
            "style": "",
            "text": run.content,
            "type": "extended-text",
            "version": 1,
            **kept,
        }
    atom = run.content
    if atom.name == "soft-return" and not atom.value and not atom.payload:
        return {"type": "linebreak", "version": 1}
    return {
        "type": "mobiledoc-atom",
        "version": 1,
        "name": atom.name,
        "value": atom.value,
        "payload": atom.payload,
        "format": bits,
        **kept,
    }


def _link(markup: Markup, children: list[Node]) -> Node:
    attributes = dict(markup.attributes)
    node: Node = {
        "children": children,
        "direction": None,
        "format": "",
        "indent": 0,
        "type": "link",
        "rel": attributes.pop("rel", None),
        "target": attributes.pop("target", None),
        "title": attributes.pop("title", None),
        "url": attributes.pop("href", ""),
        "version": 1,
    }
    if attributes:
        node["mobiledocAttributes"] = [list(pair) for pair in attributes.items()]
    return node


def _pieces(children: Sequence[Node], links: tuple[Span, ...]) -> Iterator[Piece]:
    for node in children:
        kind = node.get("type")
        if kind in _TEXT_TYPES:
            _only_defaults(node, _TEXT_DEFAULTS)
            yield Piece(str(node.get("text", "")), _markups(node), links)
        elif kind == "linebreak":
            yield Piece(Atom("soft-return"), (), links, inherits=True)
        elif kind == "mobiledoc-atom":
            atom = Atom(str(node.get("name", "")), node.get("value", ""), node.get("payload"))
            yield Piece(atom, _markups(node), links)
        elif kind == "link":
            link = Span(Markup("a", _link_attributes(node)))
            yield from _pieces(node.get("children") or (), (*links, link))
        else:
            raise UnholdableError(str(kind))


def _markups(node: Node) -> tuple[Markup, ...]:
    bits = node.get("format") or 0
    if not isinstance(bits, int) or bits & ~_ALL_BITS:
        raise UnholdableError(f"text format {bits}")
    others = tuple(
        Markup(str(tag), tuple((str(key), str(value)) for key, value in pairs))
        for tag, *pairs in node.get("mobiledocMarkups") or ()
    )
    return (*others, *(Markup(tag) for tag, bit in _BITS.items() if bits & bit))


def _link_attributes(node: Node) -> Attributes:
    pairs: list[tuple[str, str]] = [
        (attribute, str(node[key]))
        for attribute, key in _LINK_ATTRIBUTES.items()
        if node.get(key) or attribute == "href"
    ]
    return (*pairs, *((str(key), str(value)) for key, value in node.get("mobiledocAttributes") or ()))


def _only_defaults(node: Node, defaults: dict[str, Any]) -> None:
    for key, default in defaults.items():
        if node.get(key, default) != default:
            raise UnholdableError(key)
