"""Slugs as Ghost makes them: ASCII, lower case, dashes; unique over posts and pages together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_RESERVED = re.compile(r'[\s.@:/?#\[\]!$&()*+,;=\\%<>|^~"{}`\u2013\u2014\u00a3]')
_INVISIBLE = re.compile(r"[\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
_PROTECTED = frozenset({"ghost", "rss", "amp", "sitemap", "robots"})
# Letters that Unicode does not decompose; anything else outside Latin is dropped here, where Ghost transliterates.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "þ": "th", "Þ": "Th",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "œ": "oe", "Œ": "OE", "\u0131": "i",
        "\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u2026": "...",
    }
)  # fmt: skip
_LONGEST = 185  # leaves room for a counter below the column's 191


def safe(text: str) -> str:
    """The URL-safe form of a text; "" when nothing of it survives."""
    text = _INVISIBLE.sub("", text)
    text = re.sub("[\u2013\u2014\u00a3]", "-", text).translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = _RESERVED.sub("-", text).replace("'", "").lower()
    return re.sub(r"-+", "-", text).removesuffix("-").removeprefix("-").strip()


def unique(text: str, *, noun: str, taken: Callable[[str], bool]) -> str:
    """A slug for `text` that is not taken: `slug`, `slug-2`, `slug-3` ...; `noun` when nothing is left of it."""
    slug = safe(text)[:_LONGEST]
    if noun == "tag" and text.startswith("#"):
        slug = f"hash-{slug}"
    if slug in _PROTECTED:
        slug = f"{slug}-{noun}"
    slug = slug or noun
    candidate, count = slug, 1
    while taken(candidate):
        count += 1
        candidate = f"{slug}-{count}"
    return candidate
