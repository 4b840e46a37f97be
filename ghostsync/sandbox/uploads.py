"""images/, media/ and files/upload: multipart in, a public address out. Bytes stay in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import PurePosixPath
from typing import Any

from ghostsync.sandbox.clock import iso
from ghostsync.sandbox.problems import ApiError, unsupported_media
from ghostsync.sandbox.store import Store

_IMAGES = frozenset({".jpg", ".jpeg", ".gif", ".png", ".svg", ".svgz", ".ico", ".webp", ".avif"})
_MEDIA = frozenset({".mp4", ".webm", ".ogv", ".mp3", ".wav", ".ogg", ".m4a"})
_MAGIC = {".png": b"\x89PNG", ".jpg": b"\xff\xd8", ".jpeg": b"\xff\xd8", ".gif": b"GIF8", ".webp": b"RIFF"}
_NOUNS = {"images": "image", "media": "media file", "files": "file"}


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    filename: str
    data: bytes


def parts(content_type: str, body: bytes) -> list[Part]:
    """The parts of a multipart/form-data body; none when it is something else."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        return []
    found = []
    for part in message.iter_parts():
        data = part.get_payload(decode=True)
        found.append(
            Part(
                name=str(part.get_param("name", "", "content-disposition")),
                filename=part.get_filename() or "",
                data=data if isinstance(data, bytes) else b"",
            )
        )
    return found


def receive(store: Store, url: str, resource: str, form: list[Part]) -> dict[str, Any]:
    """Keep the file of a form and answer as Ghost does; raises ApiError for what Ghost refuses."""
    file = next((part for part in form if part.name == "file"), None)
    noun = _NOUNS[resource]
    if file is None:
        raise ApiError(422, "ValidationError", f"Please select {'an' if noun[0] in 'aeiou' else 'a'} {noun}.")
    suffix = PurePosixPath(file.filename).suffix.lower()
    allowed = {"images": _IMAGES, "media": _MEDIA}.get(resource)
    if allowed is not None and suffix not in allowed:
        raise unsupported_media(f"Please select a valid {noun}.")
    if suffix == ".svg" and b"<script" in file.data.lower():
        raise unsupported_media("Please select a valid SVG image")
    if resource == "images" and not file.data.startswith(_MAGIC.get(suffix, b"")):
        raise ApiError(
            400,
            "BadRequestError",
            "Request not understood error, cannot upload image.",
            context="Image processing failed Unable to manipulate image.",
            help="Please verify that the image is valid",
        )
    path = _free_path(store, resource, file.filename)
    store.files[path] = file.data
    ref = next((part.data.decode("utf-8", "replace") for part in form if part.name == "ref"), None)
    answer: dict[str, Any] = {"url": url + path, "ref": ref}
    if resource == "media":
        answer["thumbnail_url"] = None
    return {resource: [answer]}


def _free_path(store: Store, resource: str, filename: str) -> str:
    pure = PurePosixPath(filename.replace("\\", "/"))
    # One dash for each byte-like oddity: Ghost's `s-b---.png` for `s b ü.png` as multipart delivers it.
    stem = re.sub(r"[^\w@.-]", "-", "".join(c if c.isascii() else "--" for c in pure.stem))
    today = iso(store.clock())
    base = f"content/{resource}/{today[:4]}/{today[5:7]}/"
    path, count = f"{base}{stem}{pure.suffix.lower()}", 0
    while path in store.files:
        count += 1
        path = f"{base}{stem}-{count}{pure.suffix.lower()}"
    return path
