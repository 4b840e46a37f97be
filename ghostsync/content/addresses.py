"""Addresses of images and canonical pages: one form for what is on the site itself.

Ghost answers with absolute addresses wherever a post holds "/content/images/x.png" or "/other-page/". Canonical
is the root-relative form, so that the same site under another host name is not an edit of every post.
"""

from __future__ import annotations

import re
from urllib.parse import quote

# What JSON Schema calls a uri-reference: printable ASCII without the characters RFC 3986 leaves out.
_REFERENCE = re.compile(r"(?:[!#$&-;=?-Z_a-z~\[\]]|%[0-9A-Fa-f]{2})+")
_SAFE = "!#$%&'()*+,-./:;=?@[]_~"
_ORIGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]+)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_WRITABLE = re.compile(r"https?://[^/]+|/")


def origin_of(url: str) -> str:
    """Scheme, host and port of an address: "https://blog.example.com"; "" if it has none."""
    found = _ORIGIN.match(url)
    return f"{found[1].lower()}://{found[2]}" if found else ""


def canonical_url(url: str, *origins: str) -> str:
    """An address in canonical form: root-relative if it lies under one of the origins, else as it is."""
    for origin in origins:
        if origin and url.startswith(f"{origin}/"):
            return url[len(origin) :]
    return url


def encoded(url: str) -> str:
    """An address as it is sent: blanks, letters beyond ASCII and the like percent-encoded, the rest as it is."""
    return quote(url, safe=_SAFE)


def is_local(target: str) -> bool:
    """Whether a target can mean a file of the folder, and no address or part of a page."""
    return bool(target) and not (_SCHEME.match(target) or target[0] in "#?" or target.startswith("/content/"))


def fault_of(url: str) -> tuple[str, str] | None:
    """What keeps Ghost from storing an address as meant, and the remedy; None if it is fine."""
    if not _WRITABLE.match(url):
        return (
            f"{url!r} is neither a web address nor a path on the site",
            "Give the whole address (https://...) or one that begins with / (/content/images/...).",
        )
    if not _REFERENCE.fullmatch(url):
        return (
            f"{url!r} has characters that an address cannot hold",
            "Write a percent sign that is meant as one as %25.",
        )
    return None
