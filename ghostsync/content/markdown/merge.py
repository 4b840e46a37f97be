"""Three-way merge of Markdown by blocks.

Line-based merging sees a conflict where neighbours were edited. Here every block is a unit of its own, so only
edits of the same block (or different insertions at the same place) conflict.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from ghostsync.content.lexical.align import align
from ghostsync.content.markdown.blocks import read_blocks
from ghostsync.content.types import MergedBody

_BREAK: Final = "\n\n"
_ALIKE: Final = 0.5
_MAX_COMPARED: Final = 400


@dataclass(frozen=True, slots=True)
class _Unit:
    """A block or a definition, and the white space before it. is_block: it makes nodes."""

    lead: str
    text: str
    is_block: bool


@dataclass(frozen=True, slots=True)
class _Edit:
    """One side has `units` where base has base[start:end]."""

    start: int
    end: int
    units: tuple[_Unit, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(unit.text for unit in self.units)


@dataclass(slots=True)
class _Side:
    """A version as units, its edits against base, and the white space it has before unchanged units."""

    units: list[_Unit]
    tail: str
    edits: list[_Edit]
    leads: dict[int, str]


def merge_markdown(base: str, local: str, remote: str) -> MergedBody:
    """What both sides did to base. Equal changes are adopted; with a conflict, the text has git's markers.

    local is the file's version ("file" in the markers), remote is Ghost's.
    """
    if remote in (local, base):
        return MergedBody(local, conflict=False)
    if local == base:
        return MergedBody(remote, conflict=False)
    base_units, base_tail = _units(base)
    file, ghost = _side(base_units, local), _side(base_units, remote)
    merged = _Merged()
    position = 0
    for mine, theirs in _grouped(file.edits, ghost.edits):
        start = min(edit.start for edit in (*mine, *theirs))
        end = max(edit.end for edit in (*mine, *theirs))
        merged.add(_unchanged(base_units, position, start, file, ghost))
        position = end
        ours, others = _applied(base_units, mine, start, end), _applied(base_units, theirs, start, end)
        if not mine or [unit.text for unit in ours] == [unit.text for unit in others]:
            merged.add(others)
        elif not theirs:
            merged.add(ours)
        else:
            merged.add_conflict(ours, base_units[start:end], others)
    merged.add(_unchanged(base_units, position, len(base_units), file, ghost))
    text = merged.text + (ghost.tail if file.tail == base_tail else file.tail)
    if not merged.conflict and not merged.reads_back(text):
        merged = _Merged()
        merged.add_conflict(file.units, base_units, ghost.units)
        text = merged.text
    if merged.conflict and not text.endswith("\n"):
        text += "\n"
    return MergedBody(text, conflict=merged.conflict)


class _Merged:
    """The merged text as it grows."""

    __slots__ = ("_blocks", "_parts", "conflict")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[str] = []
        self.conflict = False

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def add(self, units: list[_Unit]) -> None:
        for unit in units:
            lead = unit.lead
            if not self._parts:
                lead = lead.lstrip("\n")
            elif "\n" not in lead:
                lead = _BREAK
            self._parts += (lead, unit.text)
            if unit.is_block:
                self._blocks.append(unit.text)

    def add_conflict(self, ours: list[_Unit], base: list[_Unit], theirs: list[_Unit]) -> None:
        self.conflict = True
        if self._parts:
            self._parts.append(_BREAK)
        for marker, units in (("<<<<<<< file", ours), ("||||||| base", base), ("=======", theirs)):
            self._parts.append(marker + "\n")
            text = "".join(unit.lead + unit.text for unit in units).strip("\n")
            self._parts.append(text + "\n" if text else "")
        self._parts.append(">>>>>>> Ghost")

    def reads_back(self, text: str) -> bool:
        """Whether the blocks put together are still the blocks they were: none swallowed its new neighbour."""
        return [block.source for block in read_blocks(text) if block.nodes] == self._blocks


def _units(text: str) -> tuple[list[_Unit], str]:
    """The text as units, and the white space at its end."""
    units: list[_Unit] = []
    lead = ""
    for block in read_blocks(text):
        source = block.source
        if not block.nodes:
            told = source.strip("\n")
            if not told.strip():
                lead += source
                continue
            before = source[: len(source) - len(source.lstrip("\n"))]
            units.append(_Unit(lead + before, told, is_block=False))
            lead = source[len(before) + len(told) :]
            continue
        units.append(_Unit(lead, source, is_block=True))
        lead = ""
    return units, lead


def _side(base: list[_Unit], text: str) -> _Side:
    units, tail = _units(text)
    edits: list[_Edit] = []
    leads: dict[int, str] = {}
    for stretch in align([unit.text for unit in base], [unit.text for unit in units]):
        if stretch.equal:
            for offset in range(stretch.a_end - stretch.a_start):
                leads[stretch.a_start + offset] = units[stretch.b_start + offset].lead
            continue
        edits.extend(
            _Edit(a1, a2, tuple(units[b1:b2]))
            for a1, a2, b1, b2 in _paired(
                base, units, stretch.a_start, stretch.a_end, stretch.b_start, stretch.b_end
            )
        )
    return _Side(units, tail, edits, leads)


def _paired(
    base: list[_Unit], units: list[_Unit], a1: int, a2: int, b1: int, b2: int
) -> list[tuple[int, int, int, int]]:
    """A changed stretch cut into the smallest edits: block for block where it is clear which is which."""
    if a1 == a2 or b1 == b2:
        return [(index, index + 1, b1, b1) for index in range(a1, a2)] if a1 < a2 else [(a1, a2, b1, b2)]
    if a2 - a1 == b2 - b1:
        return [(a1 + offset, a1 + offset + 1, b1 + offset, b1 + offset + 1) for offset in range(a2 - a1)]
    if (a2 - a1) * (b2 - b1) > _MAX_COMPARED:
        return [(a1, a2, b1, b2)]
    best, place = _ALIKE, None
    for a in range(a1, a2):
        for b in range(b1, b2):
            matcher = SequenceMatcher(None, base[a].text[:400], units[b].text[:400], autojunk=False)
            if matcher.quick_ratio() > best and (ratio := matcher.ratio()) > best:
                best, place = ratio, (a, b)
    if place is None:
        return [(a1, a2, b1, b2)]
    a, b = place
    before = _paired(base, units, a1, a, b1, b) if a1 < a or b1 < b else []
    after = _paired(base, units, a + 1, a2, b + 1, b2) if a + 1 < a2 or b + 1 < b2 else []
    return [*before, (a, a + 1, b, b + 1), *after]


def _grouped(mine: list[_Edit], theirs: list[_Edit]) -> list[tuple[list[_Edit], list[_Edit]]]:
    """Edits in order; those that touch the same blocks, or insert at the same place, together."""
    tagged = sorted(
        [(edit.start, edit.end, 0, edit) for edit in mine]
        + [(edit.start, edit.end, 1, edit) for edit in theirs],
        key=lambda entry: entry[:3],
    )
    groups: list[tuple[list[_Edit], list[_Edit]]] = []
    reach = (-1, -1)
    for start, end, side, edit in tagged:
        overlaps = start < reach[1] or (start == end == reach[0] == reach[1])
        same_insert = (
            start == end
            and bool(groups)
            and any(other.start == other.end == start for other in groups[-1][1 - side])
        )
        if groups and (overlaps or same_insert):
            groups[-1][side].append(edit)
            reach = (reach[0], max(reach[1], end))
        else:
            groups.append(([edit], []) if side == 0 else ([], [edit]))
            reach = (start, end)
    return groups


def _applied(base: list[_Unit], edits: list[_Edit], start: int, end: int) -> list[_Unit]:
    """base[start:end] as one side has it."""
    result: list[_Unit] = []
    position = start
    for edit in edits:
        result.extend(base[position : edit.start])
        result.extend(edit.units)
        position = edit.end
    result.extend(base[position:end])
    return result


def _unchanged(base: list[_Unit], start: int, end: int, file: _Side, ghost: _Side) -> list[_Unit]:
    """base[start:end], each with the white space that a side gave it."""
    units: list[_Unit] = []
    for index in range(start, end):
        unit = base[index]
        mine, theirs = file.leads.get(index, unit.lead), ghost.leads.get(index, unit.lead)
        units.append(_Unit(theirs if mine == unit.lead else mine, unit.text, unit.is_block))
    return units
