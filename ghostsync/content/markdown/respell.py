"""Bringing a change made in Ghost into the author's Markdown: only the words that changed are written anew.

Three sequences are aligned: the text's blocks with the nodes Ghost had for them (`old`), and those with
the nodes Ghost has now (`new`). A block whose node did not change keeps its bytes, wherever it goes; one that
was edited keeps what the edit left alone (see `touch_up`).
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from typing import Any, Final

from ghostsync.content.lexical.align import Stretch, align
from ghostsync.content.lexical.canonical import canonical_children, without_last_blank
from ghostsync.content.lexical.nodes import children_of
from ghostsync.content.markdown.author import Author
from ghostsync.content.markdown.blocks import read_blocks, read_places
from ghostsync.content.markdown.collector import collector_paused
from ghostsync.content.markdown.joined_lists import parted
from ghostsync.content.markdown.notes import touched_up_with_notes
from ghostsync.content.markdown.touch_up import text_of, touched_up
from ghostsync.content.markdown.units import MAX_COMPARED, paired
from ghostsync.content.markdown.writer import FENCED, Draft, misread, write_markdown
from ghostsync.content.types import Node, Root

_MAX_ROUNDS: Final = 8
_ROOT_RELATIVE: Final = re.compile(r"""\]\(/[^/]|\]: */[^/]|(?:href|src)="/[^/]""")
_MAX_DEPTH: Final = 50


def respell(text: str, old: Root, new: Root, *, site_url: str = "") -> str:
    """`text` with what changed in Ghost from `old` to `new`.

    text: the Markdown that stood for `old` (LF line ends). Blocks whose canonical node is the same in both
    keep their source to the byte, as do reference definitions and all else that makes no node. The result
    reads back as `new`, with the text's own meaning for what it kept.
    """
    with collector_paused(len(text)):
        return _respelled(text, old, new, site_url)


def _nodes_and_forms(document: Root, site_url: str) -> tuple[list[Node], list[Any]]:
    forms = list(without_last_blank(canonical_children(document, site_url=site_url)))
    return children_of(document)[: len(forms)], forms


def _respelled(text: str, old: Root, new: Root, site_url: str) -> str:
    old_nodes, old_forms = _nodes_and_forms(old, site_url)
    nodes, new_forms = _nodes_and_forms(new, site_url)
    if new_forms != old_forms:
        author = Author(read_blocks(text), site_url)
        nodes, new_forms = parted(nodes, new_forms, author.forms)
        old_nodes, old_forms = parted(old_nodes, old_forms, author.forms)
    if new_forms == old_forms:
        return text
    kept, places_of, edited = _kept(author.forms, old_forms, new_forms)
    prefix = site_url.rstrip("/") + "/" if site_url and _ROOT_RELATIVE.search(text) else ""
    if prefix:
        nodes = [
            node if own is not None else _relative(node, prefix)
            for node, own in zip(nodes, kept, strict=True)
        ]
    draft = Draft(nodes, new_forms, site_url=site_url)
    own_gaps = author.gaps
    for index, (was, own) in edited.items():
        if author.budget <= 0:
            break
        before = _relative(old_nodes[was], prefix) if prefix else old_nodes[was]
        _touch_up(author, draft, index, before, own)
    if author.gaps is not own_gaps:
        result, wrong, missing = _result(author, draft, kept, places_of)
        if not wrong and not missing:
            return result
        author.gaps = own_gaps  # a note that other blocks refer to as well: they have the old one still
    settled = _settled(author, draft, kept, places_of)
    return write_markdown(new) if settled is None else settled


def _settled(author: Author, draft: Draft, kept: list[int | None], places_of: list[int | None]) -> str | None:
    """The whole text once it says what it should; None if no care helps."""
    for attempt in range(_MAX_ROUNDS):
        result, wrong, missing = _result(author, draft, kept, kept if attempt else places_of)
        if not wrong and not missing:
            return result
        if attempt and not _take_more_care(draft, kept, wrong, missing):
            break
    return None


def _touch_up(author: Author, draft: Draft, index: int, before: Node, own: int) -> None:
    """Have an edited block written as the author's with the edit in it, where that can be done."""
    node, form = draft.nodes[index], draft.forms[index]
    for proposal in touched_up(author.sources[own], before, node):
        if author.reads_as(proposal, form):
            draft.propose(index, proposal)
            return
    for proposal, notes in touched_up_with_notes(author.sources[own], before, node):
        gaps = author.revised(notes, own)
        if gaps is not None and author.reads_as(proposal, form, gaps):
            draft.propose(index, proposal)
            author.gaps = gaps
            return
    for proposal in touched_up(author.sources[own], before, node, roughly=True):
        if author.reads_as(proposal, form):
            draft.propose(index, proposal)
            return


def _result(
    author: Author, draft: Draft, kept: list[int | None], places_of: list[int | None]
) -> tuple[str, list[int], list[int]]:
    """The whole text, and which nodes it does not say (see `misread`)."""
    texts = [draft.text(i) if own is None else author.sources[own] for i, own in enumerate(kept)]
    result, places = author.assembled(texts, places_of)
    wanted = draft.forms
    draft.forms = [wanted[i] if own is None else author.forms[own] for i, own in enumerate(kept)]
    wrong, missing = misread(draft, places, read_places(result))
    draft.forms = wanted
    return result, wrong, missing


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
    if a_start == a_end or b_start == b_end or (a_end - a_start) * (b_end - b_start) > MAX_COMPARED:
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
