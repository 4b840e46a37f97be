"""The loop of `ghostsync run`: wait for a reason, run one cycle, tell what changed, decide when to look again.

It tells a change of state once, not each attempt: Ghost going away is one line, its return another.
What a cycle cannot do today it tries again; only a state database or a configuration that cannot be used ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from ghostsync.daemon.inbox import Inbox, Wake
from ghostsync.daemon.log import Log
from ghostsync.daemon.schedule import Schedule
from ghostsync.errors import (
    AddressWrong,
    FolderError,
    GhostError,
    GhostsyncError,
    RedirectRefused,
    Refused,
    Unavailable,
    Unreachable,
)
from ghostsync.sync.model import CycleReport, Outcome

GRACE = 4.0  # seconds a cycle may take to finish the step in hand after a stop; the promise is 5 altogether
FOLLOW_UP = 2.0  # seconds after a burst that had work in it: watchers lose events in new directories
FULL_EVERY = 300.0  # seconds between cycles that look at every post, which shows edits that move no date;
FULL_SHARE = 0.2  # for large sites, this many seconds for each document: a request of 100 in 20 s
FULL_AT = "daemon.full_at"  # in the state database, so that restarts do not look at everything again


class Cycle(Protocol):
    """The part of `Engine.cycle` that the daemon uses."""

    async def __call__(self, *, full: bool, settle: float) -> CycleReport: ...


class Memory(Protocol):
    """The part of `sync.ports.State` that the daemon uses."""

    def meta(self, key: str) -> str | None: ...

    def set_meta(self, key: str, value: str | None) -> None: ...


class Daemon:
    """One folder's loop.

    settle: `[sync] settle`, seconds. now: this machine's wall clock, seconds; only compared with itself.
    finish: asks the cycle in hand to end after its current step.
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
        self._full_every = FULL_EVERY
        self._state = ""
        self._open: frozenset[tuple[str, ...]] = frozenset()
        self._warnings: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Until a stop is asked for. Raises what no waiting can mend: `StateError`, `ConfigError`."""
        delay = 0.0
        while True:
            wake = await self._inbox.wait(delay)
            if wake is Wake.STOP:
                break
            self._log.debug("cycle", why=wake.value)
            delay = await self._turn(wake)
        self._log.info("stopped")

    async def _turn(self, wake: Wake) -> float:
        """One cycle; returns the seconds until the next one."""
        full = self._full_is_due()
        try:
            report = await self._until_stopped(full)
        except (GhostError, FolderError) as error:
            return self._trouble(error)
        if report is None:
            return 0.0
        self._tell(report)
        self._full_every = max(FULL_EVERY, FULL_SHARE * report.documents)
        if report.failure is not None:
            return self._trouble(report.failure)
        if full and report.halt is None:
            self._memory.set_meta(FULL_AT, str(int(self._now())))
        delay = self._schedule.after_cycle()
        if report.next_due is not None:
            delay = min(delay, max(0.0, report.next_due))
        if wake is Wake.HINT and any(not o.action.verb.silent for o in report.outcomes):
            delay = min(delay, FOLLOW_UP)
        return delay

    def _trouble(self, error: GhostsyncError) -> float:
        """Tell what stands in the way, and return how long to leave it alone."""
        match error:
            case Unavailable():
                self._tell_trouble("Ghost is not available", error)
                return self._schedule.after_absence(error.retry_after)
            case Unreachable():
                self._tell_trouble("Ghost is not reachable", error)
            case Refused() | RedirectRefused() | AddressWrong():
                self._tell_trouble("Ghost refuses", error)
                return self._schedule.after_refusal()
            case FolderError():
                self._tell_trouble("the folder cannot be used", error)
            case _:
                self._tell_trouble("Ghost fails", error)
        return self._schedule.after_absence()

    def _full_is_due(self) -> bool:
        recorded = self._memory.meta(FULL_AT)
        # A recorded time in the future means that the clock was set back: then nothing is known.
        return recorded is None or not 0 <= self._now() - float(recorded) < self._full_every

    async def _until_stopped(self, full: bool) -> CycleReport | None:
        """The cycle's report; None when it was cut short by a stop. What it wrote until then is journalled."""
        work = asyncio.ensure_future(self._cycle(full=full, settle=self._settle))
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

    def _enter(self, state: str) -> bool:
        """Whether this is a change of state, which is then remembered."""
        changed = state != self._state
        self._state = state
        return changed

    def _tell_trouble(self, event: str, error: GhostsyncError) -> None:
        if self._enter(f"{event} {type(error).__name__}"):
            fields = {"reason": error.what, "subject": error.subject, "remedy": error.remedy}
            self._log.warning(event, **{name: value for name, value in fields.items() if value})
        else:
            self._log.debug(event, reason=error.what)

    def _tell(self, report: CycleReport) -> None:
        # Under a halt the outcomes are what would be done without it.
        for outcome in report.outcomes if report.halt is None else ():
            if not outcome.action.verb.silent and not outcome.action.verb.open and outcome.error is None:
                self._tell_done(outcome)
        self._tell_open(report)
        for note in report.notes:
            self._log.info(note)
        for warning in sorted(set(report.warnings) - self._warnings):
            self._log.warning(warning)
        self._warnings = frozenset(report.warnings)
        if report.halt is not None:
            if self._enter(f"halt {report.halt.id}"):
                self._log.error(
                    "halted: nothing is written until a person lifts it",
                    halt=report.halt.id,
                    reason=report.halt.what,
                    remedy=report.halt.remedy,
                    lift=f"ghostsync resume --confirm {report.halt.id}",
                )
        elif report.failure is None and self._enter("in touch"):
            self._log.info("in touch with Ghost", documents=report.documents)

    def _tell_done(self, outcome: Outcome) -> None:
        action = outcome.action
        fields: dict[str, object] = {"path": action.path or action.title}
        if action.keys:
            fields["keys"] = list(action.keys)
        if action.reason:
            fields["reason"] = action.reason
        tell = self._log.info if action.verb.writes_post or action.verb.writes_file else self._log.debug
        tell(action.verb.value, **fields)

    def _tell_open(self, report: CycleReport) -> None:
        """Conflicts, problems and failures: once when they appear, once when they are gone."""
        found: set[tuple[str, ...]] = set()
        for outcome in report.outcomes:
            action = outcome.action
            if outcome.error is not None and outcome.error is report.failure:
                continue  # not this document's fault; told as trouble, once
            errors = [*action.errors, *([outcome.error] if outcome.error is not None else [])]
            if not action.verb.open and not errors:
                continue
            name = action.path or action.title
            what = "; ".join(error.what for error in errors) or action.reason
            remedy = "; ".join(error.remedy for error in errors if error.remedy)
            found.add((action.verb.value, name, what, remedy))
        for verb, name, what, remedy in sorted(found - self._open):
            self._log.warning(verb, path=name, reason=what, **({"remedy": remedy} if remedy else {}))
        still = {name for _, name, _, _ in found}
        for name in sorted({entry[1] for entry in self._open} - still):
            self._log.info("settled", path=name)
        self._open = frozenset(found)
