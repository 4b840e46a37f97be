"""Which bodies survive a round trip through HTML.

In `html` mode the whole body is rendered, and converted by Ghost, on every push. Cards, nested lists, and
properties that HTML has no word for would be lost then; a post that has any is better kept as native blocks.
"""

from __future__ import annotations

from ghostsync.content.lexical import children_of
from ghostsync.content.lexical.defaults import (
    CARD_DEFAULTS,
    DEFAULTS,
    ELEMENT_DEFAULTS,
    SAME_TYPE,
    is_default,
)
from ghostsync.content.lexical.nodes import BOLD, CODE, ITALIC
from ghostsync.content.types import Node, Root

_FORMATS = BOLD | ITALIC | CODE
_BLOCKS = frozenset({"paragraph", "heading", "quote", "list", "horizontalrule", "codeblock", "image"})
_INLINE = frozenset({"text", "linebreak", "link"})
# What each may say beside its defaults.
_SAYS = {
    "heading": {"tag"},
    "list": {"listType", "tag"},
    "listitem": {"value"},
    "codeblock": {"code", "language"},
    "image": {"src", "alt", "title"},
    "text": {"text", "format"},
    "link": {"url"},
}


def is_plain(root: Root) -> bool:
    """Whether every block of a body is one that HTML says in full."""
    return all(_is_plain(node, _BLOCKS) for node in children_of(root))


def _is_plain(node: Node, allowed: frozenset[str]) -> bool:
    kind = SAME_TYPE.get(str(node.get("type")), str(node.get("type")))
    if kind not in allowed or (kind == "list" and node.get("listType") not in ("bullet", "number")):
        return False
    if kind == "text" and (node.get("format") or 0) & ~_FORMATS:
        return False
    defaults = DEFAULTS.get(kind, ELEMENT_DEFAULTS if "children" in node else CARD_DEFAULTS)
    known = {"type", "children", "direction"} | _SAYS.get(kind, set())
    if any(key not in known and not is_default(defaults, key, value) for key, value in node.items()):
        return False
    inner = {"list": frozenset({"listitem"}), "link": _INLINE - {"link"}}.get(kind, _INLINE)
    return all(_is_plain(child, inner) for child in node.get("children", ()))
