"""Aligning two sequences as a diff does: which items of one are which items of the other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

_LONG = 2000
"""From this length on, items that are repeated very often are not used as anchors: time stays linear."""


class Stretch(NamedTuple):
    """a[a_start:a_end] stands for b[b_start:b_end]; equal says whether item by item they are the same."""

    equal: bool
    a_start: int
    a_end: int
    b_start: int
    b_end: int


def align(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Stretch]:
    """Stretches that cover both sequences in order, equal and unequal ones in turn."""
    shorter = min(len(a), len(b))
    head = 0
    while head < shorter and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < shorter - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    stretches = [Stretch(True, 0, head, 0, head)] if head else []
    numbers: dict[
        Hashable, int
    ] = {}  # a canonical form is deep: it is hashed once here, and then compared as a number
    a_middle, b_middle = (
        [numbers.setdefault(item, len(numbers)) for item in items[head : len(items) - tail]]
        for items in (a, b)
    )
    if a_middle and b_middle:
        matcher = SequenceMatcher(
            None, a_middle, b_middle, autojunk=max(len(a_middle), len(b_middle)) > _LONG
        )
        stretches.extend(
            Stretch(tag == "equal", a1 + head, a2 + head, b1 + head, b2 + head)
            for tag, a1, a2, b1, b2 in matcher.get_opcodes()
        )
    elif a_middle or b_middle:
        stretches.append(Stretch(False, head, len(a) - tail, head, len(b) - tail))
    if tail:
        stretches.append(Stretch(True, len(a) - tail, len(a), len(b) - tail, len(b)))
    return stretches
