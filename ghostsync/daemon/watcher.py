"""File-system events as hints. A lost or invented event does no harm: each cycle scans for itself.

Watchers do lose events: in directories created a moment ago, when the kernel's queue overflows, on network
file systems. That is why nothing here looks at what an event says beyond where it happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path, PurePath
from typing import Protocol

from watchfiles import Change, awatch

from ghostsync.daemon.log import Log
from ghostsync.folder.layout import Layout, is_skipped_directory

QUIET_MS = 50  # a burst ends when nothing happens for this long
BURST_MS = 400  # and is told after this long at the latest
RETRY_SECONDS = 30.0


class DocumentPaths:
    """Says whether an event's path may belong to a document. A directory counts: moving it moves all in it."""

    def __init__(self, root: Path, layout: Layout) -> None:
        self._root = root
        self._layout = layout

    def __call__(self, _change: Change, path: str) -> bool:
        try:
            relative = PurePath(path).relative_to(self._root).as_posix()
        except ValueError:
            return False
        if relative == ".":  # the folder itself: moved, unmounted, replaced
            return True
        if self._layout.is_document(relative):
            return True
        inside = self._layout.kind_of(f"{relative}/") is not None
        if not inside or any(is_skipped_directory(part) for part in relative.split("/")):
            return False
        # A directory that is gone cannot be asked what it was; a name without a suffix was probably one.
        return not PurePath(relative).suffix or Path(path).is_dir()


class Events(Protocol):
    """As `watchfiles.awatch` with its settings bound; raises OSError when it cannot watch (any more)."""

    def __call__(self, root: Path, paths: DocumentPaths, stop: asyncio.Event) -> AsyncIterator[object]: ...


async def _events(root: Path, paths: DocumentPaths, stop: asyncio.Event) -> AsyncIterator[object]:
    try:
        async for changes in awatch(
            root, watch_filter=paths, debounce=BURST_MS, step=QUIET_MS, stop_event=stop, rust_timeout=1_000
        ):
            yield changes
    except (
        RuntimeError
    ) as error:  # what watchfiles raises for the kernel's refusals, such as too few inotify watches
        raise OSError(str(error)) from error


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def watch(
    root: Path,
    layout: Layout,
    hint: Callable[[], None],
    log: Log,
    stop: asyncio.Event,
    *,
    events: Events = _events,
    pause: Callable[[asyncio.Event, float], Awaitable[None]] = _pause,
) -> None:
    """Call `hint` after each burst of changes until `stop`. A watcher that fails is started again, told once.

    Without a watcher the schedule alone finds changes: later, but all of them.
    """
    real = await asyncio.to_thread(root.resolve)
    paths = DocumentPaths(real, layout)
    broken = False
    while not stop.is_set():
        try:
            if broken and await asyncio.to_thread(real.is_dir):
                log.info("watching again")
                broken = False
                hint()  # whatever happened meanwhile
            async for _ in events(real, paths, stop):
                hint()
            reason = "the watcher ended by itself"
        except OSError as error:
            reason = error.strerror or str(error)
        if stop.is_set():
            return
        if not broken:
            log.warning("not watching", reason=reason, effect="changes are found on schedule")
            broken = True
        await pause(stop, RETRY_SECONDS)
