"""The process of `ghostsync run`: signals, the service manager, the pulse, and one or several folders."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ghostsync.daemon.health import Condition
from ghostsync.daemon.log import Log
from ghostsync.daemon.notify import Notifier
from ghostsync.daemon.pulse import Pulse, status_line
from ghostsync.daemon.service import FolderService
from ghostsync.errors import GhostsyncError

FIRST_RESTART = 5.0  # seconds until a folder that failed is tried again; doubles
LONGEST_RESTART = 300.0


class Process:
    """All folders of this process. With several, one that fails leaves the others alone and is tried again."""

    def __init__(self, services: Sequence[FolderService], log: Log, notifier: Notifier) -> None:
        self._services = services
        self._log = log
        self._notifier = notifier
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until a signal stops it. With one folder, raises what ends that one."""
        pulse = Pulse(
            self._notifier,
            lambda: [service.health for service in self._services],
            awake=self._awake,
            each=self._beat,
        )
        for service in self._services:
            service.turned = pulse.show
        with self._signals():
            beating = asyncio.create_task(pulse.run())
            announcing = self._spawn(self._announce())
            try:
                if len(self._services) == 1:
                    await self._services[0].run()
                else:
                    await asyncio.gather(*map(self._supervised, self._services))
            finally:
                self._notifier.stopping()
                beating.cancel()
                announcing.cancel()
                await asyncio.gather(beating, *self._tasks, return_exceptions=True)

    async def _supervised(self, service: FolderService) -> None:
        """Run one folder; when it fails, say so and try again, ever more rarely."""
        wait = FIRST_RESTART
        while not service.inbox.stop_asked:
            start = asyncio.get_running_loop().time()
            try:
                await service.run()
            except GhostsyncError as error:
                service.health.condition = Condition.TROUBLE
                service.health.reason, service.health.remedy = error.what, error.remedy
                service.health.trouble_code = error.exit_code
                self._log.error(
                    "this folder failed, the others go on",
                    folder=str(service.root),
                    reason=error.what,
                    subject=error.subject,
                    remedy=error.remedy,
                    again_in=wait,
                )
            service.up.set()  # nobody need wait for it
            if self._stopping.is_set():
                return
            if asyncio.get_running_loop().time() - start > LONGEST_RESTART:
                wait = FIRST_RESTART
            service.health.wait_until(service.health.monotonic() + wait)
            await service.inbox.wait(wait)
            wait = min(2 * wait, LONGEST_RESTART)

    async def _announce(self) -> None:
        """READY once every folder is watched; Ghost itself may still be away."""
        for service in self._services:
            await service.up.wait()
        self._notifier.ready(status_line([service.health for service in self._services]))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _beat(self) -> None:
        for service in self._services:
            service.beat()

    def _awake(self, seconds: float) -> None:
        self._log.info("this machine slept", seconds=round(seconds))
        self._sync_now()

    def _sync_now(self) -> None:
        for service in self._services:
            service.inbox.sync_now()

    def _reload(self) -> None:
        self._notifier.reloading()
        for service in self._services:
            service.reload()
        self._spawn(self._announce())

    def _stop(self) -> None:
        self._notifier.stopping()
        self._stopping.set()
        for service in self._services:
            service.inbox.stop()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT ask for a stop, SIGUSR1 for a cycle now, SIGHUP for the new configuration."""
        loop = asyncio.get_running_loop()
        handlers = {
            signal.SIGTERM: self._stop,
            signal.SIGINT: self._stop,
            signal.SIGUSR1: self._sync_now,
            signal.SIGHUP: self._reload,
        }
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        try:
            yield
        finally:
            for number in handlers:
                loop.remove_signal_handler(number)
