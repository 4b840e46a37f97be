"""The loop of `ghostsync run`: wait for a reason, run one cycle, tell what changed, decide when to look again.

What a cycle cannot do today it tries again; only a state database or a configuration that cannot be used ends it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from enum import Enum, auto
from typing import Protocol

from ghostsync.daemon.health import Condition, Health
from ghostsync.daemon.inbox import Inbox, Wake
from ghostsync.daemon.log import Log
from ghostsync.daemon.schedule import FIRST_RETRY, Schedule
from ghostsync.daemon.telling import Teller
from ghostsync.errors import (
    AddressWrong,
    FolderError,
    GhostError,
    GhostsyncError,
    GitError,
    RedirectRefused,
    Refused,
    Unavailable,
    Unreachable,
)
from ghostsync.sync.model import CycleReport

GRACE = 4.0  # seconds a cycle may take to finish the step in hand after a stop; the promise is 5 altogether
FOLLOW_UP = 2.0  # seconds after a burst that had work in it: watchers lose events in new directories
FRESH = 180.0  # seconds after a look at Ghost in which a saved file is sent without another one before it
FULL_EVERY = 300.0  # seconds between cycles that look at every post, which shows edits that move no date;
FULL_SHARE = 0.2  # for large sites, this many seconds for each document: a request of 100 in 20 s
FULL_AT = "daemon.full_at"  # in the state database, so that restarts do not look at everything again


class Ending(Enum):
    """Why the loop ended."""

    STOP = auto()
    RELOAD = auto()


class Cycle(Protocol):
    """The part of `Engine.cycle` that the daemon uses."""

    async def __call__(self, *, full: bool, settle: float, quick: bool) -> CycleReport:
        """quick: files were saved, and Ghost was looked at a moment ago."""
        ...


class Memory(Protocol):
    """The part of `sync.ports.State` that the daemon uses."""

    def meta(self, key: str) -> str | None: ...

    def set_meta(self, key: str, value: str | None) -> None: ...


class Gate(Protocol):
    """Answers cheaply whether there is anything to do, so that an idle site costs next to nothing."""

    async def spared(self, wake: Wake, inbox: Inbox) -> bool:
        """Whether it is certain that a cycle would find nothing. May raise what a cycle raises."""

    async def full_spared(self) -> bool:
        """Whether nobody did anything in Ghost since the last look at every post."""

    def ran(self, report: CycleReport, *, full: bool) -> float | None:
        """Take note of a cycle. Returns the seconds after which another look is worth while, if soon."""


class Eager:
    """The gate that is always open."""

    async def spared(self, wake: Wake, inbox: Inbox) -> bool:  # noqa: ARG002
        return False

    async def full_spared(self) -> bool:
        return False

    def ran(self, report: CycleReport, *, full: bool) -> float | None:  # noqa: ARG002
        return None


class Daemon:
    """One folder's loop.

    settle: `[sync] settle`, seconds. now: this machine's wall clock, seconds; only compared with itself.
    finish: asks the cycle in hand to end after its current step. turned: called after each turn of the loop.
    """

    def __init__(
        self,
        cycle: Cycle,
        *,
        inbox: Inbox,
        schedule: Schedule,
        memory: Memory,
        log: Log,
        settle: float,
        now: Callable[[], float],
        finish: Callable[[], None] = lambda: None,
        grace: float = GRACE,
        gate: Gate | None = None,
        health: Health | None = None,
        turned: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cycle = cycle
        self._inbox = inbox
        self._schedule = schedule
        self._memory = memory
        self._log = log
        self._settle = settle
        self._now = now
        self._finish = finish
        self._grace = grace
        self._gate = gate or Eager()
        self._health = health or Health("")
        self._turned = turned
        self._monotonic = monotonic
        self._teller = Teller(log, self._health)
        self._full_every = FULL_EVERY
        self._deaf = 0.0  # seconds of the coming wait in which hints are kept, not followed
        self._clean = (
            False  # the last cycle went through, so that "nothing changed since" means "all is well"
        )

    async def run(self) -> Ending:
        """Until a stop or a reload is asked for. Raises what no waiting can mend: `StateError`, `ConfigError`."""
        delay = 0.0
        while True:
            due = self._monotonic() + delay
            self._health.wait_until(due)
            wake = await self._inbox.wait(delay, self._deaf)
            if wake in {Wake.STOP, Wake.RELOAD}:
                break
            self._health.working = True
            self._health.progress()
            delay = await self._turn(wake, due)
            self._turned()
        if wake is Wake.RELOAD:
            return Ending.RELOAD
        self._health.condition = Condition.STOPPED
        self._log.info("stopped")
        return Ending.STOP

    async def _turn(self, wake: Wake, due: float) -> float:
        """One cycle, if there is a reason for it; returns the seconds until the next look."""
        self._deaf = 0.0
        if wake is Wake.NOW:
            self._schedule.afresh()
        try:
            # Whoever has just saved something shall not wait for a look at everything; it comes right after.
            at_leisure = wake not in {Wake.HINT, Wake.REMOTE}
            full = at_leisure and await self._unless_stopped(self._full_is_due())
            if not full and await self._spared(wake):
                return (
                    self._schedule.after_cycle() if wake is Wake.TIMER else max(0.0, due - self._monotonic())
                )
            if self._inbox.stop_asked:
                return 0.0
            quick = wake is Wake.HINT and self._clean and not full and self._monotonic() < self._fresh_until
            self._log.debug("cycle", why=wake.value, full=full, quick=quick)
            report = await self._until_stopped(full, quick)
        except (GhostError, FolderError, GitError) as error:
            self._health.counts["failed"] += 1
            return self._trouble(error)
        return 0.0 if report is None else self._after(report, wake, full=full, quick=quick)

    async def _spared(self, wake: Wake) -> bool:
        """Whether the gate is sure that there is nothing to do."""
        if wake is Wake.NOW or not self._clean:
            return False
        if not await self._unless_stopped(self._gate.spared(wake, self._inbox)):
            return False
        self._health.counts["spared"] += 1
        if wake is Wake.TIMER:
            self._fresh_until = self._monotonic() + FRESH
        self._teller.in_touch(self._health.documents)
        return True

    def _after(self, report: CycleReport, wake: Wake, *, full: bool, quick: bool) -> float:
        """Tell what came of a cycle; returns the seconds until the next look."""
        if not quick:
            self._fresh_until = self._monotonic() + FRESH
        self._health.counts["cycles"] += 1
        self._teller.report(report)
        self._full_every = max(FULL_EVERY, FULL_SHARE * report.documents)
        soon = self._gate.ran(report, full=full)
        if report.failure is not None:
            return self._trouble(report.failure)
        self._clean = True
        if full and report.halt is None:
            self._memory.set_meta(FULL_AT, str(int(self._now())))
        delay = self._schedule.after_cycle()
        if report.next_due is not None:
            delay = min(delay, max(0.0, report.next_due))
        if soon is not None:
            delay = min(delay, soon)
        if quick or (wake is Wake.HINT and any(not o.action.verb.silent for o in report.outcomes)):
            delay = min(delay, FOLLOW_UP)
        return delay

    def _trouble(self, error: GhostsyncError) -> float:
        """Tell what stands in the way, and return how long to leave it alone."""
        tell = self._teller.trouble
        self._clean = False
        match error:
            case Unavailable():
                tell("Ghost is not available", Condition.AWAY, error)
                delay = self._schedule.after_absence(error.retry_after)
                self._deaf = delay if error.retry_after else min(FIRST_RETRY, delay)
                return delay
            case Unreachable():
                tell("Ghost is not reachable", Condition.AWAY, error)
            case Refused() | RedirectRefused() | AddressWrong():
                tell("Ghost refuses", Condition.REFUSED, error)
                self._deaf = delay = self._schedule.after_refusal()
                return delay
            case GitError():
                tell("git stands in the way", Condition.GIT, error)
                return self._schedule.after_cycle()  # a person is at work there; saving a file asks again
            case FolderError():
                tell("the folder cannot be used", Condition.TROUBLE, error)
            case _:
                tell("Ghost fails", Condition.TROUBLE, error)
        delay = self._schedule.after_absence()
        # A person who saves asks for a try, but an editor that saves each second shall not hammer at the door.
        self._deaf = min(FIRST_RETRY, delay)
        return delay

    async def _full_is_due(self) -> bool:
        recorded = self._memory.meta(FULL_AT)
        # A recorded time in the future means that the clock was set back: then nothing is known.
        if recorded is not None and 0 <= self._now() - float(recorded) < self._full_every:
            return False
        if not await self._gate.full_spared() or recorded is None:
            return True
        self._memory.set_meta(FULL_AT, str(int(self._now())))
        return False

    async def _unless_stopped(self, look: Coroutine[None, None, bool]) -> bool:
        """What a mere look found out; False when a stop came first."""
        work = asyncio.ensure_future(look)
        stop = asyncio.ensure_future(self._inbox.stopped())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else False
        finally:
            stop.cancel()
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _until_stopped(self, full: bool, quick: bool) -> CycleReport | None:
        """The cycle's report; None when it was cut short by a stop. What it wrote until then is journalled."""
        work = asyncio.ensure_future(self._cycle(full=full, settle=self._settle, quick=quick))
        stop = asyncio.ensure_future(self._inbox.stopped())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self._log.info("stopping", after="the step in hand")
                self._finish()
                await asyncio.wait({work}, timeout=self._grace)
            if work.done():
                return work.result()
            work.cancel()
            await asyncio.wait({work})
            return None if work.cancelled() else work.result()
        finally:
            stop.cancel()
            work.cancel()
