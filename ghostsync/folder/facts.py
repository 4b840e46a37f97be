from __future__ import annotations

import mimetypes
from typing import Any, BinaryIO


def facts_of(file: BinaryIO, name: str) -> dict[str, Any]:
    mime = mimetypes.guess_type(name)[0]
    head = file.read(24)
    size = (
        {"width": int.from_bytes(head[16:20]), "height": int.from_bytes(head[20:24])}
        if head[:4] == b"\x89PNG"
        else {}
    )
    return {"mimeType": mime, **size} if mime else {}
