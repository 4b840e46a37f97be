"""A download on its way into a file: counted, hashed, bounded, and continued where it broke off."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import BinaryIO

import httpx

from ghostsync.errors import AnswerUnreadable, Unreachable
from ghostsync.model import Downloaded
from ghostsync.sync.ports import Got

_CHUNK = 64 * 1024
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Landing:
    """into: readable, writable, seekable; None to look at the bytes only. have, validator, begun, limit, got: as in
    `GhostMedia.download`. After a failure `have` and `validator` say what a later one may begin with.
    """

    def __init__(
        self,
        into: BinaryIO | None,
        *,
        have: int = 0,
        validator: str = "",
        begun: Callable[[str], None] | None = None,
        limit: int | None = None,
        subject: str,
        got: Got | None = None,
    ) -> None:
        self._into = into
        self._begun = begun
        self._limit = limit
        self._subject = subject
        self._got = got
        self._hasher = hashlib.sha256()
        self.have = 0
        self.validator = ""
        if into is not None:
            into.seek(0)
            if have and validator:
                self._read_back(into, have, validator)
            into.seek(self.have)
            into.truncate()

    def _read_back(self, into: BinaryIO, have: int, validator: str) -> None:
        while self.have < have and (chunk := into.read(min(_CHUNK, have - self.have))):
            self._hasher.update(chunk)
            self.have += len(chunk)
        self.validator = validator

    def asks(self) -> dict[str, str]:
        """The headers that ask for the rest, if the file is still the same, and for all of it if it is not."""
        if not (self.have and self.validator):
            self.restart()
            return {}
        return {"Range": f"bytes={self.have}-", "If-Range": self.validator}

    def restart(self) -> None:
        self._hasher = hashlib.sha256()
        self.have, self.validator = 0, ""
        if self._into is not None:
            self._into.seek(0)
            self._into.truncate()

    async def take(self, response: httpx.Response) -> None:
        """Read an answer of 200 or 206 to its end. Raises Unreachable when it is short (the rest can be asked for)."""
        whole = self._expect(response)
        encoded = "content-encoding" in response.headers  # although none was asked for: the length is another
        async for chunk in response.aiter_bytes() if encoded else response.aiter_raw():
            self._bound(self.have + len(chunk))
            if self._into is not None:
                self._into.write(chunk)
            self._hasher.update(chunk)
            self.have += len(chunk)
            if self._got is not None:
                self._got(self.have, whole)
        if whole is not None and not encoded and self.have != whole:
            error = Unreachable(
                f"only {self.have} of {whole} bytes came", subject=self._subject, remedy="Try again."
            )
            error.stage = "answer"
            raise error

    def _expect(self, response: httpx.Response) -> int | None:
        """Get ready for what the answer holds; returns the size of the whole file, if told."""
        told = response.headers.get("etag") or response.headers.get("last-modified") or ""
        if response.status_code == httpx.codes.PARTIAL_CONTENT:
            span = _RANGE.fullmatch(response.headers.get("content-range", "").strip())
            if span is None or int(span[1]) != self.have or (told and told != self.validator):
                self.restart()
                raise AnswerUnreadable(
                    "the site sent another part of the file than it was asked for",
                    subject=self._subject,
                    remedy="Run again; if it lasts, look at the proxy or cache in front of Ghost.",
                    status=response.status_code,
                )
            whole = int(span[3]) if span[3] != "*" else None
        else:
            self.restart()
            length = response.headers.get("content-length", "")
            whole = int(length) if length.isdigit() else None
            # A packed answer cannot be continued in the middle.
            self.validator = "" if "content-encoding" in response.headers else told
            if self._begun is not None:
                self._begun(self.validator)
        self._bound(whole or 0)
        return whole

    def _bound(self, size: int) -> None:
        if self._limit is not None and size > self._limit:
            raise AnswerUnreadable(
                f"the file is larger than {self._limit} bytes, the most that was allowed",
                subject=self._subject,
                remedy="Raise the limit, or keep it as a link.",
            )

    def finished(self, url: str, mime: str) -> Downloaded:
        return Downloaded(
            url=url, size=self.have, sha256=self._hasher.hexdigest(), mime=mime, validator=self.validator
        )
