"""Markdown <-> Lexical, and Markdown with Markdown: reading, writing, respelling, merging."""

from __future__ import annotations

from ghostsync.content.markdown.blocks import Block, read_blocks, read_markdown
from ghostsync.content.markdown.merge import merge_markdown
from ghostsync.content.markdown.respell import respell
from ghostsync.content.markdown.writer import write_markdown

__all__ = ["Block", "merge_markdown", "read_blocks", "read_markdown", "respell", "write_markdown"]
