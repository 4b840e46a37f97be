"""A changed block in the author's own hand: the change alone goes into the text, all else stays as it was."""

from __future__ import annotations

from typing import Any

from ghostsync.content.markdown.list_style import list_style
from ghostsync.content.markdown.spelling import spell
from ghostsync.content.markdown.words import merge_words
from ghostsync.content.types import Node


def touched_up(source: str, old: Node, new: Node) -> list[str]:
    """Ways to say `new` that differ little from `source`, which says `old`; the closest first.

    Proposals, as `spell`'s are: whoever asks must read them back. What Ghost changed is the difference between
    the two nodes as they would be written; it is merged by words into the author's spelling.
    """
    style = list_style(source) if new.get("type") == old.get("type") == "list" else None
    after = spell(new, 0, style=style)
    before = spell(old, 0, style=style) if after is not None else None
    if after is None:
        return []
    merged = merge_words(before, source, after) if before is not None else None
    proposals = [] if merged is None else [merged]
    return [*proposals, after] if style else proposals


def text_of(form: Any) -> str:
    """All text in a canonical form, to see how much two nodes have in common."""
    words: list[str] = []
    pending = [form]
    while pending:
        item = pending.pop()
        if item.__class__ is tuple:
            pending.extend(reversed(item))
        elif item.__class__ is str:
            words.append(item)
    return " ".join(words)
