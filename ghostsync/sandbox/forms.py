"""multipart/form-data as Ghost 6 reads it (multer 2): names as Latin-1, and nothing of a form that does not end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ghostsync.sandbox.problems import ApiError

_BOUNDARY = re.compile(r'multipart/form-data;.*\bboundary="?([^";]+)"?')
_DISPOSITION = re.compile(
    r'content-disposition: form-data; name="([^"]*)"(?:; filename="([^"]*)")?', re.IGNORECASE
)
_TYPE = re.compile(r"content-type: *([^\r\n;]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """filename: "" for a plain field. mime: as announced."""

    name: str
    filename: str
    mime: str
    data: bytes


def parts(content_type: str, body: bytes, files: frozenset[str]) -> list[Part]:
    """The parts of a form; none when the body is something else. files: the names under which files may come, one each.
    Raises ApiError for what multer refuses.
    """
    boundary = _BOUNDARY.match(content_type)
    if boundary is None:
        return []
    mark = b"--" + boundary[1].encode()
    first, *pieces, last = (b"\r\n" + body).split(b"\r\n" + mark) if mark in body else (b"", b"")
    if first or not last.startswith(b"--"):
        raise _not_understood("Unexpected end of form")
    found: list[Part] = []
    for piece in pieces:
        head, _, data = piece.partition(b"\r\n\r\n")
        text = head.decode("latin-1")
        named, typed = _DISPOSITION.search(text), _TYPE.search(text)
        if named is None:
            continue
        part = Part(named[1], re.split(r"[/\\]", named[2] or "")[-1], typed[1] if typed else "", data)
        if part.filename and (part.name not in files or any(p.name == part.name for p in found)):
            raise _not_understood("Unexpected field", code="LIMIT_UNEXPECTED_FILE")
        found.append(part)
    return found


def _not_understood(_why: str, *, code: str | None = None) -> ApiError:
    return ApiError(400, "BadRequestError", "The request could not be understood.", code=code)
