"""Names for new files: safe on every system that may hold a clone of the folder, and free.

Slugs and titles come from Ghost, and a Ghost may be hostile or merely creative: nothing in them can make a
directory, leave the folder, hide the file, or be a name that Windows or macOS cannot hold.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from ghostsync.model import Kind

MAX_BYTES = 200
"""Of one name: leaves room, within the usual 255, for -12, .conflict.md and a date."""

_PLACEHOLDER = re.compile(r"\{(slug|title|year|month|day|kind)\}")
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)
_JOINERS = "\u200c\u200d"  # Persian words and family emoji need them; other format characters deceive


def fold(path: str) -> str:
    """Equal for two paths that a case-insensitive or normalising file system takes for one (macOS, Windows)."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def _plain(text: str) -> str:
    """Text from Ghost without anything that a file name cannot hold."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    text = "".join(
        char
        for char in text
        if char in _JOINERS or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Cn", "Co"}
    )
    return _FORBIDDEN.sub("-", text)


def shorten(text: str, limit: int) -> str:
    """At most `limit` bytes of UTF-8, cut between characters."""
    return text.encode("utf-8")[:limit].decode("utf-8", "ignore")


def _component(text: str, suffix: str) -> str:
    """One safe path component, ending in `suffix` ("" for a directory)."""
    # Leading dots hide; trailing dots and blanks vanish on Windows.
    text = shorten(text.strip(" .\t"), MAX_BYTES - len(suffix.encode())).strip(" .")
    text = unicodedata.normalize("NFC", text)
    if not text.strip(" .-" + _JOINERS):
        text = "untitled"
    if _RESERVED.match(text):
        text = f"{text}_" if "." not in text else text.replace(".", "_", 1)
    if text.casefold() == "node_modules":
        text += "_"
    # A name in .conflict.md is a companion, which is never scanned.
    if suffix and text.casefold().endswith(".conflict"):
        text = f"{text[:-9]}-conflict"
    return text + suffix


def name_for(pattern: str, *, slug: str, title: str, kind: Kind, date: dt.date) -> str:
    """The path of a new file: the configured pattern with its placeholders filled in.

    date: the post's publication (else creation) date in the site's time zone. The fixed parts of the pattern are
    the user's and stay as they are; parts with a placeholder become safe names of at most 200 bytes.
    """
    values = {
        "slug": _plain(slug) or "untitled",
        "title": _plain(title) or "untitled",
        "year": f"{date.year:04}",
        "month": f"{date.month:02}",
        "day": f"{date.day:02}",
        "kind": kind.value,
    }
    parts = [part for part in pattern.split("/") if part not in {"", "."}]
    named = []
    for number, part in enumerate(parts, 1):
        stem, suffix = part, ""
        if number == len(parts):
            stem, dot, extension = part.rpartition(".")
            suffix = dot + extension
        if _PLACEHOLDER.search(stem):
            named.append(_component(_PLACEHOLDER.sub(lambda match: values[match[1]], stem), suffix))
        else:
            named.append(part)
    return "/".join(named)


def numbered(path: str, number: int) -> str:
    """`path` for 1; then "-2", "-3" ... before the suffix, the stem shortened where it must be."""
    if number == 1:
        return path
    parent, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        stem, suffix = name, ""
    tail = f"-{number}{dot}{suffix}"
    return f"{parent}{slash}{shorten(stem, 255 - len(tail.encode())).rstrip(' .')}{tail}"
