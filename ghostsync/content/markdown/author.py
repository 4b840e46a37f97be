"""An author's text taken apart: the blocks that make nodes, and what stands between them."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, Final

from ghostsync.content.lexical.canonical import canonical
from ghostsync.content.markdown.blocks import Block, read_blocks
from ghostsync.content.markdown.notes import Notes, label_of
from ghostsync.content.markdown.words import merge_words

_BREAK: Final = "\n\n"
_MAX_READ: Final = 1_000_000
"""After so many characters of proposals were read, edited blocks are written anew: time stays linear."""


class Author:
    """The author's text: the blocks that make nodes, and what stands between them."""

    def __init__(self, blocks: list[Block], site_url: str) -> None:
        self._site_url = site_url
        self.budget = _MAX_READ
        self.sources: list[str] = []
        self.forms: list[Any] = []
        self.gaps: list[str] = []
        gap = ""
        for block in blocks:
            if not block.nodes:
                gap += block.source
                continue
            self.gaps.append(gap)
            gap = ""
            self.sources.append(block.source)
            self.forms.append(
                canonical(block.nodes[0], site_url=site_url)
                if len(block.nodes) == 1
                else tuple(canonical(node, site_url=site_url) for node in block.nodes)
            )
        self.gaps.append(gap)

    def reads_as(self, text: str, form: Any, gaps: list[str] | None = None) -> bool:
        """Whether a text means this, with the definitions that the author has somewhere (in these gaps)."""
        between = self.gaps if gaps is None else gaps
        told = "\n\n".join(gap.strip("\n") for gap in between if gap.strip()) if "[" in text else ""
        self.budget -= len(text) + len(told)
        made = [node for block in read_blocks(f"{text}\n\n{told}") for node in block.nodes]
        return len(made) == 1 and bool(canonical(made[0], site_url=self._site_url) == form)

    def revised(self, notes: Notes, own: int) -> list[str] | None:
        """The gaps with some footnotes as they are now, new ones after the block `own`; None if there is none."""
        gaps = list(self.gaps)
        pending = dict(notes)
        for place, gap in enumerate(self.gaps):
            if "[^" not in gap:
                continue
            parts: list[str] = []
            for block in read_blocks(gap):
                label = label_of(block.source)
                if label in pending:
                    was, now = pending.pop(label)
                    body = block.source.rstrip("\n")
                    merged = merge_words(was, body, now) if was is not None else None
                    parts.append((now if merged is None else merged) + block.source[len(body) :])
                else:
                    parts.append(block.source)
            gaps[place] = "".join(parts)
        if any(was is not None for was, _ in pending.values()):
            return None
        added = "".join(f"{_BREAK}{now}" for _, now in pending.values())
        last = own + 1 == len(self.gaps) - 1
        gaps[own + 1] = added + (gaps[own + 1] or ("\n" if last else ""))
        return gaps

    def assembled(self, texts: list[str], kept: list[int | None]) -> tuple[str, list[int]]:
        """The texts (kept: which of the author's blocks each one is, or takes the place of) with the author's own gaps around what stayed in order; and where each text begins."""
        parts: list[str] = []
        places: list[int] = []
        length = 0
        reached = -1  # the last of the author's blocks whose gap before it is already in place
        skeleton = _in_order(kept)
        for index, text in enumerate(texts):
            own = kept[index]
            if own is not None and skeleton[index]:
                gap = self._gap(
                    reached, own, direct=index > 0 and kept[index - 1] == own - 1, first=index == 0
                )
                reached = own
            elif index == 0:
                gap = self.gaps[0] if not self.gaps[0].strip() else self.gaps[0].rstrip("\n") + _BREAK
                reached = -2 if self.sources else -1
            else:
                gap = _BREAK
            parts += (gap, text)
            length += len(gap)
            places.append(length)
            length += len(text)
        parts.append(self._rest(reached, empty=not texts))
        return "".join(parts), places

    def _gap(self, reached: int, own: int, *, direct: bool, first: bool) -> str:
        """What stands before the author's block `own` when `reached` was the last one before it."""
        head_done = reached == -2
        start = 1 if head_done else reached + 1
        gaps = self.gaps[start : own + 1] if own >= start else []
        if direct or (first and own == 0):
            return gaps[0] if gaps else ""
        return _joined(gaps, first=first)

    def _rest(self, reached: int, *, empty: bool) -> str:
        """What stands after the last text: definitions between blocks that went, and the end of the file."""
        if not self.sources and not empty:
            return "\n"  # what stood in the text was its head
        start = 1 if reached == -2 else reached + 1
        if start == len(self.gaps) - 1 and not empty:
            return self.gaps[-1]
        between = self.gaps[start:-1]
        last = self.gaps[-1]
        if not any(gap.strip() for gap in between):
            return last if not empty or last.strip() else ""
        return _joined([*between, last], first=empty).rstrip("\n") + "\n"


def _joined(gaps: list[str], *, first: bool) -> str:
    """Several gaps as one, between blocks that were not neighbours before."""
    told = [gap.strip("\n") for gap in gaps if gap.strip()]
    if told:
        return ("" if first else _BREAK) + _BREAK.join(told) + _BREAK
    if first:
        return ""
    return next((gap for gap in gaps if gap.count("\n") > 1), _BREAK)


def _in_order(kept: list[int | None]) -> list[bool]:
    """Which of the kept blocks stay in the author's order: a longest increasing run of them."""
    tails: list[int] = []
    tail_at: list[int] = []
    before: dict[int, int] = {}
    for index, own in enumerate(kept):
        if own is None:
            continue
        place = bisect_left(tails, own)
        if place == len(tails):
            tails.append(own)
            tail_at.append(index)
        else:
            tails[place] = own
            tail_at[place] = index
        before[index] = tail_at[place - 1] if place else -1
    flags = [False] * len(kept)
    index = tail_at[-1] if tail_at else -1
    while index >= 0:
        flags[index] = True
        index = before[index]
    return flags
