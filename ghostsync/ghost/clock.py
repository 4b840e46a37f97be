"""The server's clock, learned from `Date` headers.

A token's times are judged by Ghost's clock, so ghostsync never uses its own: it adds what a monotonic clock has
counted since the last `Date` header to that header. A local clock that is an hour off, or set while ghostsync runs,
changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime


def parse_http_date(value: str) -> int | None:
    """An HTTP date (RFC 9110, section 5.6.7) in seconds since the epoch, None if it is not one."""
    try:
        return int(parsedate_to_datetime(value).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


class ServerClock:
    """Ghost's time as far as it is known; the local wall clock until the first `Date` header."""

    def __init__(
        self, *, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._seen: tuple[float, float] | None = None

    @property
    def known(self) -> bool:
        return self._seen is not None

    def learn(self, headers: Mapping[str, str]) -> int | None:
        """Take over the clock of an answer; returns its `Date` in seconds, None when there is none to trust."""
        seconds = parse_http_date(headers.get("date", ""))
        # An answer that a cache kept (Age) carries the time it was made, not the time it is.
        if seconds is None or headers.get("age", "0").strip() not in {"", "0"}:
            return seconds
        self._seen = (float(seconds), self._monotonic())
        return seconds

    def now(self) -> float:
        """The server's time in seconds since the epoch. At most a second behind: a `Date` has whole seconds."""
        if self._seen is None:
            return self._wall()
        seconds, at = self._seen
        return seconds + (self._monotonic() - at)

    def local_lead(self) -> float:
        """Seconds by which the local clock is ahead of the server's; 0.0 while the server's is unknown."""
        return self._wall() - self.now() if self.known else 0.0


def describe_lead(lead: float) -> str:
    """A clock difference in words: "this machine's clock is 600 s ahead of the server's"."""
    seconds = round(lead)
    if abs(seconds) <= 1:
        return "this machine's clock agrees with the server's"
    side = "ahead of" if seconds > 0 else "behind"
    return f"this machine's clock is {abs(seconds)} s {side} the server's"
