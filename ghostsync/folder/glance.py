"""Whether anything about the documents moved since the last glance: a tenth of a scan's cost, and no answer to what.

For the daemon's rescans between cycles and for file systems without events. Like every stat it can miss a change
that keeps size, time and inode; a scan's rules (I10) are for whoever decides something.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ghostsync.folder.layout import Layout, is_document_name, is_skipped_directory

_MAX_DEPTH = 64


def glance(root: Path, layout: Layout, also: Iterable[str] = ()) -> int:
    """One number for names, sizes, times and inodes of all documents; comparable within this process only. also: paths of
    files that are no documents.
    """
    total = 0
    directories = [(os.path.join(root, prefix), 0) for prefix in layout.roots]  # noqa: PTH118 - 10,000 of them
    while directories:
        directory, depth = directories.pop()
        try:
            with os.scandir(directory) as listing:
                for entry in listing:
                    name = entry.name
                    if is_skipped_directory(name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if depth < _MAX_DEPTH:
                            directories.append((entry.path, depth + 1))
                    elif is_document_name(name):
                        seen = entry.stat(follow_symlinks=False)
                        # Of one string: the hashes of tuples are too alike to be added up.
                        total += hash(f"{entry.path}:{seen.st_size}:{seen.st_mtime_ns}:{seen.st_ino}")
        except OSError as error:
            total += hash(f"{directory}:{error.errno}")
    for path in also:
        try:
            seen = os.lstat(os.path.join(root, path))  # noqa: PTH118
            total += hash(f"{path}:{seen.st_size}:{seen.st_mtime_ns}:{seen.st_ino}")
        except OSError as error:
            total += hash(f"{path}:{error.errno}")
    return total & 0xFFFF_FFFF_FFFF_FFFF
