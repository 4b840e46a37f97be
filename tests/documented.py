"""The examples in the table of docs/markdown.md."""

from __future__ import annotations

import re
from pathlib import Path

_PATH = Path(__file__).parent.parent / "docs" / "markdown.md"
_ROW = re.compile(r"^\| (?P<name>.*) \| (?P<source>`.*) \| (?P<page>.*?) ?\| (?:.*?) ?\|$", re.MULTILINE)
_CODE = re.compile(r"(`+)(.*?)\1")


def documented() -> dict[str, tuple[str, str]]:
    """What a row is about -> its Markdown, and what it says of the page (HTML, words or nothing)."""
    rows = _ROW.finditer(_PATH.read_text(encoding="utf-8").partition("\n## ")[0])
    return {row["name"]: (_source(row["source"]), row["page"]) for row in rows}


def _source(cell: str) -> str:
    """The lines of a cell, each a code span; of several examples the first."""
    first = cell.partition("`, `")[0] + "`" * ("`, `" in cell)
    lines = _CODE.sub(lambda found: found[2].strip(" ") if "`" in found[2] else found[2], first)
    return lines.replace("<br>", "\n") + "\n"
