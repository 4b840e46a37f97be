"""Lexical, the document format of Ghost's editor: nodes, their canonical form, and what was not changed."""

from __future__ import annotations

from ghostsync.content.lexical.canonical import canonical, canonical_children, same
from ghostsync.content.lexical.nodes import children_of, empty_root, root
from ghostsync.content.lexical.transplant import transplant

__all__ = [
    "canonical",
    "canonical_children",
    "children_of",
    "empty_root",
    "root",
    "same",
    "transplant",
]
