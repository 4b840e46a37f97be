"""Footnotes edited in Ghost: there they are in the card of the text that refers to them, in the file elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from ghostsync.content.markdown.blocks import read_blocks
from ghostsync.content.markdown.words import merge_words
from ghostsync.content.types import Node

Notes: TypeAlias = Mapping[str, tuple[str | None, str]]
"""Label -> the footnote's definition as it was (None: there was none) and as it is now."""

_LABEL = re.compile(r"\s*\[\^([^\]\n]+)\]:")


def label_of(source: str) -> str:
    """The label of the footnote that a block of source defines, or ""."""
    found = _LABEL.match(source)
    return found[1] if found else ""


def touched_up_with_notes(source: str, old: Node, new: Node) -> list[tuple[str, Notes]]:
    """At most one proposal as those of `touched_up`, and which footnotes it needs elsewhere in the file."""
    before, after = _card(old), _card(new)
    if before is None or after is None:
        return []
    (was, old_notes), (now, new_notes) = before, after
    body = source if was == now else merge_words(was, source, now)
    notes = {
        label: (old_notes.get(label), told)
        for label, told in new_notes.items()
        if told != old_notes.get(label)
    }
    return [(body, notes)] if body is not None and notes else []


def _card(node: Node) -> tuple[str, dict[str, str]] | None:
    """A Markdown card's one block, and the footnotes it carries by their labels; None for any other node."""
    text = node.get("markdown") if node.get("type") == "markdown" else None
    if not isinstance(text, str) or "[^" not in text:
        return None
    body = ""
    notes: dict[str, str] = {}
    for block in read_blocks(text):
        if block.nodes:
            if body:
                return None
            body = block.source
        elif label := label_of(block.source):
            notes[label] = block.source.strip("\n")
    return (body, notes) if body else None
