"""Three-way merge of Markdown by blocks, and inside a block by words.

Line-based merging sees a conflict where neighbours were edited, and misses that a paragraph was only wrapped
anew. Here every block is a unit of its own: only edits of the same words of a block, or different insertions at
the same place, conflict. A block that means the same is not edited, however it is spelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ghostsync.content.lexical.canonical import canonical
from ghostsync.content.markdown.blocks import read_blocks
from ghostsync.content.markdown.units import Edit, Side, Unit, side_of, units_of
from ghostsync.content.markdown.words import flat, merge_meanings, merge_words
from ghostsync.content.types import MergedBody

_BREAK: Final = "\n\n"


def merge_markdown(base: str, local: str, remote: str, *, to_the_letter: bool = False) -> MergedBody:
    """What both sides did to base. Equal changes are adopted; with a conflict, the text has git's markers.

    local is the file's version ("file" in the markers), remote is Ghost's. to_the_letter: how a block is
    spelled matters too, as in a Markdown card, where Ghost shows each line end.
    """
    if remote in (local, base):
        return MergedBody(local, conflict=False)
    if local == base:
        return MergedBody(remote, conflict=False)
    merge = _Merge(base, local, remote, to_the_letter=to_the_letter)
    for by_words in (True, False):
        merged = merge.merged(by_words=by_words)
        text = merged.text + merge.tail
        if merged.conflict or merged.reads_back(text):
            break
    else:
        merged = _Merged()
        merged.add_conflict(merge.file.units, merge.base, merge.ghost.units)
        text = merged.text
    if merged.conflict and not text.endswith("\n"):
        text += "\n"
    return MergedBody(text, conflict=merged.conflict)


class _Merge:
    """Base and what two sides did to it."""

    def __init__(self, base: str, local: str, remote: str, *, to_the_letter: bool) -> None:
        self._to_the_letter = to_the_letter
        self.base, base_tail = units_of(base)
        self.file = side_of(self.base, local, to_the_letter=to_the_letter)
        self.ghost = side_of(self.base, remote, to_the_letter=to_the_letter)
        self.tail = self.ghost.tail if self.file.tail == base_tail else self.file.tail

    def merged(self, *, by_words: bool) -> _Merged:
        merged = _Merged()
        position = 0
        for mine, theirs in _grouped(self.file.edits, self.ghost.edits):
            start = min(edit.start for edit in (*mine, *theirs))
            end = max(edit.end for edit in (*mine, *theirs))
            merged.add(self._unedited(position, start))
            position = end
            ours = self._version(mine, start, end, self.file)
            others = self._version(theirs, start, end, self.ghost)
            agreed = self._agreed(ours, self.base[start:end], others, by_words=by_words)
            if agreed is None:
                merged.add_conflict(ours, self.base[start:end], others)
            else:
                merged.add(agreed)
        merged.add(self._unedited(position, len(self.base)))
        return merged

    def _agreed(
        self, ours: list[Unit], base: list[Unit], others: list[Unit], *, by_words: bool
    ) -> list[Unit] | None:
        """What both sides did to the same units, or None: they cannot agree."""
        my_texts, texts, their_texts = ([unit.text for unit in units] for units in (ours, base, others))
        if my_texts in (texts, their_texts):
            return others
        if their_texts == texts:
            return ours
        words = _by_words(ours, base, others) if by_words and ours and base and others else None
        if self._to_the_letter:
            return words
        mine, was, theirs = (_meaning(units) for units in (ours, base, others))
        if mine == theirs:
            return ours
        if mine == was:
            return words or others
        return words or ours if theirs == was else words

    def _version(self, edits: list[Edit], start: int, end: int, side: Side) -> list[Unit]:
        """base[start:end] as one side has it."""
        result: list[Unit] = []
        position = start
        for edit in edits:
            result.extend(side.kept.get(index, self.base[index]) for index in range(position, edit.start))
            result.extend(edit.units)
            position = edit.end
        result.extend(side.kept.get(index, self.base[index]) for index in range(position, end))
        return result

    def _unedited(self, start: int, end: int) -> list[Unit]:
        """base[start:end], each with the spelling and the white space that a side gave it, the file's first."""
        units: list[Unit] = []
        for index in range(start, end):
            unit = self.base[index]
            mine, theirs = self.file.kept.get(index, unit), self.ghost.kept.get(index, unit)
            spelled = theirs if mine.text == unit.text else mine
            lead = theirs.lead if mine.lead == unit.lead else mine.lead
            units.append(Unit(lead, spelled.text, spelled.nodes))
        return units


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

    def add(self, units: list[Unit]) -> None:
        for unit in units:
            lead = unit.lead
            if not self._parts:
                lead = lead.lstrip("\n")
            elif "\n" not in lead:
                lead = _BREAK
            self._parts += (lead, unit.text)
            if unit.is_block:
                self._blocks.append(unit.text)

    def add_conflict(self, ours: list[Unit], base: list[Unit], theirs: list[Unit]) -> None:
        self.conflict = True
        if self._parts:
            self._parts.append(_BREAK)
        for marker, units in (("<<<<<<< file", ours), ("||||||| base", base), ("=======", theirs)):
            self._parts.append(marker + "\n")
            text = _text(units)
            self._parts.append(text + "\n" if text else "")
        self._parts.append(">>>>>>> Ghost")

    def reads_back(self, text: str) -> bool:
        """Whether the blocks put together are still the blocks they were: none swallowed its new neighbour."""
        return [block.source for block in read_blocks(text) if block.nodes] == self._blocks


def _text(units: Sequence[Unit]) -> str:
    return "".join(unit.lead + unit.text for unit in units).strip("\n")


def _meaning(units: Sequence[Unit]) -> list[Any]:
    return [unit.meaning for unit in units]


def _by_words(ours: list[Unit], base: list[Unit], others: list[Unit]) -> list[Unit] | None:
    """Both sides' words; None where they overlap, or the merged text does not mean what both sides meant."""
    texts = [_text(units) for units in (base, ours, others)]
    text = merge_words(*texts)
    if text is None:
        return None
    meaning = merge_meanings(*(_read(one) for one in texts))
    if meaning is None or flat(_read(text)) != meaning:
        return None
    merged, _ = units_of(text)
    if not merged:
        return None
    return [Unit(ours[0].lead, merged[0].text, merged[0].nodes), *merged[1:]]


def _read(text: str) -> tuple[Any, ...]:
    """What units say by themselves; of definitions, what they would say as text."""
    forms: list[Any] = []
    units, _ = units_of(text)
    for unit in units:
        label, _, said = ("", "", "") if unit.nodes else unit.text.partition("]:")
        made = unit.nodes or tuple(node for block in read_blocks(said) for node in block.nodes)
        forms.append((label, *(canonical(node) for node in made)))
    return tuple(forms)


def _grouped(mine: list[Edit], theirs: list[Edit]) -> list[tuple[list[Edit], list[Edit]]]:
    """Edits in order; those that touch the same blocks, or insert at the same place, together."""
    tagged = sorted(
        [(edit.start, edit.end, 0, edit) for edit in mine]
        + [(edit.start, edit.end, 1, edit) for edit in theirs],
        key=lambda entry: entry[:3],
    )
    groups: list[tuple[list[Edit], list[Edit]]] = []
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
