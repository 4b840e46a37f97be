"""A version of a text as units that a merge works on, and what it did to the units of another version."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final

from ghostsync.content.lexical.align import align
from ghostsync.content.lexical.canonical import canonical
from ghostsync.content.markdown.blocks import read_blocks
from ghostsync.content.types import Node

_ALIKE: Final = 0.5
MAX_COMPARED: Final = 400
"""Pairs of texts; from more of them on it is not found out which became which."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A block or a definition, and the white space before it. nodes: what a block makes; a definition, nothing."""

    lead: str
    text: str
    nodes: tuple[Node, ...] = field(compare=False)

    @property
    def is_block(self) -> bool:
        return bool(self.nodes)

    @property
    def meaning(self) -> Any:
        """Equal for units that say the same, however they are spelled."""
        if not self.nodes:
            return tuple(self.text.split())
        return ("block", *(canonical(node) for node in self.nodes))


@dataclass(frozen=True, slots=True)
class Edit:
    """One side has `units` where base has base[start:end]."""

    start: int
    end: int
    units: tuple[Unit, ...]


@dataclass(slots=True)
class Side:
    """A version as units, and its edits against base.

    kept: the index of each base unit it left alone -> that unit as this side has it, maybe spelled in another way.
    """

    units: list[Unit]
    tail: str
    edits: list[Edit]
    kept: dict[int, Unit]


def units_of(text: str) -> tuple[list[Unit], str]:
    """The text as units, and the white space at its end."""
    units: list[Unit] = []
    lead = ""
    for block in read_blocks(text):
        source = block.source
        if not block.nodes:
            told = source.strip("\n")
            if not told.strip():
                lead += source
                continue
            before = source[: len(source) - len(source.lstrip("\n"))]
            units.append(Unit(lead + before, told, ()))
            lead = source[len(before) + len(told) :]
            continue
        units.append(Unit(lead, source, block.nodes))
        lead = ""
    return units, lead


def side_of(base: list[Unit], text: str, *, to_the_letter: bool) -> Side:
    """What `text` did to base. to_the_letter: a block that is only spelled otherwise counts as edited."""
    units, tail = units_of(text)
    edits: list[Edit] = []
    kept: dict[int, Unit] = {}
    base_texts, texts = [unit.text for unit in base], [unit.text for unit in units]
    for stretch in align(base_texts, texts):
        if stretch.equal:
            kept.update(
                zip(
                    range(stretch.a_start, stretch.a_end), units[stretch.b_start : stretch.b_end], strict=True
                )
            )
            continue
        for a1, a2, b1, b2 in paired(base_texts, texts, *stretch[1:]):
            respelled = not to_the_letter and (a2 - a1, b2 - b1) == (1, 1)
            if respelled and base[a1].meaning == units[b1].meaning:
                kept[a1] = units[b1]
            else:
                edits.append(Edit(a1, a2, tuple(units[b1:b2])))
    return Side(units, tail, edits, kept)


def paired(
    old: list[str], new: list[str], a1: int, a2: int, b1: int, b2: int
) -> list[tuple[int, int, int, int]]:
    """A changed stretch cut into the smallest edits: text for text where it is clear which is which."""
    if a1 == a2 or b1 == b2:
        return [(index, index + 1, b1, b1) for index in range(a1, a2)] if a1 < a2 else [(a1, a2, b1, b2)]
    if a2 - a1 == b2 - b1:
        return [(a1 + offset, a1 + offset + 1, b1 + offset, b1 + offset + 1) for offset in range(a2 - a1)]
    if (a2 - a1) * (b2 - b1) > MAX_COMPARED:
        return [(a1, a2, b1, b2)]
    best, place = _ALIKE, None
    for a in range(a1, a2):
        for b in range(b1, b2):
            matcher = SequenceMatcher(None, old[a][:400], new[b][:400], autojunk=False)
            if matcher.quick_ratio() > best and (ratio := matcher.ratio()) > best:
                best, place = ratio, (a, b)
    if place is None:
        return [(a1, a2, b1, b2)]
    a, b = place
    before = paired(old, new, a1, a, b1, b) if a1 < a or b1 < b else []
    after = paired(old, new, a + 1, a2, b + 1, b2) if a + 1 < a2 or b + 1 < b2 else []
    return [*before, (a, a + 1, b, b + 1), *after]
