"""Puts the daemon together for one open session: signals, the watcher, the loop."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ghostsync import __version__
from ghostsync.compose import Session
from ghostsync.daemon.inbox import Inbox
from ghostsync.daemon.log import Log
from ghostsync.daemon.runner import Daemon
from ghostsync.daemon.schedule import Schedule
from ghostsync.daemon.watcher import watch
from ghostsync.sync.model import CycleReport


@contextmanager
def signals_to(inbox: Inbox) -> Iterator[None]:
    """SIGTERM and SIGINT ask for a stop, SIGUSR1 for a cycle now. Needs the main thread's running loop."""
    loop = asyncio.get_running_loop()
    handlers = {signal.SIGTERM: inbox.stop, signal.SIGINT: inbox.stop, signal.SIGUSR1: inbox.sync_now}
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


async def serve(session: Session, *, log: Log, inbox: Inbox) -> None:
    """Keep the session's folder and site in step until the inbox is asked to stop."""
    finishing = asyncio.Event()

    async def cycle(*, full: bool, settle: float) -> CycleReport:
        return await session.engine.cycle(full=full, thorough=False, settle=settle, stop=finishing.is_set)

    config = session.config
    daemon = Daemon(
        cycle,
        inbox=inbox,
        schedule=Schedule(config.sync.interval),
        memory=session.state,
        log=log,
        settle=config.sync.settle,
        now=time.time,
        finish=finishing.set,
    )
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
    stop_watching = asyncio.Event()
    watcher = asyncio.create_task(watch(session.root, session.folder.layout, inbox.hint, log, stop_watching))
    # It ends by itself only through a defect, and that must not pass for a quiet folder: leave, and raise it.
    watcher.add_done_callback(lambda _: inbox.stop())
    try:
        await daemon.run()
    finally:
        stop_watching.set()
        await watcher
