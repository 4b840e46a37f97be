"""`.ghostsync/`: ghostsync's own directory inside the folder. Private to its user, and invisible to git."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from ghostsync.errors import StateError

PRIVATE = ".ghostsync"
_MODE = 0o700


def private_directory(folder_root: Path) -> Path:
    """`.ghostsync/` of the folder, made where it is missing (0700, with a .gitignore). Raises StateError.

    A link is refused: a cloned repository could carry one that points anywhere.
    """
    path = folder_root / PRIVATE
    try:
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=_MODE)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            what = "is a symbolic link" if stat.S_ISLNK(found.st_mode) else "is not a directory"
            remedy = "Remove it; ghostsync makes the directory itself."
            raise StateError(what, subject=str(path), remedy=remedy)
        if found.st_mode & 0o077 and found.st_uid == os.geteuid():
            path.chmod(_MODE)
        with (
            contextlib.suppress(FileExistsError),
            (path / ".gitignore").open("x", encoding="ascii") as ignore,
        ):
            ignore.write("*\n")
    except OSError as error:
        raise StateError(
            f"cannot be made: {error.strerror}",
            subject=str(path),
            remedy="ghostsync keeps its state there: check that the folder exists, is writable and has room.",
        ) from error
    return path
