"""Lists that Ghost's editor joined.

It makes one list of two neighbours of one kind, without anybody's doing, each time a post is saved. The file still has
two lists: they are what the one stands for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from ghostsync.content.lexical.align import align
from ghostsync.content.types import Node

_AHEAD: Final = 3


def parted(
    children: Sequence[Node], forms: Sequence[Any], author: Sequence[Any]
) -> tuple[list[Node], list[Any]]:
    """Nodes and their canonical forms; a list that is some of the author's neighbouring ones joined, as those.

    author: the canonical forms of the nodes that the author's text makes. Items may have been edited since.
    """
    known = set(author)
    runs = deque(run for run in _runs(author) if _joined(run) not in known)
    new_children: list[Node] = []
    new_forms: list[Any] = []
    kinds = [None, *map(_kind, forms), None] if runs else []
    for index, (node, form) in enumerate(zip(children, forms, strict=True)):
        cuts = None
        if (
            runs
            and form not in known
            and kinds[index + 1] is not None
            and len(node["children"]) == len(form[2])
        ):
            # Beside one of its kind it was not joined: the editor leaves no such neighbours.
            alone = kinds[index + 1] not in (kinds[index], kinds[index + 2])
            cuts = _found(runs, form) if alone else None
        if cuts is None:
            new_children.append(node)
            new_forms.append(form)
            continue
        for part, (begin, end) in zip(runs.popleft(), pairwise(cuts), strict=True):
            start = next((value for key, value in part[1] if key == "start"), 1)
            new_forms.append(("list", part[1], form[2][begin:end]))
            new_children.append({**node, "start": start, "children": node["children"][begin:end]})
    return new_children, new_forms


def _found(runs: deque[list[Any]], form: Any) -> list[int] | None:
    """The cuts of the first of the next runs that is in the list; then it is the first of the runs that are left."""
    for skipped in range(min(_AHEAD, len(runs))):
        cuts = _cuts(runs[skipped], form)
        if cuts is not None:
            for _ in range(skipped):
                runs.popleft()
            return cuts
    return None


def _cuts(run: list[Any], form: Any) -> list[int] | None:
    """Where in a list's items each of some joined lists begins, and where the last one ends; None if they are not in it."""
    items = [item for part in run for item in part[2]]
    stretches = align(items, form[2])
    kept = sum(stretch.a_end - stretch.a_start for stretch in stretches if stretch.equal)
    if _kind(run[0]) != _kind(form) or kept * 2 < len(items):
        return None
    cuts = [0]
    place = 0
    for part in run[:-1]:
        place += len(part[2])
        stretch = next(stretch for stretch in stretches if place <= stretch.a_end)
        cuts.append(min(stretch.b_start + place - stretch.a_start, stretch.b_end))
    cuts.append(len(form[2]))
    return cuts if all(begin < end for begin, end in pairwise(cuts)) else None


def _runs(forms: Sequence[Any]) -> list[list[Any]]:
    """The neighbouring lists of one kind."""
    runs: list[list[Any]] = []
    before: Any = None
    for form in forms:
        kind = _kind(form)
        if kind is not None and kind == before:
            runs[-1].append(form)
        elif kind is not None:
            runs.append([form])
        before = kind
    return [run for run in runs if len(run) > 1]


def _kind(form: Any) -> Any:
    """What must be equal for the editor to join two lists; None for anything but a list."""
    if form[0] != "list":
        return None
    return next((value for key, value in form[1] if key == "listType"), "")


def _joined(run: list[Any]) -> Any:
    return ("list", run[0][1], tuple(item for form in run for item in form[2]))
