"""Files that come down in the end, after downloads that failed, and find their way into the documents that show them.

Such a document has got the file's address meanwhile. It is replaced as if the author had done it: the path means the same to
Ghost, so that the next cycle finds nothing to send.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from ghostsync.content.document import edit_file, read_document
from ghostsync.content.fields import PICTURES
from ghostsync.content.linking import Asset, Book, field_in_file, in_files
from ghostsync.content.types import Context
from ghostsync.errors import ContentError, FolderError
from ghostsync.model import Mode
from ghostsync.sync.desk import Desk
from ghostsync.sync.media_fetcher import Fetcher
from ghostsync.sync.media_shelf import Shelf
from ghostsync.sync.model import KnownDocument, Verb
from ghostsync.sync.ports import Folder, State


async def bring_late_files(fetcher: Fetcher, folder: Folder, state: State, desk: Desk) -> list[str]:
    """Try again what is due, and let documents show what is here. Returns what a person should hear."""
    shelf = desk.links.shelf
    if shelf is None or not fetcher.missed:
        return []
    told = []
    for id in fetcher.missed.posts():
        if (post := desk.remote_post(id)) is not None:
            fetcher.hear(post)
    for address, ids in (await fetcher.fetch_missed()).items():
        rows = [row for id in sorted(ids) if (row := desk.rows.get(id)) is not None and not row.tombstone]
        changed = _put_in(folder, state, desk.context, shelf, rows, address)
        told.append(
            f"{address} has come in the end{'; its path is in ' if changed else ''}{', '.join(changed)}"
        )
    return told


class _Arrived:
    """As `linking.Assets`: of all files the one alone that has just come. url: its canonical address."""

    def __init__(self, shelf: Shelf, url: str) -> None:
        self._shelf = shelf
        self._url = url
        asset = shelf.behind(shelf.whole(url))
        self._content = asset.content if asset is not None else ""

    def at(self, path: str) -> Asset | None:
        return self._only(self._shelf.at(path))

    def named(self, name: str, near: str) -> Asset | None:
        return self._only(self._shelf.named(name, near))

    def behind(self, address: str) -> Asset | None:
        return self._shelf.behind(address) if self._shelf.canonical(address) == self._url else None

    def facts(self, content: str) -> Mapping[str, Any]:
        return self._shelf.facts(content)

    def _only(self, asset: Asset | None) -> Asset | None:
        return asset if asset is not None and asset.content == self._content else None


def _put_in(
    folder: Folder, state: State, context: Context, shelf: Shelf, rows: Iterable[KnownDocument], url: str
) -> list[str]:
    """Let these documents show the file. Returns the paths of those that changed; one that cannot be changed now keeps the
    address, which is as good to Ghost.
    """
    site = context.site
    book = Book((), site_url=site.url, major=site.major, assets=_Arrived(shelf, url))
    changed = []
    for row in rows:
        try:
            data = folder.read(row.path)
            new = _with_files(data, row, context, book)
            if new != data:
                state.keep(
                    ghost_id=row.id, path=row.path, side="local", why=Verb.UPDATE_FILE.value, data=data
                )
                folder.write(row.path, new, expected_sha=hashlib.sha256(data).hexdigest())
                changed.append(row.path)
        except (FolderError, ContentError):
            continue
    return changed


def _with_files(data: bytes, row: KnownDocument, context: Context, book: Book) -> bytes:
    document = read_document(data, row.path, row.kind, context)
    if document.problems or document.ghost_id != row.id:
        return data
    body = in_files(document.body, row.path, book, dress=document.mode is Mode.LEXICAL)
    told = {name: document.fields[name] for name in PICTURES if name in document.fields}
    spelled = {name: field_in_file(value, row.path, book) for name, value in told.items()}
    fields = {name: value for name, value in spelled.items() if value != told[name]}
    return edit_file(data, row.path, row.kind, context, fields, body if body != document.body else None)
