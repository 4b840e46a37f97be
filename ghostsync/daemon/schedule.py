"""How long until the next look at Ghost: the interval with jitter, and patience when Ghost is away."""

from __future__ import annotations

import random
from collections.abc import Callable

JITTER = 0.10  # many folders started by one boot do not ask in step for ever
FIRST_RETRY = 5.0  # seconds
CEILING = 600.0  # seconds: the longest wait when Ghost is away, and the pace when it refuses
_LONGEST_EXPONENT = 16  # 2**16 times any first wait is past the ceiling; keeps the power small


class Schedule:
    """Seconds until the next cycle, by what became of the last one.

    interval: `[sync] interval`, seconds. uniform: as `random.uniform`, for tests.
    """

    def __init__(self, interval: float, *, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self._interval = interval
        self._uniform = uniform
        self._failures = 0

    def afresh(self) -> None:
        """Forget the failures: something changed that they say nothing about."""
        self._failures = 0

    def after_cycle(self) -> float:
        self._failures = 0
        return self._spread(self._interval)

    def after_absence(self, retry_after: float = 0.0) -> float:
        """Doubles from FIRST_RETRY (or the interval, if shorter) to CEILING; never less than Ghost asked for."""
        wait = min(FIRST_RETRY, self._interval) * 2 ** min(self._failures, _LONGEST_EXPONENT)
        self._failures += 1
        return max(self._spread(min(CEILING, wait)), retry_after)

    def after_refusal(self) -> float:
        """The slow pace: only a person can change a refusal, and each try may count as a failed login."""
        return self._spread(max(CEILING, self._interval))

    def _spread(self, seconds: float) -> float:
        return self._uniform(seconds * (1 - JITTER), seconds * (1 + JITTER))
