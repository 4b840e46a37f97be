"""The daemon's pulse: feeds the watchdog while the loops get on, keeps the status line fresh, notices a sleep.

It runs in the loop it watches. A loop that hangs feeds nothing; neither does one whose cycle makes no progress.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from ghostsync.daemon.health import Health
from ghostsync.daemon.notify import Notifier

BEAT = 20.0  # seconds between two beats, or a third of the watchdog's patience
STUCK = 600.0  # seconds without any progress after which a cycle counts as stuck
SLEPT = 20.0  # seconds of difference between the clocks that mean a sleep


def asleep() -> float:
    """Seconds this machine has slept, from an unknown beginning. Only differences mean something."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    if boot is not None:
        return time.clock_gettime(boot) - time.monotonic()
    return time.time() - time.monotonic()  # a clock that was set looks like a sleep; it costs one cycle


class Pulse:
    """healths: of all folders of this process. awake: called when the machine has slept, with the seconds."""

    def __init__(
        self,
        notifier: Notifier,
        healths: Callable[[], Sequence[Health]],
        *,
        awake: Callable[[float], None],
        each: Callable[[], None] = lambda: None,
        asleep: Callable[[], float] = asleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notifier = notifier
        self._healths = healths
        self._awake = awake
        self._each = each
        self._asleep = asleep
        self._monotonic = monotonic
        self._slept = asleep()

    async def run(self) -> None:
        watched = self._notifier.watchdog_seconds
        beat = min(BEAT, watched / 3) if watched else BEAT
        while True:
            self.beat()
            await asyncio.sleep(beat)

    def beat(self) -> None:
        slept = self._asleep()
        if slept - self._slept >= SLEPT:
            self._awake(slept - self._slept)
        self._slept = slept
        now = self._monotonic()
        healths = self._healths()
        if all(health.stuck_for(now) < STUCK for health in healths):
            self._notifier.alive()
        self.show()
        self._each()

    def show(self) -> None:
        """How things stand, for `systemctl status`."""
        self._notifier.status(status_line(self._healths()))


def status_line(healths: Sequence[Health]) -> str:
    """One line for all folders."""
    if len(healths) == 1:
        return healths[0].words()
    return "; ".join(
        f"{health.folder.rstrip('/').rpartition('/')[2]}: {health.words()}" for health in healths
    )
