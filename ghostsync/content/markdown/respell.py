"""Bringing a change made in Ghost into the author's Markdown: only the words that changed are written anew.

Three sequences are aligned: the text's blocks with the nodes Ghost had for them (`old`), and those with
the nodes Ghost has now (`new`). A block whose node did not change keeps its bytes, wherever it goes; one that
was edited keeps what the edit left alone (see `touch_up`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict, deque
from typing import Any, Final

from ghostsync.content.lexical.align import Stretch, align
from ghostsync.content.lexical.canonical import canonical, canonical_children, without_last_blank
from ghostsync.content.lexical.nodes import children_of
from ghostsync.content.markdown.blocks import Block, read_blocks
from ghostsync.content.markdown.touch_up import text_of, touched_up
from ghostsync.content.markdown.units import paired
from ghostsync.content.markdown.writer import FENCED, Draft, misread, write_markdown
from ghostsync.content.types import Root

_MAX_ROUNDS: Final = 8
_BREAK: Final = "\n\n"
_MAX_READ: Final = 1_000_000
"""After so many characters of proposals were read, edited blocks are written anew: time stays linear."""

_ROOT_RELATIVE: Final = re.compile(r"""\]\(/[^/]|\]: */[^/]|(?:href|src)="/[^/]""")
_MAX_DEPTH: Final = 50


def respell(text: str, old: Root, new: Root, *, site_url: str = "") -> str:
    """`text` with what changed in Ghost from `old` to `new`.

    text: the Markdown that stood for `old` (LF line ends). Blocks whose canonical node is the same in both
    keep their source to the byte, as do reference definitions and all else that makes no node. The result
    reads back as `new`, with the text's own meaning for what it kept.
    """
    new_forms = list(without_last_blank(canonical_children(new, site_url=site_url)))
    old_forms = list(without_last_blank(canonical_children(old, site_url=site_url)))
    if new_forms == old_forms:
        return text
    author = _Author(read_blocks(text), site_url)
    kept, places_of, edited = _kept(author.forms, old_forms, new_forms)
    nodes, old_nodes = children_of(new)[: len(new_forms)], children_of(old)
    prefix = site_url.rstrip("/") + "/" if site_url and _ROOT_RELATIVE.search(text) else ""
    if prefix:
        nodes = [
            node if own is not None else _relative(node, prefix)
            for node, own in zip(nodes, kept, strict=True)
        ]
    draft = Draft(nodes, new_forms, site_url=site_url)
    for index, (was, own) in edited.items():
        if author.budget <= 0:
            break
        before = _relative(old_nodes[was], prefix) if prefix else old_nodes[was]
        for proposal in touched_up(author.sources[own], before, nodes[index]):
            if author.reads_as(proposal, new_forms[index]):
                draft.propose(index, proposal)
                break
    for attempt in range(_MAX_ROUNDS):
        texts = [draft.text(i) if own is None else author.sources[own] for i, own in enumerate(kept)]
        result, places = author.assembled(texts, places_of if attempt == 0 else kept)
        draft.forms = [new_forms[i] if own is None else author.forms[own] for i, own in enumerate(kept)]
        wrong, missing = misread(draft, places, read_blocks(result))
        draft.forms = new_forms
        if not wrong and not missing:
            return result
        if attempt and not _take_more_care(draft, kept, wrong, missing):
            break
    return write_markdown(new)


def _relative(value: Any, prefix: str, depth: int = 0) -> Any:
    """JSON with the site's own addresses as root-relative ones, for an author who writes them so."""
    if isinstance(value, str):
        return value.replace(prefix, "/") if prefix in value else value
    if depth > _MAX_DEPTH:
        return value
    if isinstance(value, list):
        return [_relative(item, prefix, depth + 1) for item in value]
    if isinstance(value, dict):
        return {
            key: item if key == "text" else _relative(item, prefix, depth + 1) for key, item in value.items()
        }
    return value


