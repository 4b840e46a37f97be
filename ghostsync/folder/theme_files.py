"""The files of a theme, packed: the same files give the same bytes.

Left out are hidden files and directories (.git), node_modules, archives and logs, what the caller names, and symbolic links:
what lies behind one is not a part of the directory. What git ignores is packed, since built assets often are among that.
"""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pathspec import GitIgnoreSpec

from ghostsync.content.theme_findings import PACKAGE
from ghostsync.errors import ContentError, FolderError, UsageError
from ghostsync.folder.layout import is_skipped_directory

_NEVER = ("*.zip", "*.log", "*~", "Thumbs.db")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = (stat.S_IFREG | 0o644) << 16
_MAX_TEXT = 2_000_000


@dataclass(frozen=True, slots=True)
class ThemeFiles:
    """A theme on the disk. name: what Ghost will call it. paths: relative, sorted. size: of all files together, unpacked."""

    root: Path
    name: str
    version: str
    paths: tuple[str, ...]
    size: int

    def read(self, path: str) -> str | None:
        """Text of one of its files, None where there is none."""
        if path not in self.paths:
            return None
        try:
            with (self.root / path).open("rb") as file:
                return file.read(_MAX_TEXT).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def pack(self, into: BinaryIO) -> int:
        """Write the archive; returns its size. Raises FolderError where a file cannot be read."""
        with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in self.paths:
                entry = zipfile.ZipInfo(f"{self.name}/{path}", date_time=_EPOCH)
                entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _MODE, 3
                try:
                    data = (self.root / path).read_bytes()
                except OSError as error:
                    raise FolderError(
                        f"cannot be read: {error.strerror}",
                        subject=str(self.root / path),
                        remedy="Nothing was sent.",
                    ) from error
                archive.writestr(entry, data)
        return into.tell()


def theme_files(root: Path, exclude: Iterable[str] = ()) -> ThemeFiles:
    """What there is of a theme in a directory. exclude: patterns as in a .gitignore. Raises UsageError, ContentError."""
    if not root.is_dir():
        raise UsageError(
            "is not a directory",
            subject=str(root),
            remedy="Name the theme's directory, with its package.json.",
        )
    try:
        left_out = GitIgnoreSpec.from_lines([*_NEVER, *exclude])
    except ValueError as error:
        raise UsageError(f"--exclude: not a gitignore pattern: {error}", remedy="Correct it.") from None
    found = sorted(_walk(root, "", left_out))
    name, version = _package(root, {path for path, _ in found})
    return ThemeFiles(root, name, version, tuple(path for path, _ in found), sum(size for _, size in found))


def _walk(directory: Path, prefix: str, left_out: GitIgnoreSpec) -> Iterator[tuple[str, int]]:
    try:
        entries = list(os.scandir(directory))
    except OSError as error:
        raise FolderError(
            f"cannot be listed: {error.strerror}", subject=str(directory), remedy="Nothing was sent."
        ) from error
    for entry in entries:
        path = prefix + entry.name
        if is_skipped_directory(entry.name) or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            if not left_out.match_file(f"{path}/"):
                yield from _walk(Path(entry.path), f"{path}/", left_out)
        elif entry.is_file(follow_symlinks=False) and not left_out.match_file(path):
            yield path, entry.stat(follow_symlinks=False).st_size


def _package(root: Path, paths: set[str]) -> tuple[str, str]:
    """(name, version). Ghost takes a theme whose package.json is no JSON, and calls it by the archive's name."""
    subject = str(root / PACKAGE)
    if PACKAGE not in paths:
        raise ContentError(
            "there is no package.json, so this is no theme",
            subject=subject,
            remedy='Name the theme\'s own directory; its package.json needs "name" and "version".',
        )
    try:
        told = json.loads((root / PACKAGE).read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ContentError(
            f"is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            line=error.lineno,
            subject=subject,
            remedy="Correct this line, or the one before it.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(f"cannot be read: {error}", subject=subject, remedy="Save it as UTF-8.") from None
    name = told.get("name") if isinstance(told, dict) else None
    if (
        not isinstance(name, str)
        or not name.replace("-", "").replace("_", "").isalnum()
        or not name.isascii()
    ):
        raise ContentError(
            f"{name!r} is no name for a theme",
            line=1,
            key="name",
            subject=subject,
            remedy="Use letters, digits and dashes: it is the name of the theme's directory in Ghost.",
        )
    if name.lower() in {"casper", "source"}:
        raise ContentError(
            f"{name} is the name of a theme that Ghost brings along, which cannot be replaced",
            line=1,
            key="name",
            subject=subject,
            remedy="Give it a name of its own in package.json.",
        )
    return name.lower(), str(told.get("version") or "")
