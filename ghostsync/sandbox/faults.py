"""Faults that a test or the demo can order: what a network and a tired server do to a client."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class When(StrEnum):
    """BEFORE: Ghost never sees the request. AFTER: Ghost carries it out and the answer is replaced or lost. DURING: the
    connection breaks in the middle, of the answer to a GET or of the body of another request.
    """

    BEFORE = "before"
    AFTER = "after"
    DURING = "during"


@dataclass(slots=True)
class Fault:
    """Answers `times` matching requests with `status` and `body`, or cuts the connection when status is 0.

    method, path: what to match; path is a part of the request's path, "" matches all. truncate: promise the
    whole body and send half of it. upto: the bytes that pass before a fault DURING.
    """

    status: int = 0
    body: str = ""
    method: str = ""
    path: str = ""
    when: When = When.BEFORE
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    truncate: bool = False
    upto: int = 0

    def matches(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in {"", method} and self.path in path


BOOTING = (
    "<!DOCTYPE html><html><head><title>We'll be right back</title></head><body><h1>We'll be right back.</h1>"
    "<p>We're busy updating our site to give you the best experience, and will be back soon.</p></body></html>"
)
"""What Ghost 4 to 6 answer while they boot: HTML, not JSON, with 503."""
