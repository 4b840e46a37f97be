"""What `ghostsync init` writes: the configuration, a typed key in a private file, the two directories.

Nothing that exists is ever overwritten: files are created exclusively.
"""

from __future__ import annotations

import os
from pathlib import Path

from ghostsync.config import CONFIG_NAME, FolderSection
from ghostsync.errors import FolderUnusable

KEY_FILE = ".ghostsync/admin_api_key"


def toml_text(url: str, key_file: str | None, branch: str | None = None) -> str:
    """The text of a new ghostsync.toml. key_file: as it shall be written, None when the key comes otherwise. branch: the
    one that is synced, where the folder lies in a git work tree.
    """
    import tomlkit

    site = tomlkit.table()
    site.add("url", url)
    if key_file is not None:
        site.add("admin_api_key_file", key_file)
    document = tomlkit.document()
    document.add(tomlkit.comment("ghostsync: this folder and the Ghost site below are kept in step."))
    document.add(tomlkit.comment("The Admin API key is not in here; this file may be shared and committed."))
    document.add(tomlkit.nl())
    document.add("site", site)
    if branch is not None:
        git = tomlkit.table()
        git.add("branch", branch)
        document.add("git", git)
    return tomlkit.dumps(document)


def as_written(root: Path, file: Path) -> str:
    """A key file's path for the configuration: relative when it lies in the folder, so that both move together."""
    absolute = file.expanduser().absolute()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(absolute)


def _create(path: Path, text: str, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        remedy = "It is left as it is." if isinstance(error, FileExistsError) else "Make the folder writable."
        raise FolderUnusable(
            f"cannot be created: {error.strerror}", subject=str(path), remedy=remedy
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def make_folder(root: Path) -> None:
    """Create the folder itself when it is not there."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnusable(
            f"cannot be created: {error.strerror}", subject=str(root), remedy="Name another folder with -C."
        ) from None


def make_places(root: Path, folder: FolderSection) -> None:
    """The fixed first directories of the patterns, posts/ and pages/ by default."""
    for pattern in (folder.posts, folder.pages):
        make_folder(root / pattern.split("/")[0])


def write_config(root: Path, url: str, key_file: str | None, branch: str | None = None) -> None:
    _create(root / CONFIG_NAME, toml_text(url, key_file, branch), 0o644)


def current_branch(root: Path) -> str | None:
    """The branch that the folder's work tree is on; None where there is none, or HEAD is detached. Raises GitError."""
    from ghostsync.config import GitSection
    from ghostsync.git.repository import find_repository

    repository = find_repository(root, GitSection())
    return repository.standing().branch or None if repository is not None else None


def store_key(root: Path, text: str) -> str:
    """Keep a typed key in a file for this user only, in a directory that git ignores; returns its written path."""
    from ghostsync.state.private import private_directory

    private_directory(root)
    _create(root / KEY_FILE, f"{text}\n", 0o600)
    return KEY_FILE
