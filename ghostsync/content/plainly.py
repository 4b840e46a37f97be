"""A document read for people: what it is called and what changed in it, without anything of the site."""

from __future__ import annotations

from collections.abc import Mapping

from ghostsync.content.reading import read
from ghostsync.content.types import Context, Document
from ghostsync.model import Kind, Mode, SiteInfo

_NO_SITE = SiteInfo(title="", url="http://ghost.invalid/", version="6")
_NO_KEYS: Mapping[str, str] = {}


def read_plainly(data: bytes, path: str, keys: Mapping[str, str] = _NO_KEYS) -> Document:
    """The document, as far as its own bytes tell. keys: as in `Context`. Never raises for what a file may hold."""
    return read(data, path, Kind.POST, Context(_NO_SITE, 0, Mode.LEXICAL, keys=keys)).document
