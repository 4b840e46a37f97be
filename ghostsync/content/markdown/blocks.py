"""Markdown -> blocks: which stretch of the source makes which Lexical nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.cards import CardMaker
from ghostsync.content.markdown.collector import collector_paused
from ghostsync.content.markdown.fence import ROOT_TYPE, states_root
from ghostsync.content.markdown.html_groups import HtmlGroups, read_toggle
from ghostsync.content.markdown.native import read_native, read_paragraph
from ghostsync.content.markdown.parser import Event, Span, decode, encode, events
from ghostsync.content.types import Node, Root

_LINE_END = 0x0A
_BLANKS = b" \t\n"
_PARAGRAPH = {"Start": "Paragraph"}
_HTML_BLOCK = {"Start": "HtmlBlock"}

_Found: TypeAlias = tuple[int, int, list[Node] | None, list[tuple[Event, Span]]]
"""A top-level block: where its source begins and ends, its native nodes if it has some, its events if needed."""

_Stretch: TypeAlias = tuple[int, int, Sequence[Node]]
"""From and up to which byte, and the nodes that the source there makes."""

_NO_EVENTS: list[tuple[Event, Span]] = []

_TOO_DEEP: tuple[Event, Span] = ("", {"start": 0, "end": 0})
_MAX_DEPTH = 1000
"""Of a block that nests deeper only the outermost is looked at: no page shows the rest, and it may have no end."""


class Block(NamedTuple):
    """A stretch of Markdown source and the Lexical nodes it makes.

    The sources of all blocks, one after the other, are the whole text. Blank lines, reference and
    footnote definitions are blocks that make no nodes.
    """

    source: str
    nodes: tuple[Node, ...] = ()


def read_markdown(text: str) -> Root:
    """The Lexical document that this Markdown (LF line ends, no front matter) stands for."""
    children: list[Node] = []
    with collector_paused(len(text)):
        found, _, _, cards, properties = _read(text)
        for _, _, native, its_events in found:
            if native is None:
                children.append(cards.make(its_events))
            else:
                children += native
    if not children:
        children = nodes.children_of(nodes.empty_root())
    return nodes.root(children, **properties)


def read_blocks(text: str) -> list[Block]:
    """The text cut into blocks; see `Block`."""
    with collector_paused(len(text)):
        found, parsed, data, cards, _ = _read(text)
        stretches = _stretches(found, data, cards)
        if len(parsed) == len(data):  # then offsets in bytes are offsets in characters
            return [Block(parsed[start:stop], tuple(made)) for start, stop, made in stretches]
        return [Block(decode(data[start:stop]), tuple(made)) for start, stop, made in stretches]


def read_places(text: str) -> list[tuple[int, Sequence[Node]]]:
    """Where in the text each of its blocks begins, and the block's nodes."""
    with collector_paused(len(text)):
        found, parsed, data, cards, _ = _read(text)
        stretches = _stretches(found, data, cards)
        if len(parsed) == len(data):
            return [(start, made) for start, _, made in stretches]
        places: list[tuple[int, Sequence[Node]]] = []
        position = 0
        for start, stop, made in stretches:
            places.append((position, made))
            position += len(decode(data[start:stop]))
        return places


def _read(text: str) -> tuple[list[_Found], str, bytes, CardMaker, dict[str, Any]]:
    """The blocks, the text as it was parsed and its bytes, what makes cards of the blocks that have no nodes, and
    the document's own properties if a fenced block states some.
    """
    parsed, data = encode(text)
    found: list[_Found] = []
    cards = CardMaker(parsed, data)
    groups = HtmlGroups()
    properties: dict[str, Any] = {}
    for block in _top_level(parsed):
        first, span = block[0]
        if len(block) > 1 and block[1] is _TOO_DEEP:
            found.append((span["start"], span["end"], None, block))
        elif first == _PARAGRAPH:
            made = read_paragraph(block, data)
            keeps_events = made is None or groups.open
            found.append((span["start"], span["end"], made, block if keeps_events else _NO_EVENTS))
        else:
            if _runs_on(first):
                _without_follower(block)
            found.append(_classified(block, data, len(found), cards, groups, properties))
    if groups.groups:
        found = _grouped(found, groups.groups, cards)
    return found, parsed, data, cards, properties