class _Author:
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

    def reads_as(self, text: str, form: Any) -> bool:
        """Whether a text means this, with the definitions that the author has somewhere."""
        told = "\n\n".join(gap.strip("\n") for gap in self.gaps if gap.strip()) if "[" in text else ""
        self.budget -= len(text) + len(told)
        made = [node for block in read_blocks(f"{text}\n\n{told}") for node in block.nodes]
        return len(made) == 1 and bool(canonical(made[0], site_url=self._site_url) == form)

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


def _kept(
    author: list[Any], old: list[Any], new: list[Any]
) -> tuple[list[int | None], list[int | None], dict[int, tuple[int, int]]]:
    """For each new node two of the author's blocks, or None: the one that still stands for it, which need not
    be written, and the one whose place it takes. And for each edited node the old one and the author's block.
    """
    block_of = _standing_for(author, old)
    kept: list[int | None] = [None] * len(new)
    places: list[int | None] = [None] * len(new)
    edited: dict[int, tuple[int, int]] = {}
    moved: dict[Any, deque[int]] = defaultdict(deque)
    added: list[int] = []
    for stretch in align(old, new):
        if stretch.equal:
            for offset in range(stretch.a_end - stretch.a_start):
                own = block_of.get(stretch.a_start + offset)
                kept[stretch.b_start + offset] = places[stretch.b_start + offset] = own
            continue
        for was, now in _counterparts(old, new, stretch):
            own = places[now] = block_of.get(was)
            if own is not None:
                edited[now] = was, own
        added.extend(range(stretch.b_start, stretch.b_end))
        for index in range(stretch.a_start, stretch.a_end):
            moved[old[index]].append(index)
    for index in added:
        origins = moved.get(new[index])
        if origins:
            kept[index] = places[index] = block_of.get(origins.popleft())
            edited.pop(index, None)
    return kept, places, edited


def _counterparts(old: list[Any], new: list[Any], stretch: Stretch) -> list[tuple[int, int]]:
    """Which old node became which new one, in a stretch that changed."""
    a_start, a_end, b_start, b_end = stretch[1:]
    if a_end - a_start == b_end - b_start:
        return list(zip(range(a_start, a_end), range(b_start, b_end), strict=True))
    if a_start == a_end or b_start == b_end:
        return []
    old_texts = [text_of(form) for form in old[a_start:a_end]]
    new_texts = [text_of(form) for form in new[b_start:b_end]]
    return [
        (a_start + a1, b_start + b1)
        for a1, a2, b1, b2 in paired(old_texts, new_texts, 0, len(old_texts), 0, len(new_texts))
        if (a2 - a1, b2 - b1) == (1, 1)
    ]


def _standing_for(author: list[Any], old: list[Any]) -> dict[int, int]:
    """Index in old -> the author's block for it: by meaning, and in gaps of equal size by position."""
    block_of: dict[int, int] = {}
    for stretch in align(author, old):
        if stretch.equal or stretch.a_end - stretch.a_start == stretch.b_end - stretch.b_start:
            block_of.update(
                zip(range(stretch.b_start, stretch.b_end), range(stretch.a_start, stretch.a_end), strict=True)
            )
    return block_of


def _take_more_care(draft: Draft, kept: list[int | None], wrong: list[int], missing: list[int]) -> bool:
    """Spell with more care what was written; give up the author's spelling where that does not help."""
    for group in (wrong, missing):
        written = [index for index in group if kept[index] is None and draft.levels[index] < FENCED]
        for index in written:
            draft.escalate(index)
        if written:
            return True
    neighbours = {
        near for index in (*wrong, *missing) for near in (index - 1, index + 1) if 0 <= near < len(kept)
    }
    written = [index for index in neighbours if kept[index] is None and draft.levels[index] < FENCED]
    for index in written:
        draft.escalate(index)
    if written:
        return True
    given_up = [index for index in (*wrong, *missing) if kept[index] is not None]
    for index in given_up:
        kept[index] = None
    return bool(given_up)
