"""Finding names that are free, also in the eyes of a file system that folds case or normalises."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import count
from pathlib import Path

from ghostsync.errors import FolderError
from ghostsync.folder.faults import shown, telling
from ghostsync.folder.layout import Layout
from ghostsync.folder.names import fold, numbered
from ghostsync.folder.paths import open_directory, open_root, split


class FreeNames:
    """Hands out paths that collide with no file, with no taken path and with none handed out before.

    Each directory is listed once, at the first claim in it, so that ten thousand new files cost ten thousand
    look-ups and no more. What comes into being later is caught by the writes, which never overwrite. layout: None for
    files that are no documents.
    """

    def __init__(self, root: Path, layout: Layout | None, taken: Iterable[str]) -> None:
        self._root = root
        self._layout = layout
        self._taken = {fold(path) for path in taken}
        self._listed: set[tuple[str, ...]] = set()

    def claim(self, wanted: str) -> str:
        """wanted, or wanted with -2, -3 ... before the suffix. FolderError when no scan would see the file."""
        *parents, _ = split(wanted)
        if self._layout is not None and not self._layout.is_document(wanted):
            raise FolderError(
                "a file of this name would never be looked at again",
                subject=shown(wanted),
                remedy="Change [folder] ignore, or the pattern of [folder] posts or pages, so that they agree.",
            )
        directory = tuple(fold(part) for part in parents)
        if directory not in self._listed:
            with open_root(self._root) as root, telling(wanted, "named"):
                self._take(root, tuple(parents), "/".join(directory))
            self._listed.add(directory)
        for number in count(1):
            candidate = numbered(wanted, number)
            key = fold(candidate)
            if key not in self._taken:
                self._taken.add(key)
                return candidate
        raise AssertionError("numbers never end")

    def _take(self, root: int, parents: tuple[str, ...], folded: str) -> None:
        """Take the names in this directory, and in those that differ from it in case or normalisation only."""
        for variant in _variants(root, parents):
            with open_directory(root, variant) as directory:
                self._taken.update(f"{folded}/{fold(shown(name))}" for name in names_in(directory))


def _variants(root: int, parents: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The existing directories that a case-insensitive file system would take for `parents`."""
    found: list[tuple[str, ...]] = [()]
    for part in parents:
        deeper: list[tuple[str, ...]] = []
        for above in found:
            with open_directory(root, above) as directory:
                deeper += [(*above, name) for name in names_in(directory) if fold(shown(name)) == fold(part)]
        found = [variant for variant in deeper if _is_directory(root, variant)]
    return found


def _is_directory(root: int, parts: tuple[str, ...]) -> bool:
    try:
        with open_directory(root, parts):
            return True
    except (NotADirectoryError, FileNotFoundError, FolderError):
        return False


def names_in(directory: int) -> list[str]:
    """All names in an open directory."""
    with os.scandir(directory) as listing:
        return [entry.name for entry in listing]
