"""A theme of our own, small enough to look at and whole enough for a real Ghost."""

from __future__ import annotations

import shutil
from pathlib import Path

THEME = Path(__file__).parent / "fixtures" / "theme"


def tiny_theme(root: Path, **changed: str) -> Path:
    """A copy in a directory of its own. changed: file (with _ for the dot) -> its text."""
    copy = Path(shutil.copytree(THEME, root / "tiny"))
    for name, text in changed.items():
        (copy / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return copy
