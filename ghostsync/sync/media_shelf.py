"""The folder's pictures, sounds and other files in a cycle: what is on the disk, and where in Ghost the same bytes are.

A file is known by its content. So one that is renamed, copied, or shown by ten posts is in Ghost once, and one whose bytes
change is another file, which its posts have to be sent again for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ghostsync.content.addresses import canonical_url, origin_of
from ghostsync.content.linking import PENDING, Asset
from ghostsync.content.types import Context
from ghostsync.errors import FileMissing, FolderError
from ghostsync.model import MediaKind
from ghostsync.sync.model import MediaFacts, MediaFile, MediaRow, Stat
from ghostsync.sync.ports import Folder, State

_WIDEST = 2000
"""Pixels. Ghost makes wider pictures narrower, and its editor tells the size of what is left."""

_MADE_NARROWER = frozenset({"image/jpeg", "image/png", "image/webp"})


class Shelf:
    """Implements `linking.Assets`. What was looked at once counts for the whole cycle; a file that changes meanwhile is
    noticed when it is sent.
    """

    def __init__(self, folder: Folder, state: State, site_url: str) -> None:
        self._folder = folder
        self._state = state
        self._origin = origin_of(site_url)
        self._seen: dict[str, Asset | None] = {}
        self._files: dict[str, MediaFile] | None = None
        self._rows: dict[str, MediaRow] | None = None
        self._contents: dict[str, str] = {}
        self._names: dict[str, list[str]] | None = None
        self._sizes: dict[int, list[str]] | None = None

    def at(self, path: str) -> Asset | None:
        if path not in self._seen:
            self._seen[path] = self._look(path)
        return self._seen[path]

    def named(self, name: str, near: str) -> Asset | None:
        """As Obsidian finds it: a path from the folder, or the end of one; of several the nearest, then the shortest."""
        if self._names is None:
            self._names = {}
            for path in self._folder.media_paths():
                self._names.setdefault(path.rpartition("/")[2].lower(), []).append(path)
        wanted = "/" + name.strip("/").lower()
        found = [
            path
            for path in self._names.get(wanted.rpartition("/")[2], ())
            if f"/{path}".lower().endswith(wanted)
        ]
        here = near.rpartition("/")[0]
        best = min(
            found, key=lambda path: (path.rpartition("/")[0] != here, path.count("/"), path), default=None
        )
        return None if best is None else self.at(best)

    def behind(self, address: str) -> Asset | None:
        if address.startswith(PENDING):
            content = address[len(PENDING) :].partition("/")[0]
        else:
            content = self._content_at(self.canonical(address))
        return self.holding(content) if content else None

    def facts(self, content: str) -> Mapping[str, Any]:
        row = self._load().get(content)
        return told(row.name, row.size, row.facts) if row is not None else {}

    def facts_at(self, address: str) -> Mapping[str, Any]:
        """What is known of the file at an address of the site."""
        url = self.canonical(address)
        content = self._content_at(url) if url.startswith("/") else ""
        return self.facts(content) if content else {}

    def _content_at(self, url: str) -> str:
        if url not in self._contents:
            row = self._state.media_at(url)
            self._contents[url] = row.sha if row is not None else ""
        return self._contents[url]

    def holding(self, content: str) -> Asset | None:
        """A file with these bytes."""
        for path in [path for path, file in self._known().items() if file.sha == content]:
            asset = self.at(path)
            if asset is not None and asset.content == content and asset.fault is None:
                return asset
        return None

    def lying(self, content: str, size: int) -> Asset | None:
        """As `holding`, among those files, too, that no document has shown so far: somebody's, or what a run left behind that
        was killed before it could note it.
        """
        if self._sizes is None:
            self._sizes = {}
            for path in self._folder.media_paths():
                if (stat := self._folder.media_stat(path)) is not None:
                    self._sizes.setdefault(stat.size, []).append(path)
        for path in self._sizes.get(size, ()):
            self.at(path)
        return self.holding(content)

    def file(self, asset: Asset) -> MediaFile:
        """As it was looked at."""
        return self._known()[asset.path]

    def row(self, content: str) -> MediaRow | None:
        """Where these bytes are in Ghost."""
        return self._load().get(content)

    def knows(self, address: str) -> bool:
        """Whether what is at this address of the site is known to be a file of the folder."""
        return self.behind(address) is not None

    def landed(self, row: MediaRow) -> None:
        """These bytes are in Ghost. Joins the caller's transaction."""
        self._state.record_media(row)
        self._contents[row.url] = row.sha
        first = self._load().setdefault(row.sha, row)
        for path, asset in list(self._seen.items()):
            if asset is not None and asset.content == row.sha:
                self._seen[path] = replace(asset, address=self.whole(first.url))

    def at_address(self, file: MediaFile, address: str) -> None:
        """What is at this address of the site is this file."""
        url = self.canonical(address)
        kind = MediaKind(url.split("/content/")[1].split("/")[0])
        name = file.path.rpartition("/")[2]
        self.landed(MediaRow(file.sha, url, kind, name, file.size, file.facts))

    def made(self, file: MediaFile) -> None:
        """A file was put into the folder."""
        self._remember(file)
        self._seen.pop(file.path, None)
        self._names = None

    def canonical(self, address: str) -> str:
        """An address as rows have it."""
        return canonical_url(address, self._origin)

    def traces(self) -> tuple[tuple[str, Stat | None], ...]:
        """Changes when one of the files does that any document is known to show."""
        return tuple((path, self._folder.media_stat(path)) for path in sorted(self._known()))

    def _known(self) -> dict[str, MediaFile]:
        if self._files is None:
            self._files = dict(self._state.media_files())
        return self._files

    def _load(self) -> dict[str, MediaRow]:
        if self._rows is None:
            self._rows = dict(self._state.media())
        return self._rows

    def _look(self, path: str) -> Asset | None:
        known = self._known().get(path)
        if known is not None and known.settled and self._folder.media_stat(path) == known.stat:
            return self._asset(known)
        try:
            file = self._folder.look((path,), self._known())[path]
        except FolderError as error:
            file = error
        if isinstance(file, FolderError):
            return None if isinstance(file, FileMissing) else Asset(path, fault=file)
        if file != known:
            self._remember(file)
        return self._asset(file)

    def _asset(self, file: MediaFile) -> Asset:
        name = file.path.rpartition("/")[2]
        return Asset(file.path, file.sha, self._address(file), told(name, file.size, file.facts))

    def _remember(self, file: MediaFile) -> None:
        self._known()[file.path] = file
        self._state.note_media_files((file,))

    def _address(self, file: MediaFile) -> str:
        row = self._load().get(file.sha)
        if row is not None:
            return self.whole(row.url)
        return f"{PENDING}{file.sha}/{quote(file.path.rpartition('/')[2])}"

    def whole(self, url: str) -> str:
        """The inverse of `canonical`."""
        return self._origin + url if url.startswith("/") else url


def shelf_of(folder: Folder, state: State, context: Context) -> Shelf | None:
    """None where the configuration leaves files alone."""
    return Shelf(folder, state, context.site.url) if context.uploads else None


def told(name: str, size: int, facts: MediaFacts) -> Mapping[str, Any]:
    """What Ghost's editor would say of a file once Ghost has it."""
    width, height = facts.width, facts.height
    if width and height and width > _WIDEST and facts.mime in _MADE_NARROWER:
        width, height = _WIDEST, max(1, round(height * _WIDEST / width))
    values = {"mimeType": facts.mime or None, "width": width, "height": height, "duration": facts.duration}
    return {key: value for key, value in values.items() if value is not None} | {
        "fileName": name,
        "fileSize": size,
    }
