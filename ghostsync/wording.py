"""Words that messages of all parts share."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """As in "1 post" and "2,340 posts"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
