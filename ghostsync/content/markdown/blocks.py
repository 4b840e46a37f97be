"""Markdown -> blocks: which stretch of the source makes which Lexical nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.cards import CardMaker
from ghostsync.content.markdown.native import ROOT_TYPE, read_native
from ghostsync.content.markdown.parser import Event, Span, decode, encode, events
from ghostsync.content.types import Node, Root


_NO_EVENTS: list[tuple[Event, Span]] = []


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of Markdown source and the Lexical nodes it makes.

    The sources of all blocks, one after the other, are the whole text. Blank lines, reference and
    footnote definitions are blocks that make no nodes.
    """

    source: str
    nodes: tuple[Node, ...] = ()


def read_markdown(text: str) -> Root:
    """The Lexical document that this Markdown (LF line ends, no front matter) stands for."""
    blocks, properties = _read(text)
    return nodes.root((node for block in blocks for node in block.nodes), **properties)


def read_blocks(text: str) -> list[Block]:
    """The text cut into blocks; see `Block`."""
    return _read(text)[0]


def _read(text: str) -> tuple[list[Block], dict[str, Any]]:
    """The blocks, and the document's own properties if a fenced block states some."""
    parsed, data = encode(text)
    found: list[tuple[Span, list[Node] | None, list[tuple[Event, Span]]]] = []
    cards = CardMaker(parsed, data)
    properties: dict[str, Any] = {}
    current: list[tuple[Event, Span]] = []
    depth = 0
    for pair in events(parsed):
        event = pair[0]
        current.append(pair)
        if event.__class__ is dict:
            if "Start" in event:
                depth += 1
                continue
            if "End" in event:
                depth -= 1
        if depth:
            continue
        made = read_native(current, data)
        if made is None:
            found.append((current[0][1], None, current))
        elif made:
            if made[0].__class__ is dict and made[0].get("type") == ROOT_TYPE:
                properties = {key: value for key, value in made[0].items() if key != "children"}
                made = []
            found.append((current[0][1], made, _NO_EVENTS))
        else:
            cards.define(current)
            found.append((current[0][1], made, _NO_EVENTS))
        current = []
    blocks: list[Block] = []
    position = 0
    for span, native, its_events in found:
        start = max(data.rfind(b"\n", 0, span["start"]) + 1, position)
        stop = _last_line_end(data, start, span["end"])
        if start > position:
            blocks.append(Block(decode(data[position:start])))
            position = start
        made = native if native is not None else [cards.make(its_events)]
        blocks.append(Block(decode(data[start:stop]), tuple(made)))
        position = stop
    if position < len(data):
        blocks.append(Block(decode(data[position:])))
    return blocks, properties


def _last_line_end(data: bytes, start: int, end: int) -> int:
    """The end of the last line with anything on it in data[start:end], before its line end."""
    while end > start:
        line = data.rfind(b"\n", start, end) + 1 or start
        if data[line:end].strip(b" \t\n"):
            return end
        end = line - 1
    return start
