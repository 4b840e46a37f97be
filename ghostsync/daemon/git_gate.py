"""The gate of a folder in a git work tree: a branch, a remote or a commit that waits is a reason for a cycle, too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ghostsync.daemon.inbox import Inbox, Wake
from ghostsync.daemon.runner import Gate
from ghostsync.sync.model import CycleReport


class GitGate:
    """Asks git first, then `gate`. due: whether git alone is a reason for a cycle; raises what a cycle raises."""

    def __init__(self, gate: Gate, due: Callable[[], Awaitable[bool]]) -> None:
        self._gate = gate
        self._due = due

    async def spared(self, wake: Wake, inbox: Inbox) -> bool:
        # A saved file or a hook has the next look at git soon enough.
        if wake is Wake.TIMER and await self._due():
            return False
        return await self._gate.spared(wake, inbox)

    async def full_spared(self) -> bool:
        return await self._gate.full_spared()

    def ran(self, report: CycleReport, *, full: bool) -> float | None:
        return self._gate.ran(report, full=full)