def _top_level(text: str) -> Iterator[list[tuple[Event, Span]]]:
    """The events of each top-level block; of one that nests too deep only how it begins and ends."""
    current: list[tuple[Event, Span]] = []
    depth = 0
    too_deep = False
    for pair in events(text):
        event = pair[0]
        current.append(pair)
        if (
            "Text" in event
        ):  # most events are, and always inside a block (those that are strings hold none of these words)
            continue
        if "Start" in event:
            depth += 1
            if depth > _MAX_DEPTH:
                too_deep = True
                del current[1:]
            continue
        if "End" in event:
            depth -= 1
        if depth:
            continue
        if too_deep:
            current[1:-1] = [_TOO_DEEP]
            too_deep = False
        yield current
        current = []


def _runs_on(event: Event) -> bool:
    """Whether the parser's range of such a block may take in what follows: a definition list's the next paragraph,
    a loose list's the first of several link definitions.
    """
    tag = event.get("Start") if event.__class__ is dict else None
    return "List" in tag if tag.__class__ is dict else bool(tag == "DefinitionList")


def _without_follower(events_of_list: list[tuple[Event, Span]]) -> None:
    """Let a list end where its last item or definition does."""
    (start, span), (end, _) = events_of_list[0], events_of_list[-1]
    last = events_of_list[-2][1]["end"]
    if len(events_of_list) > 2 and last != span["end"]:
        whole = {"start": span["start"], "end": last}
        events_of_list[0], events_of_list[-1] = (start, whole), (end, whole)


def _classified(
    events_of_block: list[tuple[Event, Span]],
    data: bytes,
    index: int,
    cards: CardMaker,
    groups: HtmlGroups,
    properties: dict[str, Any],
) -> _Found:
    """One top-level block other than a paragraph; what it says about the whole document is noted in cards, groups, properties."""
    made = read_native(events_of_block, data)
    span = events_of_block[0][1]
    if made:
        kind = made[0].get("type") if made[0].__class__ is dict else None
        if kind == "html" and events_of_block[0][0] == _HTML_BLOCK:  # a fenced card is whole by itself
            groups.see(index, made[0]["html"])
        elif kind == ROOT_TYPE and states_root(events_of_block[0][0]["Start"]["CodeBlock"]["Fenced"]):
            properties.update((key, value) for key, value in made[0].items() if key != "children")
            made = []
    elif made is not None:
        cards.define(events_of_block)
    keeps_events = made is None or (groups.seen and (groups.open or groups.closed_at(index)))
    return span["start"], span["end"], made, events_of_block if keeps_events else _NO_EVENTS


def _grouped(found: list[_Found], groups: list[tuple[int, int]], cards: CardMaker) -> list[_Found]:
    """Blocks that are one HTML element together, as one."""
    result: list[_Found] = []
    position = 0
    for first, last in groups:
        result.extend(found[position:first])
        members = found[first : last + 1]
        position = last + 1
        inner = [entry[2] for entry in members[1:-1]]
        toggle = None
        if None not in inner:
            flat = [node for made in inner if made for node in made]
            head, tail = members[0][2], members[-1][2]
            toggle = read_toggle(head[0]["html"], flat, tail[0]["html"]) if head and tail else None
        its_events = [pair for entry in members for pair in entry[3]]
        made = [toggle] if toggle else [cards.make(its_events)]
        result.append((members[0][0], members[-1][1], made, _NO_EVENTS))
    result.extend(found[position:])
    return result


def _stretches(found: list[_Found], data: bytes, cards: CardMaker) -> Iterator[_Stretch]:
    """The blocks, and what stands between them, in order; together they are all of data."""
    position = 0
    for begin, end, native, its_events in found:
        start = begin
        if begin and data[begin - 1] != _LINE_END:
            start = max(data.rfind(b"\n", 0, begin) + 1, position)
        stop = end - 1
        if stop <= start or data[stop] != _LINE_END or data[stop - 1] in _BLANKS:
            stop = _last_line_end(data, start, end)
        if start > position:
            yield position, start, ()
        yield start, stop, native if native is not None else (cards.make(its_events),)
        position = stop
    if position < len(data):
        yield position, len(data), ()


def _last_line_end(data: bytes, start: int, end: int) -> int:
    """The end of the last line with anything on it in data[start:end], before its line end."""
    while end > start:
        line = data.rfind(b"\n", start, end) + 1 or start
        if data[line:end].strip(_BLANKS):
            return end
        end = line - 1
    return start
