"""A changed block in the author's own hand: the change alone goes into the text, all else stays as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ghostsync.content.markdown.list_style import list_style
from ghostsync.content.markdown.spelling import spell
from ghostsync.content.markdown.words import merge_words
from ghostsync.content.types import Node

_AUTOLINK = re.compile(r"<((?:https?|ftp)://[^\s<>]+)>")


def touched_up(source: str, old: Node, new: Node, *, roughly: bool = False) -> Iterator[str]:
    """Ways to say `new` that differ little from `source`, which says `old`; the closest first.

    Proposals, as `spell`'s are: whoever asks must read them back. What Ghost changed is the difference between
    the two nodes as they would be written; it is merged by words into the author's spelling.

    roughly: where the two meet, as in a reference link whose text is edited, the words around the edit become the usual ones.
    """
    style = list_style(source) if new.get("type") == old.get("type") == "list" else None
    after = spell(new, 0, style=style)
    before = spell(old, 0, style=style) if after is not None else None
    if after is None:
        return
    if before is not None:
        pairs = [(before, after)]
        if _AUTOLINK.search(before):  # which the author may have written without the brackets
            pairs.append((_AUTOLINK.sub(r"\1", before), _AUTOLINK.sub(r"\1", after)))
        for was, now in pairs:
            merged = merge_words(was, source, now, remote_wins=roughly)
            if merged is not None:
                yield merged
    if style and roughly:
        yield after


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
