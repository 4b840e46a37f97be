"""File-system events as hints. A lost or invented event does no harm: each cycle scans for itself.

Watchers do lose events: in directories created a moment ago, when the kernel's queue overflows, on network file
systems. That is why nothing here looks at what an event says beyond where it happened, and why the folder is looked
at every few minutes whatever the events say.

Longer than other modules: how events come, fail and are replaced by looking is one story.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path, PurePath
from typing import Literal, Protocol

from ghostsync.config import MediaSection
from ghostsync.daemon.log import Log
from ghostsync.daemon.media_watch import MediaWatch
from ghostsync.folder.glance import glance
from ghostsync.folder.layout import Layout, is_skipped_directory
from ghostsync.state.database import file_system

RETRY_SECONDS = 30.0
POLL_SECONDS = 2.0  # between two glances at a folder without events;
POLL_SHARE = 50  # or this many times what one takes, so that it costs 2 % of one processor at most
TOUCH_EVERY = 300.0  # seconds between two tests whether events still come
TOUCH_PATIENCE = 5.0

# File systems whose changes, made on another machine or on the host, give no events here.
NO_EVENTS = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "virtiofs",
        "ceph",
        "glusterfs",
        "afs",
        "ncpfs",
        "vboxsf",
        "davfs",
    }
)

Hint = Callable[[frozenset[str] | None], None]
Mode = Literal["auto", "events", "watchfiles", "poll"]


class DocumentPaths:
    """Says whether a path may belong to a document. A directory counts: moving it moves all in it. shown: whether a path
    may be a file that a document shows.
    """

    def __init__(self, root: Path, layout: Layout, shown: Callable[[str], bool] = lambda _: False) -> None:
        self._root = root
        self._layout = layout
        self._shown = shown

    def __call__(self, path: str) -> bool:
        """path: relative to the folder, "" or "." for itself."""
        if path in {"", "."}:  # the folder itself: moved, unmounted, replaced
            return True
        if self._layout.is_document(path) or self._shown(path):
            return True
        inside = self._layout.kind_of(f"{path}/") is not None
        if not inside or any(is_skipped_directory(part) for part in path.split("/")):
            return False
        # A directory that is gone cannot be asked what it was; a name without a suffix was probably one.
        return not PurePath(path).suffix or (self._root / path).is_dir()


class Touched(Protocol):
    """A running stream of events that can be tested."""

    @property
    def heard(self) -> int: ...


class Events(Protocol):
    """Bursts of changed paths, relative to the folder (None: anywhere), until stop. tops: the directories in which changes
    matter, and files in the folder itself. Raises OSError when it cannot watch
    (any more). touched: is given the counter of events, where there is one.
    """

    def __call__(
        self, root: Path, tops: frozenset[str], stop: asyncio.Event, touched: Callable[[Touched], None]
    ) -> AsyncGenerator[frozenset[str] | None, None]: ...


async def kernel_events(
    root: Path, tops: frozenset[str], stop: asyncio.Event, touched: Callable[[Touched], None]
) -> AsyncGenerator[frozenset[str] | None, None]:
    """What this machine's kernel tells."""
    if sys.platform.startswith("linux"):
        from ghostsync.daemon.inotify import Listener  # noqa: PLC0415 - it is there on Linux only

        listener = Listener(root, tops)
        touched(listener.tree)
        try:
            async for burst in listener.bursts(stop):
                yield burst
        finally:
            listener.close()
        return
    async with contextlib.aclosing(watchfiles_events(root, tops, stop, touched)) as stream:
        async for burst in stream:
            yield burst


async def watchfiles_events(
    root: Path, _tops: frozenset[str], stop: asyncio.Event, _touched: Callable[[Touched], None]
) -> AsyncGenerator[frozenset[str] | None, None]:
    """What watchfiles tells, on any system. It looks at its own list of events 20 times a second, idle or not."""
    from watchfiles import awatch  # noqa: PLC0415 - not needed where inotify is read

    try:
        async for changes in awatch(root, watch_filter=None, debounce=400, step=50, stop_event=stop):
            yield frozenset(str(PurePath(path).relative_to(root)) for _, path in changes)
    except RuntimeError as error:  # what watchfiles raises for the kernel's refusals
        raise OSError(str(error)) from error


async def pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


