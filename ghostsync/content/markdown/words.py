"""Merging two edits of one text word by word.

Both the Markdown source and what it means are merged, each by itself: only where the merged source
reads as the merged meaning is the result to be trusted (half a pair of `**` would show on the page).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple, TypeAlias

from ghostsync.content.lexical.align import align

_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+(?:['\u2019][^\W_]+)*|\s+|.", re.DOTALL
)
"""Words (each character of a script without spaces is one), white space, single other characters."""

_MAX_TOKENS = 40_000
"""Longer texts are not merged by words: aligning takes more time than an answer is worth."""

Key: TypeAlias = Hashable
"""By what tokens are aligned: a word is itself, what stands between words is known by the word before it."""


class _Edit(NamedTuple):
    """One side has tokens[since:until] where base has base[start:end]."""

    start: int
    end: int
    since: int
    until: int


def merge_words(base: str, local: str, remote: str, *, remote_wins: bool = False) -> str | None:
    """The text with the edits of both sides; None where they changed the same words, or next to each other
    in a way that leaves the order open.

    remote_wins: there, take the remote's words, up to the next white space.
    """
    texts = [_TOKEN.findall(text) for text in (base, local, remote)]
    merged = _merged(texts, [_keys(tokens) for tokens in texts], remote_wins=remote_wins)
    return None if merged is None else "".join(merged)


def merge_meanings(base: Any, local: Any, remote: Any) -> list[Any] | None:
    """The same for canonical forms (see `lexical.canonical`), as a flat sequence: compare with `flat`."""
    return _merged(forms := [flat(form) for form in (base, local, remote)], forms)


def flat(form: Any) -> list[Any]:
    """A canonical form as one sequence, in which words can be told apart and carry their format."""
    tokens: list[Any] = []
    pending: list[Any] = [form]
    while pending:
        item = pending.pop()
        if item.__class__ is tuple:
            if len(item) == 3 and item[0] == "text" and item[2].__class__ is str:
                tokens.extend((item[1], key) for key in _keys(_TOKEN.findall(item[2])))
            else:
                tokens.append(("(", len(item)))
                pending.extend(reversed(item))
        elif item.__class__ is str:
            tokens.extend(_keys(_TOKEN.findall(item)))
        else:
            tokens.append((item.__class__.__name__, item))
    return tokens


def _keys(tokens: Sequence[str]) -> list[Key]:
    keys: list[Key] = []
    word = ""
    for token in tokens:
        if token[0].isalnum():
            word = token
            keys.append(token)
        else:
            keys.append((word, token))
    return keys


def _merged(
    sides: Sequence[list[Any]], keys: Sequence[Sequence[Key]], *, remote_wins: bool = False
) -> list[Any] | None:
    if max(map(len, sides)) > _MAX_TOKENS:
        return None
    base = sides[0]
    edits = [
        (_Edit(*stretch[1:]), side)
        for side in (1, 2)
        for stretch in align(keys[0], keys[side])
        if not stretch.equal
    ]
    edits.sort(key=lambda entry: (entry[0].start, entry[0].end))
    chosen: list[tuple[_Edit, int]] = []
    for edit, side in edits:
        if chosen and side != chosen[-1][1]:
            before, other = chosen[-1]
            if before[:2] == edit[:2] and _added(keys, before, other) == _added(keys, edit, side):
                continue  # both sides did the same
            if not remote_wins:
                if _touch(before, edit):
                    return None
            elif side == 1 and _meet(before, edit, base):
                continue
            else:
                while chosen and chosen[-1][1] == 1 and _meet(chosen[-1][0], edit, base):
                    chosen.pop()
        chosen.append((edit, side))
    result: list[Any] = []
    position = 0
    for edit, side in chosen:
        result += base[position : edit.start]
        result += sides[side][edit.since : edit.until]
        position = edit.end
    return result + base[position:]


def _added(keys: Sequence[Sequence[Key]], edit: _Edit, side: int) -> Sequence[Key]:
    return keys[side][edit.since : edit.until]


def _touch(before: _Edit, after: _Edit) -> bool:
    """Whether two edits (in order) change the same tokens, or insert at the same place."""
    return after.start < before.end or (after.start == after.end == before.start == before.end)


def _meet(before: _Edit, after: _Edit, base: Sequence[str]) -> bool:
    """Whether two edits (in order) touch, or there is no white space from the end of the one to the start of the other."""
    if after.start < before.end:
        return True
    since = max(before.start, before.end - 1)
    until = min(after.end, after.start + 1)
    return not any(base[index].isspace() for index in range(since, max(until, after.start)))
