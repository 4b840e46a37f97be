"""What Ghost stores of a picture: smaller where it can, an SVG without what could act. After what sharp and DOMPurify do."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_MAGIC = {".png": _PNG, ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".gif": b"GIF8", ".webp": b"RIFF"}


def optimised(data: bytes) -> bytes | None:
    """As stored under the plain name, at most as large: here, without metadata. None: nothing that can be read, which
    goes by the content and not by the name.
    """
    if not data.startswith(tuple(_MAGIC.values())):
        return None
    if data.startswith(_PNG):
        return _png(data)
    return _jpeg(data) if data.startswith(b"\xff\xd8") else data


def _png(data: bytes) -> bytes | None:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        chunk, at = data[at : at + 12 + length], at + 12 + length
        kept += [chunk] if chunk[4:8] in _PNG_KEPT else []
    return b"".join(kept) if kept[-1][4:8] == b"IEND" else None


def _jpeg(data: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(_segments(data))


def _segments(data: bytes) -> Iterator[bytes]:
    """All but comments and application data (EXIF, XMP); JFIF stays."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", data, at + 2)
        if not (0xE1 <= data[at + 1] <= 0xEF or data[at + 1] == 0xFE):
            yield data[at : at + 2 + length]
        at += 2 + length
    yield data[at:]


def cleaned(data: bytes) -> bytes | None:
    """An SVG without scripts, handlers, comments and declarations, each element with an end tag; None: nothing is left."""
    text = data.decode("utf-8", "replace")
    text = re.sub(
        r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>|<script\b.*?</script>",
        "",
        text,
        flags=re.DOTALL | re.IGNORECASE,
    )
    text = re.sub(r"""\son\w+=("[^"]*"|'[^']*')""", "", text).lstrip()
    text = re.sub(r"<([\w:]+)([^<>]*?)\s*/>", r"<\1\2></\1>", text)
    return text.encode() if re.search(r"<svg[^>]*>\s*\S+.*</svg>", text, re.DOTALL) else None
