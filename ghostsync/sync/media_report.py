"""Which files of the folder which documents show, what is missing, and what nobody shows any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ghostsync.content.document import read_document
from ghostsync.content.media_names import TYPES
from ghostsync.content.types import Context
from ghostsync.errors import FolderError, GhostsyncError
from ghostsync.model import MediaKind
from ghostsync.sync.links import Links
from ghostsync.sync.media_shelf import Shelf
from ghostsync.sync.ports import Folder, State


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file and the documents that show it or link to it. address: in Ghost, "" where it is not there yet."""

    path: str
    size: int
    address: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MediaReport:
    """unused: files that no document shows: (path, bytes), those that one has shown, and pictures, sounds and films among
    the documents and where downloads go. faults: what is missing or cannot be sent, each with its document and line, and
    documents that cannot be read.
    """

    shown: tuple[ShownFile, ...]
    unused: tuple[tuple[str, int], ...]
    faults: tuple[GhostsyncError, ...]


def inspect_media(folder: Folder, state: State, context: Context, homes: Collection[str]) -> MediaReport:
    """Read every document of the folder. homes: the directories ("media/") in which a picture that no document shows is a
    leftover; elsewhere it may be anybody's. Raises FolderError where a part of the folder cannot be listed.
    """
    shelf = Shelf(folder, state, context.site.url)
    links = Links(state, context, shelf)
    rows = {row.path: row for row in state.documents() if not row.tombstone}
    documents: dict[str, dict[str, None]] = {}
    faults: list[GhostsyncError] = []
    scan = folder.scan({})
    if not scan.complete:
        raise FolderError(
            "not all of the folder could be listed",
            remedy="Run `ghostsync status`: it says what is wrong where.",
        )
    for file in scan.files:
        try:
            document = read_document(folder.read(file.path), file.path, file.kind, context)
        except FolderError as error:
            faults.append(error)  # nobody knows what it shows
            continue
        read = links.read(document, links.recorded(rows.get(file.path)))
        faults += read.problems
        for asset in read.linked.assets if read.linked else ():
            if asset.fault is None:
                documents.setdefault(asset.path, {}).setdefault(file.path)
    return MediaReport(
        tuple(_shown(shelf, path, by) for path, by in sorted(documents.items())),
        tuple(_unused(folder, state, documents.keys(), tuple(homes))),
        tuple(faults),
    )


def _shown(shelf: Shelf, path: str, documents: Iterable[str]) -> ShownFile:
    asset = shelf.at(path)
    row = shelf.row(asset.content) if asset is not None else None
    size = int(asset.facts.get("fileSize") or 0) if asset is not None else 0
    return ShownFile(path, size, shelf.whole(row.url) if row is not None else "", tuple(documents))


def _unused(
    folder: Folder, state: State, shown: Iterable[str], homes: tuple[str, ...]
) -> Iterable[tuple[str, int]]:
    known, used = state.media_files(), set(shown)
    kinds = {suffix for kind in (MediaKind.IMAGES, MediaKind.MEDIA) for suffix in TYPES[kind]}
    for path in sorted(folder.media_paths()):
        suffix = f".{path.rpartition('.')[2].lower()}"
        if path not in used and (path in known or (suffix in kinds and path.startswith(homes))):
            stat = folder.media_stat(path)
            if stat is not None:
                yield path, stat.size
