"""Linux's own events, read by the event loop itself: no thread and no CPU while nothing happens.

Only directories that a scan looks into are watched, so that .git and node_modules cost nothing. A file counts when it
is closed or renamed into place, not while it is being written.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from asyncinotify import Event, Inotify, Mask, Watch

from ghostsync.folder.layout import is_skipped_directory

QUIET = 0.04  # seconds: a burst ends when nothing happens for this long
BURST = 0.4  # and is told after this long at the latest
WRITING = 1.0  # the same as QUIET for files that somebody writes to and keeps open
MAX_DEPTH = 64

_TREE = (
    Mask.CLOSE_WRITE
    | Mask.MODIFY
    | Mask.ATTRIB
    | Mask.CREATE
    | Mask.DELETE
    | Mask.MOVED_FROM
    | Mask.MOVED_TO
    | Mask.ONLYDIR
    | Mask.DONT_FOLLOW
)
_ROOT = (
    Mask.CLOSE_WRITE
    | Mask.CREATE
    | Mask.DELETE
    | Mask.MOVED_FROM
    | Mask.MOVED_TO
    | Mask.DELETE_SELF
    | Mask.MOVE_SELF
    | Mask.ONLYDIR
)
_OPEN = Mask.MODIFY | Mask.CREATE
Burst = frozenset[str] | None


class Gone(OSError):
    """The folder itself was moved, deleted or unmounted: watch again, if it is there."""


class Tree:
    """The watches of one folder, and what they told. root: resolved. tops: the first directories of the layout, and files
    of the folder itself that matter.
    """

    def __init__(self, inotify: Inotify, root: Path, tops: frozenset[str]) -> None:
        self._inotify = inotify
        self._root = root
        self._tops = tops
        self._root_watch: Watch | None = None
        self.gone = False
        self.heard = 0
        """How many events came, the watchdog's own touch included."""
        self.paths: set[str] | None = set()
        self.writing: set[str] = set()

    def arm(self) -> None:
        """Raises OSError where the kernel refuses (too few watches, no such folder)."""
        self._root_watch = self._inotify.add_watch(self._root, _ROOT)
        for top in sorted(self._tops):
            self._add(self._root / top)

    def take(self) -> Burst:
        """What was told since the last time: paths relative to the folder; None when more may have happened."""
        told = None if self.paths is None else frozenset(self.paths | self.writing)
        self.paths, self.writing = set(), set()
        return told

    def _add(self, directory: Path) -> None:
        """Watch a directory and all below it that a scan looks into. What vanishes meanwhile is not an error."""
        stack = [(directory, 0)]
        while stack:
            here, depth = stack.pop()
            try:
                watch = self._inotify.add_watch(here, _TREE)
            except (FileNotFoundError, NotADirectoryError):
                continue
            watch.path = here  # the kernel knows it by its inode, and it may have been renamed
            if depth >= MAX_DEPTH:
                continue
            try:
                with os.scandir(here) as listing:
                    stack += [
                        (here / entry.name, depth + 1)
                        for entry in listing
                        if not is_skipped_directory(entry.name) and entry.is_dir(follow_symlinks=False)
                    ]
            except OSError:
                continue

    def _drop(self, directory: Path) -> None:
        for watch in self._inotify.watches:
            if watch.path == directory or directory in watch.path.parents:
                try:
                    self._inotify.rm_watch(watch)
                except OSError:  # the kernel dropped it already
                    continue

    def note(self, event: Event) -> None:
        """Take one event in."""
        self.heard += 1
        mask, watch = event.mask, event.watch
        if Mask.Q_OVERFLOW in mask:
            self.paths = None
            return
        if watch is None or Mask.IGNORED in mask:
            return
        if watch is self._root_watch:
            self._note_root(event)
            return
        if event.name is None or is_skipped_directory(event.name.name):
            return
        path = watch.path / event.name
        if Mask.ISDIR in mask:
            self._note_directory(mask, path)
        elif self.paths is not None:
            name = os.fspath(path.relative_to(self._root))
            if mask & _OPEN:
                self.writing.add(name)
            else:
                self.writing.discard(name)
                self.paths.add(name)

    def _note_root(self, event: Event) -> None:
        if event.name is None:
            self.gone = True
            self.paths = None
        elif event.name.name in self._tops and Mask.ISDIR not in event.mask:
            if self.paths is not None and Mask.CREATE not in event.mask:
                self.paths.add(event.name.name)
        elif event.name.name in self._tops:
            if event.mask & (Mask.DELETE | Mask.MOVED_FROM):
                self._drop(self._root / event.name)
            else:
                self._add(self._root / event.name)
            self.paths = None

    def _note_directory(self, mask: Mask, path: Path) -> None:
        if mask & (Mask.CREATE | Mask.MOVED_TO):
            self._add(path)
            self.paths = None  # it may have had files in it before it was watched
        elif mask & (Mask.DELETE | Mask.MOVED_FROM):
            self._drop(path)
            self.paths = None


class Listener:
    """The events of one folder as bursts. Use it as a context manager, within a running event loop."""

    def __init__(self, root: Path, tops: frozenset[str]) -> None:
        self._inotify = Inotify(cache_size=64)
        os.set_blocking(self._inotify.fd, False)  # asyncinotify 4.4 means to, but its NONBLOCK is O_CLOEXEC
        self.tree = Tree(self._inotify, root, tops)
        self._news = asyncio.Event()
        self._failed: OSError | None = None
        self._loop = asyncio.get_running_loop()
        self._since = 0.0
        self._last = 0.0
        try:
            self.tree.arm()
        except OSError:
            self._inotify.close()
            raise
        self._loop.add_reader(self._inotify.fd, self._read)

    def close(self) -> None:
        self._loop.remove_reader(self._inotify.fd)
        self._inotify.close()

    def _read(self) -> None:
        before = len(self.tree.paths or ()) + len(self.tree.writing)
        try:
            while (event := self._inotify.sync_get()) is not None:
                self.tree.note(event)
        except BlockingIOError:
            pass
        except OSError as error:
            self._failed = error
            self._news.set()
        if self.tree.paths is None or len(self.tree.paths) + len(self.tree.writing) > before:
            self._last = self._loop.time()
            self._news.set()
        elif self.tree.paths or self.tree.writing:
            self._last = self._loop.time()  # more of the same: the burst goes on

    async def bursts(self, stop: asyncio.Event) -> AsyncIterator[Burst]:
        """Each burst of changes once it is over, until `stop` (which is looked at when something happens).
        Raises OSError when the kernel has no more to tell.
        """
        while not stop.is_set():
            await self._news.wait()
            self._since = self._loop.time()
            await self._quiet()
            self._news.clear()
            if self._failed is not None:
                raise self._failed
            gone = self.tree.gone
            yield self.tree.take()
            if gone:
                raise Gone("the folder was moved or unmounted")

    async def _quiet(self) -> None:
        while self._failed is None:
            told = self.tree.paths is None or bool(self.tree.paths)
            rest = QUIET if told else WRITING
            due = min(self._last + rest, self._since + max(BURST, rest))
            left = due - self._loop.time()
            if left <= 0:
                return
            await asyncio.sleep(min(left, QUIET))  # what comes meanwhile may end it sooner
