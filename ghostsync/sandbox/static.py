"""`/content/...`: what was uploaded, served as Ghost's static files are: ranges, validators, HEAD, resized pictures."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from email.utils import formatdate

from starlette.requests import Request
from starlette.responses import Response

from ghostsync.sandbox.store import Store

_PLACE = re.compile(r"content/(images|media|files)(?:/|$)")
_RESIZED = re.compile(r"^(content/images/)size/[^/]+/(?:format/[^/]+/)?")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_MISSING = {"images": "Image", "media": "Media file", "files": "File"}
_LOADED = 1_600_000_000  # every file is as old as that; its ETag follows the content


def respond(request: Request, store: Store, path: str, headers: dict[str, str]) -> Response | None:
    """The answer to a request for an uploaded file, or for one that is missing; None for all other paths."""
    place = _PLACE.match(path)
    if place is None or request.method not in {"GET", "HEAD"}:
        return None
    data = store.files.get(path)
    if data is None:
        data = store.files.get(_RESIZED.sub(r"\1", path))
    if data is None:
        text = f"{_MISSING[place[1]]} not found"
        return Response(text, 404, {**headers, "Content-Type": "text/plain; charset=utf-8"})
    etag = f'W/"{len(data):x}-{hashlib.sha256(data).hexdigest()[:11]}"'
    modified = formatdate(_LOADED, usegmt=True)
    headers = {
        **headers,
        "Accept-Ranges": "bytes",
        "Cache-Control": "public, max-age=31536000",
        "Content-Type": _type(place[1], path),
        "ETag": etag,
        "Last-Modified": modified,
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(b"", 304, headers)
    span = _RANGE.fullmatch(request.headers.get("range", ""))
    if span is None or request.headers.get("if-range", etag) not in {etag, modified}:
        return Response(data, 200, headers)
    first, last = int(span[1]), min(int(span[2] or len(data)), len(data) - 1)
    if first > last:
        headers |= {"Content-Range": f"bytes */{len(data)}", "Content-Type": "text/plain; charset=utf-8"}
        return Response("Range not satisfiable for provided Range header.", 416, headers)
    return Response(
        data[first : last + 1], 206, {**headers, "Content-Range": f"bytes {first}-{last}/{len(data)}"}
    )


def _type(resource: str, path: str) -> str:
    guessed = mimetypes.guess_type(path)[0] or "application/octet-stream"
    if resource == "files" and guessed in {"image/avif", "image/svg+xml", "image/heic"}:
        return "application/octet-stream"  # nothing that a browser could run, or that it seldom knows
    return guessed
