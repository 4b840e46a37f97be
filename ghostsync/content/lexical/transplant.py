"""Sending home what was not changed exactly as Ghost had it."""

from __future__ import annotations

from ghostsync.content.lexical.align import align
from ghostsync.content.lexical.canonical import canonical_children, without_last_blank
from ghostsync.content.lexical.nodes import children_of, empty_root
from ghostsync.content.types import Node, Root


def transplant(new: Root, old: Root, *, site_url: str = "") -> Root:
    """`new`, in which every top-level node that means the same as one of `old` is that one's exact JSON.

    Nodes are aligned as a diff does; the root's own properties are old's, and so is the blank paragraph
    that the editor keeps at the end.
    """
    new_nodes, old_nodes = children_of(new), children_of(old)
    new_forms = canonical_children(new, site_url=site_url)
    old_forms = canonical_children(old, site_url=site_url)
    children: list[Node] = []
    for stretch in align(new_forms, old_forms):
        if stretch.equal:
            children.extend(old_nodes[stretch.b_start : stretch.b_end])
        else:
            children.extend(new_nodes[stretch.a_start : stretch.a_end])
    editors_blank = len(without_last_blank(old_forms)) < len(old_forms)
    if editors_blank and (not new_forms or new_forms[-1] != old_forms[-1]):
        children.append(old_nodes[-1])
    if not children:
        children = children_of(empty_root())
    old_root = old.get("root")
    new_root = new.get("root")
    properties = {
        **(new_root if isinstance(new_root, dict) else {}),
        **(old_root if isinstance(old_root, dict) else {}),
    }
    return {**new, **old, "root": {**properties, "children": children}}
