"""Each link and picture of a text with its line, for who judges them one by one: what it means to the sync, `text` knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ghostsync.content.addresses import is_local
from ghostsync.content.linking.book import Book, names_file
from ghostsync.content.linking.spots import Form, Spot, find_spots
from ghostsync.content.linking.text import asset_of, key_of, may_link

_NAMES_A_FILE = re.compile(r"[^/]\.\w{1,8}$")


@dataclass(frozen=True, slots=True)
class Lead:
    """line: of the text, from 0. key: as in `Linked.uses`. fragment: behind the #, as written. lost: it means a file of the
    folder, and no such file is there.
    """

    line: int
    key: str
    fragment: str
    lost: bool = False


def leads(text: str, path: str, book: Book) -> Iterator[Lead]:
    """All of the text of the document at `path`."""
    if not may_link(text):
        return
    data, spots = find_spots(text)
    line = position = 0
    for spot in spots:
        line += data.count(b"\n", position, spot.start)
        position = spot.start
        name, _, fragment = spot.target.partition("#")
        key = f"[[{name}]]" if spot.form is Form.WIKI else key_of(spot)
        yield Lead(line, key, fragment, lost=_is_lost(spot, name, key, path, book))


def _is_lost(spot: Spot, name: str, key: str, path: str, book: Book) -> bool:
    """A picture by its path is the sync's own business; here are the files that it leaves alone."""
    if book.assets is None or spot.form is Form.WIKI:
        return False
    if spot.form is Form.EMBED:
        return asset_of(key, path, book) is None
    means_file = is_local(name) and not name.startswith("/") and _NAMES_A_FILE.search(name) is not None
    return means_file and not (spot.image or names_file(name)) and asset_of(key, path, book) is None
