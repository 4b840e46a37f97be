"""What Ghost makes of the name of an uploaded file, and how its address leads to the file as it was sent.

Measured on 6.65.0, 5.130.6, 4.48.9, 3.42.9 and 2.38.3. Ghost keeps the letters, digits and `_@.-` of a name, puts a dash
for each other character (for each byte of it since Ghost 5), and numbers what exists already (x.png, x-1.png). Names
are made plain here before they are sent, so that each of them becomes the same address on every version.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from ghostsync.content.plain_letters import in_plain_letters
from ghostsync.model import MediaKind

MAX_NAME = 200
"""Leaves room for `-12` and `_o` within the 255 that file systems allow; beyond them Ghost answers 400 or 500."""

# Ghost compares the extension and the type that is announced, each with a list, so the type goes by the extension.
_IMAGES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".svgz": "image/svg+xml",
    ".ico": "image/x-icon",
    ".webp": "image/webp",  # from Ghost 4 on
}
_MEDIA = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",  # also with sound alone: audio/webm is refused
    ".ogv": "video/ogg",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".m4a": "audio/mp4",  # from Ghost 5 on
}
TYPES = {MediaKind.IMAGES: _IMAGES, MediaKind.MEDIA: _MEDIA}

_NOUNS = {MediaKind.IMAGES: "image", MediaKind.MEDIA: "media", MediaKind.FILES: "file"}
_ORIGINAL = "_o"
_PLAIN_FILE = re.compile(r'(?![. ~])[^/\\<>:"|?*]+(?<![. ])')
"""A name that every file system takes, of a file that is not hidden."""
_RESIZED = re.compile(r"(/content/images/)(?:size/[^/]+/)(?:format/[^/]+/)?")


def kind_of(name: str) -> MediaKind:
    """The endpoint for a file of this name. AVIF, HEIC and MOV are files to Ghost: no other endpoint takes them."""
    suffix = PurePosixPath(name).suffix.lower()
    return next((kind for kind, types in TYPES.items() if suffix in types), MediaKind.FILES)


def mime_of(name: str, kind: MediaKind, *, other: str = "application/octet-stream") -> str:
    """The type to announce; other: for what only files/ takes, which asks for the extension alone."""
    return TYPES.get(kind, {}).get(PurePosixPath(name).suffix.lower(), other)


def stored_name(kind: MediaKind, name: str) -> str:
    """The plain name under which a local file goes up: Ghost stores it unchanged, with a number if it is taken."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    # A dot at the end, say, makes another suffix once it is gone. Each round shortens the name or is the last.
    while (plain := _plain(kind, name)) != name:
        name = plain
    return plain


def _plain(kind: MediaKind, name: str) -> str:
    stem, suffix = (re.sub(r"[^\w@.]+", "-", in_plain_letters(part), flags=re.ASCII) for part in _split(name))
    suffix = ("." + re.sub(r"[.-]", "", suffix))[: MAX_NAME // 2].removesuffix(".")
    stem = stem.strip(".-")[: MAX_NAME - len(suffix)].rstrip(".-")
    if kind is MediaKind.IMAGES:
        # Ghost keeps the picture as it was sent under NAME_o, so no other may have such a name.
        while stem.endswith(_ORIGINAL):
            stem = stem.removesuffix(_ORIGINAL).rstrip(".-")
    return (stem or _NOUNS[kind]) + suffix


def _split(name: str) -> tuple[str, str]:
    """(stem, suffix with its dot), where Node's path.extname splits."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem else (name, "")


def family(stored: str) -> str:
    """The same for all names that may become each other's when Ghost numbers them: x.png, x-1.png, X-1-2.png."""
    stem, suffix = _split(stored)
    return (re.sub(r"(-\d+)+$", "", stem) + suffix).lower()


def name_before(kind: MediaKind, stored: str, told: str) -> str:
    """What the file at an address was called before it went up. stored: its name there. told: what a card says of it, which
    is believed where `stored` can have become of it; Ghost keeps the names of files, films and the pictures of galleries.
    """
    told = unicodedata.normalize("NFC", told)
    if not _PLAIN_FILE.fullmatch(told) or not told.isprintable() or len(told.encode()) > MAX_NAME:
        return stored
    if _split(told)[1].lower() != _split(stored)[1].lower():
        return stored
    stem, suffix = _split(stored)
    theirs = {_letters(stored), _letters(re.sub(r"-\d+$", "", stem) + suffix)}
    # Sent from here, or by Ghost's own editor, which puts a dash for each letter it does not like.
    return told if theirs & {_letters(told), _letters(stored_name(kind, told))} else stored


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower(), flags=re.ASCII)


def candidates(kind: MediaKind, name: str, date: dt.date) -> Iterator[str]:
    """Where an upload in this month may be found, below the site's address, the first try first; without end.

    date: on Ghost's server, whose time zone nobody tells. Ghost takes the first of these that does not exist.
    """
    stem, suffix = _split(stored_name(kind, name))
    if re.fullmatch(r"\.\d+", suffix):  # no suffix to Ghost: x.1 is followed by x.1-1
        stem, suffix = stem + suffix, ""
    number = 0
    while True:
        tail = f"-{number}" if number else ""
        yield f"content/{kind}/{date:%Y}/{date:%m}/{stem}{tail}{suffix}"
        number += 1


def sources(url: str) -> tuple[str, ...]:
    """Where to look for the file that was once sent to become this address, the likeliest first.

    A resized or converted picture (size/w600/, format/webp/) is asked for in full. Where Ghost has its image library
    (sharp), it stores pictures rotated, without their metadata and mostly smaller, and keeps what was sent under
    NAME_o.EXT; SVG and ICO it never touches so. Where it has none, only the address itself exists.
    """
    parts = urlsplit(url)
    path = _RESIZED.sub(r"\1", parts.path)
    whole = urlunsplit(parts._replace(path=path))
    if "/content/images/" not in path or not re.search(r"\.(png|jpe?g|gif|webp)$", path, re.IGNORECASE):
        return (whole,)
    stem, dot, suffix = path.rpartition(".")
    return urlunsplit(parts._replace(path=f"{stem}{_ORIGINAL}{dot}{suffix}")), whole
