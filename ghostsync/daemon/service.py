"""One folder's service: its session, watcher, gate and loop, put together, and put together anew on a reload."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ghostsync import __version__
from ghostsync.compose import Session, open_session
from ghostsync.config import Settings
from ghostsync.daemon import control
from ghostsync.daemon.alerts import Alerts
from ghostsync.daemon.git_gate import GitGate
from ghostsync.daemon.health import Condition, Health
from ghostsync.daemon.idle import IdleGate
from ghostsync.daemon.inbox import Inbox
from ghostsync.daemon.listener import hearing
from ghostsync.daemon.log import Log
from ghostsync.daemon.media_watch import MediaWatch
from ghostsync.daemon.runner import Daemon, Ending, Gate
from ghostsync.daemon.schedule import Schedule
from ghostsync.daemon.watcher import Watcher
from ghostsync.errors import ConfigError, GhostsyncError, UsageError
from ghostsync.folder.glance import glance
from ghostsync.folder.layout import Layout
from ghostsync.ghost.actions import newest_action
from ghostsync.state import FolderLock
from ghostsync.sync.model import CycleReport


class Beat:
    """As `sync.ports.Progress`: each step shows that the cycle gets on."""

    def __init__(self, health: Health) -> None:
        self._health = health

    def phase(self, name: str, total: int | None) -> None:  # noqa: ARG002
        self._health.progress()

    def advance(self, count: int = 1) -> None:  # noqa: ARG002
        self._health.progress()

    def transfer(self, name: str, done: int, total: int | None) -> None:  # noqa: ARG002
        self._health.progress()

    def transferred(self, name: str) -> None:  # noqa: ARG002
        self._health.progress()


class FolderService:
    """Keeps one folder and its site in step until `inbox` is asked to stop.

    load: reads configuration and key; raises a GhostsyncError when they cannot be used. session: one that is open
    already, to be used instead of an own one.
    """

    def __init__(
        self, root: Path, load: Callable[[], Settings], log: Log, *, session: Session | None = None
    ) -> None:
        self.root = root
        self.inbox = Inbox()
        self.health = Health(str(root))
        self.up = asyncio.Event()
        """Set while a session is open; cleared by a reload until the new one is."""
        self.turned: Callable[[], None] = lambda: None
        """Called after each turn of the loop, for whoever shows how things stand."""
        self._load = load
        self._log = log
        self._session = session
        self._next: Settings | None = None
        self._alerts: Alerts | None = None

    def reload(self) -> GhostsyncError | None:
        """Take over a changed configuration after the cycle in hand. Returns why it is refused; then the old one stays."""
        try:
            if self._session is not None:
                raise UsageError(
                    "this daemon was started with a configuration of its own", remedy="Start it anew."
                )
            self._next = _checked(self._load())
        except GhostsyncError as error:
            self._refused(error)
            return error
        self.up.clear()
        self.inbox.reload()
        return None

    def _refused(self, error: GhostsyncError) -> None:
        self._log.error(
            "the new configuration is refused, the old one stays",
            reason=error.what,
            subject=error.subject,
            remedy=error.remedy,
        )

    async def run(self) -> None:
        """Raises what no waiting can mend: a configuration, a lock or a state that cannot be used."""
        if self._session is not None:
            async with self._ear():
                await self._serve(self._session)
            return
        settings, proven = _checked(self._load()), None
        with FolderLock(self.root):
            async with self._ear():
                while True:
                    try:
                        async with open_session(self.root, *settings, held=True) as session:
                            ending = await self._serve(session)
                    except ConfigError as error:
                        # What only shows when it is used: a port that somebody else has, for example.
                        if proven is None or self.up.is_set():
                            raise
                        self._refused(error)
                        settings, proven = proven, None
                        continue
                    if ending is not Ending.RELOAD:
                        break
                    if self._next is not None:
                        settings, proven, self._next = self._next, settings, None
                        self._log.info("configuration taken over")
        self.health.condition = Condition.STOPPED

    def beat(self) -> None:
        """Now and then: what must be noticed although nothing happens."""
        if self._alerts is not None:
            self._alerts.check()

    def _turned(self) -> None:
        self.beat()
        self.turned()

    async def answer(self, word: str) -> dict[str, Any]:
        """What somebody on this machine asked through the socket."""
        match word:
            case "status":
                self.health.queued = self.inbox.waiting
                return self.health.document()
            case "reload":
                refused = self.reload()
                if refused is None:
                    return {"reloaded": True}
                return {
                    "reloaded": False,
                    "error": {"what": refused.what, "subject": refused.subject, "remedy": refused.remedy},
                }
            case "sync":
                self.inbox.sync_now()
                return {"asked": True}
            case _:
                return {
                    "error": {"what": "this daemon does not know that word", "subject": word, "remedy": ""}
                }

    @asynccontextmanager
    async def _ear(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(control.listening(self.root, self.answer))
            except OSError as error:
                self._log.warning(
                    "no socket", reason=error.strerror, effect="`ghostsync status` cannot ask this daemon"
                )
            yield

    async def _serve(self, session: Session) -> Ending:
        config, health, inbox, log = session.config, self.health, self.inbox, self._log
        finishing = asyncio.Event()
        beat = Beat(health)
        health.site = config.site.url
        alerts = Alerts(config.notify, health, log)
        if self._alerts is not None:
            alerts.take_over(self._alerts)
        self._alerts = alerts

        async def cycle(*, full: bool, settle: float, quick: bool) -> CycleReport:
            start, clock = time.monotonic(), session.site.client.clock
            try:
                return await session.engine.cycle(
                    full=full,
                    thorough=False,
                    settle=settle,
                    stop=finishing.is_set,
                    progress=beat,
                    quick=int(clock.now()) if quick and clock.known else 0,
                )
            finally:
                health.seconds += time.monotonic() - start
                if shown.take(session.state.media_files()):
                    watcher.widen()

        log.info(
            "started",
            folder=str(session.root),
            site=config.site.url,
            interval=config.sync.interval,
            version=__version__,
            pid=os.getpid(),
        )
        for warning in session.state.warnings:
            log.warning(warning)
        layout = session.folder.layout
        shown = MediaWatch(config.media, config.site_files.paths)
        shown.take(session.state.media_files())
        stop_watching = asyncio.Event()
        watcher = Watcher(
            session.root,
            layout,
            inbox.hint,
            log,
            stop_watching,
            mode=config.sync.watch,
            shown=shown,
            look=lambda root, layout: glance(root, layout, shown.paths),
            restarted=lambda: health.counts.update(["watched_anew"]),
        )
        health.watching = lambda: watcher.state
        gate: Gate = IdleGate(
            session.site,
            session.state,
            session.root,
            glance=lambda: glance(session.root, layout, shown.paths),
            shown=shown.stat,
            unchanged=session.site_files.unchanged,
            due=session.site_files.due,
            no_document=session.site_files.look_at_tags,
            newest_action=lambda: newest_action(session.site),
            watching=lambda: watcher.sees,
            missed=lambda: watcher.restart("a change was found that it had not told of"),
        )
        if session.versioned is not None:
            gate = GitGate(gate, partial(session.versioned.due, lambda: inbox.stop_asked))
        daemon = Daemon(
            cycle,
            inbox=inbox,
            schedule=Schedule(config.sync.interval),
            memory=session.state,
            log=log,
            settle=config.sync.settle,
            now=time.time,
            finish=finishing.set,
            gate=gate,
            health=health,
            turned=self._turned,
        )
        async with hearing(session, inbox, health, log):
            watching = asyncio.create_task(watcher.run())
            # It ends by itself only through a defect, and that must not pass for a quiet folder: leave, and raise it.
            watching.add_done_callback(lambda _: None if stop_watching.is_set() else inbox.stop())
            self.up.set()
            try:
                return await daemon.run()
            finally:
                stop_watching.set()
                await watching
                await alerts.close()


def _checked(settings: Settings) -> Settings:
    """The settings, if a session can be made of them. Raises ConfigError."""
    Layout(settings[0].folder)
    return settings
