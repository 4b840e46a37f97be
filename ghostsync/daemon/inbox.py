"""What wakes the loop. Events only ever ask for a cycle; the cycle itself finds out what there is to do."""

from __future__ import annotations

import asyncio
from enum import StrEnum


class Wake(StrEnum):
    """Why the loop woke, strongest first."""

    STOP = "stop"
    NOW = "asked"  # SIGUSR1
    HINT = "files changed"
    TIMER = "schedule"


class Inbox:
    """Collects wake-ups while a cycle runs. A thousand hints are one. All methods belong to the event loop's thread."""

    def __init__(self) -> None:
        self._something = asyncio.Event()
        self._stopping = asyncio.Event()
        self._now = False
        self._hint = False

    def hint(self) -> None:
        self._hint = True
        self._something.set()

    def sync_now(self) -> None:
        self._now = True
        self._something.set()

    def stop(self) -> None:
        self._stopping.set()
        self._something.set()

    @property
    def stop_asked(self) -> bool:
        return self._stopping.is_set()

    async def stopped(self) -> None:
        """Returns once somebody asked to stop."""
        await self._stopping.wait()

    async def wait(self, seconds: float) -> Wake:
        """The strongest reason to go on, after at most `seconds`. What came before the call counts."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._something.wait()
        except TimeoutError:
            return Wake.TIMER
        self._something.clear()
        if self._stopping.is_set():
            self._something.set()  # stays so: there is no way back from a stop
            return Wake.STOP
        wake = Wake.NOW if self._now else Wake.HINT
        self._now = self._hint = False
        return wake
