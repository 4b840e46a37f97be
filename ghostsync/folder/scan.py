"""Looking at the whole folder: what documents are there, which of them moved, and what could not be seen.

The listing is honest about its gaps. A file that exists but cannot be used is an entry with an error, so that
nothing takes it for deleted; where something may exist that could not be listed, the scan is not `complete`.
Only a file whose stat differs from the last scan, or whose last stat proved nothing, is read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from ghostsync.errors import FolderError, GhostsyncError
from ghostsync.folder.faults import NO_LINKS, folder_error, shown
from ghostsync.folder.layout import Layout, is_document_name, is_skipped_directory
from ghostsync.folder.names import fold
from ghostsync.folder.paths import open_child, open_directory, open_parent
from ghostsync.folder.reading import digest, refusal, stat_of
from ghostsync.model import Kind
from ghostsync.sync.model import LocalFile, Scan, Stat

Known = Mapping[str, tuple[Stat, str, bool]]

GRANULARITY_NS = 2_000_000_000
"""The coarsest mtime in use (FAT): a younger file may change again without changing its stat."""

MAX_DEPTH = 64
MOST_WALKS = 5
_UNKNOWN = Stat(size=0, mtime_ns=0, inode=0)


def scan_folder(root: int, layout: Layout, known: Known, *, now_ns: int) -> Scan:
    """All documents below the open directory `root`. now_ns: the wall clock just before the scan."""
    walk = _walked(root, layout, known, now_ns)
    for _ in range(MOST_WALKS):
        if not (missing := walk.missing()):
            break
        # A file that is renamed while its directory is listed may be met under neither name. Only a listing that began
        # after the old name was found gone, and during which no directory changed, proves that the file is not there
        # under another one.
        #
        # RACE: a file that is renamed during both listings, the second time within the tick of the file system's clock
        # (some milliseconds) in which its directory was changed last. Worst case: its post is retired, with what it held
        # in history; the next scan finds the file, and it publishes its post again, or is a conflict if that is gone.
        walk, before = _walked(root, layout, known, now_ns), missing
        if walk.missing() <= before and not walk.disturbed():
            break
    else:
        walk.restless()
    walk.name_collisions()
    identity = os.fstat(root)
    return Scan(
        files=tuple(walk.files[path] for path in sorted(walk.files)),
        complete=walk.complete,
        root=f"{identity.st_dev}:{identity.st_ino}",
        errors=tuple(walk.errors),
    )


def _walked(root: int, layout: Layout, known: Known, now_ns: int) -> _Walk:
    walk = _Walk(root, layout, known, now_ns)
    for prefix in layout.roots:
        walk.top(prefix)
    walk.look_again_for_missing()
    return walk


class _Walk:
    """The state of one scan."""

    def __init__(self, root: int, layout: Layout, known: Known, now_ns: int) -> None:
        self._root = root
        self._layout = layout
        self._known = known
        self._settled_before = now_ns - GRANULARITY_NS
        self.files: dict[str, LocalFile] = {}
        self.errors: list[GhostsyncError] = []
        self.complete = True
        self._listed: dict[tuple[str, ...], int] = {}

    def top(self, prefix: str) -> None:
        """Walk one root of the layout. A missing one is just empty: whether that is alarming, a brake decides."""
        try:
            with open_directory(self._root, tuple(prefix.rstrip("/").split("/"))) as directory:
                self._directory(directory, prefix, depth=1)
        except FileNotFoundError:
            return
        except (
            FolderError
        ) as error:  # a link: what lies behind it is not ours, what is known is looked for later
            self.errors.append(error)
        except OSError as error:
            self._unseen(folder_error(error, prefix, "listed"))

    def missing(self) -> set[str]:
        """Known files that were not met."""
        return self._known.keys() - self.files.keys()

    def disturbed(self) -> bool:
        """Whether something came into a directory, left it or was renamed there since its listing began."""
        for parts, modified in self._listed.items():
            try:
                with open_directory(self._root, parts) as directory:
                    if os.fstat(directory).st_mtime_ns != modified:
                        return True
            except (FolderError, OSError):
                return True
        return False

    def restless(self) -> None:
        """Files went away during each walk: where they went cannot be told now."""
        what = "files are being renamed or removed faster than they can be listed"
        self._unseen(
            FolderError(what, remedy="Nothing counts as deleted meanwhile; the next sync looks again.")
        )

    def _unseen(self, error: GhostsyncError) -> None:
        self.errors.append(error)
        self.complete = False

    def _directory(self, directory: int, prefix: str, *, depth: int) -> None:
        self._listed[tuple(prefix.rstrip("/").split("/"))] = os.fstat(directory).st_mtime_ns
        with os.scandir(directory) as listing:
            for entry in listing:
                self._entry(directory, prefix, entry, depth)

    def _entry(self, directory: int, prefix: str, entry: os.DirEntry[str], depth: int) -> None:
        name = entry.name
        if is_skipped_directory(name):  # hidden files as well
            return
        path = prefix + name
        try:
            is_directory = entry.is_dir(follow_symlinks=False)
            is_link = entry.is_symlink()
        except OSError as error:
            self._unseen(folder_error(error, path, "listed"))
            return
        if not (is_directory or is_link or is_document_name(name)) or self._layout.ignored(
            path, directory=is_directory
        ):
            return
        if not name.isascii() and shown(name) != name:
            if is_directory or is_document_name(name):
                # It may be a known document under a new name, so nothing counts as deleted.
                what = "the name is not UTF-8 and cannot be synced"
                remedy = "Rename it (convmv -f latin1 -t utf8 does it for many)."
                self._unseen(FolderError(what, subject=shown(path), remedy=remedy))
        elif is_directory:
            self._subdirectory(directory, path, name, depth)
        elif is_document_name(name):
            self._document(directory, name, path)
        elif _leads_to_directory(entry):
            self.errors.append(FolderError("is a symbolic link", subject=path, remedy=NO_LINKS))

    def _subdirectory(self, parent: int, path: str, name: str, depth: int) -> None:
        if depth >= MAX_DEPTH:
            what = f"lies more than {MAX_DEPTH} directories deep"
            self._unseen(
                FolderError(what, subject=path, remedy="Is it a loop of mounts? Flatten or ignore it.")
            )
            return
        try:
            child = open_child(parent, name, path=path)
        except FileNotFoundError:
            return
        except FolderError as error:
            self.errors.append(error)
            return
        except OSError as error:
            self._unseen(folder_error(error, path, "listed"))
            return
        try:
            self._directory(child, f"{path}/", depth=depth + 1)
        except OSError as error:
            self._unseen(folder_error(error, path, "listed"))
        finally:
            os.close(child)

    def _document(self, directory: int, name: str, path: str) -> None:
        """Add one document, hashed if it may have changed. A file that has just vanished is simply absent."""
        kind = self._layout.kind_of(path) or Kind.POST
        seen = _UNKNOWN
        try:
            result = os.stat(name, dir_fd=directory, follow_symlinks=False)
            seen = stat_of(result)
            if error := refusal(path, result):
                raise error
            known = self._known.get(path)
            # I10: only a stat that was old when it was taken proves the same content.
            if known is not None and known[2] and known[0] == seen and known[1]:
                seen, sha, _ = known  # not the equal ones: ten thousand of them are three megabytes
            else:
                sha, result = digest(directory, name, path)
                seen = stat_of(result)
        except FileNotFoundError:
            return
        except FolderError as error:
            self.files[path] = LocalFile(path, kind, seen, sha="", settled=False, error=error)
        except OSError as error:
            fault = folder_error(error, path, "read")
            self.files[path] = LocalFile(path, kind, seen, sha="", settled=False, error=fault)
        else:
            self.files[path] = LocalFile(path, kind, seen, sha, settled=seen.mtime_ns < self._settled_before)

    def look_again_for_missing(self) -> None:
        """A known file that the walk did not meet must really be gone before anybody calls it deleted.

        Editors that save by renaming leave a moment without the file; a new ignore pattern or another
        `[folder] posts` hides files that are still there (I11).
        """
        missing = [path for path in self._known if path not in self.files]
        by_fold: dict[str, LocalFile] = {}
        if missing:
            by_fold = {fold(path): file for path, file in self.files.items()}
        for path in missing:
            try:
                with open_parent(self._root, path) as (directory, name):
                    self._missing(directory, name, path, by_fold.get(fold(path)))
            except FileNotFoundError:
                continue
            except (FolderError, NotADirectoryError):
                # Its directory is a link or a file now. That has been named; what lies behind it is unknown.
                self.complete = self.complete and not self._behind_link(path)
            except OSError as error:
                self._unseen(folder_error(error, path, "looked for"))

    def _missing(self, directory: int, name: str, path: str, alike: LocalFile | None) -> None:
        result = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if alike is not None and alike.stat.inode == result.st_ino:
            return  # renamed in case only, on a file system that takes both names
        if stat.S_ISDIR(result.st_mode):
            return
        if self._layout.is_document(path):
            self._document(directory, name, path)
            return
        hidden = FolderError(
            "is a synced document that [folder] now leaves out",
            subject=path,
            remedy="Take it back in ([folder] posts, pages, ignore), or move the file out to retire its post.",
        )
        if kind := self._layout.kind_of(path):
            self.files[path] = LocalFile(path, kind, stat_of(result), sha="", settled=False, error=hidden)
        else:
            self._unseen(hidden)

    def _behind_link(self, path: str) -> bool:
        parents = path.split("/")[:-1]
        for depth in range(1, len(parents) + 1):
            try:
                with open_directory(self._root, tuple(parents[:depth])):
                    continue
            except FolderError:
                return True
            except OSError:
                return False
        return False

    def name_collisions(self) -> None:
        """Names that differ in case or normalisation only cannot both exist in a clone on macOS or Windows."""
        first: dict[str, str] = {}
        # A known document keeps its place; the newcomer is the problem.
        for path in sorted(self.files, key=lambda path: (path not in self._known, path)):
            other = first.setdefault(fold(path), path)
            file = self.files[path]
            if other == path or file.error is not None:
                continue
            what = f"differs from {other} only in upper and lower case or in Unicode normalisation"
            remedy = "Rename one of the two: macOS and Windows cannot hold both."
            error = FolderError(what, subject=path, remedy=remedy)
            self.files[path] = LocalFile(path, file.kind, file.stat, sha="", settled=False, error=error)


def _leads_to_directory(entry: os.DirEntry[str]) -> bool:
    """Whether a link that is no document by name may hide documents; a link to an image is nobody's concern."""
    try:
        return entry.is_dir()
    except OSError:
        return False
