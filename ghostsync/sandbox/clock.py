"""The sandbox's own clock, so that a test can stand in any second it likes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""Seconds since the epoch."""


class ManualClock:
    """A clock that moves only when told to."""

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self.now = start

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class ShiftedClock:
    """The machine's clock plus `offset` seconds: a server whose clock is off, or time passing without waiting."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def __call__(self) -> float:
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds


def iso(seconds: float) -> str:
    """Ghost's spelling of a moment: its database drops the fraction, its API prints .000 anyway."""
    moment = datetime.fromtimestamp(int(seconds), UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def parse_iso(text: str) -> datetime:
    """An RFC 3339 date-time with an offset, as an aware UTC moment. ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text.upper():
        raise ValueError(text)
    return moment.astimezone(UTC)


def spaced(text: str) -> str:
    """`YYYY-MM-DD HH:MM:SS`, the form SQLite keeps and compares as text."""
    return text[:19].replace("T", " ")


def stored(text: str) -> str:
    """A client's date-time as Ghost gives it back: UTC, fraction cut off."""
    moment = parse_iso(text)
    # strftime does not pad years below 1000.
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}.000Z"
