"""What wakes the loop. Events only ever ask for a cycle; the cycle itself finds out what there is to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Item = TypeVar("Item")
MOST = 256  # paths or hooks remembered by name; more of them are "something changed"


class Wake(StrEnum):
    """Why the loop woke, strongest first."""

    STOP = "stop"
    RELOAD = "reload"
    NOW = "asked"  # SIGUSR1, a machine that slept
    HINT = "files changed"
    REMOTE = "Ghost told of a change"
    TIMER = "schedule"


@dataclass(frozen=True, slots=True)
class Hook:
    """What a webhook told: which document, and its `updated_at`. Empty where it did not tell."""

    kind: str = ""
    id: str = ""
    updated_at: str = ""


class Inbox:
    """Collects wake-ups while a cycle runs. A thousand hints are one. All methods belong to the event loop's thread.

    `paths` and `hooks` belong to the last wake: what the hints were about; None when that is not known.
    """

    def __init__(self) -> None:
        self._something = asyncio.Event()
        self._urgent = asyncio.Event()
        self._stopping = asyncio.Event()
        self._reload = False
        self._now = False
        self._hint = False
        self._remote = False
        self._paths: set[str] | None = set()
        self._hooks: set[Hook] | None = set()
        self.paths: frozenset[str] | None = frozenset()
        self.hooks: frozenset[Hook] | None = frozenset()

    def hint(self, paths: Iterable[str] | None = None) -> None:
        """Something happened in the folder. paths: where, relative to it, if that is all."""
        self._hint = True
        self._paths = _joined(self._paths, paths)
        self._something.set()

    def remote_hint(self, hook: Hook | None = None) -> None:
        """Something happened in Ghost."""
        self._remote = True
        self._hooks = _joined(self._hooks, None if hook is None else [hook])
        self._something.set()

    def sync_now(self) -> None:
        self._now = True
        self._something.set()
        self._urgent.set()

    def reload(self) -> None:
        self._reload = True
        self._something.set()
        self._urgent.set()

    def stop(self) -> None:
        self._stopping.set()
        self._something.set()
        self._urgent.set()

    @property
    def stop_asked(self) -> bool:
        return self._stopping.is_set()

    @property
    def waiting(self) -> bool:
        """Whether something is there that no cycle has looked at yet."""
        return self._something.is_set()

    async def stopped(self) -> None:
        """Returns once somebody asked to stop."""
        await self._stopping.wait()

    async def wait(self, seconds: float, deaf: float = 0.0) -> Wake:
        """The strongest reason to go on, after at most `seconds`. What came before the call counts.
        deaf: for this long hints have to wait; they are kept.
        """
        deaf = min(deaf, seconds)
        if deaf > 0:
            await _within(deaf, self._urgent)
        if not await _within(max(0.0, seconds - deaf), self._something):
            return Wake.TIMER
        self._something.clear()
        self._urgent.clear()
        if self._stopping.is_set():
            self.stop()  # stays so: there is no way back from a stop
            return Wake.STOP
        if self._reload:
            self._reload = False
            if self._now or self._hint or self._remote:
                self._something.set()
            return Wake.RELOAD
        wake = Wake.NOW if self._now else Wake.HINT if self._hint else Wake.REMOTE
        self.paths = None if self._paths is None else frozenset(self._paths)
        self.hooks = None if self._hooks is None else frozenset(self._hooks)
        self._now = self._hint = self._remote = False
        self._paths, self._hooks = set(), set()
        return wake


async def _within(seconds: float, event: asyncio.Event) -> bool:
    """Whether the event came within this time."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


def _joined(before: set[Item] | None, more: Iterable[Item] | None) -> set[Item] | None:
    if before is None or more is None:
        return None
    before.update(more)
    return before if len(before) <= MOST else None
