"""Which files of the folder are no documents, and a cheap look at one of them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from ghostsync.errors import FolderError
from ghostsync.folder.faults import shown
from ghostsync.folder.layout import Layout, is_document_name, is_skipped_directory
from ghostsync.folder.media import CONFIG
from ghostsync.folder.paths import open_child
from ghostsync.folder.reading import stat_of
from ghostsync.folder.scan import MAX_DEPTH
from ghostsync.sync.model import Stat


def media_stat(root: Path, path: str) -> Stat | None:
    """None where there is no such file, or none that may be looked at. It opens nothing, so that thousands cost little."""
    try:
        return stat_of(os.lstat(os.path.join(root, path)))  # noqa: PTH118 - thousands of them
    except (OSError, ValueError):
        return None


def media_paths(root: int, layout: Layout) -> Iterator[str]:
    """All files that are no documents, in no order. What is hidden, ignored, behind a link or cannot be listed is left out."""
    yield from _paths(root, "", layout, depth=0)


def _paths(directory: int, prefix: str, layout: Layout, *, depth: int) -> Iterator[str]:
    try:
        with os.scandir(directory) as listing:
            entries = list(listing)
    except OSError:
        return
    for entry in entries:
        path = prefix + entry.name
        if is_skipped_directory(entry.name) or entry.is_symlink() or shown(entry.name) != entry.name:
            continue
        if entry.is_dir(follow_symlinks=False):
            if depth < MAX_DEPTH and not layout.ignored(path, directory=True):
                with contextlib.suppress(OSError, FolderError):
                    child = open_child(directory, entry.name, path=path)
                    try:
                        yield from _paths(child, f"{path}/", layout, depth=depth + 1)
                    finally:
                        os.close(child)
        elif entry.is_file(follow_symlinks=False) and not (
            path == CONFIG or is_document_name(entry.name) or layout.ignored(path)
        ):
            yield path
