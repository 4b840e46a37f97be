"""Lists that Ghost's editor joined.

It makes one list of two neighbours of one kind, without anybody's doing, each time a post is saved. The file still has
two lists: they are what the one stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ghostsync.content.types import Node


def parted(
    children: Sequence[Node], forms: Sequence[Any], author: Sequence[Any]
) -> tuple[list[Node], list[Any]]:
    """Nodes and their canonical forms; a list that is some of the author's neighbouring ones joined, as those.

    author: the canonical forms of the nodes that the author's text makes.
    """
    known = set(author)
    runs = {joined: run for run in _runs(author) if (joined := _joined(run)) not in known}
    new_children: list[Node] = []
    new_forms: list[Any] = []
    for node, form in zip(children, forms, strict=True):
        run = runs.get(form) if runs else None
        if run is None or len(node["children"]) != len(form[2]):
            new_children.append(node)
            new_forms.append(form)
            continue
        new_forms += run
        begin = 0
        for part in run:
            end = begin + len(part[2])
            new_children.append({**node, "children": node["children"][begin:end]})
            begin = end
    return new_children, new_forms


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