class Watcher:
    """Calls `hint` after each burst of changes until `stop`. A watcher that fails is started again, told once; until
    then, and where there are no events, it looks at the folder again and again.

    mode: `[sync] watch`. shown: the files that documents show. state: in words, for `status`. restarted: is called when events were missed.
    """

    def __init__(
        self,
        root: Path,
        layout: Layout,
        hint: Hint,
        log: Log,
        stop: asyncio.Event,
        *,
        mode: Mode = "auto",
        shown: MediaWatch | None = None,
        events: Events | None = None,
        look: Callable[[Path, Layout], int] = glance,
        rest: Callable[[asyncio.Event, float], Awaitable[None]] = pause,
        system: Callable[[Path], str] = file_system,
        monotonic: Callable[[], float] = time.monotonic,
        restarted: Callable[[], None] = lambda: None,
    ) -> None:
        self._root = root
        self._layout = layout
        self._hint = hint
        self._log = log
        self._stop = stop
        self._mode = mode
        self._events = events or (watchfiles_events if mode == "watchfiles" else kernel_events)
        self._look = look
        self._rest = rest
        self._system = system
        self._monotonic = monotonic
        self._restarted = restarted
        self._shown = shown or MediaWatch(MediaSection(upload=False))
        self._paths = DocumentPaths(root, layout, self._shown)
        self._again = asyncio.Event()
        self._stream: Touched | None = None
        self._broken = False
        self.state = "starting"

    @property
    def sees(self) -> bool:
        """Whether a change of a file would be noticed without a cycle."""
        return self.state in {"events", "polling"}

    def restart(self, why: str) -> None:
        """Events were missed: watch anew."""
        if not self._again.is_set() and self.state == "events":
            self._log.warning("watching anew", reason=why)
            self._restarted()
            self._again.set()

    def widen(self) -> None:
        """Files that documents show lie in other directories than before: watch these too."""
        if self.state == "events":
            self._again.set()

    def _tops(self) -> frozenset[str]:
        return frozenset(prefix.split("/", 1)[0] for prefix in self._layout.roots) | self._shown.tops

    async def run(self) -> None:
        self._root = await asyncio.to_thread(self._root.resolve)
        self._paths = DocumentPaths(self._root, self._layout, self._shown)
        if await self._needs_polling():
            await self._poll(None)
            return
        while not self._stop.is_set():
            reason = await self._listen()
            if self._stop.is_set():
                return
            if reason is None:
                continue
            if not self._broken:
                self._log.warning(
                    "not watching", reason=reason, effect="looking at the folder now and then instead"
                )
                self._broken = True
            await self._poll(RETRY_SECONDS)

    async def _needs_polling(self) -> bool:
        if self._mode != "auto":
            return self._mode == "poll"
        places = [self._root, *(self._root / top for top in self._tops())]
        systems = {await asyncio.to_thread(self._system, place) for place in places}
        remote = {name for name in systems if name in NO_EVENTS or name.startswith("fuse.")}
        if remote:
            self._log.info("polling", reason=f"{min(remote)} gives no events for changes made elsewhere")
        return bool(remote)

    async def _listen(self) -> str | None:
        """Follow the events. Returns why they ended; None when they shall simply be started again."""
        ended = asyncio.Event()
        reading = asyncio.ensure_future(self._read(ended))
        others = [asyncio.ensure_future(self._stop.wait()), asyncio.ensure_future(self._again.wait())]
        testing = asyncio.ensure_future(self._test())
        try:
            await asyncio.wait({reading, *others}, return_when=asyncio.FIRST_COMPLETED)
            if self._again.is_set():
                self._again.clear()
                self._hint(None)
                return None
            return reading.result() if reading.done() else "stopped"
        finally:
            ended.set()
            for task in (reading, testing, *others):
                task.cancel()
            await asyncio.gather(reading, testing, *others, return_exceptions=True)
            self._stream = None

    async def _read(self, ended: asyncio.Event) -> str:
        try:
            stream = self._events(self._root, self._tops(), ended, self._started)
            async with contextlib.aclosing(stream):
                async for burst in stream:
                    self._started(self._stream)
                    self._told(burst)
        except OSError as error:
            return error.strerror or str(error)
        return "the watcher ended by itself"

    def _started(self, stream: Touched | None) -> None:
        self._stream = stream
        self.state = "events"
        if self._broken:
            self._broken = False
            self._log.info("watching again")
            self._hint(None)  # whatever happened meanwhile

    def _told(self, burst: frozenset[str] | None) -> None:
        if burst is None:
            self._hint(None)
        elif mine := frozenset(path for path in burst if self._paths(path)):
            self._hint(mine)

    async def _test(self) -> None:
        """Now and then touch a watched directory without changing anything, and see whether that is heard."""
        while True:
            await asyncio.sleep(TOUCH_EVERY)
            await self.test()

    async def test(self) -> None:
        stream = self._stream
        present = [self._root / top for top in sorted(self._tops()) if (self._root / top).is_dir()]
        if stream is None or not present:
            return
        before = stream.heard
        try:
            seen = await asyncio.to_thread(os.stat, present[0])
            await asyncio.to_thread(os.utime, present[0], ns=(seen.st_atime_ns, seen.st_mtime_ns))
        except OSError:  # not ours to touch
            return
        await self._rest(self._stop, TOUCH_PATIENCE)
        if stream.heard == before and stream is self._stream:
            self.restart("it went silent")

    async def _poll(self, seconds: float | None) -> None:
        """Look again and again; for so long, or until the stop."""
        self.state = "polling"
        end = None if seconds is None else self._monotonic() + seconds
        before: int | None = None
        wait = POLL_SECONDS
        while not self._stop.is_set() and (end is None or self._monotonic() < end):
            start = self._monotonic()
            seen = await asyncio.to_thread(self._look, self._root, self._layout)
            wait = max(POLL_SECONDS, POLL_SHARE * (self._monotonic() - start))
            if before is not None and seen != before:
                self._hint(None)
            before = seen
            await self._rest(
                self._stop, wait if end is None else min(wait, max(0.0, end - self._monotonic()) + 0.01)
            )
