"""Slugs as Ghost makes them, so that a slug comes back from Ghost as it was sent.

Follows `@tryghost/string` slugify and the model's generateSlug (the same in Ghost 2 to 6): invisible
characters go, letters are transliterated, everything a URL reserves becomes a dash, the result is cut to 185
characters (191 less room for a counter), "rss" and the like get "-post", and nothing at all becomes "post".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

from ghostsync.content.plain_letters import in_plain_letters
from ghostsync.content.types import FieldValue

MAX_SLUG = 185
_PROTECTED = frozenset({"ghost", "rss", "amp"})
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co"})
_RESERVED = re.compile(r"[\s.@:/?#\[\]!$&()*+,;=\\%<>|^~\"{}`–—]")  # noqa: RUF001 - the dashes Ghost names
_DATE_PREFIX = re.compile(r"\d{4}-\d{1,2}-\d{1,2}-(?=.)")
# Blocks of the basic plane that Ghost's transliteration has no table for: their characters vanish.
_UNMAPPED = frozenset(
    {0x08, *range(0x19, 0x1E), *range(0x29, 0x2E), *range(0x34, 0x4D), *range(0xA5, 0xAC), *range(0xD8, 0xF9)}
)


def slugify(text: str) -> str:
    """The slug Ghost would make of a title or of a slug that is not URL-safe; never empty, always ASCII."""
    return _slug(text, "post")


def slugify_tag(name: str) -> str:
    """The slug that Ghost makes of a tag's name, or of a slug for it; "#name" gives "hash-name"."""
    return f"hash-{_safe(name)}".removesuffix("-") if name.startswith("#") else _slug(name, "tag")


def _slug(text: str, noun: str) -> str:
    slug = _safe(text)
    return f"{slug}-{noun}" if slug in _PROTECTED else slug or noun


def _safe(text: str) -> str:
    """The URL-safe form, "" when nothing is left."""
    if not text.isascii():
        text = "".join(
            character
            for character in text.replace("£", "-")
            if character <= "\x7f"
            or (
                character <= "\uffff"
                and ord(character) >> 8 not in _UNMAPPED
                and unicodedata.category(character) not in _INVISIBLE
            )
        )
        text = in_plain_letters(text)
    text = "".join(character for character in text if character >= " " and character != "\x7f")
    slug = _RESERVED.sub("-", text).replace("'", "").lower()
    return re.sub("-+", "-", slug).strip("-")[:MAX_SLUG].removesuffix("-")


def stem_of(path: str) -> str:
    """The name a file gives its document: its stem, or its folder's name for `index.md`, without a date
    prefix ("2026-01-31-").
    """
    pure = PurePosixPath(path)
    stem = pure.stem
    if stem.lower() == "index" and pure.parent.name:
        stem = pure.parent.name
    return _DATE_PREFIX.sub("", stem, count=1)


def humanise(stem: str) -> str:
    """A title made of a file's stem: dashes and underscores are spaces, the first letter is a capital."""
    words = " ".join(re.split(r"[-_\s]+", stem)).strip() or stem
    return words[:1].upper() + words[1:]


def slug_for(path: str, fields: Mapping[str, FieldValue]) -> str:
    """What a create sends as slug: the one the front matter states, else the file's name made URL-safe."""
    stated = fields.get("slug")
    return slugify(stated) if isinstance(stated, str) and stated else slugify(stem_of(path))
