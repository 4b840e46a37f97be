"""`.ghostsync/trash/`: where files go that were deleted in Ghost, and what a killed process left half-way."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from itertools import count

from ghostsync.errors import UnsafePath
from ghostsync.folder.faults import telling
from ghostsync.folder.files import NEW_PREFIX, SWAP_PREFIX, TEMP_SUFFIX, move_new
from ghostsync.folder.layout import Layout, is_skipped_directory
from ghostsync.folder.names import numbered, shorten
from ghostsync.folder.paths import open_child, open_directory, open_parent, split
from ghostsync.folder.reading import MAX_BYTES, digest
from ghostsync.folder.scan import MAX_DEPTH

PRIVATE = ".ghostsync"
_TRASH = (PRIVATE, "trash")
_PRIVATE_MODE = 0o700


def trash(root: int, path: str, *, expected_sha: str, now: float, limit: int | None = MAX_BYTES) -> str:
    """Move a file into the trash, keeping its relative path; returns the new path.

    now: seconds since the epoch; its UTC time goes into the name where the plain one is taken. limit: of its size.
    """
    *parents, name = split(path)
    with open_directory(root, (PRIVATE,), create=True, mode=_PRIVATE_MODE):
        pass
    with (
        open_parent(root, path) as (directory, _),
        open_directory(root, (*_TRASH, *parents), create=True, mode=_PRIVATE_MODE) as target,
    ):
        for candidate in _candidates(name, now):
            try:
                move_new(directory, name, path, target, candidate, expected_sha=expected_sha, limit=limit)
            except FileExistsError:
                continue
            return "/".join((*_TRASH, *parents, candidate))
    raise AssertionError("candidates never end")


def _candidates(name: str, now: float) -> Iterator[str]:
    """a.md, a.20260131-081500.md, a.20260131-081500-2.md ..."""
    yield name
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    stem, _, suffix = name.rpartition(".")
    tail = f".{stamp}.{suffix}"
    dated = shorten(stem, 255 - len(tail.encode())) + tail
    for number in count(1):
        yield numbered(dated, number)


def prune(root: int, *, before: float) -> None:
    """Delete what came into the trash before this moment (seconds since the epoch), and directories left empty. What
    cannot be deleted stays.
    """
    with contextlib.suppress(OSError, UnsafePath), open_directory(root, _TRASH) as top:
        _prune(top, before, depth=1)


def _prune(directory: int, before: float, *, depth: int) -> None:
    with os.scandir(directory) as listing:
        entries = list(listing)
    for entry in entries:
        with contextlib.suppress(OSError, UnsafePath):
            if not entry.is_dir(follow_symlinks=False):
                # Moving a file sets its ctime; its mtime is still that of the last edit.
                if entry.stat(follow_symlinks=False).st_ctime < before:
                    os.unlink(entry.name, dir_fd=directory)
            elif depth < MAX_DEPTH:
                child = open_child(directory, entry.name, path=entry.name)
                try:
                    _prune(child, before, depth=depth + 1)
                finally:
                    os.close(child)
                os.rmdir(entry.name, dir_fd=directory)


def remove_leftovers(root: int, layout: Layout, *, now: float, beside: Iterable[str] = ()) -> int:
    """Clear what killed writes left beside documents, and beside these other files; returns how many. Only for who holds
    the folder's lock.

    A file that was being created is complete elsewhere or nowhere, and is removed. One that was being exchanged
    may be the only copy of an editor's save, and goes to the trash.
    """
    found: list[str] = []
    for prefix in layout.roots:
        with contextlib.suppress(OSError, UnsafePath), open_directory(root, split(prefix.rstrip("/"))) as top:
            _find_leftovers(top, prefix, found, depth=1)
    for parents in {tuple(path.split("/")[:-1]) for path in beside}:
        prefix = "".join(f"{parent}/" for parent in parents)
        if not prefix.startswith(layout.roots):
            with contextlib.suppress(OSError, UnsafePath), open_directory(root, parents) as here:
                _find_leftovers(here, prefix, found, depth=MAX_DEPTH)
    for path in found:
        with telling(path, "removed"), open_parent(root, path) as (directory, name):
            if name.startswith(NEW_PREFIX):
                os.unlink(name, dir_fd=directory)
                continue
            sha, _ = digest(directory, name, path)
            trash(root, path, expected_sha=sha, now=now)
    return len(found)


def _find_leftovers(directory: int, prefix: str, found: list[str], *, depth: int) -> None:
    with os.scandir(directory) as listing:
        entries = list(listing)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if depth < MAX_DEPTH and not is_skipped_directory(entry.name):
                # What cannot be opened is named by the scan; there is nothing of ours in it.
                with contextlib.suppress(OSError, UnsafePath):
                    child = open_child(directory, entry.name, path=prefix + entry.name)
                    try:
                        _find_leftovers(child, f"{prefix}{entry.name}/", found, depth=depth + 1)
                    finally:
                        os.close(child)
        elif entry.name.startswith((NEW_PREFIX, SWAP_PREFIX)) and entry.name.endswith(TEMP_SUFFIX):
            found.append(prefix + entry.name)
