"""The files that are no documents and that a change of matters: what documents show, and site files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from ghostsync.config import MediaSection
from ghostsync.content.media_names import TYPES
from ghostsync.folder.layout import is_skipped_directory
from ghostsync.sync.model import MediaFile, Stat

_SUFFIXES = frozenset(suffix for types in TYPES.values() for suffix in types)


class MediaWatch:
    """What the last cycle knew of them. Empty where the configuration leaves files alone. beside: paths of site files.

    tops: the first parts of their paths: directories, or files that lie in the folder itself.
    """

    def __init__(self, section: MediaSection, beside: Iterable[str] = ()) -> None:
        self._on = section.upload
        self._files: Mapping[str, MediaFile] = {}
        self._beside = frozenset(beside)
        self.tops = frozenset({section.home.rstrip("/")} if section.upload and section.home else ())
        self.tops |= {path.partition("/")[0] for path in self._beside}

    @property
    def paths(self) -> tuple[str, ...]:
        return (*self._files, *sorted(self._beside))

    def take(self, files: Mapping[str, MediaFile]) -> bool:
        """After a cycle. Returns whether some lie in a directory that was not watched so far."""
        if not self._on:
            return False
        self._files = files
        before = self.tops
        self.tops = before | {path.partition("/")[0] for path in files if "/" in path}
        return self.tops != before

    def stat(self, path: str) -> Stat | None:
        """Of a file as it was last looked at."""
        file = self._files.get(path)
        return None if file is None else file.stat

    def __call__(self, path: str) -> bool:
        """Whether a path may be such a file: one that is known, or one that a document may have waited for."""
        if path in self._beside:
            return True
        if not self._on or any(is_skipped_directory(part) for part in path.split("/")):
            return False
        suffix = PurePosixPath(path).suffix.lower()
        if not suffix:  # a directory, probably: moving it moves all in it
            return path.partition("/")[0] in self.tops
        return path in self._files or suffix in _SUFFIXES
