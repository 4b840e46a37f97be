"""Cards of a post that lack what their files would tell: an image that came by an import or another program has no size.

Such a card and one with its file's own facts are the same; so it is looked at as if it had them, and gets them with the
next edit of its body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ghostsync.content.markdown.link_cards import FILE_FACTS
from ghostsync.content.types import Node, Root

Facts = Callable[[str], Mapping[str, Any]]
"""What is known of the file at an address; empty where nothing is."""

_SIZE = ("width", "height")
_UNSAID = (None, "", 0)


def dressed(root: Root, facts: Facts) -> Root:
    """The same body, its cards complete; the very same object where nothing is missing."""
    children = root.get("root", {}).get("children")
    if not isinstance(children, list):
        return root
    made = [_card(node, facts) for node in children]
    if all(new is old for new, old in zip(made, children, strict=True)):
        return root
    return {**root, "root": {**root["root"], "children": made}}


def _card(node: Node, facts: Facts) -> Node:
    kind = node.get("type") if isinstance(node, dict) else None
    if kind == "image":
        return _with(node, _SIZE, facts, all_missing=True)
    if kind == "gallery" and isinstance(images := node.get("images"), list):
        made = [
            _with(image, _SIZE, facts, all_missing=True) if isinstance(image, dict) else image
            for image in images
        ]
        same = all(new is old for new, old in zip(made, images, strict=True))
        return node if same else {**node, "images": made}
    if kind in FILE_FACTS:
        return _with(node, FILE_FACTS[str(kind)], facts, all_missing=False)
    return node


def _with(node: Node, keys: tuple[str, ...], facts: Facts, *, all_missing: bool) -> Node:
    src = node.get("src")
    missing = [key for key in keys if node.get(key) in _UNSAID]
    if not missing or not isinstance(src, str) or (all_missing and len(missing) < len(keys)):
        return node
    known = facts(src)
    told = {key: known[key] for key in missing if key in known}
    return {**node, **told} if told else node
