"""What a media file says of itself: its type, its size in pixels, how long it plays. Only Ghost's layout depends on them, so
whatever cannot be read stays unknown.
"""

from __future__ import annotations

import mimetypes
import re
import struct
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from ghostsync.content.media_names import kind_of, mime_of
from ghostsync.folder.moving import Moving, read_mp4, read_webm
from ghostsync.sync.model import MediaFacts

# Python's own table, and not the machine's: two machines must note the same.
_TYPES = mimetypes.MimeTypes()
_MORE = {
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".flac": "audio/flac",
    ".opus": "audio/opus",
    ".mkv": "video/x-matroska",
    ".epub": "application/epub+zip",
    ".md": "text/markdown",
    ".7z": "application/x-7z-compressed",
    ".gz": "application/gzip",
}
_PICTURES = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".heic", ".heif", ".bmp", ".tif", ".tiff"}
)
_MP4 = frozenset({".mp4", ".m4v", ".mov"})
_WEBM = frozenset({".webm", ".mkv"})
_SOUND = frozenset({".mp3", ".wav", ".ogg", ".oga", ".opus", ".m4a", ".flac", ".aac", ".aiff"})
_MOST_PIXELS = 1_000_000
_SVG_PIECES = 64  # KB before the first element: licences may be long

_UNREADABLE = (
    OSError,  # of the parser's making too: a seek to before the beginning
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    SyntaxError,  # XML that is none
    RecursionError,
    MemoryError,
    EOFError,
    AssertionError,
    NotImplementedError,
    struct.error,
)
"""What a parser may do with bytes that somebody made up to hurt it."""


def mime(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    guessed = (
        _MORE.get(suffix) or _TYPES.guess_type(f"x{suffix}", strict=False)[0] or "application/octet-stream"
    )
    return mime_of(name, kind_of(name), other=guessed)


def facts_of(name: str, file: BinaryIO) -> MediaFacts:
    """file: at any position; it is left at any."""
    suffix = PurePosixPath(name).suffix.lower()
    seen = Moving()
    try:
        file.seek(0)
        if suffix == ".svg":
            seen = _drawn(file)
        elif suffix in _PICTURES:
            seen = _picture(file)
        elif suffix in _MP4:
            seen = read_mp4(file)
        elif suffix in _WEBM:
            seen = read_webm(file)
        elif suffix in _SOUND:
            seen = _sound(name, file)
    except _UNREADABLE:
        seen = Moving()
    sound = 0 < seen.duration < 1e8
    plane = 0 < seen.width <= _MOST_PIXELS and 0 < seen.height <= _MOST_PIXELS
    return MediaFacts(
        mime=mime(name),
        width=seen.width if plane else None,
        height=seen.height if plane else None,
        duration=(round(seen.duration, 3) or None) if sound else None,
    )


# The readers are loaded for the first file that needs them: most runs meet none.


def _picture(file: BinaryIO) -> Moving:
    """As shown: turned as the camera says, since Ghost turns pictures when it takes them."""
    import imagesize  # noqa: PLC0415

    width, height = imagesize.get(file)
    return Moving(round(width), round(height))


def _sound(name: str, file: BinaryIO) -> Moving:
    from tinytag import TinyTag, TinyTagException  # noqa: PLC0415

    try:
        tag = TinyTag.get(name, file_obj=file, tags=False)
    except TinyTagException:
        return Moving()
    return Moving(duration=float(tag.duration or 0.0))


_UNITS = {"": 1.0, "px": 1.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "pt": 96 / 72, "pc": 16.0}
_LENGTH = re.compile(r"\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)


def _drawn(file: BinaryIO) -> Moving:
    """The size that an SVG's own element states, else that of its view box. (imagesize takes the first width it meets,
    which may be a rectangle's.)
    """
    from xml.etree.ElementTree import XMLPullParser  # noqa: PLC0415

    parser: Any = XMLPullParser(events=("start",))  # typed for events that were not asked for
    for _ in range(_SVG_PIECES):
        if not (piece := file.read(1024)):
            break
        parser.feed(piece)
        for event in parser.read_events():
            element = event[1]
            stated = [_pixels(element.get(name, "")) for name in ("width", "height")]
            box = [
                float(number) for number in re.split(r"[\s,]+", element.get("viewBox", "").strip()) if number
            ]
            width, height = stated if all(stated) else box[2:4] if len(box) == 4 else (0.0, 0.0)
            return Moving(round(width), round(height))
    return Moving()


def _pixels(length: str) -> float:
    """0 for a percentage and the like, which depend on the page."""
    match = _LENGTH.fullmatch(length)
    return float(match[1]) * _UNITS.get(match[2].lower(), 0.0) if match else 0.0
